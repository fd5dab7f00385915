package kiali

import (
	"errors"
	"fmt"
	"net/url"
	"strings"

	"github.com/meshscope/meshscope/exporter/topology"
)

// Root is the path under which Kiali serves its API.
const Root = "/kiali/api/"

// Node is what a node's graph is of. An empty field of those that are not its
// name is any.
type Node struct {
	Kind               topology.Kind
	Cluster, Namespace string
	// Name is the workload's, app's or service's; of an operation it is what
	// the label says.
	Name string
	// Version is that of an app.
	Version string
	// Label and Service are of an operation: the label that tells it, and the
	// service that it is of.
	Label, Service string
}

// ErrNoPath is the error of a path that this API does not have.
var ErrNoPath = errors.New("no such path (want namespaces/graph, or namespaces/NAMESPACE/KIND/NAME/graph " +
	"of workloads, applications, services or aggregates)")

// parsePath reads a path below Root. The graph of namespaces is of no node.
func parsePath(path string) (*Node, error) {
	parts := strings.Split(path, "/")
	for i, part := range parts {
		name, err := url.PathUnescape(part)
		if err != nil {
			return nil, fmt.Errorf("%w: %w", ErrNoPath, err)
		}
		if name == "" {
			return nil, ErrNoPath
		}
		parts[i] = name
	}
	if len(parts) == 2 && parts[0] == "namespaces" && parts[1] == "graph" {
		return nil, nil
	}
	if parts[len(parts)-1] != "graph" || parts[0] != "namespaces" || len(parts) < 5 {
		return nil, ErrNoPath
	}
	namespace, kind, rest := parts[1], parts[2], parts[3:len(parts)-1]
	node := &Node{Namespace: namespace, Name: rest[0]}
	switch {
	case kind == "workloads" && len(rest) == 1:
		node.Kind = topology.KindWorkload
	case kind == "services" && len(rest) == 1:
		node.Kind = topology.KindService
	case kind == "applications" && len(rest) == 1:
		node.Kind = topology.KindApp
	case kind == "applications" && len(rest) == 3 && rest[1] == "versions":
		node.Kind, node.Version = topology.KindApp, rest[2]
	case kind == "aggregates" && (len(rest) == 2 || len(rest) == 3):
		node.Kind, node.Label, node.Name = topology.KindOperation, rest[0], rest[1]
		if len(rest) == 3 {
			node.Service = rest[2]
		}
	default:
		return nil, ErrNoPath
	}
	return node, nil
}
