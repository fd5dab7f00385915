package topology_test

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/meshscope/meshscope/exporter/topology"
)

// T4: equal data give byte-equal output. In which order reports come in is not
// data: not for one graph, and not for a memory of many intervals.
func TestT4OrderOfReportsChangesNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		intervals := rapid.SliceOfN(distinctReports(home, "east", ""), 1, 3).Draw(t, "intervals")
		o := rapid.SampledFrom([]topology.DedupOptions{{}, {Settle: 20 * time.Second, Forget: time.Hour, MaxPairs: 15}}).Draw(t, "options")
		a, b, c := topology.NewDedup(o), topology.NewDedup(o), newClock()
		for _, all := range intervals {
			iv := c.tick()
			shuffled := rapid.Permutation(all).Draw(t, "shuffled")
			one, two := a.Resolve(iv, reports(all...)), b.Resolve(iv, reports(shuffled...))
			require.Equal(t, dumpFlows(one.Flows), dumpFlows(two.Flows))
			require.Equal(t, one.Folded, two.Folded)
			require.Equal(t, one.Waiting, two.Waiting)
			require.Equal(t, one.Refused, two.Refused)
		}
	})
}

// T4: several reports that become one are added in one order.
func TestT4OrderOfCompletedReportsChangesNothing(t *testing.T) {
	known := pageToReviews
	known.Destination.Cluster = "east"
	unknown, assumed := known, known
	unknown.Destination.Cluster = ""
	assumed.Destination.Cluster = home
	nameless := known
	nameless.Source.CanonicalService = ""
	all := []said{
		{by: topology.BySource, key: known, traffic: requests(0.1, ok), samples: 1},
		{by: topology.BySource, key: unknown, traffic: requests(0.2, ok), samples: 1},
		{by: topology.BySource, key: assumed, assumed: true, traffic: requests(0.3, ok), samples: 1},
		{by: topology.BySource, key: nameless, traffic: requests(0.4, ok), samples: 1},
	}
	want := dumpFlows(resolveOnce(reports(all...)).Flows)
	rapid.Check(t, func(t *rapid.T) {
		shuffled := rapid.Permutation(all).Draw(t, "shuffled")
		require.Equal(t, want, dumpFlows(resolveOnce(reports(shuffled...)).Flows))
	})
}

// T4: nor is the order of flows.
func TestT4OrderOfFlowsChangesNothing(t *testing.T) {
	iv := newClock().tick()
	rapid.Check(t, func(t *rapid.T) {
		flows := flowsOf(home, "east", "").Draw(t, "flows")
		shuffled := rapid.Permutation(flows).Draw(t, "shuffled")
		o := options().Draw(t, "options")
		require.Equal(t, dumpGraph(topology.Build(iv, flows, o)), dumpGraph(topology.Build(iv, shuffled, o)))
	})
}

// T4: selection does not change truth. What a selection, a focus or a limit
// shows has the numbers that it has in the whole, and all nodes that it takes.
func TestT4PartsKeepNumbers(t *testing.T) {
	iv := newClock().tick()
	for name, part := range map[string]func(*rapid.T, *topology.Graph) *topology.Graph{
		"selection": func(t *rapid.T, g *topology.Graph) *topology.Graph {
			return g.Select(topology.Selection{
				Namespaces: rapid.SliceOf(oneOf("bookinfo", "sh*", topology.Unknown)).Draw(t, "namespaces"),
				Clusters:   rapid.SliceOf(oneOf(home, "e??t", topology.Unknown)).Draw(t, "clusters"),
			})
		},
		"focus": func(t *rapid.T, g *topology.Graph) *topology.Graph { return g.Focus(focuses().Draw(t, "focus")) },
		"limit": func(t *rapid.T, g *topology.Graph) *topology.Graph {
			n := rapid.IntRange(0, 8).Draw(t, "limit")
			part, rest := g.Limit(n)
			require.Len(t, part.Nodes, min(n, len(g.Nodes)))
			require.Equal(t, topology.Rest{Nodes: len(g.Nodes) - len(part.Nodes), Edges: len(g.Edges) - len(part.Edges)}, rest)
			return part
		},
	} {
		t.Run(name, func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				whole := topology.Build(iv, flowsOf(home, "east", "").Draw(t, "flows"), options().Draw(t, "options"))
				before := dumpGraph(whole)
				part := part(t, whole)
				require.Equal(t, before, dumpGraph(whole))
				require.Equal(t, whole.Level, part.Level)
				require.Equal(t, whole.Interval, part.Interval)
				requireInOrder(t, whole.Edges, part.Edges)
				requireInOrder(t, whole.Nodes, part.Nodes)
				for _, e := range part.Edges {
					require.Contains(t, part.Nodes, e.Source)
					require.Contains(t, part.Nodes, e.Target)
				}
			})
		})
	}
}

// requireInOrder requires that all of part are of whole, in its order.
func requireInOrder[T comparable](t require.TestingT, whole, part []T) {
	for _, x := range part {
		i := slices.Index(whole, x)
		require.GreaterOrEqual(t, i, 0)
		whole = whole[i+1:]
	}
}
