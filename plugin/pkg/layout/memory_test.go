package layout_test

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/meshscope/meshscope/plugin/pkg/layout"
)

// A first picture is drawn as without a memory, and equal graphs are drawn alike
// from then on, in whichever order they are given.
func TestMemoryOfTheSame(t *testing.T) {
	for _, g := range meshes(t) {
		at, memory := layout.Memory{}.Layered(g.nodes, g.edges)
		require.Equal(t, g.positions(), at, g.name)
		again, _ := memory.Layered(g.nodes, g.edges)
		require.Equal(t, at, again, g.name)
		turned, n := graph{nodes: slices.Clone(g.nodes)}, len(g.nodes)
		slices.Reverse(turned.nodes)
		for _, e := range g.edges {
			turned.edges = append(turned.edges, layout.Edge{From: n - 1 - e.From, To: n - 1 - e.To})
		}
		again, _ = memory.Layered(turned.nodes, turned.edges)
		slices.Reverse(again)
		require.Equal(t, at, again, g.name)
	}
}

// Who goes and comes back is where it was, and so are all others meanwhile.
func TestReturn(t *testing.T) {
	for _, g := range meshes(t) {
		if len(g.nodes) > 130 {
			continue
		}
		at, memory := layout.Memory{}.Layered(g.nodes, g.edges)
		without, touched, ok := removeEnd(&g, nil, rand.New(rand.NewPCG(8, 8)))
		if !ok {
			continue
		}
		gone := touched[0] // without its edge, and so without a reason to be shown
		without.nodes = slices.Delete(slices.Clone(without.nodes), gone, gone+1)
		for i, e := range without.edges {
			without.edges[i] = layout.Edge{From: shifted(e.From, gone), To: shifted(e.To, gone)}
		}
		var meanwhile []layout.Point
		for range 3 {
			_, memory = memory.Layered(nil, nil) // as when nothing is known of a range
			meanwhile, memory = memory.Layered(without.nodes, without.edges)
		}
		assert.Equal(t, slices.Delete(slices.Clone(at), gone, gone+1), meanwhile, g.name)
		back, _ := memory.Layered(g.nodes, g.edges)
		assert.Equal(t, at, back, g.name)
	}
}

func shifted(i, gone int) int {
	if i > gone {
		return i - 1
	}
	return i
}

// requireSound checks what holds of all pictures.
func requireSound(t *testing.T, g graph, at []layout.Point) {
	t.Helper()
	requireApart(t, g.name, at)
	requireCallersLeft(t, g, at)
	requireGroups(t, g, at)
}

// moves is how many nodes are elsewhere.
func moves(before, after []layout.Point) (n int) {
	for i, p := range before {
		if p != after[i] {
			n++
		}
	}
	return n
}

// A call from one part of the graph to another, such as a new dependency between
// applications, makes one part of them. Anew, that is drawn as another picture.
func TestJoined(t *testing.T) {
	moved, nodes := 0, 0
	for _, g := range []graph{demoGraph(t, "demo", 0, 0, ""), demoGraph(t, "demo-2x8", 2, 8, ""), demoGraph(t, "demo-4x10", 4, 10, "")} {
		rng, part := rand.New(rand.NewPCG(6, 6)), g.parts()
		at, memory := layout.Memory{}.Layered(g.nodes, g.edges)
		for range 40 {
			a, b := rng.IntN(len(g.nodes)), rng.IntN(len(g.nodes))
			if part[a] == part[b] {
				continue
			}
			changed := g.with(nil, layout.Edge{From: a, To: b})
			after, _ := memory.Layered(changed.nodes, changed.edges)
			requireSound(t, changed, after)
			moved += moves(at, after)
			nodes += len(at)
		}
	}
	t.Logf("%.1f %% of %d nodes moved", 100*float64(moved)/float64(nodes), nodes)
	assert.LessOrEqual(t, 100*moved, 15*nodes)
}

