package topology_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/meshscope/meshscope/exporter/topology"
)

func TestServiceNodes(t *testing.T) {
	passthrough := call("page-v1", "db-v1", "")
	passthrough.Service = topology.Service{Name: "PassthroughCluster"} // istio#35726
	flows := calls(
		call("page-v1", "reviews-v1", "reviews"),
		call("page-v1", "reviews-v2", "reviews"),
		call("page-v1", "", "reviews"),      // reached no workload
		call("page-v1", "reviews-v1", ""),   // called by its address
		call("page-v1", "waypoint", "shop"), // on its way to shop
		call("waypoint", "shop-v1", "shop"),
		passthrough,
	)
	isWaypoint := func(p topology.Peer) bool { return p.Workload == "waypoint" }
	for level, want := range map[topology.Level][]string{
		topology.ByWorkload: {
			"(reviews) > reviews-v1", "(reviews) > reviews-v2", "page-v1 > (reviews)",
			"page-v1 > db-v1", "page-v1 > reviews-v1", "page-v1 > waypoint", "waypoint > shop-v1",
		},
		topology.ByVersionedApp: {
			"(reviews) > reviews", "(reviews) > reviews", "page > (reviews)",
			"page > db", "page > reviews", "page > waypoint", "waypoint > shop",
		},
		topology.ByApp: {
			"(reviews) > reviews", "page > (reviews)", "page > db", "page > reviews", "page > waypoint", "waypoint > shop",
		},
		// Nobody calls page or db by a service. Who is called by one, and by its
		// address or through a waypoint too, is one node.
		topology.ByService: {
			"page-v1 > (reviews)", "page-v1 > db-v1", "page-v1 > waypoint", "waypoint > (shop)",
		},
		topology.ByNamespace: {"bookinfo > bookinfo"},
	} {
		t.Run(string(level), func(t *testing.T) {
			g := topology.Build(newClock().tick(), flows, topology.BuildOptions{Level: level, ServiceNodes: true, IsWaypoint: isWaypoint})
			require.Equal(t, want, drawn(g))
			for _, n := range g.Nodes {
				require.Equal(t, n.Name == "reviews" && n.Kind == topology.KindService, n.Injected, n.ID())
				require.Equal(t, n.Name == "waypoint", n.Waypoint, n.ID())
			}
		})
	}
	g := topology.Build(newClock().tick(), flows, topology.BuildOptions{ServiceNodes: true})
	reviews := nodeNamed(t, g, "service/Kubernetes/bookinfo/reviews")
	require.Equal(t, 3.0, reviews.In[topology.HTTP].Total(), "with the call that failed")
	require.Equal(t, 2.0, reviews.Out[topology.HTTP].Total())
	require.Equal(t, 6.0, nodeNamed(t, g, "workload/Kubernetes/bookinfo/page-v1").Out[topology.HTTP].Total(), "each call once")

	failedOnly := topology.Build(newClock().tick(), calls(call("page-v1", "", "reviews")), topology.BuildOptions{ServiceNodes: true})
	require.False(t, nodeNamed(t, failedOnly, "service/Kubernetes/bookinfo/reviews").Injected, "there is nothing behind it")
}

// A workload that is called by two services stands for one of them as a
// caller, where Kiali has its calls go out of both: each call once (T1, T3).
func TestServiceLevelCountsACallersCallsOnce(t *testing.T) {
	g := topology.Build(newClock().tick(), calls(
		call("gateway", "page-v1", "page"),
		call("gateway", "page-v1", "alias"),
		call("other", "page-v1", "page"),
		call("page-v1", "reviews-v1", "reviews"),
	), topology.BuildOptions{Level: topology.ByService})
	require.Equal(t, []string{"(page) > (reviews)", "gateway > (alias)", "gateway > (page)", "other > (page)"}, drawn(g))
	require.Equal(t, 1.0, nodeNamed(t, g, "service/Kubernetes/bookinfo/reviews").In[topology.HTTP].Total())
}

// What an edge is the sum of: to tell responses by the host that was called.
func TestEdgeFlows(t *testing.T) {
	flows := calls(call("gateway", "page-v1", "page"), call("gateway", "page-v1", "alias"), call("other", "page-v1", "page"))
	for _, tc := range []struct {
		build topology.BuildOptions
		want  map[string][]string
	}{
		{topology.BuildOptions{}, map[string][]string{"gateway > page-v1": {"alias", "page"}, "other > page-v1": {"page"}}},
		{topology.BuildOptions{ServiceNodes: true}, map[string][]string{
			"gateway > alias": {"alias"}, "gateway > page": {"page"}, "other > page": {"page"},
			"alias > page-v1": {"alias"}, "page > page-v1": {"page", "page"},
		}},
		{topology.BuildOptions{Level: topology.ByNamespace}, map[string][]string{"bookinfo > bookinfo": {"alias", "page", "page"}}},
	} {
		hosts := map[string][]string{}
		for _, e := range topology.Build(newClock().tick(), flows, tc.build).Edges {
			name := e.Source.Name + " > " + e.Target.Name
			for _, f := range e.Flows {
				hosts[name] = append(hosts[name], f.Key.Service.Name)
			}
		}
		require.Equal(t, tc.want, hosts)
	}
}
