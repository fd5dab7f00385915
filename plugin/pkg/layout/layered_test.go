package layout_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/meshscope/meshscope/plugin/pkg/layout"
)

// TestOverlap tells that each node has a step of the grid for itself.
func TestOverlap(t *testing.T) {
	for _, g := range meshes(t) {
		requireApart(t, g.name, g.positions())
	}
}

func requireApart(t *testing.T, name string, at []layout.Point) {
	t.Helper()
	for i, p := range at {
		require.Zero(t, int(p.X)%(layout.StepX/2), "%s: node %d is at %v, off the grid", name, i, p)
		require.Zero(t, int(p.Y)%(layout.StepY/2), "%s: node %d is at %v, off the grid", name, i, p)
		for j, q := range at[:i] {
			require.False(t, math.Abs(p.X-q.X) < layout.StepX && math.Abs(p.Y-q.Y) < layout.StepY, "%s: node %d at %v and %d at %v", name, j, q, i, p)
		}
	}
}

// TestCallersLeft tells that calls go to the right, if they are in no cycle.
func TestCallersLeft(t *testing.T) {
	for _, g := range meshes(t) {
		requireCallersLeft(t, g, g.positions())
	}
}

func requireCallersLeft(t *testing.T, g graph, at []layout.Point) {
	t.Helper()
	reaches := g.closure()
	for _, e := range g.edges {
		if !reaches[e.To][e.From] {
			require.Less(t, at[e.From].X, at[e.To].X, "%s: %s calls %s", g.name, g.nodes[e.From].ID, g.nodes[e.To].ID)
		}
	}
}

// TestCycles draws cycles: the way in is on the left, and one call goes back.
func TestCycles(t *testing.T) {
	for name, test := range map[string]struct{ edges, back []layout.Edge }{
		"entered":           {[]layout.Edge{{3, 2}, {2, 1}, {1, 0}, {0, 2}}, []layout.Edge{{0, 2}}},
		"nothing leads in":  {[]layout.Edge{{0, 1}, {1, 2}, {2, 3}, {3, 0}}, []layout.Edge{{3, 0}}},
		"each other":        {[]layout.Edge{{3, 0}, {3, 1}, {0, 1}, {1, 0}, {1, 2}}, []layout.Edge{{1, 0}}},
		"itself, and twice": {[]layout.Edge{{0, 0}, {0, 1}, {0, 1}, {1, 2}, {2, 3}, {2, 2}}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			at := layout.Layered([]layout.Node{{ID: "a"}, {ID: "b"}, {ID: "c"}, {ID: "d"}}, test.edges)
			for _, e := range test.edges {
				switch {
				case e.From == e.To:
				case slices.Contains(test.back, e):
					assert.Greater(t, at[e.From].X, at[e.To].X, "%v", e)
				default:
					assert.Less(t, at[e.From].X, at[e.To].X, "%v", e)
				}
			}
		})
	}
}

// TestGroups tells that groups are together in each column, and in the same
// order in all of a part that hangs together.
func TestGroups(t *testing.T) {
	for _, g := range meshes(t) {
		requireGroups(t, g, g.positions())
	}
}

func requireGroups(t *testing.T, g graph, at []layout.Point) {
	t.Helper()
	type order struct {
		part         int
		upper, lower string
	}
	part, above := g.parts(), map[order]bool{}
	for i, p := range at {
		for j, q := range at {
			a, b := g.nodes[i].Group, g.nodes[j].Group
			if p.X == q.X && p.Y < q.Y && a != b && part[i] == part[j] {
				above[order{part[i], a, b}] = true
			}
		}
	}
	for o := range above {
		require.False(t, above[order{o.part, o.lower, o.upper}], "%s: %s is above and below %s", g.name, o.upper, o.lower)
	}
}

// TestOrder tells that the order of what is given has no part in the layout.
func TestOrder(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 5))
	for _, g := range meshes(t) {
		if len(g.nodes) > 100 {
			continue
		}
		want := g.positions()
		to := rng.Perm(len(g.nodes))
		shuffled := graph{nodes: make([]layout.Node, len(g.nodes))}
		for i, n := range g.nodes {
			shuffled.nodes[to[i]] = n
		}
		for _, e := range g.edges {
			shuffled.edges = append(shuffled.edges, layout.Edge{From: to[e.From], To: to[e.To]}, layout.Edge{From: to[e.From], To: to[e.From]})
		}
		shuffled.edges = append(shuffled.edges, shuffled.edges[0])
		rng.Shuffle(len(shuffled.edges), func(i, j int) {
			shuffled.edges[i], shuffled.edges[j] = shuffled.edges[j], shuffled.edges[i]
		})
		got := shuffled.positions()
		for i := range want {
			assert.Equal(t, want[i], got[to[i]], "%s: %s", g.name, g.nodes[i].ID)
		}
	}
}

