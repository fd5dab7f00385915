package topology

import (
	"cmp"
	"slices"
)

// Rest counts what a limit has left out of a graph.
type Rest struct{ Nodes, Edges int }

// Limit is the part of the graph that has its n most telling nodes, and the
// edges between these: first the unhealthy nodes, worst first; then who calls
// them most, for without a caller such a node stands alone; then the busiest.
// It goes by the protocols of the graph's edges, whatever else its nodes speak.
func (g *Graph) Limit(n int) (*Graph, Rest) {
	if n = max(n, 0); len(g.Nodes) <= n {
		return g, Rest{}
	}
	ranks := g.ranks()
	ranked := slices.Clone(g.Nodes)
	slices.SortFunc(ranked, func(a, b *Node) int {
		x, y := ranks[a], ranks[b]
		return cmp.Or(cmp.Compare(x.class(), y.class()), cmp.Compare(y.load, x.load), a.Compare(b.Ref))
	})
	nodes := make(map[*Node]bool, n)
	for _, node := range ranked[:n] {
		nodes[node] = true
	}
	edges := map[*Edge]bool{}
	for _, e := range g.Edges {
		edges[e] = nodes[e.Source] && nodes[e.Target]
	}
	part := g.part(nodes, edges)
	part.Rest = Rest{Nodes: len(g.Nodes) - len(part.Nodes), Edges: len(g.Edges) - len(part.Edges)}
	return part, part.Rest
}

// rank is what a node's place in a limit is decided by.
type rank struct {
	severity Severity
	partner  bool // it makes the most calls to an unhealthy node
	load     float64
}

func (r *rank) class() int {
	switch {
	case r.severity == Failing:
		return 0
	case r.severity == Degraded:
		return 1
	case r.partner:
		return 2
	}
	return 3
}

func (g *Graph) ranks() map[*Node]*rank {
	speaks := map[Protocol]bool{}
	for _, e := range g.Edges {
		speaks[e.Protocol] = true
	}
	load := func(by map[Protocol]*Traffic) (n float64) {
		for _, p := range sortedKeys(by) {
			if speaks[p] {
				n += by[p].Load(p)
			}
		}
		return n
	}
	ranks := make(map[*Node]*rank, len(g.Nodes))
	for _, n := range g.Nodes {
		r := &rank{load: max(load(n.In), load(n.Out))}
		r.severity = n.severity(speaks)
		ranks[n] = r
	}
	for _, caller := range g.busiestCallers(func(n *Node) bool { return ranks[n].severity >= Degraded }) {
		ranks[caller].partner = true
	}
	return ranks
}

// severity is how ill the node was judged to be or, where nobody has judged,
// how bad the calls of these protocols into it look.
func (n *Node) severity(speaks map[Protocol]bool) (worst Severity) {
	if n.Verdict != nil {
		return n.Verdict.Severity()
	}
	for p, t := range n.In {
		if speaks[p] {
			worst = max(worst, t.Severity(p))
		}
	}
	return worst
}

// busiestCallers are, of each node that is asked for, who calls it most.
func (g *Graph) busiestCallers(of func(*Node) bool) map[*Node]*Node {
	type call struct {
		from *Node
		load float64
	}
	most, last := map[*Node]call{}, call{}
	for i, e := range g.Edges {
		if !of(e.Target) {
			continue
		}
		if i > 0 && g.Edges[i-1].Source == e.Source && g.Edges[i-1].Target == e.Target {
			last.load += e.Traffic.Load(e.Protocol) // sorted, the protocols of a pair follow each other
		} else {
			last = call{e.Source, e.Traffic.Load(e.Protocol)}
		}
		if m, ok := most[e.Target]; !ok || m.from == last.from || last.load > m.load {
			most[e.Target] = last
		}
	}
	callers := make(map[*Node]*Node, len(most))
	for target, m := range most {
		callers[target] = m.from
	}
	return callers
}

// bytesPerCall is how many bytes over TCP weigh as much as one request where
// sizes and ranks need one number for both.
const bytesPerCall = 10_000

// Load is how much is to do for the traffic of one protocol: for sizes and
// ranks alone.
func (t *Traffic) Load(p Protocol) float64 {
	if p != TCP {
		return t.Total()
	}
	return t.Activity() + t.bytes()/bytesPerCall
}
