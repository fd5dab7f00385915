package kiali_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/meshscope/meshscope/exporter/config"
)

// healthOf is the healthData of the nodes of a graph as it was written, by
// their kinds and names.
func (e exporter) healthOf(t *testing.T, path string) map[string]string {
	t.Helper()
	response, body := e.get(t, path)
	require.Equal(t, 200, response.StatusCode, body)
	var written struct {
		Elements struct {
			Nodes []struct {
				Data struct {
					NodeType, Namespace, Workload, App, Service, Aggregate, IsBox string

					HealthData json.RawMessage
				}
			}
		}
	}
	require.NoError(t, json.Unmarshal([]byte(body), &written))
	all := map[string]string{}
	for _, n := range written.Elements.Nodes {
		d := n.Data
		name := strings.Join(strings.Fields(strings.Join([]string{
			d.IsBox, d.NodeType, d.Namespace + "/" + d.Workload + d.Service, d.Aggregate,
		}, " ")), " ")
		if d.NodeType == "app" && d.Workload == "" || d.NodeType == "box" {
			name += d.App
		}
		all[name] = string(d.HealthData)
	}
	return all
}

// judgedShop is a cart of two versions, the second of which fails half of its
// calls, and tolerates that.
func judgedShop() (p proxies, objects string) {
	toFirst := call("a/web-v1", "b/cart-v1")
	p.counts("istio_requests_total", "source", toFirst, 3)
	p.counts("istio_requests_total", "destination", toFirst, 2)
	p.counts("istio_requests_total", "destination", toFirst.with("request_operation", "List"), 1)
	p.requests(call("a/web-v1", "b/cart-v2"), 1)
	p.requests(call("a/web-v1", "b/cart-v2").ended("503", "-"), 1)
	p.requests(call("b/cart-v1", "b/pay-v1").grpc("0"), 0.25)
	p.counts("istio_requests_total", "source", call("b/cart-v1", "b/pay-v1").grpc("0").ended("0", "DC"), 0.5)
	p.tcp("source", call("b/cart-v1", "b/db-v1"), 1, 400, 5000)
	p.counts("istio_requests_total", "source", call("b/cart-v1", "x/x-x").toHost("PassthroughCluster"), 2)
	objects = namespacesAB + deployment("a/web-v1", 1, 1, 1, "") + deployment("b/cart-v1", 3, 3, 2, "") +
		strings.Replace(deployment("b/cart-v2", 1, 1, 1, ""), "template: {metadata: {",
			`template: {metadata: {annotations: {health.kiali.io/rate: "5XX,1,60,http,inbound"}, `, 1) +
		serviceObject("b/cart", "app: cart", "selector: {app: cart}")
	return p, objects
}

