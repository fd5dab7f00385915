package kube

import (
	"errors"
	"fmt"
	"io"
	"os"

	"go.yaml.in/yaml/v3"
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
	i := &Inventory{clusters: map[string]*cluster{}}
	for _, c := range clusters {
		known := newCluster()
		i.clusters[c.Name] = known
		for _, file := range c.Manifests {
			if err := known.readFile(file); err != nil {
				return nil, err
			}
		}
	}
	return i, nil
}

func (c *cluster) readFile(file string) error {
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
		if err := c.read(&document); err != nil {
			return fmt.Errorf("%s:%w", file, err)
		}
	}
}

// object is what is read of a Kubernetes object.
type object struct {
	Kind     string      `yaml:"kind"`
	Metadata metadata    `yaml:"metadata"`
	Items    []yaml.Node `yaml:"items"`
	Spec     struct {
		GatewayClassName string `yaml:"gatewayClassName"`
		Template         *struct {
			Metadata metadata `yaml:"metadata"`
		} `yaml:"template"`
	} `yaml:"spec"`
}

type metadata struct {
	Name      string            `yaml:"name"`
	Namespace string            `yaml:"namespace"`
	Labels    map[string]string `yaml:"labels"`
}

// How waypoints are known: by the label that Istio's controller gives to the
// pods of its waypoints, and by the class of the gateway that it makes them of,
// under the same name.
const (
	managedLabel  = "gateway.istio.io/managed"
	meshManaged   = "istio.io-mesh-controller"
	waypointClass = "istio-waypoint"
)

// errNoObject is of YAML that is something else.
var errNoObject = errors.New("not a Kubernetes object (want kind and metadata.name)")

// read takes what an object tells. Kinds that tell nothing are passed over.
func (c *cluster) read(node *yaml.Node) error {
	if node.Kind == yaml.DocumentNode && len(node.Content) == 1 {
		node = node.Content[0]
	}
	if node.Kind == yaml.ScalarNode && node.Tag == "!!null" {
		return nil // an empty document
	}
	var o object
	if node.Kind != yaml.MappingNode {
		return fmt.Errorf("%d: %w", node.Line, errNoObject)
	}
	if err := node.Decode(&o); err != nil {
		return fmt.Errorf("%d: %w", node.Line, err)
	}
	if len(o.Items) > 0 {
		for i := range o.Items {
			if err := c.read(&o.Items[i]); err != nil {
				return err
			}
		}
		return nil
	}
	if o.Kind == "" || o.Metadata.Name == "" {
		return fmt.Errorf("%d: %w", node.Line, errNoObject)
	}
	c.take(&o)
	return nil
}

func (c *cluster) take(o *object) {
	namespace := o.Metadata.Namespace
	if namespace == "" {
		namespace = "default"
	}
	at := name{namespace, o.Metadata.Name}
	switch {
	case o.Kind == "Namespace":
		c.namespaces[o.Metadata.Name] = true
	case o.Kind == "Gateway":
		if o.Spec.GatewayClassName == waypointClass {
			c.waypoints[at] = true
		}
	case o.Spec.Template != nil: // a workload
		waypoint := o.Spec.Template.Metadata.Labels[managedLabel] == meshManaged || o.Metadata.Labels[managedLabel] == meshManaged
		c.waypoints[at] = c.waypoints[at] || waypoint
	}
}
