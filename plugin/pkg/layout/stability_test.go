package layout_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/meshscope/meshscope/plugin/pkg/layout"
)

// change makes another graph of one, and tells whose edges it has changed. It
// returns false where there is nothing to change.
type change func(g *graph, at []layout.Point, rng *rand.Rand) (changed graph, touched []int, ok bool)

// TestStability makes small changes in all meshes and tells how many nodes move
// that have no part in the change: in pictures that are drawn anew, and in those
// that go on from the one before. None of these makes a way longer or a part join
// another, so no node may change its column; by how much rows may change is
// measured.
func TestStability(t *testing.T) {
	for name, test := range map[string]struct {
		change       change
		anew, memory still
	}{
		"a callee comes":             {addCallee, still{72, 1.6}, still{100, 0}},
		"a caller comes":             {addCaller, still{52, 2.9}, still{100, 0}},
		"an end goes":                {removeEnd, still{60, 2.2}, still{100, 0}},
		"a callee of two comes":      {addCalleeOfTwo, still{64, 1.9}, still{97, 0.2}},
		"an edge comes":              {addEdge, still{57, 1.9}, still{98, 0.1}},
		"an edge beside others goes": {removeEdge, still{61, 1.3}, still{100, 0}},
	} {
		t.Run(name+", drawn anew", func(t *testing.T) {
			test.anew.hold(t, test.change, func(*graph) layout.Memory { return layout.Memory{} })
		})
		t.Run(name+", from memory", func(t *testing.T) {
			test.memory.hold(t, test.change, func(g *graph) layout.Memory {
				_, m := layout.Memory{}.Layered(g.nodes, g.edges)
				return m
			})
		})
	}
}

// still is how still pictures are: how many changes of a hundred move no node
// by more than a step, and how many nodes of a hundred move by more.
type still struct{ within, moved float64 }

func (s still) hold(t *testing.T, change change, remember func(*graph) layout.Memory) {
	t.Helper()
	changes, within, none, moved, nodes, farthest := 0, 0, 0, 0, 0, 0.0
	for _, g := range meshes(t) {
		if len(g.nodes) > 130 {
			continue
		}
		rng := rand.New(rand.NewPCG(3, 4))
		before, memory := g.positions(), remember(&g)
		for range 6 {
			changed, touched, ok := change(&g, before, rng)
			if !ok {
				continue
			}
			after, _ := memory.Layered(changed.nodes, changed.edges)
			far, any := 0, false
			for i, p := range before {
				if slices.Contains(touched, i) {
					continue
				}
				q := after[i]
				any = any || p != q
				nodes++
				assert.LessOrEqual(t, math.Abs(p.X-q.X), float64(layout.StepX), "%s: %s has another column", g.name, g.nodes[i].ID)
				if rows := math.Abs(p.Y-q.Y) / layout.StepY; rows > 1 {
					far++
					farthest = max(farthest, rows)
				}
			}
			changes++
			moved += far
			if far == 0 {
				within++
			}
			if !any {
				none++
			}
		}
	}
	percent := func(n, of int) float64 { return 100 * float64(n) / float64(of) }
	t.Logf("%d changes: %.0f %% move nothing, %.0f %% nothing by more than a step; of %d nodes, %.2f %% move by more, %.0f steps at most",
		changes, percent(none, changes), percent(within, changes), nodes, percent(moved, nodes), farthest)
	assert.GreaterOrEqual(t, percent(within, changes), s.within, "changes that move nothing by more than a step")
	assert.LessOrEqual(t, percent(moved, nodes), s.moved, "nodes that move by more than a step")
}

func (g *graph) with(nodes []layout.Node, edges ...layout.Edge) graph {
	return graph{g.name, append(slices.Clone(g.nodes), nodes...), append(slices.Clone(g.edges), edges...)}
}

