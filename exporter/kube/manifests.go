package kube

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"

	"go.yaml.in/yaml/v3"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// Cluster is one cluster of a mesh, by files of its objects.
type Cluster struct {
	// Name is the cluster's, as in Istio's labels source_cluster and destination_cluster.
	Name string
	// Manifests are YAML or JSON files, as kubectl gets and applies them.
	Manifests []string
}

// Read reads the objects of all clusters. An error tells the file, and where in
// it.
func Read(clusters []Cluster) (*Inventory, error) {
	all := make([]*contents, len(clusters))
	for i, c := range clusters {
		read, err := readManifests(c.Name, c.Manifests)
		if err != nil {
			return nil, err
		}
		all[i] = read
	}
	return newInventory(all), nil
}

// manifests are the objects of files. A later one replaces an earlier one of
// the same name.
type manifests struct {
	records map[*resource]map[name]*record
}

// readManifests reads the files of one cluster.
func readManifests(cluster string, files []string) (*contents, error) {
	m := manifests{records: map[*resource]map[name]*record{}}
	for _, file := range files {
		if err := m.readFile(file); err != nil {
			return nil, err
		}
	}
	c := &contents{cluster: cluster, records: map[*resource][]*record{}, known: m.known}
	for r, records := range m.records {
		for _, record := range records {
			c.records[r] = append(c.records[r], record)
		}
	}
	return c, nil
}

// known takes it that files which have one object of a namespace and one of
// these resources have all: whoever writes down a namespace's deployments
// writes down all of them, but perhaps not its pods.
func (m *manifests) known(namespace string, of ...*resource) bool {
	return slices.ContainsFunc(of, func(r *resource) bool {
		for at := range m.records[r] {
			if at.namespace == namespace {
				return true
			}
		}
		return false
	})
}

func (m *manifests) readFile(file string) error {
	f, err := os.Open(file)
	if err != nil {
		return fmt.Errorf("cannot read the manifests of a cluster: %w", err)
	}
	defer f.Close()
	decoder := yaml.NewDecoder(f)
	for {
		var document yaml.Node
		switch err := decoder.Decode(&document); {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return fmt.Errorf("%s: %w", file, err)
		}
		if err := m.read(&document); err != nil {
			return fmt.Errorf("%s:%w", file, err)
		}
	}
}

// errNoObject is of YAML that is something else.
var errNoObject = errors.New("not a Kubernetes object (want kind and metadata.name)")

// head is what is read of an object before it is known what it is.
type head struct {
	metav1.TypeMeta `json:",inline"`
	Metadata        metav1.ObjectMeta `json:"metadata"`
	Spec            struct {
		Template *struct {
			Metadata metav1.ObjectMeta `json:"metadata"`
		} `json:"template"`
	} `json:"spec"`
}

// read takes what an object tells. Kinds that tell nothing are passed over.
func (m *manifests) read(node *yaml.Node) error {
	if node.Kind == yaml.DocumentNode && len(node.Content) == 1 {
		node = node.Content[0]
	}
	if node.Kind == yaml.ScalarNode && node.Tag == "!!null" {
		return nil // an empty document
	}
	if node.Kind != yaml.MappingNode {
		return fmt.Errorf("%d: %w", node.Line, errNoObject)
	}
	if items := itemsOf(node); items != nil {
		for _, item := range items {
			if err := m.read(item); err != nil {
				return err
			}
		}
		return nil
	}
	if err := m.take(node); err != nil {
		return fmt.Errorf("%d: %w", node.Line, err)
	}
	return nil
}

// itemsOf are the objects of a list, in the file's own lines.
func itemsOf(node *yaml.Node) []*yaml.Node {
	for i := 0; i+1 < len(node.Content); i += 2 {
		if node.Content[i].Value == "items" && node.Content[i+1].Kind == yaml.SequenceNode {
			return node.Content[i+1].Content
		}
	}
	return nil
}

func (m *manifests) take(node *yaml.Node) error {
	var values map[string]any
	if err := node.Decode(&values); err != nil {
		return err
	}
	text, err := json.Marshal(values)
	if err != nil {
		return err
	}
	var h head
	if err := json.Unmarshal(text, &h); err != nil {
		return fmt.Errorf("cannot read the object: %w", err)
	}
	if h.Kind == "" || h.Metadata.Name == "" {
		return errNoObject
	}
	r := resourceOf(h.TypeMeta)
	if r == nil {
		if h.Spec.Template != nil { // a workload of a kind of its own
			m.put(others, &record{ObjectMeta: h.Metadata, fact: newController(h.Kind, &h.Metadata, &h.Spec.Template.Metadata)})
		}
		return nil
	}
	o := r.new()
	if err := json.Unmarshal(text, o); err != nil {
		return fmt.Errorf("cannot read %s %s: %w", r.kind, h.Metadata.Name, err)
	}
	if meta := o.(metav1.Object); r != namespaces && meta.GetNamespace() == "" {
		meta.SetNamespace(metav1.NamespaceDefault)
	}
	m.put(r, newRecord(r, o))
	return nil
}

func (m *manifests) put(r *resource, put *record) {
	if r != namespaces && put.Namespace == "" {
		put.Namespace = metav1.NamespaceDefault
	}
	if m.records[r] == nil {
		m.records[r] = map[name]*record{}
	}
	m.records[r][put.at()] = put
}

// resourceOf is the resource of an object, by its kind where it does not tell
// its API version.
func resourceOf(t metav1.TypeMeta) *resource {
	group := schema.FromAPIVersionAndKind(t.APIVersion, t.Kind).Group
	i := slices.IndexFunc(resources, func(r *resource) bool {
		return r.kind == t.Kind && (r.group == group || t.APIVersion == "")
	})
	if i < 0 {
		return nil
	}
	return resources[i]
}
