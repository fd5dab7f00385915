package frames

import (
	"iter"

	"github.com/meshscope/meshscope/exporter/topology"
	"github.com/meshscope/meshscope/plugin/pkg/query"
)

// pair is what one drawn edge stands for.
type pair struct{ source, target *topology.Node }

func pairOf(e *topology.Edge) pair { return pair{e.Source, e.Target} }

// byPair are the pairs of a graph, each with its edges: one for each protocol,
// which follow each other as edges are sorted.
func byPair(g *topology.Graph) iter.Seq2[pair, []*topology.Edge] {
	return func(yield func(pair, []*topology.Edge) bool) {
		for rest := g.Edges; len(rest) > 0; {
			of, n := pairOf(rest[0]), 1
			for n < len(rest) && pairOf(rest[n]) == of {
				n++
			}
			if !yield(of, rest[:n]) {
				return
			}
			rest = rest[n:]
		}
	}
}

// choose is what the query asks for of the whole graph: of a pair of nodes
// that calls each other by several protocols, all or none, so that an edge has
// the same numbers in every selection (T4).
func choose(whole *topology.Graph, q query.Query) *topology.Graph {
	part := narrow(whole, q)
	pairs := make(map[pair]bool, len(part.Edges))
	for _, e := range part.Edges {
		pairs[pairOf(e)] = true
	}
	part.Edges = whole.Part(func(e *topology.Edge) bool { return q.Shows(e.Protocol) && pairs[pairOf(e)] }).Edges
	return part // a filter may keep nodes without edges
}

// narrow is what the query asks for, each protocol by itself.
func narrow(whole *topology.Graph, q query.Query) *topology.Graph {
	part := whole.Select(selection(q))
	if q.Focus != nil {
		part = part.Focus(*q.Focus)
	}
	part = part.Part(func(e *topology.Edge) bool { return q.Shows(e.Protocol) })
	if q.Filter != nil {
		part = q.Filter.Over(whole, selection(q)).Apply(part)
	}
	return part
}

// inside are the nodes of a part that are of the query's namespaces and
// clusters themselves. A graph has others beside them, for their calls; in a
// list they would be taken for what was asked for.
func inside(part *topology.Graph, q query.Query) (nodes []*topology.Node) {
	for _, n := range part.Nodes {
		if !selection(q).Outside(n) {
			nodes = append(nodes, n)
		}
	}
	return nodes
}

func selection(q query.Query) topology.Selection {
	return topology.Selection{Namespaces: q.Namespaces, Clusters: q.Clusters}
}

// marks are what the query's highlight is true of; nil where there is none.
type marks struct {
	nodes map[*topology.Node]bool
	pairs map[pair]bool
}

// mark finds what the query highlights of what is shown.
func mark(whole, shown *topology.Graph, q query.Query) marks {
	if q.Highlight == nil {
		return marks{}
	}
	m := marks{nodes: map[*topology.Node]bool{}, pairs: map[pair]bool{}}
	judge := q.Highlight.Over(whole, selection(q))
	for _, n := range shown.Nodes {
		if judge.MarksNode(n) {
			m.nodes[n] = true
		}
	}
	for _, e := range shown.Edges {
		if judge.MarksEdge(e) {
			m.pairs[pairOf(e)] = true
		}
	}
	return m
}