// A long time after a mesh was first drawn, and many changes later, its picture
// is as good as one that is drawn anew, within bounds, and few have moved.
func TestManyChanges(t *testing.T) {
	changes := []change{addCallee, addCaller, removeEnd, addCalleeOfTwo, addEdge, removeEdge}
	crossed, anew, moved, nodes := 0, 0, 0, 0
	for _, g := range []graph{
		demoGraph(t, "bookinfo", 0, 0, "bookinfo"), demoGraph(t, "demo", 0, 0, ""), demoGraph(t, "demo-4x10", 4, 10, ""),
		randomMesh(40, 55, 1), randomMesh(80, 110, 2), randomMesh(80, 160, 3),
	} {
		rng := rand.New(rand.NewPCG(1, 2))
		at, memory := layout.Memory{}.Layered(g.nodes, g.edges)
		for i := range 40 {
			changed, _, ok := changes[rng.IntN(len(changes))](&g, at, rng)
			if !ok {
				continue
			}
			after, next := memory.Layered(changed.nodes, changed.edges)
			requireSound(t, changed, after)
			moved += moves(at, after)
			nodes += len(at)
			fresh := changed.positions()
			was, is := crossings(changed.edges, fresh)+2*through(changed.edges, fresh), crossings(changed.edges, after)+2*through(changed.edges, after)
			assert.LessOrEqual(t, is, was*4/3+12, "%s, change %d: crossings and nodes before edges", g.name, i)
			crossed += is
			anew += was
			g, at, memory = changed, after, next
		}
	}
	t.Logf("%.2f %% of nodes moved in a change; edges cross and are hidden %.2f times as often as in pictures drawn anew",
		100*float64(moved)/float64(nodes), float64(crossed)/float64(anew))
	assert.LessOrEqual(t, 100*float64(moved), 5*float64(nodes))
	assert.LessOrEqual(t, float64(crossed), 1.15*float64(anew))
}

// Where little of a graph was there before, it is drawn anew.
func TestOtherGraph(t *testing.T) {
	was, is := randomMesh(40, 55, 1), randomMesh(80, 110, 2)
	_, memory := layout.Memory{}.Layered(was.nodes, was.edges)
	at, _ := memory.Layered(is.nodes, is.edges)
	assert.Equal(t, is.positions(), at)
	at, _ = memory.Layered(nil, nil)
	assert.Empty(t, at)
}

// FuzzMemory draws one graph after another: the edges of each are those of the
// one before but for some.
func FuzzMemory(f *testing.F) {
	f.Add([]byte{0x01, 0x12, 0x23, 0x34, 0x45}, []byte{0x46}, uint8(3))
	f.Add([]byte{0x01, 0x12, 0x23, 0x45, 0x56, 0x67}, []byte{0x36, 0x12, 0x89}, uint8(1))
	f.Add([]byte{0x01, 0x02, 0x03, 0x04, 0x15, 0x26}, []byte{0x61, 0x50}, uint8(2))
	f.Fuzz(func(t *testing.T, pairs, changes []byte, groups uint8) {
		memory := layout.Memory{}
		for i := range len(changes) + 1 {
			g := graphOf(pairs, groups)
			var at []layout.Point
			at, memory = memory.Layered(g.nodes, g.edges)
			requireSound(t, g, at)
			again, _ := memory.Layered(g.nodes, g.edges)
			require.Equal(t, at, again)
			if i < len(changes) {
				if at := slices.Index(pairs, changes[i]); at >= 0 {
					pairs = slices.Delete(slices.Clone(pairs), at, at+1)
				} else {
					pairs = append(slices.Clone(pairs), changes[i])
				}
			}
		}
	})
}

// BenchmarkMemory draws a graph again in which a node is new.
func BenchmarkMemory(b *testing.B) {
	for _, g := range measuredGraphs(b) {
		b.Run(g.name, func(b *testing.B) {
			_, memory := layout.Memory{}.Layered(g.nodes, g.edges)
			changed, _, _ := addCallee(&g, nil, rand.New(rand.NewPCG(1, 1)))
			b.ReportAllocs()
			for b.Loop() {
				memory.Layered(changed.nodes, changed.edges)
			}
		})
	}
}