// Health has the form that Kiali gives it: of workloads with their pods, of
// apps with those of all workloads, of services by requests alone.
func TestHealthData(t *testing.T) {
	p, objects := judgedShop()
	e := p.serve(t, withObjects(t, objects))
	const (
		path  = "namespaces/graph?namespaces=a,b&appenders=aggregateNode,health,istio&injectServiceNodes=true&graphType="
		pods1 = `{"availableReplicas": 2, "currentReplicas": 3, "desiredReplicas": 3, "name": "cart-v1", "syncedProxies": -1}`
		pods2 = `{"availableReplicas": 1, "currentReplicas": 1, "desiredReplicas": 1, "name": "cart-v2", "syncedProxies": -1}`

		calls1 = `"requests": {"healthAnnotations": {}, "inbound": {"http": {"200": 3}}, "outbound": {"grpc": {"0": 0.25, "-": 0.5}, "http": {"200": 2}}}`
		calls2 = `"requests": {"healthAnnotations": {"health.kiali.io/rate": "5XX,1,60,http,inbound"}, "inbound": {"http": {"200": 1, "503": 1}}, "outbound": {}}`
		// Of the calls without response of cart-v1, 0.5 of 0.75 have failed; of
		// those to cart-v2 half, of which it tolerates that much, as Degraded.
		status1 = `"status": {"errorRatio": 66.666667, "status": "Failure", "totalRequestRate": 5.75}`
		status2 = `"status": {"errorRatio": 50, "status": "Degraded", "totalRequestRate": 2}`

		app = `{"requests": {"healthAnnotations": {}, "inbound": {"http": {"200": 4, "503": 1}},
			"outbound": {"grpc": {"0": 0.25, "-": 0.5}, "http": {"200": 2}}},
			"status": {"errorRatio": 66.666667, "status": "Failure", "totalRequestRate": 7.75},
			"workloadStatuses": [` + pods1 + `,` + pods2 + `]}`
		// A fifth of all calls to it have failed.
		service = `{"requests": {"healthAnnotations": {}, "inbound": {"http": {"200": 4, "503": 1}}, "outbound": {}},
			"status": {"errorRatio": 20, "status": "Failure", "totalRequestRate": 5}}`
		// Connections have no verdict, and bytes are no requests.
		db = `{"requests": {"healthAnnotations": {}, "inbound": {}, "outbound": {}}, "status": {"errorRatio": -1, "status": "NA"}`
		// Nothing is known of it that there could be a verdict on.
		passthrough = `{"requests": {"healthAnnotations": {}, "inbound": {"http": {"200": 2}}, "outbound": {}}}`
	)
	for graphType, want := range map[string]map[string]string{
		"workload": {
			"workload b/cart-v1":                 `{` + calls1 + `,` + status1 + `, "workloadStatus": ` + pods1 + `}`,
			"workload b/cart-v2":                 `{` + calls2 + `,` + status2 + `, "workloadStatus": ` + pods2 + `}`,
			"workload b/db-v1":                   db + `, "workloadStatus": null}`,
			"service b/cart":                     service,
			"service unknown/PassthroughCluster": passthrough,
		},
		"workload&boxBy=app": {"app box b/cart": app},
		"app": {
			"app b/cart":     app,
			"app b/db":       db + `, "workloadStatuses": []}`,
			"service b/cart": service,
		},
		"versionedApp": {
			"app b/cart-v1":  `{` + calls1 + `,` + status1 + `, "workloadStatuses": [` + pods1 + `]}`,
			"app b/cart-v2":  `{` + calls2 + `,` + status2 + `, "workloadStatuses": [` + pods2 + `]}`,
			"app box b/cart": app,
		},
		"service": {"service b/cart": service},
	} {
		t.Run(graphType, func(t *testing.T) {
			got := e.healthOf(t, path+graphType)
			for name, health := range want {
				require.Contains(t, got, name)
				require.JSONEq(t, health, got[name], name)
			}
		})
	}

	t.Run("what Kiali judges not", func(t *testing.T) {
		got := e.healthOf(t, path+"versionedApp&boxBy=namespace,app")
		for _, name := range []string{"aggregate b/cart request_operation=List", "namespace box a/", "namespace box b/"} {
			require.Equal(t, "null", got[name], name)
		}
	})
	t.Run("boxes are of the whole app", func(t *testing.T) { // of which one version is shown, with the service
		got := e.healthOf(t, "namespaces/b/workloads/cart-v1/graph?appenders=health,istio&injectServiceNodes=true&boxBy=app")
		require.NotContains(t, got, "workload b/cart-v2")
		require.JSONEq(t, app, got["app box b/cart"])
	})
	t.Run("edges", func(t *testing.T) {
		g := e.graph(t, "namespaces/graph?namespaces=a,b&appenders=health")
		for name, want := range map[string]string{
			"a/web-v1 -> b/cart-v1 http": "Healthy",
			"a/web-v1 -> b/cart-v2 http": "Failure", // the caller tolerates less
			"b/cart-v1 -> b/pay-v1 grpc": "Failure",
			"b/cart-v1 -> b/db-v1 tcp":   "Healthy",
		} {
			require.Equal(t, want, g.edge(t, name).HealthStatus, name)
		}
	})
	t.Run("whatever is counted of the protocols", func(t *testing.T) {
		got := e.healthOf(t, path+"workload&rateGrpc=sent&rateTcp=total")
		require.JSONEq(t, `{`+calls1+`,`+status1+`, "workloadStatus": `+pods1+`}`, got["workload b/cart-v1"])
	})
	t.Run("not asked for", func(t *testing.T) {
		g := e.graph(t, "namespaces/graph?namespaces=a,b&appenders=deadNode,istio,responseTime&boxBy=app")
		for name, n := range g.nodes {
			require.Nil(t, n.HealthData, name)
		}
		for name, edge := range g.edges {
			require.Empty(t, edge.HealthStatus, name)
		}
	})
	t.Run("without Kubernetes", func(t *testing.T) { // requests are judged, by what is tolerated of all
		e := p.serve(t)
		require.JSONEq(t, `{"requests": {"healthAnnotations": {}, "inbound": {"http": {"200": 1, "503": 1}}, "outbound": {}},
			"status": {"errorRatio": 50, "status": "Failure", "totalRequestRate": 2}, "workloadStatus": null}`,
			e.healthOf(t, path+"workload")["workload b/cart-v2"])
	})
	t.Run("by the configuration", func(t *testing.T) {
		e := p.serve(t, func(c *config.Config) { c.Health.MinRequests = 1e6 })
		status := e.graph(t, "namespaces/graph?namespaces=b").node(t, "b/cart-v2").HealthData.Status
		require.Equal(t, "Healthy", status.Status, "there are too few requests")
		require.InDelta(t, 50, status.ErrorRatio, 0)
	})
}

