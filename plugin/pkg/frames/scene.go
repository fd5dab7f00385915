package frames

import (
	"slices"
	"strings"

	"github.com/meshscope/meshscope/exporter/topology"
	"github.com/meshscope/meshscope/plugin/pkg/layout"
	"github.com/meshscope/meshscope/plugin/pkg/query"
)

// nodeRow is a node as it is drawn.
type nodeRow struct {
	*topology.Node
	id              string
	in, out, within totals // within: from the node to itself, part of in and out
	ring            ring
	class           int
	at              layout.Point // where the query asks for a layout
	load            float64
	then            *nodeRow // as it was; nil where nothing is compared
}

// own is the traffic that a node's stats are of: what it is called with, or
// what it calls, if nothing calls it.
func (r *nodeRow) own() *totals {
	if r.in.empty() {
		return &r.out
	}
	return &r.in
}

// edgeRow is an edge as it is drawn: one for all protocols.
type edgeRow struct {
	totals

	id             string
	source, target *nodeRow
	services       []topology.Service
	verdict        *topology.Verdict // the worst of its protocols
	worst          topology.Health   // in the range
	then           *edgePast         // as it was; nil where nothing is compared
}

// scene is what is drawn.
type scene struct {
	sight

	nodes  []*nodeRow
	edges  []*edgeRow
	rows   map[*topology.Node]*nodeRow
	seen   [len(arcs)]bool   // some of the mesh's traffic is of this arc
	colors map[string]string // by namespace
	// namespaces are the classes of these, nil where there are too many.
	namespaces []class
	marked     marks
}

// newScene draws the part that is shown of the whole graph.
func newScene(of sight, whole, shown *topology.Graph) *scene {
	q := of.query
	s := &scene{sight: of, rows: map[*topology.Node]*nodeRow{}}
	if q.ColorBy == query.ByNamespace {
		var sorted []string
		s.colors, sorted = namespaceColors(whole.Nodes)
		s.namespaces = namespaceClasses(s.colors, sorted)
	}
	for _, n := range shown.Nodes {
		s.row(n)
	}
	var last *edgeRow // the graph's edges are sorted: those of a pair follow each other
	for _, e := range shown.Edges {
		last = s.draw(e, last)
	}
	for _, e := range whole.Edges {
		if !q.Shows(e.Protocol) {
			continue
		}
		s.noteArcs(e)
		if r, drawn := s.rows[e.Source]; drawn && e.Source == e.Target {
			r.within.add(e.Protocol, &e.Traffic)
		}
	}
	return s
}

// draw adds an edge to the row of its pair, which is the last one or a new
// one. An edge from a node to itself has a row for the node alone.
func (s *scene) draw(e *topology.Edge, last *edgeRow) *edgeRow {
	source, target := s.row(e.Source), s.row(e.Target)
	if source == target {
		return last
	}
	if last == nil || last.source != source || last.target != target {
		last = &edgeRow{totals: totals{seconds: s.seconds}, source: source, target: target, then: s.edgeThen(endsOf(e), s.query.Shows)}
		s.edges = append(s.edges, last)
	}
	last.add(e.Protocol, &e.Traffic)
	last.judge(e.Verdict, s.worstOfEdge(e))
	last.services = append(last.services, e.Services...)
	return last
}

func (s *scene) row(n *topology.Node) *nodeRow {
	r, ok := s.rows[n]
	if !ok {
		r = s.rowOf(n)
		s.rows[n] = r
		s.nodes = append(s.nodes, r)
	}
	return r
}

// settle gives the rows that are left what only these need, and their order.
func (s *scene) settle() {
	for _, n := range s.nodes {
		n.ring = ringOf(n.own())
		n.class = s.classOf(n)
	}
	for _, e := range s.edges {
		e.id = edgeID(e.source.id, e.target.id)
	}
	slices.SortFunc(s.nodes, func(a, b *nodeRow) int { return strings.Compare(a.id, b.id) })
	slices.SortFunc(s.edges, func(a, b *edgeRow) int { return strings.Compare(a.id, b.id) })
}

// edgeID joins the ids of an edge's ends by what no node's id holds.
func edgeID(source, target string) string { return source + ":" + target }
