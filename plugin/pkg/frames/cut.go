package frames

import (
	"cmp"
	"slices"
	"strings"
)

// left counts what a cut has left out.
type left struct{ nodes, edges int }

// cut leaves the limit most telling nodes, and the edges between these. It is
// done here because the panel's own cut drops whole parts of a graph, silently.
func (s *scene) cut(limit int) (out left) {
	if len(s.nodes) <= limit {
		return left{}
	}
	s.findPartners()
	ranked := slices.Clone(s.nodes)
	slices.SortFunc(ranked, func(a, b *nodeRow) int {
		return cmp.Or(cmp.Compare(a.rank(), b.rank()), cmp.Compare(b.load, a.load), strings.Compare(a.id, b.id))
	})
	kept := make(map[*nodeRow]bool, limit)
	for _, n := range ranked[:limit] {
		kept[n] = true
	}
	out = left{nodes: len(s.nodes), edges: len(s.edges)}
	s.nodes = slices.DeleteFunc(s.nodes, func(n *nodeRow) bool { return !kept[n] })
	s.edges = slices.DeleteFunc(s.edges, func(e *edgeRow) bool { return !kept[e.source] || !kept[e.target] })
	out.nodes -= len(s.nodes)
	out.edges -= len(s.edges)
	return out
}

// rank orders nodes for a cut: the unhealthy ones, worst first; who calls them
// most; and the others.
func (r *nodeRow) rank() int {
	switch {
	case r.in.severity == failing:
		return 0
	case r.in.severity == degraded:
		return 1
	case r.partner:
		return 2
	}
	return 3
}

// findPartners marks who calls an unhealthy node most.
func (s *scene) findPartners() {
	type call struct {
		from *nodeRow
		load float64
	}
	most := map[*nodeRow]call{}
	for _, e := range s.edges {
		if e.target.in.severity < degraded {
			continue
		}
		if m, ok := most[e.target]; !ok || e.load() > m.load {
			most[e.target] = call{e.source, e.load()}
		}
	}
	for _, m := range most {
		m.from.partner = true
	}
}
