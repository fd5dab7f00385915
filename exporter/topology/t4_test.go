package topology_test

import (
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
		level := rapid.SampledFrom(topology.Levels).Draw(t, "level")
		idle := rapid.Bool().Draw(t, "idle")
		require.Equal(t, dumpGraph(topology.Build(iv, flows, level, idle)), dumpGraph(topology.Build(iv, shuffled, level, idle)))
	})
}

// T4: selection does not change truth. What a selection shows has the numbers
// that it has in the whole.
func TestT4SelectKeepsNumbers(t *testing.T) {
	iv := newClock().tick()
	rapid.Check(t, func(t *rapid.T) {
		flows := flowsOf(home, "east", "").Draw(t, "flows")
		level := rapid.SampledFrom(topology.Levels).Draw(t, "level")
		whole := topology.Build(iv, flows, level, true)
		before := dumpGraph(whole)
		part := whole.Select(topology.Selection{
			Namespaces: rapid.SliceOf(oneOf("bookinfo", "sh*", topology.Unknown)).Draw(t, "namespaces"),
			Clusters:   rapid.SliceOf(oneOf(home, "e??t", topology.Unknown)).Draw(t, "clusters"),
		})
		require.Equal(t, before, dumpGraph(whole))
		require.Subset(t, whole.Edges, part.Edges)
		require.Subset(t, whole.Nodes, part.Nodes)
		for _, e := range part.Edges {
			require.Contains(t, part.Nodes, e.Source)
			require.Contains(t, part.Nodes, e.Target)
		}
	})
}