// What has no traffic is as well as its pods.
func TestHealthOfIdleNodes(t *testing.T) {
	p := shop()
	e := p.serve(t, withObjects(t, shopObjects+deployment("b/asleep-v1", 0, 0, 0, "")+pod("b/db-v1", "", withSidecar)))
	g := e.graph(t, "namespaces/graph?namespaces=b")
	lone := g.node(t, "b/lone-v1").HealthData
	require.Equal(t, "Failure", lone.Status.Status)
	require.Equal(t, &workloadStatus{CurrentReplicas: 1, DesiredReplicas: 1, Name: "lone-v1", SyncedProxies: -1}, lone.WorkloadStatus)
	asleep := g.node(t, "b/asleep-v1")
	require.Equal(t, "Not Ready", asleep.HealthData.Status.Status)
	require.True(t, asleep.IsDead)
}

// T6: a workload that fails all calls from another namespace is a failure, in
// every type of graph, whichever namespace is asked for. Kiali's is healthy
// where both are.
func TestT6FailureHoweverItIsAsked(t *testing.T) {
	var p proxies
	p.requests(call("a/front-v1", "a/web-v1"), 10)
	p.requests(call("b/client-v1", "a/web-v1").ended("500", "-"), 10)
	e := p.serve(t)
	for graphType, name := range map[string]string{
		"workload": "a/web-v1", "app": "app a/web", "versionedApp": "app a/web v1", "service": "service a/web",
	} {
		for _, namespaces := range []string{"a", "b", "a,b"} {
			for _, more := range []string{"", "&injectServiceNodes=true", "&rateGrpc=total&rateTcp=none&waypoints=false", "&appenders=health"} {
				path := fmt.Sprintf("namespaces/graph?namespaces=%s&graphType=%s%s", namespaces, graphType, more)
				health := e.graph(t, path).node(t, name).HealthData
				require.Equal(t, "Failure", health.Status.Status, path)
				require.InDelta(t, 50, health.Status.ErrorRatio, 0, path)
				require.Equal(t, map[string]map[string]float64{"http": {"200": 10, "500": 10}}, health.Requests.Inbound, path)
			}
		}
	}
	for _, path := range []string{
		"namespaces/a/workloads/web-v1/graph", "namespaces/b/workloads/client-v1/graph", "namespaces/a/services/web/graph",
		"namespaces/a/applications/web/graph?graphType=app", "namespaces/a/applications/web/versions/v1/graph?graphType=versionedApp",
		"namespaces/a/workloads/front-v1/graph", // to whose calls nothing has happened
	} {
		g := e.graph(t, path)
		for name, n := range g.nodes {
			if strings.HasPrefix(strings.TrimPrefix(name, "app "), "a/web") {
				require.Equal(t, "Failure", n.HealthData.Status.Status, "%s: %s", path, name)
			}
		}
		require.Condition(t, func() bool {
			return g.nodes["a/web-v1"] != nil || g.nodes["app a/web"] != nil || g.nodes["app a/web v1"] != nil
		}, path)
	}
}

