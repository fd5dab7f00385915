package frames

import (
	"cmp"
	"slices"

	"github.com/meshscope/meshscope/exporter/topology"
	"github.com/meshscope/meshscope/plugin/pkg/compare"
)

// sortGraph puts nodes and edges into the order that graphs have.
func sortGraph(g *topology.Graph) {
	slices.SortFunc(g.Nodes, func(a, b *topology.Node) int { return a.Compare(b.Ref) })
	slices.SortStableFunc(g.Edges, func(a, b *topology.Edge) int {
		return cmp.Or(a.Source.Compare(b.Source.Ref), a.Target.Compare(b.Target.Ref), cmp.Compare(a.Protocol, b.Protocol))
	})
}

// cutTo is the part of what was chosen that there is room for: the most telling
// nodes and, of a comparison, before them those that have changed.
func (s *sight) cutTo(limit int, chosen *topology.Graph) *topology.Graph {
	if s.past == nil || len(chosen.Nodes) <= limit {
		shown, _ := chosen.Limit(limit)
		return shown
	}
	kept := map[*topology.Node]bool{}
	for _, n := range s.changed(chosen) {
		if len(kept) < limit {
			kept[n] = true
		}
	}
	// The others fill the room that is left. Where some of these are among the
	// changed, it takes more of them.
	for room, n := limit-len(kept), limit-len(kept); room > 0; {
		rest, _ := chosen.Limit(n)
		others := slices.DeleteFunc(slices.Clone(rest.Nodes), func(n *topology.Node) bool { return kept[n] })
		if len(others) < room && n < limit {
			n += room - len(others)
			continue
		}
		for _, other := range others {
			kept[other] = true
		}
		break
	}
	part := &topology.Graph{Level: chosen.Level, Interval: chosen.Interval}
	part.Nodes = slices.DeleteFunc(slices.Clone(chosen.Nodes), func(n *topology.Node) bool { return !kept[n] })
	part.Edges = slices.DeleteFunc(slices.Clone(chosen.Edges), func(e *topology.Edge) bool { return !kept[e.Source] || !kept[e.Target] })
	return part
}

// changed are the nodes that have changed, or that an edge has changed of, the
// worst changes first and of these the busiest.
func (s *sight) changed(chosen *topology.Graph) []*topology.Node {
	type mark struct {
		change compare.Change
		load   float64
	}
	marks := make(map[*topology.Node]*mark, len(chosen.Nodes))
	var all []*topology.Node
	for _, n := range chosen.Nodes {
		r := s.rowOf(n)
		marks[n] = &mark{r.change(), r.load}
	}
	for _, edges := range byPair(chosen) {
		t := totals{seconds: s.seconds}
		for _, e := range edges {
			t.add(e.Protocol, &e.Traffic)
		}
		change := t.changeSince(s.edgeThen(endsOf(edges[0]), s.query.Shows))
		for _, n := range [...]*topology.Node{edges[0].Source, edges[0].Target} {
			marks[n].change = max(marks[n].change, change)
		}
	}
	for _, n := range chosen.Nodes {
		if marks[n].change != compare.Unchanged {
			all = append(all, n)
		}
	}
	slices.SortFunc(all, func(a, b *topology.Node) int {
		x, y := marks[a], marks[b]
		return cmp.Or(cmp.Compare(y.change, x.change), cmp.Compare(y.load, x.load), a.Compare(b.Ref))
	})
	return all
}
