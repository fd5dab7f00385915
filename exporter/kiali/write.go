package kiali

import (
	"fmt"
	"io"

	"github.com/meshscope/meshscope/exporter/topology"
)

// Kubernetes is what is known of clusters beside their telemetry.
type Kubernetes interface {
	// HasNamespace tells that a cluster has a namespace. Of a cluster of which
	// nothing is known it tells that it may have.
	HasNamespace(cluster, namespace string) bool
	// Object is what is known of an app; nil is nothing.
	Object(app topology.Ref) *topology.Object
}

// View is which part of a graph is shown, and how.
type View struct {
	Question

	// Kubernetes may be nil.
	Kubernetes Kubernetes
	// Health is nil where it is not asked for. Nodes and edges have their
	// verdicts by it.
	Health *Health
	// Part is what is shown of the graph; nil is what the Question asks for.
	Part *topology.Graph
}

// Write writes what is shown of a whole graph as Kiali's API answers with it,
// piece by piece. Its only errors are those of w.
func Write(w io.Writer, g *topology.Graph, o View) error {
	v := newView(o, g)
	if room, ok := w.(interface{ Grow(n int) }); ok {
		const element = 500 // bytes, on the safe side
		room.Grow(element * (len(v.boxes) + len(v.graph.Nodes) + len(v.edges)))
	}
	if _, err := fmt.Fprintf(w, `{"timestamp":%d,"duration":%d,"graphType":%q,"elements":{"nodes":[`,
		g.Interval.End.Unix(), int64(g.Interval.Length.Seconds()), g.Level); err != nil {
		return err
	}
	if err := writeList(w, len(v.boxes)+len(v.graph.Nodes), func(o *object, i int) {
		if i < len(v.boxes) {
			v.box(o, &v.boxes[i])
		} else {
			v.node(o, v.graph.Nodes[i-len(v.boxes)])
		}
	}); err != nil {
		return err
	}
	if _, err := io.WriteString(w, `],"edges":[`); err != nil {
		return err
	}
	if err := writeList(w, len(v.edges), func(o *object, i int) { v.edge(o, v.edges[i]) }); err != nil {
		return err
	}
	_, err := io.WriteString(w, "]}}\n")
	return err
}