// TestLone puts nodes without edges below the others, and moves none by more
// than a step for one that comes.
func TestLone(t *testing.T) {
	assert.Empty(t, layout.Layered(nil, nil))
	requireApart(t, "one", layout.Layered([]layout.Node{{ID: "a"}}, nil))
	g := demoGraph(t, "demo", 0, 0, "")
	linked := len(g.nodes)
	for i := range 40 {
		g.nodes = append(g.nodes, layout.Node{ID: "lone-" + string(rune('A'+i))})
	}
	at := g.positions()
	requireApart(t, "lone", at)
	for i := range linked {
		for j := linked; j < len(at); j++ {
			require.Less(t, at[i].Y, at[j].Y)
		}
	}
	g.nodes = append(g.nodes, layout.Node{ID: "lone-0"})
	for i, p := range g.positions()[:len(at)] {
		assert.LessOrEqual(t, max(p.X-at[i].X, at[i].X-p.X), float64(layout.StepX))
		assert.LessOrEqual(t, max(p.Y-at[i].Y, at[i].Y-p.Y), float64(layout.StepY))
	}
}

// FuzzLayered lays out any graph: its nodes are bytes' halves, an edge each.
func FuzzLayered(f *testing.F) {
	f.Add([]byte{0x01, 0x12, 0x20, 0x34}, uint8(3))
	f.Add([]byte{0x01, 0x10, 0x23, 0x32, 0x12, 0x30, 0xef, 0xfe, 0xdd}, uint8(1))
	f.Fuzz(func(t *testing.T, pairs []byte, groups uint8) {
		g := graphOf(pairs, groups)
		at := g.positions()
		requireApart(t, "fuzz", at)
		reaches := g.closure()
		for _, e := range g.edges {
			if e.From != e.To && !reaches[e.To][e.From] {
				require.Less(t, at[e.From].X, at[e.To].X)
			}
		}
		slices.Reverse(g.edges)
		require.Equal(t, at, g.positions())
	})
}

// graphOf is a graph of 16 nodes: of each byte, one half calls the other.
func graphOf(pairs []byte, groups uint8) graph {
	g := graph{}
	for i := range 16 {
		g.nodes = append(g.nodes, layout.Node{ID: string(rune('a' + i)), Group: string(rune('a' + i%(1+int(groups%16))))})
	}
	for _, p := range pairs {
		g.edges = append(g.edges, layout.Edge{From: int(p >> 4), To: int(p & 15)})
	}
	return g
}

// reach tells who calls whom, also through others.
type reach [][]bool

func (g *graph) closure() reach {
	r := make(reach, len(g.nodes))
	out := make([][]int, len(g.nodes))
	for _, e := range g.edges {
		out[e.From] = append(out[e.From], e.To)
	}
	for v := range r {
		r[v] = make([]bool, len(g.nodes))
		for next := []int{v}; len(next) > 0; next = next[1:] {
			for _, w := range out[next[0]] {
				if !r[v][w] {
					r[v][w] = true
					next = append(next, w)
				}
			}
		}
	}
	return r
}

// parts tell which nodes hang together.
func (g *graph) parts() []int {
	part := make([]int, len(g.nodes))
	for v := range part {
		part[v] = v
	}
	for range g.nodes {
		for _, e := range g.edges {
			least := min(part[e.From], part[e.To])
			part[e.From], part[e.To] = least, least
		}
	}
	return part
}

// joined tells that two are called by, or call, the same: enough to be in the
// same part.
func (r reach) joined(a, b int) bool {
	for v := range r {
		if (r[v][a] || v == a) && (r[v][b] || v == b) || (r[a][v] || v == a) && (r[b][v] || v == b) {
			return true
		}
	}
	return false
}

// measuredGraphs are those that drawing is measured with.
func measuredGraphs(b *testing.B) []graph {
	b.Helper()
	return []graph{randomMesh(200, 600, 1), randomMesh(80, 110, 1), demoGraph(b, "demo", 0, 0, "")}
}

func BenchmarkLayered(b *testing.B) {
	for _, g := range measuredGraphs(b) {
		b.Run(g.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				g.positions()
			}
		})
	}
}
