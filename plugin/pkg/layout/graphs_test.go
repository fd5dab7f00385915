package layout_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/meshscope/meshscope/exporter/demo/mesh"
	"github.com/meshscope/meshscope/plugin/pkg/derived/derivedtest"
	"github.com/meshscope/meshscope/plugin/pkg/layout"
)

// graph is a graph to lay out, with a name to tell it by.
type graph struct {
	name  string
	nodes []layout.Node
	edges []layout.Edge
}

func (g *graph) positions() []layout.Point { return layout.Layered(g.nodes, g.edges) }

// builder makes a graph of nodes that are told by their names.
type builder struct {
	graph
	index map[layout.Node]int
	made  map[layout.Edge]bool
}

func newBuilder(name string) *builder {
	return &builder{graph: graph{name: name}, index: map[layout.Node]int{}, made: map[layout.Edge]bool{}}
}

func (b *builder) node(group, name string) int {
	n := layout.Node{ID: group + "/" + name, Group: group}
	i, ok := b.index[n]
	if !ok {
		i = len(b.nodes)
		b.index[n] = i
		b.nodes = append(b.nodes, n)
	}
	return i
}

func (b *builder) edge(from, to int) {
	e := layout.Edge{From: from, To: to}
	if from != to && !b.made[e] {
		b.made[e] = true
		b.edges = append(b.edges, e)
	}
}

// demoGraphs are the graphs of workloads of the demo: each application with
// who calls it, and all together.
func demoGraphs(t testing.TB) []graph {
	t.Helper()
	graphs := []graph{
		demoGraph(t, "bookinfo", 0, 0, "bookinfo"),
		demoGraph(t, "online-boutique", 0, 0, "online-boutique"),
		demoGraph(t, "sock-shop", 0, 0, "sock-shop"),
		demoGraph(t, "demo", 0, 0, ""),
	}
	for _, size := range [][2]int{{2, 8}, {4, 10}, {10, 12}, {8, 20}} {
		graphs = append(graphs, demoGraph(t, fmt.Sprintf("demo-%dx%d", size[0], size[1]), size[0], size[1], ""))
	}
	return graphs
}

func demoGraph(t testing.TB, name string, namespaces, workloads int, only string) graph {
	t.Helper()
	const unknown = "unknown"
	start := time.Date(2026, time.March, 1, 12, 0, 0, 0, time.UTC)
	m, err := mesh.New(mesh.Config{Seed: 3, Start: start, Namespaces: namespaces, Workloads: workloads})
	require.NoError(t, err)
	m.Advance(start.Add(5 * time.Minute))
	b := newBuilder(name)
	for _, e := range m.Edges() {
		switch {
		case e.Waypoint, e.DestinationWorkload == unknown && e.DestinationService == unknown:
			continue
		case only != "" && e.SourceNamespace != only && e.DestinationNamespace != only:
			continue
		}
		from := b.node(e.SourceNamespace, e.SourceWorkload)
		to := b.node(e.DestinationNamespace, e.DestinationWorkload)
		if e.DestinationWorkload == unknown {
			to = b.node(e.DestinationServiceNamespace, e.DestinationServiceName)
		}
		b.edge(from, to)
	}
	return b.graph
}

// derivedGraph is the mesh that the data source is measured with.
func derivedGraph(edges int) graph {
	b := newBuilder(fmt.Sprintf("derived-%d", edges))
	for _, f := range derivedtest.Mesh(edges) {
		from, to := f.Key.Source, f.Key.Destination
		b.edge(b.node(from.Namespace, from.Workload), b.node(to.Namespace, to.Workload))
	}
	return b.graph
}

// randomMesh is a graph as meshes are: namespaces with an entry each, behind it
// services that call services, at the ends databases; a gateway before, some
// calls across, and a few that go back.
func randomMesh(nodes, edges int, seed uint64) graph {
	rng := rand.New(rand.NewPCG(seed, 7))
	b := newBuilder(fmt.Sprintf("random-%d-%d-%d", nodes, edges, seed))
	gateway := b.node("istio-system", "gateway")
	teams := 1 + nodes/15
	members := make([][]int, teams)
	for i := 1; i < nodes; i++ {
		team := (i - 1) % teams
		namespace := fmt.Sprintf("team-%c", 'a'+team)
		n := b.node(namespace, fmt.Sprintf("%s-%03d", words[rng.IntN(len(words))], rng.IntN(1000)))
		if n != len(b.nodes)-1 {
			n = b.node(namespace, fmt.Sprintf("service-%03d", i))
		}
		if before := members[team]; len(before) == 0 {
			b.edge(gateway, n)
		} else {
			b.edge(before[rng.IntN(1+len(before)*2/3)], n)
		}
		members[team] = append(members[team], n)
	}
	for tries := 0; len(b.edges) < edges && tries < 50*edges; tries++ {
		team := members[rng.IntN(teams)]
		to := team
		if rng.Float64() < 0.12 {
			to = members[rng.IntN(teams)]
		}
		// The last third are databases, and call nobody.
		i, j := rng.IntN(1+len(team)*2/3), rng.IntN(len(to))
		if j < i && rng.Float64() > 0.03 {
			continue
		}
		b.edge(team[i], to[j])
	}
	return b.graph
}

var words = []string{
	"cart", "order", "user", "billing", "search", "mail", "stock", "price", "login", "report", "image", "review", "route", "audit",
}

// meshes are the graphs that layouts are compared on.
func meshes(t testing.TB) []graph {
	t.Helper()
	graphs := append(demoGraphs(t), derivedGraph(100), derivedGraph(300), derivedGraph(600))
	for _, size := range [][2]int{{20, 26}, {20, 40}, {40, 55}, {40, 80}, {80, 110}, {80, 160}, {120, 170}, {120, 300}, {200, 280}, {200, 600}} {
		for seed := range uint64(3) {
			graphs = append(graphs, randomMesh(size[0], size[1], seed+1))
		}
	}
	return graphs
}
