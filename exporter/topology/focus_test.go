package topology_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/meshscope/meshscope/exporter/topology"
)

func focuses() *rapid.Generator[topology.Focus] {
	return rapid.Custom(func(t *rapid.T) topology.Focus {
		return topology.Focus{
			Kind: rapid.SampledFrom([]topology.Kind{
				"", topology.KindWorkload, topology.KindApp, topology.KindService, topology.KindOperation,
				topology.KindNamespace, topology.KindCluster, topology.KindUnknown,
			}).Draw(t, "kind"),
			Cluster:   oneOf("", home, "e*").Draw(t, "cluster"),
			Namespace: oneOf("", "bookinfo", "shop", topology.Unknown).Draw(t, "namespace"),
			Name:      oneOf("", "a", "?", "app").Draw(t, "name"),
			Version:   oneOf("", "v1").Draw(t, "version"),
			Depth:     rapid.IntRange(0, 4).Draw(t, "depth"),
			Direction: rapid.SampledFrom([]topology.Direction{"", topology.Both, topology.In, topology.Out}).Draw(t, "direction"),
		}
	})
}

// call is an edge's key in a few words: workloads in a namespace of their own
// are "ns/name", else they are of bookinfo; their app is what is before a "-".
func call(source, destination, service string) topology.EdgeKey {
	named := func(name string) topology.Peer {
		p := topology.Peer{Cluster: home, Namespace: "bookinfo", Workload: name}
		if namespace, workload, ok := strings.Cut(name, "/"); ok {
			p.Namespace, p.Workload = namespace, workload
		}
		p.CanonicalService, p.CanonicalRevision, _ = strings.Cut(p.Workload, "-")
		return p
	}
	key := topology.EdgeKey{Source: named(source), Destination: topology.Peer{Cluster: home}}
	if destination != "" {
		key.Destination = named(destination)
	}
	if service != "" {
		key.Service = topology.Service{Name: service, Namespace: "bookinfo", Host: service + ".bookinfo.svc.cluster.local"}
	}
	return key
}

func calls(keys ...topology.EdgeKey) []topology.Flow {
	flows := make([]topology.Flow, len(keys))
	for i, key := range keys {
		flows[i] = flow(key, topology.HTTP, topology.BySource, requests(1, ok))
	}
	return flows
}

// drawn are a graph's edges as "a > b", services in parentheses.
func drawn(g *topology.Graph) []string {
	name := func(n *topology.Node) string {
		switch n.Kind {
		case topology.KindService:
			return "(" + n.Name + ")"
		case topology.KindOperation:
			return "[" + n.Name + "]"
		}
		return n.Name
	}
	edges := make([]string, len(g.Edges))
	for i, e := range g.Edges {
		edges[i] = name(e.Source) + " > " + name(e.Target)
	}
	slices.Sort(edges)
	return edges
}

func TestFocus(t *testing.T) {
	flows := calls(
		call("gateway", "page-v1", "page"),
		call("page-v1", "reviews-v1", "reviews"),
		call("page-v1", "reviews-v2", "reviews"),
		call("page-v1", "details-v1", "details"),
		call("batch", "reviews-v2", "reviews"),
		call("batch", "", "reviews"), // failed on the way
		call("reviews-v1", "ratings-v1", "ratings"),
		call("reviews-v2", "ratings-v1", "ratings"),
		call("ratings-v1", "shop/db-v1", "db"),
		call("reviews-v2", "reviews-v2", "reviews"),
		call("ratings-v1", "page-v1", "page"), // a circle
	)
	workload := func(name string) topology.Focus { return topology.Focus{Kind: topology.KindWorkload, Name: name} }
	for _, tc := range []struct {
		name  string
		build topology.BuildOptions
		focus topology.Focus
		want  []string
	}{
		{
			"one node, and not the calls between its neighbours",
			topology.BuildOptions{},
			workload("reviews-v2"),
			[]string{"batch > reviews-v2", "page-v1 > reviews-v2", "reviews-v2 > ratings-v1", "reviews-v2 > reviews-v2"},
		},
		{
			"callers",
			topology.BuildOptions{},
			topology.Focus{Name: "reviews-v1", Direction: topology.In},
			[]string{"page-v1 > reviews-v1"},
		},
		{
			"callers of callers",
			topology.BuildOptions{},
			topology.Focus{Name: "reviews-v1", Direction: topology.In, Depth: 2},
			[]string{"gateway > page-v1", "page-v1 > reviews-v1", "ratings-v1 > page-v1"},
		},
		{
			"callers, however far",
			topology.BuildOptions{},
			topology.Focus{Name: "details*", Direction: topology.In, Depth: 3},
			[]string{"gateway > page-v1", "page-v1 > details-v1", "ratings-v1 > page-v1", "reviews-v1 > ratings-v1", "reviews-v2 > ratings-v1"},
		},
		{
			"services on the way do not count",
			topology.BuildOptions{ServiceNodes: true},
			workload("reviews-v1"),
			[]string{"(ratings) > ratings-v1", "(reviews) > reviews-v1", "batch > (reviews)", "page-v1 > (reviews)", "reviews-v1 > (ratings)", "reviews-v2 > (reviews)"},
		},
		{
			"a service that is shown",
			topology.BuildOptions{ServiceNodes: true},
			topology.Focus{Kind: topology.KindService, Name: "reviews"},
			[]string{"(reviews) > reviews-v1", "(reviews) > reviews-v2", "batch > (reviews)", "page-v1 > (reviews)", "reviews-v2 > (reviews)"},
		},
		{
			"a service that is shown for what failed alone",
			topology.BuildOptions{},
			topology.Focus{Kind: topology.KindService, Name: "reviews"},
			[]string{"batch > (reviews)", "batch > reviews-v2", "page-v1 > reviews-v1", "page-v1 > reviews-v2", "reviews-v2 > reviews-v2"},
		},
		{
			"a service that is not shown, and one call further",
			topology.BuildOptions{},
			topology.Focus{Kind: topology.KindService, Name: "ratings", Direction: topology.Out, Depth: 2},
			[]string{"ratings-v1 > db-v1", "ratings-v1 > page-v1", "reviews-v1 > ratings-v1", "reviews-v2 > ratings-v1"},
		},
		{
			"a service among services",
			topology.BuildOptions{Level: topology.ByService},
			topology.Focus{Kind: topology.KindService, Name: "ratings"},
			[]string{"(ratings) > (db)", "(ratings) > (page)", "(reviews) > (ratings)"},
		},
		{
			"an app",
			topology.BuildOptions{Level: topology.ByApp},
			topology.Focus{Kind: topology.KindApp, Namespace: "shop"},
			[]string{"ratings > db"},
		},
		{
			"an app of workloads",
			topology.BuildOptions{},
			topology.Focus{Kind: topology.KindApp, Name: "reviews", Direction: topology.Out},
			[]string{"reviews-v1 > ratings-v1", "reviews-v2 > ratings-v1", "reviews-v2 > reviews-v2"},
		},
		{
			"a version",
			topology.BuildOptions{Level: topology.ByVersionedApp},
			topology.Focus{Kind: topology.KindApp, Name: "reviews", Version: "v1"},
			[]string{"page > reviews", "reviews > ratings"},
		},
		{
			"a workload of versions",
			topology.BuildOptions{Level: topology.ByVersionedApp},
			workload("ratings-v1"),
			[]string{"ratings > db", "ratings > page", "reviews > ratings", "reviews > ratings"},
		},
		{
			"a namespace",
			topology.BuildOptions{Level: topology.ByNamespace},
			topology.Focus{Kind: topology.KindNamespace, Name: "shop"},
			[]string{"bookinfo > shop"},
		},
		{"nothing", topology.BuildOptions{}, topology.Focus{Kind: topology.KindWorkload, Name: "reviews"}, []string{}},
		{"another cluster", topology.BuildOptions{}, topology.Focus{Name: "reviews-v1", Cluster: "east"}, []string{}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			require.Equal(t, tc.want, drawn(topology.Build(newClock().tick(), flows, tc.build).Focus(tc.focus)))
		})
	}
}

