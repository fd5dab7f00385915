package demo

import (
	"bytes"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/go-kit/log/level"

	"github.com/meshscope/meshscope/exporter/demo/objects"
)

// Manifests are files with the objects of one cluster of the mesh.
type Manifests struct {
	Cluster string
	Files   []string
}

// manifests keeps the objects of the mesh in files, for the exporter of this
// process: what an API server would tell it.
type manifests struct {
	folder   string
	revision int
	// changed gets a value when the files have.
	changed chan struct{}
}

func newManifests() (*manifests, error) {
	folder, err := os.MkdirTemp("", "meshscope-demo-")
	if err != nil {
		return nil, fmt.Errorf("the mesh's objects have no place for the exporter to read them from: %w", err)
	}
	return &manifests{folder: folder, revision: -1, changed: make(chan struct{}, 1)}, nil
}

func (m *manifests) remove() error {
	if m == nil {
		return nil
	}
	return os.RemoveAll(m.folder)
}

func (m *manifests) file(cluster string) string { return filepath.Join(m.folder, cluster+".yaml") }

// clusters are where the objects of each cluster are.
func (m *manifests) clusters(clusters []objects.Cluster) (all []Manifests) {
	for _, c := range clusters {
		all = append(all, Manifests{Cluster: c.Name, Files: []string{m.file(c.Name)}})
	}
	return all
}

// write writes what there is now. Each file appears in one piece.
func (m *manifests) write(clusters []objects.Cluster) error {
	for _, c := range clusters {
		var text bytes.Buffer
		if err := c.Write(&text); err != nil {
			return err
		}
		path := m.file(c.Name)
		if err := os.WriteFile(path+".new", text.Bytes(), 0o600); err != nil {
			return err
		}
		if err := os.Rename(path+".new", path); err != nil {
			return err
		}
	}
	return nil
}

// objects are those of the mesh now.
func (d *Demo) objects() []objects.Cluster { return objects.Of(d.mesh.Census()) }

// publishObjects writes the objects for the exporter of this process, if they
// have changed, and tells it so. That they cannot be written is no reason to
// end: they grow old.
func (d *Demo) publishObjects() {
	m := d.manifests
	if m == nil || m.revision == d.mesh.Revision() {
		return
	}
	census := d.mesh.Census()
	m.revision = census.Revision
	if err := m.write(objects.Of(census)); err != nil {
		level.Warn(d.options.Logger).Log("msg", "the objects of the mesh cannot be written, and grow old", "err", err)
		return
	}
	select {
	case m.changed <- struct{}{}:
	default: // it has not yet looked
	}
}

// showObjects tells the objects of one cluster, the home cluster unless it is
// named.
func (d *Demo) showObjects(w http.ResponseWriter, r *http.Request) {
	clusters := d.objects()
	i := 0
	if name := r.FormValue("cluster"); name != "" {
		i = slices.IndexFunc(clusters, func(c objects.Cluster) bool { return c.Name == name })
	}
	if i < 0 {
		var names []string
		for _, c := range clusters {
			names = append(names, c.Name)
		}
		refuse(w, http.StatusNotFound, errors.New("no such cluster: there are "+strings.Join(names, ", ")))
		return
	}
	var text bytes.Buffer
	if err := clusters[i].Write(&text); err != nil {
		refuse(w, http.StatusInternalServerError, err)
		return
	}
	w.Header().Set("Content-Type", "application/yaml")
	_, _ = w.Write(text.Bytes())
}
