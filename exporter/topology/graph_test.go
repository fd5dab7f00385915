package topology_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/meshscope/meshscope/exporter/topology"
)

func flow(key topology.EdgeKey, p topology.Protocol, by topology.Reporter, t topology.Traffic) topology.Flow {
	return topology.Flow{Key: key, Protocol: p, Reporter: by, Traffic: &t}
}

func TestBuild(t *testing.T) {
	byAlias := pageToReviews
	byAlias.Service = service("alias")
	iv := newClock().tick()
	g := topology.Build(iv, []topology.Flow{
		flow(reviewsToRatings, topology.GRPC, topology.BySource, requests(1, ok)),
		flow(byAlias, topology.HTTP, topology.ByDestination, requests(2, ok)),
		flow(pageToReviews, topology.HTTP, topology.BySource, requests(4, ok)),
		flow(strangerToPage, topology.HTTP, topology.ByDestination, requests(8, ok)),
		flow(pageToReviews, topology.TCP, topology.BySource, connections(16)),
	}, topology.BuildOptions{})

	require.Equal(t, iv, g.Interval)
	var nodes []string
	for _, n := range g.Nodes {
		nodes = append(nodes, n.ID())
	}
	require.Equal(t, []string{
		"unknown/Kubernetes/~/~",
		"workload/Kubernetes/bookinfo/productpage-v1",
		"workload/Kubernetes/bookinfo/ratings-v1",
		"workload/Kubernetes/bookinfo/reviews-v2",
	}, nodes)

	require.Len(t, g.Edges, 4)
	merged := g.Edges[1]
	require.Equal(t, "productpage-v1", merged.Source.Name)
	require.Equal(t, topology.HTTP, merged.Protocol)
	require.Equal(t, 6.0, merged.Traffic.Total())
	require.Equal(t, []topology.Service{service("alias"), service("reviews")}, merged.Services)
	require.Equal(t, []topology.Reporter{topology.BySource, topology.ByDestination}, merged.Reporters)

	page := g.Nodes[1]
	require.Equal(t, []string{"productpage-v1", "productpage", "v1", ""}, []string{page.Workload, page.App, page.Version, page.Service})
	require.Equal(t, 8.0, page.In[topology.HTTP].Total())
	require.Equal(t, 6.0, page.Out[topology.HTTP].Total())
	require.Equal(t, 16.0, page.Out[topology.TCP].Opened)
	require.Nil(t, page.In[topology.TCP])
}

func TestBuildLeavesFlowsAlone(t *testing.T) {
	first, second := requests(1, ok), requests(2, ok)
	flows := []topology.Flow{
		{Key: reviewsToRatings, Protocol: topology.HTTP, Traffic: &first},
		{Key: pageToReviews, Protocol: topology.HTTP, Traffic: &second},
	}
	before := dumpFlows(flows)
	for _, level := range topology.Levels {
		topology.Build(newClock().tick(), flows, topology.BuildOptions{Level: level, Idle: true})
	}
	require.Equal(t, before, dumpFlows(flows))
}

func TestIdleFlowsMakeEdgesOnlyWhenAskedFor(t *testing.T) {
	flows := []topology.Flow{
		flow(pageToReviews, topology.HTTP, topology.BySource, requests(0.0003, ok)),
		flow(reviewsToRatings, topology.HTTP, topology.BySource, requests(0, ok)),
	}
	iv := newClock().tick()
	require.Len(t, topology.Build(iv, flows, topology.BuildOptions{}).Edges, 1, "0.0003 calls are traffic (T5)")
	require.Len(t, topology.Build(iv, flows, topology.BuildOptions{Idle: true}).Edges, 2)
}

func TestAnEdgeToItselfIsInBothSums(t *testing.T) {
	self := topology.EdgeKey{Source: reviews, Destination: reviews, Service: service("reviews")}
	g := topology.Build(newClock().tick(), []topology.Flow{flow(self, topology.HTTP, topology.BySource, requests(5, ok))}, topology.BuildOptions{})
	require.Len(t, g.Nodes, 1)
	require.Equal(t, 5.0, g.Nodes[0].In[topology.HTTP].Total())
	require.Equal(t, 5.0, g.Nodes[0].Out[topology.HTTP].Total())
}

func TestSelect(t *testing.T) {
	shop := topology.Peer{Cluster: "east", Namespace: "shop", Workload: "cart"}
	crossing := topology.EdgeKey{Source: reviews, Destination: shop}
	inside := topology.EdgeKey{Source: shop, Destination: topology.Peer{Cluster: "east", Namespace: "shop", Workload: "db"}}
	flows := []topology.Flow{
		flow(pageToReviews, topology.HTTP, topology.BySource, requests(1, ok)),
		flow(crossing, topology.HTTP, topology.BySource, requests(2, ok)),
		flow(inside, topology.HTTP, topology.BySource, requests(4, ok)),
		flow(strangerToPage, topology.HTTP, topology.ByDestination, requests(8, ok)),
	}
	for _, tc := range []struct {
		name         string
		level        topology.Level
		selection    topology.Selection
		edges, nodes int
	}{
		{"all", topology.ByWorkload, topology.Selection{}, 4, 5},
		{"a namespace, with what crosses its border", topology.ByWorkload, topology.Selection{Namespaces: []string{"shop"}}, 2, 3},
		{"a glob", topology.ByWorkload, topology.Selection{Namespaces: []string{"b*"}}, 3, 4},
		{"several", topology.ByWorkload, topology.Selection{Namespaces: []string{"bookinfo", "shop"}}, 4, 5},
		{"a cluster", topology.ByWorkload, topology.Selection{Clusters: []string{"east"}}, 2, 3},
		{"both must hold of one end", topology.ByWorkload, topology.Selection{Namespaces: []string{"bookinfo"}, Clusters: []string{"east"}}, 0, 0},
		{"what is unknown", topology.ByWorkload, topology.Selection{Namespaces: []string{topology.Unknown}}, 1, 2},
		{"nothing", topology.ByWorkload, topology.Selection{Namespaces: []string{"kube-system"}}, 0, 0},
		{"a namespace of the namespace graph", topology.ByNamespace, topology.Selection{Namespaces: []string{"shop"}}, 2, 2},
		{"a cluster of the cluster graph", topology.ByCluster, topology.Selection{Clusters: []string{"east"}}, 2, 2},
		{"a namespace in the cluster graph", topology.ByCluster, topology.Selection{Namespaces: []string{"shop"}}, 2, 2},
	} {
		t.Run(tc.name, func(t *testing.T) {
			g := topology.Build(newClock().tick(), flows, topology.BuildOptions{Level: tc.level}).Select(tc.selection)
			require.Len(t, g.Edges, tc.edges)
			require.Len(t, g.Nodes, tc.nodes)
		})
	}
}
