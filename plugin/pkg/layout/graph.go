package layout

import (
	"cmp"
	"slices"
	"strings"
)

// graph is what is drawn: simple, and of nodes in the order of their names, so
// that how they were given has no part in it.
type graph struct {
	// given are the nodes' indices in what was asked for.
	given []int
	names []string
	// group is which group a node is of; groups are in the order of their names.
	group  []int
	groups int
	// out and in are the callees and callers of each node, near are both.
	out, in, near [][]int
}

func newGraph(nodes []Node, edges []Edge) *graph {
	g := &graph{given: make([]int, len(nodes))}
	for i := range nodes {
		g.given[i] = i
	}
	slices.SortStableFunc(g.given, func(a, b int) int {
		return cmp.Or(strings.Compare(nodes[a].Group, nodes[b].Group), strings.Compare(nodes[a].ID, nodes[b].ID))
	})
	place := make([]int, len(nodes))
	for i, given := range g.given {
		place[given] = i
		g.names = append(g.names, nodes[given].ID)
		if i > 0 && nodes[given].Group != nodes[g.given[i-1]].Group {
			g.groups++
		}
		g.group = append(g.group, g.groups)
	}
	g.groups++
	pairs := make([][2]int, 0, len(edges))
	for _, e := range edges {
		if e.From != e.To {
			pairs = append(pairs, [2]int{place[e.From], place[e.To]})
		}
	}
	g.connect(pairs)
	return g
}

// connect sets the edges, each pair once.
func (g *graph) connect(pairs [][2]int) {
	slices.SortFunc(pairs, func(a, b [2]int) int { return cmp.Or(a[0]-b[0], a[1]-b[1]) })
	n := g.size()
	g.out, g.in, g.near = make([][]int, n), make([][]int, n), make([][]int, n)
	for _, p := range slices.Compact(pairs) {
		g.out[p[0]] = append(g.out[p[0]], p[1])
		g.in[p[1]] = append(g.in[p[1]], p[0])
	}
	for v := range n {
		near := slices.Concat(g.out[v], g.in[v])
		slices.Sort(near)
		g.near[v] = slices.Compact(near)
	}
}

// components are the nodes that hang together, each in order, by their first.
func (g *graph) components() [][]int {
	var parts [][]int
	seen := make([]bool, len(g.given))
	for start := range g.given {
		if seen[start] {
			continue
		}
		seen[start] = true
		part := []int{start}
		for i := 0; i < len(part); i++ {
			for _, w := range g.near[part[i]] {
				if !seen[w] {
					seen[w] = true
					part = append(part, w)
				}
			}
		}
		slices.Sort(part)
		parts = append(parts, part)
	}
	return parts
}

// induced is the graph of some nodes, which are in order.
func (g *graph) induced(part []int) *graph {
	sub := &graph{}
	place := make(map[int]int, len(part))
	for i, v := range part {
		place[v] = i
		sub.given = append(sub.given, g.given[v])
		sub.names = append(sub.names, g.names[v])
		if i > 0 && g.group[v] != g.group[part[i-1]] {
			sub.groups++
		}
		sub.group = append(sub.group, sub.groups)
	}
	sub.groups++
	var pairs [][2]int
	for i, v := range part {
		for _, w := range g.out[v] {
			if j, ok := place[w]; ok {
				pairs = append(pairs, [2]int{i, j})
			}
		}
	}
	sub.connect(pairs)
	return sub
}

func (g *graph) size() int { return len(g.given) }
