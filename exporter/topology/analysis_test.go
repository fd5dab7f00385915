package topology_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/meshscope/meshscope/exporter/topology"
)

// nodeNamed is the one node of a graph with that ID.
func nodeNamed(t *testing.T, g *topology.Graph, id string) *topology.Node {
	t.Helper()
	for _, n := range g.Nodes {
		if n.ID() == id {
			return n
		}
	}
	require.Fail(t, "no node "+id)
	return nil
}

func TestAnalysis(t *testing.T) {
	nowhere := topology.EdgeKey{Source: productpage, Destination: topology.Peer{Cluster: home}}
	outside := func(name string) topology.EdgeKey {
		return topology.EdgeKey{Source: reviews, Destination: topology.Peer{Cluster: home}, Service: topology.Service{Name: name}}
	}
	shop := call("shop/cron", "reviews-v2", "reviews")
	g := topology.Build(newClock().tick(), calls(
		strangerToPage, pageToReviews, reviewsToRatings, shop, nowhere,
		outside("PassthroughCluster"), outside("BlackHoleCluster"), outside("httpbin.org"),
	), topology.BuildOptions{})
	inBookinfo := topology.Selection{Namespaces: []string{"book*"}}
	for _, tc := range []struct {
		id                          string
		root, outside, inaccessible bool
	}{
		{"unknown/Kubernetes/~/~", true, false, true},
		{"workload/Kubernetes/bookinfo/productpage-v1", false, false, false},
		{"workload/Kubernetes/bookinfo/ratings-v1", false, false, false},
		{"workload/Kubernetes/shop/cron", true, true, false},
		{"service/Kubernetes/~/~", false, false, true},
		{"service/Kubernetes/~/PassthroughCluster", false, false, true},
		{"service/Kubernetes/~/BlackHoleCluster", false, false, true},
		{"service/Kubernetes/~/httpbin.org", false, false, false},
	} {
		n := nodeNamed(t, g, tc.id)
		require.Equal(t, tc.root, n.Root(), "root: %s", tc.id)
		require.Equal(t, tc.outside, inBookinfo.Outside(n), "outside: %s", tc.id)
		require.Equal(t, tc.inaccessible, n.Inaccessible(), "inaccessible: %s", tc.id)
	}
	require.False(t, nodeNamed(t, g.Select(inBookinfo), "workload/Kubernetes/bookinfo/reviews-v2").Root())
	require.False(t, topology.Selection{}.Outside(nodeNamed(t, g, "workload/Kubernetes/shop/cron")))
	require.True(t, topology.Selection{Clusters: []string{"east"}}.Outside(nodeNamed(t, g, "service/Kubernetes/~/httpbin.org")))

	// What a part does not show is no reason to call a node a root (T4).
	part := g.Part(func(e *topology.Edge) bool { return e.Source.Name == "productpage-v1" })
	require.False(t, nodeNamed(t, part, "workload/Kubernetes/bookinfo/productpage-v1").Root())

	namespaces := topology.Build(newClock().tick(), calls(pageToReviews, shop), topology.BuildOptions{Level: topology.ByNamespace})
	require.True(t, inBookinfo.Outside(nodeNamed(t, namespaces, "namespace/Kubernetes/~/shop")))
	require.False(t, inBookinfo.Outside(nodeNamed(t, namespaces, "namespace/Kubernetes/~/bookinfo")))
}

func TestShare(t *testing.T) {
	bytes := func(there, back float64) topology.Traffic {
		return topology.Traffic{TCPRequestBytes: map[string]float64{"-": there}, TCPResponseBytes: map[string]float64{"-": back}}
	}
	shares := func(flows ...topology.Flow) map[string]float64 {
		by := map[string]float64{}
		for _, e := range topology.Build(newClock().tick(), flows, topology.BuildOptions{Idle: true}).Edges {
			if share, ok := e.Share(); ok {
				by[string(e.Protocol)+" "+e.Target.Name] = share
			}
		}
		return by
	}
	require.Equal(t, map[string]float64{"http a": 0.75, "http b": 0.25, "grpc a": 1, "tcp a": 0.5, "tcp b": 0.5}, shares(
		flow(call("x", "a", ""), topology.HTTP, topology.BySource, requests(3, ok)),
		flow(call("x", "b", ""), topology.HTTP, topology.BySource, requests(1, failed)),
		flow(call("x", "a", ""), topology.GRPC, topology.BySource, requests(7, ok)),
		flow(call("x", "a", ""), topology.TCP, topology.BySource, connections(2)),
		flow(call("x", "b", ""), topology.TCP, topology.BySource, connections(2)),
		flow(call("y", "a", ""), topology.GRPC, topology.BySource, requests(0, ok)),
	), "each protocol by itself, and nothing of nothing")
	require.Equal(t, map[string]float64{"tcp a": 0.4, "tcp b": 0.6}, shares(
		flow(call("x", "a", ""), topology.TCP, topology.BySource, bytes(3, 1)),
		flow(call("x", "b", ""), topology.TCP, topology.BySource, bytes(0, 6)),
	), "connections that stay are known by their bytes")
}