func newcomer(group string, rng *rand.Rand) []layout.Node {
	return []layout.Node{{ID: fmt.Sprintf("%s/%s-new-%d", group, words[rng.IntN(len(words))], rng.IntN(1000)), Group: group}}
}

func addCallee(g *graph, _ []layout.Point, rng *rand.Rand) (graph, []int, bool) {
	caller := rng.IntN(len(g.nodes))
	return g.with(newcomer(g.nodes[caller].Group, rng), layout.Edge{From: caller, To: len(g.nodes)}), []int{caller}, true
}

func addCaller(g *graph, _ []layout.Point, rng *rand.Rand) (graph, []int, bool) {
	callee := rng.IntN(len(g.nodes))
	return g.with(newcomer(g.nodes[callee].Group, rng), layout.Edge{From: len(g.nodes), To: callee}), []int{callee}, true
}

func addCalleeOfTwo(g *graph, at []layout.Point, rng *rand.Rand) (graph, []int, bool) {
	r := g.closure()
	for range 1000 {
		a, b := rng.IntN(len(g.nodes)), rng.IntN(len(g.nodes))
		if a != b && at[a].X == at[b].X && g.nodes[a].Group == g.nodes[b].Group && r.joined(a, b) {
			n := len(g.nodes)
			return g.with(newcomer(g.nodes[a].Group, rng), layout.Edge{From: a, To: n}, layout.Edge{From: b, To: n}), []int{a, b}, true
		}
	}
	return graph{}, nil, false
}

func addEdge(g *graph, at []layout.Point, rng *rand.Rand) (graph, []int, bool) {
	r := g.closure()
	for range 1000 {
		a, b := rng.IntN(len(g.nodes)), rng.IntN(len(g.nodes))
		e := layout.Edge{From: a, To: b}
		if at[b].X == at[a].X+layout.StepX && g.nodes[a].Group == g.nodes[b].Group && !slices.Contains(g.edges, e) && r.joined(a, b) {
			return g.with(nil, e), []int{a, b}, true
		}
	}
	return graph{}, nil, false
}

// removeEdge takes an edge whose ends have others in the same columns, so that
// no way gets shorter.
func removeEdge(g *graph, at []layout.Point, rng *rand.Rand) (graph, []int, bool) {
	for range 1000 {
		i := rng.IntN(len(g.edges))
		e := g.edges[i]
		if g.nodes[e.From].Group != g.nodes[e.To].Group || at[e.From].X+layout.StepX != at[e.To].X {
			continue
		}
		calls, called := 0, 0
		for _, f := range g.edges {
			if f.From == e.From && f.To != e.To && at[f.From].X+layout.StepX == at[f.To].X {
				calls++
			}
			if f.To == e.To && f.From != e.From && at[f.From].X+layout.StepX == at[f.To].X && degree(g, f.From) > 1 {
				called++
			}
		}
		if calls > 0 && called > 0 {
			h := g.with(nil)
			h.edges = slices.Delete(h.edges, i, i+1)
			return h, []int{e.From, e.To}, true
		}
	}
	return graph{}, nil, false
}

// removeEnd takes a node that is called by one other alone, with what it takes
// to leave that one in its column.
func removeEnd(g *graph, _ []layout.Point, rng *rand.Rand) (graph, []int, bool) {
	for range 1000 {
		v := rng.IntN(len(g.nodes))
		i := slices.IndexFunc(g.edges, func(e layout.Edge) bool { return e.To == v })
		if i < 0 || degree(g, v) != 1 || degree(g, g.edges[i].From) < 3 {
			continue
		}
		h, caller := g.with(nil), g.edges[i].From
		h.edges = slices.Delete(h.edges, i, i+1)
		return h, []int{v, caller}, true
	}
	return graph{}, nil, false
}

func degree(g *graph, v int) int {
	n := 0
	for _, e := range g.edges {
		if e.From == v || e.To == v {
			n++
		}
	}
	return n
}
