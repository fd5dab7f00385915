package query

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/meshscope/meshscope/exporter/filter"
	"github.com/meshscope/meshscope/exporter/topology"
)

// readFilter reads an expression; an empty one is none.
func readFilter(into **filter.Program, raw json.RawMessage) error {
	text, err := decode[string](raw, "a text")
	if err != nil || strings.TrimSpace(text) == "" {
		return err
	}
	program, err := filter.Compile(text)
	if err != nil {
		return fmt.Errorf("is not a filter: %w", err)
	}
	*into = program
	return nil
}

// maxDepth is more calls in a row than meshes have.
const maxDepth = 100

// focusKinds are what a focus can be on. Any of a node's names will do where
// the kind is empty.
var focusKinds = []topology.Kind{
	"", topology.KindWorkload, topology.KindApp, topology.KindService, topology.KindNamespace, topology.KindCluster, topology.KindUnknown,
}

// readFocus reads what a view is about; an empty object is the whole.
func readFocus(q *Query, raw json.RawMessage) error {
	var stored struct {
		Kind      topology.Kind
		Cluster   string
		Namespace string
		Name      string
		Version   string
		Depth     int
		Direction topology.Direction
	}
	strict := json.NewDecoder(bytes.NewReader(raw))
	strict.DisallowUnknownFields()
	if err := strict.Decode(&stored); err != nil {
		return errors.New("is not an object of kind, cluster, namespace, name, version, depth and direction")
	}
	f := topology.Focus(stored)
	switch {
	case f == topology.Focus{}:
		return nil
	case f.Kind == topology.KindOperation:
		return errors.New("is on an operation, and no series tells operations apart: focus on the service")
	case !slices.Contains(focusKinds, f.Kind):
		return fmt.Errorf("has the kind %q, allowed are %s", f.Kind, join(focusKinds[1:]))
	case f.Name == "" && f.Namespace == "" && f.Cluster == "":
		return errors.New("names nothing: want a name, a namespace or a cluster")
	case f.Depth < 0 || f.Depth > maxDepth:
		return fmt.Errorf("has the depth %d, want 1 to %d", f.Depth, maxDepth)
	}
	if f.Direction != "" {
		if _, err := topology.ParseDirection(string(f.Direction)); err != nil {
			return fmt.Errorf("has an %w", err)
		}
	}
	q.Focus = &f
	return nil
}