func TestFocusOnOperation(t *testing.T) {
	classified := requests(3, ok)
	classified.AddOperation("list", ok, 2)
	classified.AddOperation("get", ok, 1)
	g := topology.Build(newClock().tick(), append(calls(call("gateway", "page-v1", "page")),
		flow(call("page-v1", "reviews-v1", "reviews"), topology.HTTP, topology.BySource, classified)),
		topology.BuildOptions{ServiceNodes: true, Operations: true})
	require.Equal(t, []string{"(reviews) > reviews-v1", "[list] > (reviews)", "page-v1 > [list]"},
		drawn(g.Focus(topology.Focus{Kind: topology.KindOperation, Name: "list"})))
	require.Equal(t, []string{"(reviews) > reviews-v1", "[get] > (reviews)", "[list] > (reviews)", "page-v1 > [get]", "page-v1 > [list]"},
		drawn(g.Focus(topology.Focus{Kind: topology.KindWorkload, Name: "reviews-v1"})), "what stands between does not count")
}

// A node without calls is not lost with them.
func TestFocusKeepsWhatItNames(t *testing.T) {
	g := topology.Build(newClock().tick(), calls(call("gateway", "page-v1", "page")), topology.BuildOptions{})
	part := g.Focus(topology.Focus{Name: "gateway", Direction: topology.In})
	require.Empty(t, part.Edges)
	require.Len(t, part.Nodes, 1)
}

func TestFocusOnAllIsAll(t *testing.T) {
	iv := newClock().tick()
	rapid.Check(t, func(t *rapid.T) {
		g := topology.Build(iv, flowsOf(home, "east", "").Draw(t, "flows"), options().Draw(t, "options"))
		require.Equal(t, dumpGraph(g), dumpGraph(g.Focus(topology.Focus{})))
	})
}

// Who looks further sees no less; and what is called from the focus calls it
// from there.
func TestFocusGrowsWithDepth(t *testing.T) {
	iv := newClock().tick()
	rapid.Check(t, func(t *rapid.T) {
		g := topology.Build(iv, flowsOf(home, "east", "").Draw(t, "flows"), options().Draw(t, "options"))
		f := focuses().Draw(t, "focus")
		nearer := g.Focus(f)
		f.Depth = max(f.Depth, 1) + 1
		further := g.Focus(f)
		requireInOrder(t, further.Edges, nearer.Edges)
		requireInOrder(t, further.Nodes, nearer.Nodes)
		f.Direction = topology.Both
		requireInOrder(t, g.Focus(f).Edges, further.Edges)
	})
}

func TestParseDirection(t *testing.T) {
	for _, d := range []topology.Direction{topology.Both, topology.In, topology.Out} {
		got, err := topology.ParseDirection(string(d))
		require.NoError(t, err)
		require.Equal(t, d, got)
	}
	_, err := topology.ParseDirection("upstream")
	require.EqualError(t, err, `unknown direction "upstream", want one of both, in, out`)
}
