package frames

import (
	"cmp"
	"slices"
	"strings"

	"github.com/meshscope/meshscope/exporter/topology"
	"github.com/meshscope/meshscope/plugin/pkg/query"
)

// nodeRow is a node as it is drawn.
type nodeRow struct {
	*topology.Node
	id              string
	in, out, within totals // within: from the node to itself, part of in and out
	ring            ring
	load            float64
	// partner tells that the node is what the busiest calls of an unhealthy
	// node come from: without it, that node stands alone.
	partner bool
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
}

// scene is what is drawn.
type scene struct {
	nodes []*nodeRow
	edges []*edgeRow
	// mesh is what the rows were chosen from.
	mesh struct {
		edges    int
		clusters bool // there are several
	}
	colors map[string]string // by namespace
}

// newScene chooses what the query asks for from the whole graph. Numbers are
// those of the whole (T4).
func newScene(whole *topology.Graph, q query.Query) *scene {
	s := &scene{}
	s.mesh.edges = len(whole.Edges)
	s.mesh.clusters = severalClusters(whole.Nodes)
	if q.ColorBy == query.ByNamespace {
		s.colors = namespaceColors(whole.Nodes)
	}
	part := whole.Select(topology.Selection{Namespaces: q.Namespaces, Clusters: q.Clusters})
	seconds := whole.Interval.Length.Seconds()
	rows := make(map[*topology.Node]*nodeRow, len(part.Nodes))
	row := func(n *topology.Node) *nodeRow {
		r, ok := rows[n]
		if !ok {
			r = &nodeRow{Node: n, id: n.ID(), in: totalsOf(n.In, q, seconds), out: totalsOf(n.Out, q, seconds)}
			r.load = max(r.in.load(), r.out.load())
			r.within.seconds = seconds
			rows[n] = r
			s.nodes = append(s.nodes, r)
		}
		return r
	}
	var last *edgeRow // the graph's edges are sorted: those of a pair follow each other
	for _, e := range part.Edges {
		if !q.Shows(e.Protocol) {
			continue
		}
		source, target := row(e.Source), row(e.Target)
		if source == target {
			source.within.add(e.Protocol, &e.Traffic)
			continue
		}
		if last == nil || last.source != source || last.target != target {
			last = &edgeRow{source: source, target: target}
			last.seconds = seconds
			s.edges = append(s.edges, last)
		}
		last.add(e.Protocol, &e.Traffic)
		last.services = append(last.services, e.Services...)
	}
	return s
}

// settle gives the rows that are left what only these need, and their order.
func (s *scene) settle() {
	for _, n := range s.nodes {
		n.ring = ringOf(n.own())
	}
	for _, e := range s.edges {
		e.id = edgeID(e.source.id, e.target.id)
	}
	slices.SortFunc(s.nodes, func(a, b *nodeRow) int { return strings.Compare(a.id, b.id) })
	slices.SortFunc(s.edges, func(a, b *edgeRow) int { return strings.Compare(a.id, b.id) })
}

// edgeID joins the ids of an edge's ends by what no node's id holds.
func edgeID(source, target string) string { return source + ":" + target }

func severalClusters(nodes []*topology.Node) bool {
	first := ""
	for _, n := range nodes {
		cluster := n.Cluster
		if n.Kind == topology.KindCluster {
			cluster = n.Name
		}
		if first = cmp.Or(first, cluster); cluster != "" && cluster != first {
			return true
		}
	}
	return false
}
