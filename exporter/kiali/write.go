package kiali

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"

	"github.com/meshscope/meshscope/exporter/topology"
)

// Kubernetes is what is known of clusters beside their telemetry.
type Kubernetes interface {
	// HasNamespace tells that a cluster has a namespace. Of a cluster of which
	// nothing is known it tells that it may have.
	HasNamespace(cluster, namespace string) bool
}

// View is which part of a graph is shown, and how.
type View struct {
	Question

	// Kubernetes may be nil.
	Kubernetes Kubernetes
	// Chosen tells that the graph is already the part that is shown.
	Chosen bool
}

// view is one graph that is being written.
type view struct {
	View

	graph   *topology.Graph
	back    map[*topology.Edge]*topology.Edge // the edge from a waypoint, by the one to it
	folded  map[*topology.Edge]bool           // those edges
	seen    map[*topology.Node]*seen
	ids     map[*topology.Node]string
	parents map[*topology.Node]string // ids of boxes
	boxes   []*nodeData
}

func newView(o View, g *topology.Graph) *view {
	v := &view{View: o, graph: o.show(g), ids: map[*topology.Node]string{}, parents: map[*topology.Node]string{}}
	v.back, v.folded = foldBack(v.graph)
	v.seen = look(v.graph.Edges, func(e *topology.Edge) bool { return v.folded[e] })
	for _, n := range v.graph.Nodes {
		v.ids[n] = hash(nodeName(n, o.Aggregate))
	}
	v.box()
	return v
}

// Write writes a graph as Kiali's API answers with it, one node or edge after
// the other.
func Write(w io.Writer, g *topology.Graph, o View) error {
	v := newView(o, g)
	out := &writer{to: w, first: true}
	out.text(fmt.Sprintf(`{"timestamp":%d,"duration":%d,"graphType":%q,"elements":{"nodes":[`,
		g.Interval.End.Unix(), int64(g.Interval.Length.Seconds()), g.Level))
	for _, b := range v.boxes {
		out.element(b)
	}
	for _, n := range v.graph.Nodes {
		out.element(v.node(n))
	}
	out.text(`],"edges":[`)
	out.first = true
	for _, e := range v.graph.Edges {
		if !v.folded[e] {
			out.element(v.edge(e))
		}
	}
	out.text("]}}\n")
	return out.err
}

// writer writes until it fails.
type writer struct {
	to     io.Writer
	buffer bytes.Buffer
	first  bool
	err    error
}

func (w *writer) text(s string) {
	if w.err == nil {
		_, w.err = io.WriteString(w.to, s)
	}
}

// element writes an element of a list.
func (w *writer) element(data any) {
	if w.err != nil {
		return
	}
	w.buffer.Reset()
	if !w.first {
		w.buffer.WriteByte(',')
	}
	w.first = false
	w.buffer.WriteString("\n{\"data\":")
	encoder := json.NewEncoder(&w.buffer)
	encoder.SetEscapeHTML(false)
	if w.err = encoder.Encode(data); w.err != nil {
		return
	}
	w.buffer.Truncate(w.buffer.Len() - 1) // the encoder ends with a new line
	w.buffer.WriteByte('}')
	_, w.err = w.to.Write(w.buffer.Bytes())
}
