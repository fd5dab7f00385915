package filter

import (
	"cmp"
	"slices"

	"github.com/meshscope/meshscope/exporter/topology"
)

// scope is the graph that fields are of.
type scope struct {
	graph     *topology.Graph
	selection topology.Selection
	seconds   float64
	degrees   map[*topology.Node]*degree // made when first asked for
}

// degree is how many nodes a node is connected with, itself not counted, and
// where that puts it among all nodes: 1 is the most connected; nodes with as
// many edges have the same rank, and the next less connected the next number.
type degree struct {
	callers, callees      float64
	in, out               int // edges
	rankIn, rankOut, rank float64
}

func (s *scope) degreeOf(n *topology.Node) *degree {
	if s.degrees == nil {
		s.degrees = degreesOf(s.graph)
	}
	if d, ok := s.degrees[n]; ok {
		return d
	}
	return new(degree)
}

func degreesOf(g *topology.Graph) map[*topology.Node]*degree {
	by := make(map[*topology.Node]*degree, len(g.Nodes))
	all := make([]*degree, len(g.Nodes))
	for i := range g.Nodes {
		all[i] = new(degree)
		by[g.Nodes[i]] = all[i]
	}
	var last *topology.Edge
	for _, e := range g.Edges {
		source, target := by[e.Source], by[e.Target]
		source.out++
		target.in++
		// Edges are sorted: those of a pair, of several protocols, follow each other.
		if e.Source != e.Target && (last == nil || last.Source != e.Source || last.Target != e.Target) {
			source.callees++
			target.callers++
		}
		last = e
	}
	rank(all, func(d *degree) int { return d.in }, func(d *degree, at float64) { d.rankIn = at })
	rank(all, func(d *degree) int { return d.out }, func(d *degree, at float64) { d.rankOut = at })
	rank(all, func(d *degree) int { return d.in + d.out }, func(d *degree, at float64) { d.rank = at })
	return by
}

func rank(all []*degree, by func(*degree) int, set func(*degree, float64)) {
	slices.SortFunc(all, func(a, b *degree) int { return cmp.Compare(by(b), by(a)) })
	at := 0.0
	for i, d := range all {
		if i == 0 || by(d) < by(all[i-1]) {
			at++
		}
		set(d, at)
	}
}
