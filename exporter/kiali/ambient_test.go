package kiali_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/meshscope/meshscope/exporter/config"
)

// withNamespaces is a cluster east that has these namespaces, and no others.
func withNamespaces(t *testing.T, namespaces ...string) func(*config.Config) {
	return func(c *config.Config) {
		c.Kubernetes.Clusters = append(c.Kubernetes.Clusters, config.KubernetesCluster{
			Name: "east", Manifests: []string{writeObjects(t, namespaces, false)},
		})
	}
}

// ambientCalls are calls through a waypoint: it reports the requests, and the
// ztunnels of both hops their connections. Beside them are calls by a sidecar.
func ambientCalls() (p proxies) {
	c := call("a/web-v1", "a/cart-v1")
	p.counts("istio_requests_total", "waypoint", c.with("connection_security_policy", "mutual_tls"), 10)
	waypoint := func(end string) tags {
		hop := c.with("connection_security_policy", "mutual_tls")
		hop[end+"_workload"], hop[end+"_canonical_service"], hop[end+"_canonical_revision"] = "waypoint", "waypoint", "latest"
		return hop.with("app", "ztunnel")
	}
	p.tcp("source", waypoint("destination"), 1, 1000, 2000)
	p.tcp("destination", waypoint("source"), 1, 1100, 2100)
	p.requests(call("a/sidecar-v1", "a/old-v1"), 3)
	return p
}

// Which of ambient mode's reports count, and whether its waypoints are shown.
func TestAmbientTraffic(t *testing.T) {
	p := ambientCalls()
	e := p.serve(t)
	const (
		calls   = "a/web-v1 -> a/cart-v1 http"
		to      = "a/web-v1 -> a/waypoint tcp"
		from    = "a/waypoint -> a/cart-v1 tcp"
		sidecar = "a/sidecar-v1 -> a/old-v1 http"
	)
	all := map[string]string{calls: "10.00", to: "", from: "", sidecar: "3.00"}
	for params, want := range map[string]map[string]string{
		"":                         all,
		"&ambientTraffic=total":    all,
		"&ambientTraffic=waypoint": {calls: "10.00", sidecar: "3.00"},
		"&ambientTraffic=ztunnel":  {to: "", from: "", sidecar: "3.00"},
		"&ambientTraffic=none":     {sidecar: "3.00"},

		"&waypoints=true":                         all,
		"&waypoints=false":                        {calls: "10.00", sidecar: "3.00"},
		"&ambientTraffic=ztunnel&waypoints=false": {sidecar: "3.00"},
	} {
		t.Run(params, func(t *testing.T) {
			g := e.graph(t, "namespaces/graph?namespaces=a"+params)
			require.Equal(t, want, ratesOf(g, "http"))
			_, shown := want[to]
			require.Equal(t, shown, g.nodes["a/waypoint"] != nil)
			if !shown {
				return
			}
			require.True(t, g.node(t, "a/waypoint").IsWaypoint)
			require.Equal(t, "1000.00", g.edge(t, to).Traffic.Rates["tcp"])
			require.Equal(t, "1100.00", g.edge(t, from).Traffic.Rates["tcp"])
			require.Equal(t, "to", g.edge(t, to).Waypoint.Direction)
			require.Nil(t, g.edge(t, to).Waypoint.FromEdge)
			require.Equal(t, "from", g.edge(t, from).Waypoint.Direction)
		})
	}
}

// A waypoint has no app and no service before it, whatever its labels say. An
// edge back from it is drawn as part of the one to it, and makes no caller.
func TestWaypoints(t *testing.T) {
	p := ambientCalls()
	back := call("a/waypoint-latest", "a/web-v1").with("source_workload", "waypoint", "app", "ztunnel")
	p.tcp("source", back, 1, 50, 60)
	e := p.serve(t)
	for _, graphType := range []string{"workload", "app", "versionedApp", "service"} {
		g := e.graph(t, "namespaces/graph?namespaces=a&injectServiceNodes=true&graphType="+graphType)
		waypoint := g.node(t, "a/waypoint")
		require.Empty(t, waypoint.App)
		require.True(t, waypoint.IsWaypoint)
		if graphType != "service" {
			require.NotContains(t, g.edges, "a/waypoint -> service a/cart tcp", graphType)
		}
	}
	g := e.graph(t, "namespaces/graph?namespaces=a")
	require.NotContains(t, g.edges, "a/waypoint -> a/web-v1 tcp", "in the edge to it")
	to := g.edge(t, "a/web-v1 -> a/waypoint tcp")
	require.NotNil(t, to.Waypoint.FromEdge)
	require.Equal(t, "50.00", to.Waypoint.FromEdge.Traffic.Rates["tcp"])
	require.Equal(t, []string{to.Target, to.Source}, []string{to.Waypoint.FromEdge.Source, to.Waypoint.FromEdge.Target})
	require.True(t, g.node(t, "a/web-v1").IsRoot)
}
