package truth_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/meshscope/meshscope/exporter/topology"
)

// T6: health is judged on the whole picture. So a node has all of its calls,
// from any namespace, whichever of them is looked at: here carts answers its
// own namespace well, and fails all callers of another.
func TestT6ANodeHasCallsFromAnyNamespace(t *testing.T) {
	var m mesh
	for _, reporter := range []string{"source", "destination"} {
		m.requests(reporter, call("shop/web", "shop/carts"), 6)
		m.requests(reporter, call("batch/report", "shop/carts").ended("500", "-"), 4)
	}
	for _, namespaces := range [][]string{nil, {"shop"}, {"batch"}, {"shop", "batch"}} {
		in := nodeOf(t, m.graph(t, view{namespaces: namespaces}), "shop/carts").In[topology.HTTP]
		require.InDelta(t, 10, rate(in.Total()), tolerance, "%v", namespaces)
		require.InDelta(t, 0.4, errorRatio(topology.HTTP, in), tolerance, "%v", namespaces)
	}
}

// T6: a workload is known by cluster, namespace and name. Of two that are
// called web, neither has the other's calls.
func TestT6NamesakesAreApart(t *testing.T) {
	var m mesh
	for _, reporter := range []string{"source", "destination"} {
		m.requests(reporter, call("a/web", "b/web"), 5)
		m.requests(reporter, call("b/web", "a/db").with("source_cluster", "east", "destination_cluster", "east"), 7)
	}
	g := m.graph(t, view{})
	require.Len(t, g.Nodes, 4)
	require.Nil(t, nodeOf(t, g, "a/web").In)
	require.Nil(t, nodeOf(t, g, "b/web").Out)
	require.InDelta(t, 5, rate(nodeOf(t, g, "b/web").In[topology.HTTP].Total()), tolerance)
	require.InDelta(t, 7, rate(nodeOf(t, g, "b/web in east").Out[topology.HTTP].Total()), tolerance)
	require.Nil(t, nodeOf(t, g, "b/web in east").In)
}