// T6: workloads of one name in two namespaces do not mix.
func TestHealthOfNamesakesIsApart(t *testing.T) {
	var p proxies
	p.requests(call("h1/web-v1", "h2/web-v1").ended("500", "-"), 5)
	p.requests(call("h0/front-v1", "h1/web-v1"), 7)
	e := p.serve(t)
	for graphType, names := range map[string][2]string{
		"workload": {"h1/web-v1", "h2/web-v1"}, "app": {"app h1/web", "app h2/web"}, "versionedApp": {"app h1/web v1", "app h2/web v1"},
	} {
		for _, namespaces := range []string{"h1", "h2", "h1,h2"} {
			g := e.graph(t, "namespaces/graph?namespaces="+namespaces+"&graphType="+graphType)
			first, second := g.node(t, names[0]).HealthData.Requests, g.node(t, names[1]).HealthData.Requests
			failed, answered := map[string]map[string]float64{"http": {"500": 5}}, map[string]map[string]float64{"http": {"200": 7}}
			require.Equal(t, answered, first.Inbound)
			require.Equal(t, failed, first.Outbound)
			require.Equal(t, failed, second.Inbound)
			require.Empty(t, second.Outbound)
		}
	}
}

// T9: hops through waypoints are no calls, whether they are shown or not.
func TestT9HealthWithoutHops(t *testing.T) {
	var p proxies
	c := call("a/web-v1", "a/cart-v1")
	p.counts("istio_requests_total", "waypoint", c, 9)
	p.counts("istio_requests_total", "source", c.with("destination_workload", "waypoint", "destination_canonical_service", "waypoint"), 9)
	e := p.serve(t)
	for _, waypoints := range []string{"true", "false"} {
		g := e.graph(t, "namespaces/graph?namespaces=a&waypoints="+waypoints)
		require.Equal(t, waypoints == "true", g.nodes["a/waypoint"] != nil)
		health := g.node(t, "a/web-v1").HealthData
		require.Equal(t, map[string]map[string]float64{"http": {"200": 9}}, health.Requests.Outbound, "not twice")
		require.InDelta(t, 9, health.Status.TotalRequestRate, 0)
		if waypoints == "true" {
			require.Equal(t, "NA", g.node(t, "a/waypoint").HealthData.Status.Status, "it makes no calls of its own")
		}
	}
}

// A version that no workload is known of has the health of its own calls.
func TestHealthOfABareVersion(t *testing.T) {
	var p proxies
	p.counts("istio_requests_total", "destination", call("b/cart-v2", "a/old-v1").with("source_workload", "unknown").ended("503", "-"), 4)
	p.requests(call("b/cart-v1", "a/db-v1"), 4)
	g := p.serve(t).graph(t, "namespaces/graph?namespaces=b&graphType=versionedApp")
	failed, answered := map[string]map[string]float64{"http": {"503": 4}}, map[string]map[string]float64{"http": {"200": 4}}
	health := g.node(t, "app b/cart v2").HealthData
	require.Equal(t, "Failure", health.Status.Status)
	require.Equal(t, failed, health.Requests.Outbound)
	require.Equal(t, answered, g.node(t, "app b/cart v1").HealthData.Requests.Outbound)
	require.Equal(t, map[string]map[string]float64{"http": {"200": 4, "503": 4}}, g.node(t, "box app east/b/cart").HealthData.Requests.Outbound)
}
