package kiali_test

import (
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// shop is web, in two versions, that calls cart by a service of another name,
// and cart that calls a host outside.
func shop() (p proxies) {
	p.requests(call("a/web-v1", "b/cart-v1").to("checkout", "b"), 3)
	p.requests(call("a/web-v2", "b/cart-v1").to("checkout", "b"), 1)
	p.requests(call("b/cart-v1", "b/db-v1"), 2)
	p.counts("istio_requests_total", "source", call("b/cart-v1", "x/x-x").toHost("api.example.com"), 4)
	p.requests(call("c/other-v1", "c/job-v1"), 9)
	return p
}

// The nodes of each type of graph, and the calls between them.
func TestGraphTypes(t *testing.T) {
	p := shop()
	e := p.serve(t)
	const external = "service unknown/api.example.com"
	for _, tc := range []struct {
		params string
		want   map[string]string // edges, and their rates
	}{
		{"graphType=workload", map[string]string{
			"a/web-v1 -> b/cart-v1 http": "3.00", "a/web-v2 -> b/cart-v1 http": "1.00",
			"b/cart-v1 -> b/db-v1 http": "2.00", "b/cart-v1 -> " + external + " http": "4.00",
		}},
		{"graphType=app", map[string]string{
			"app a/web -> app b/cart http": "4.00", "app b/cart -> app b/db http": "2.00", "app b/cart -> " + external + " http": "4.00",
		}},
		{"graphType=versionedApp", map[string]string{
			"app a/web v1 -> app b/cart v1 http": "3.00", "app a/web v2 -> app b/cart v1 http": "1.00",
			"app b/cart v1 -> app b/db v1 http": "2.00", "app b/cart v1 -> " + external + " http": "4.00",
		}},
		{"graphType=service", map[string]string{ // no one calls web by a service: it stays what it is
			"a/web-v1 -> service b/checkout http": "3.00", "a/web-v2 -> service b/checkout http": "1.00",
			"service b/checkout -> service b/db http": "2.00", "service b/checkout -> " + external + " http": "4.00",
		}},
		{"graphType=workload&injectServiceNodes=true", map[string]string{
			"a/web-v1 -> service b/checkout http": "3.00", "a/web-v2 -> service b/checkout http": "1.00", "service b/checkout -> b/cart-v1 http": "4.00",
			"b/cart-v1 -> service b/db http": "2.00", "service b/db -> b/db-v1 http": "2.00", "b/cart-v1 -> " + external + " http": "4.00",
		}},
		{"graphType=app&injectServiceNodes=true", map[string]string{
			"app a/web -> service b/checkout http": "4.00", "service b/checkout -> app b/cart http": "4.00",
			"app b/cart -> service b/db http": "2.00", "service b/db -> app b/db http": "2.00", "app b/cart -> " + external + " http": "4.00",
		}},
	} {
		t.Run(tc.params, func(t *testing.T) {
			g := e.graph(t, "namespaces/graph?namespaces=b&"+tc.params)
			require.Equal(t, tc.want, ratesOf(g, "http"))
			require.Equal(t, now.Unix(), g.Timestamp)
			require.Equal(t, int64(600), g.Duration)
		})
	}
}

// ratesOf are the rates of a graph's edges.
func ratesOf(g graph, name string) map[string]string {
	rates := map[string]string{}
	for edge, e := range g.edges {
		rates[edge] = e.Traffic.Rates[name]
	}
	return rates
}

func TestServiceNodes(t *testing.T) {
	p := shop()
	e := p.serve(t)
	g := e.graph(t, "namespaces/graph?namespaces=b&injectServiceNodes=true")
	checkout := g.node(t, "service b/checkout")
	require.True(t, checkout.IsInjected)
	require.Equal(t, map[string]string{"httpIn": "4.00", "httpOut": "4.00"}, checkout.rates())
	called := []map[string]string{{"cluster": "east", "namespace": "b", "name": "checkout"}}
	require.Equal(t, called, checkout.DestServices)
	require.Equal(t, called, g.node(t, "b/cart-v1").DestServices)
	require.False(t, g.node(t, "service unknown/api.example.com").IsInjected, "nothing is behind it")

	g = e.graph(t, "namespaces/graph?namespaces=b")
	require.NotContains(t, g.nodes, "service b/checkout")
	require.Equal(t, called, g.node(t, "b/cart-v1").DestServices)
	cart := g.node(t, "b/cart-v1")
	require.Equal(t, []string{"cart-v1", "cart", "v1", "east"}, []string{cart.Workload, cart.App, cart.Version, cart.Cluster})
}

// A node's graph has the calls that go to it and come from it.
func TestNodeGraphs(t *testing.T) {
	p := shop()
	p.requests(call("a/web-v1", "b/cart-v1").with("destination_cluster", "west").to("checkout", "b"), 7)
	p.requests(call("b/cart-v2", "b/db-v1"), 5)
	c := call("b/cart-v2", "b/pay-v1")
	p.counts("istio_requests_total", "source", c, 8)
	p.counts("istio_requests_total", "destination", c.with("request_operation", "Pay all"), 8)
	e := p.serve(t)
	const external = "service unknown/api.example.com"
	for path, want := range map[string]map[string]string{
		"namespaces/b/workloads/db-v1/graph": {"b/cart-v1 -> b/db-v1 http": "2.00", "b/cart-v2 -> b/db-v1 http": "5.00"},
		"namespaces/b/workloads/cart-v1/graph?clusterName=east": {
			"a/web-v1 -> b/cart-v1 http": "3.00", "a/web-v2 -> b/cart-v1 http": "1.00", "b/cart-v1 -> b/db-v1 http": "2.00", "b/cart-v1 -> " + external + " http": "4.00",
		},
		"namespaces/b/workloads/cart-v1/graph?clusterName=west": {"a/web-v1 -> west b/cart-v1 http": "7.00"},
		"namespaces/b/workloads/cart-v1/graph": {
			"a/web-v1 -> b/cart-v1 http": "3.00", "a/web-v2 -> b/cart-v1 http": "1.00", "b/cart-v1 -> b/db-v1 http": "2.00",
			"b/cart-v1 -> " + external + " http": "4.00", "a/web-v1 -> west b/cart-v1 http": "7.00",
		},
		"namespaces/a/applications/web/graph?graphType=app": {"app a/web -> app b/cart http": "4.00", "app a/web -> west app b/cart http": "7.00"},
		"namespaces/a/applications/web/versions/v2/graph?graphType=versionedApp": {
			"app a/web v2 -> app b/cart v1 http": "1.00",
		},
		"namespaces/b/applications/cart/versions/v2/graph?graphType=app&appenders=": { // the edge is the app's
			"app b/cart -> app b/db http": "7.00", "app b/cart -> app b/pay http": "8.00",
		},
		"namespaces/b/services/checkout/graph": {
			"a/web-v1 -> b/cart-v1 http": "3.00", "a/web-v2 -> b/cart-v1 http": "1.00", "a/web-v1 -> west b/cart-v1 http": "7.00",
		},
		"namespaces/b/services/checkout/graph?clusterName=west&injectServiceNodes=true": {
			"a/web-v1 -> west service b/checkout http": "7.00", "west service b/checkout -> west b/cart-v1 http": "7.00",
		},
		"namespaces/b/aggregates/request_operation/Pay%20all/graph": {
			"b/cart-v2 -> aggregate b/pay request_operation=Pay all http": "8.00", "aggregate b/pay request_operation=Pay all -> b/pay-v1 http": "8.00",
		},
		"namespaces/b/aggregates/request_operation/Pay%20all/pay/graph?appenders=responseTime": {
			"b/cart-v2 -> aggregate b/pay request_operation=Pay all http": "8.00", "aggregate b/pay request_operation=Pay all -> b/pay-v1 http": "8.00",
		},
		"namespaces/b/aggregates/request_operation/Pay%20all/other/graph": {},
		"namespaces/b/workloads/nobody/graph":                             {},
	} {
		t.Run(path, func(t *testing.T) {
			require.Equal(t, want, ratesOf(e.graph(t, path), "http"))
		})
	}
	// The numbers of a node are those of all that it does (T4).
	g := e.graph(t, "namespaces/b/workloads/db-v1/graph")
	require.Equal(t, "6.00", g.node(t, "b/cart-v1").rates()["httpOut"])
	require.False(t, g.node(t, "b/cart-v1").IsOutside)
	require.True(t, e.graph(t, "namespaces/b/services/checkout/graph").node(t, "a/web-v1").IsOutside)
}

func TestIdleEdges(t *testing.T) {
	var p proxies
	p.requests(call("a/web-v1", "a/cart-v1"), 1)
	p.requests(call("a/web-v1", "a/old-v1"), 0)
	p.tcp("source", call("a/web-v1", "a/db-v1"), 0, 0, 0)
	e := p.serve(t)
	require.Len(t, e.graph(t, "namespaces/graph?namespaces=a").edges, 1)
	require.Len(t, e.graph(t, "namespaces/graph?namespaces=a&includeIdleEdges=false").edges, 1)
	g := e.graph(t, "namespaces/graph?namespaces=a&includeIdleEdges=true")
	require.Len(t, g.edges, 3)
	require.Empty(t, g.edge(t, "a/web-v1 -> a/old-v1 http").Traffic.Rates)
	require.Empty(t, g.edge(t, "a/web-v1 -> a/db-v1 tcp").Traffic.Rates)
	require.Empty(t, g.node(t, "a/old-v1").Traffic)
}

// A graph is of any time, as long as the store remembers it.
func TestTimes(t *testing.T) {
	var p proxies
	p.requests(call("a/web-v1", "a/cart-v1"), 2)
	for i := range p.series {
		p.series[i].Later = 8 // from ten minutes ago on
	}
	e := p.serve(t)
	for _, tc := range []struct {
		since    time.Duration
		duration string
		want     string
	}{
		{0, "10m", "8.00"},
		{0, "1m", "8.00"},
		{10 * time.Minute, "5m", "2.00"},
		{10 * time.Minute, "300s", "2.00"},
		{5 * time.Minute, "10m", "5.08"}, // of 39 times 15 s, as increase() does: 19 of the one, 20 of the other
		{time.Hour, "10m", ""},
	} {
		at := now.Add(-tc.since)
		g := e.graph(t, fmt.Sprintf("namespaces/graph?namespaces=a&queryTime=%d&duration=%s", at.Unix(), tc.duration))
		require.Equal(t, at.Unix(), g.Timestamp)
		if tc.want == "" {
			require.Empty(t, g.nodes, "%v", tc)
			continue
		}
		require.Equal(t, tc.want, g.edge(t, "a/web-v1 -> a/cart-v1 http").Traffic.Rates["http"], "%v", tc)
		d, err := time.ParseDuration(tc.duration)
		require.NoError(t, err)
		require.Equal(t, int64(d.Seconds()), g.Duration)
	}
	require.Equal(t, now.Unix(), e.graph(t, "namespaces/graph?namespaces=a").Timestamp, "now")
}

// Roots call and are not called. What is outside is not in the namespaces that
// were asked for, and of what is inaccessible nothing can be looked up.
func TestPlacesOfNodes(t *testing.T) {
	p := shop()
	p.counts("istio_requests_total", "destination", call("x/x-x", "b/cart-v1").fromOutside(), 1)
	p.counts("istio_requests_total", "source", call("b/cart-v1", "x/x-x").toHost("PassthroughCluster"), 1)
	p.counts("istio_requests_total", "source", call("b/cart-v1", "x/x-x").toHost("BlackHoleCluster").ended("502", "-"), 1)
	e := p.serve(t, withNamespaces(t, "b", "c"))
	g := e.graph(t, "namespaces/graph?namespaces=b&injectServiceNodes=true")
	const root, outside, inaccessible = "root", "outside", "inaccessible"
	want := map[string][]string{
		"unknown":                            {inaccessible, root},
		"a/web-v1":                           {inaccessible, outside, root}, // Kubernetes does not have a
		"a/web-v2":                           {inaccessible, outside, root},
		"service b/checkout":                 {},
		"b/cart-v1":                          {},
		"service b/cart":                     {},
		"service b/db":                       {},
		"b/db-v1":                            {},
		"service unknown/api.example.com":    {inaccessible},
		"service unknown/PassthroughCluster": {inaccessible},
		"service unknown/BlackHoleCluster":   {inaccessible},
	}
	got := map[string][]string{}
	for name, n := range g.nodes {
		got[name] = []string{}
		for what, is := range map[string]bool{root: n.IsRoot, outside: n.IsOutside, inaccessible: n.IsInaccessible} {
			if is {
				got[name] = append(got[name], what)
			}
		}
		slices.Sort(got[name])
	}
	require.Equal(t, want, got)

	g = e.graph(t, "namespaces/graph?namespaces=c,b")
	require.ElementsMatch(t, []string{
		"a/web-v1", "a/web-v2", "b/cart-v1", "b/db-v1", "c/other-v1", "c/job-v1", "unknown",
		"service unknown/api.example.com", "service unknown/PassthroughCluster", "service unknown/BlackHoleCluster",
	}, slices.Collect(maps.Keys(g.nodes)))
}

// Names are what labels say, whatever that is.
func TestStrangeNames(t *testing.T) {
	const name = "<b>&\"quoted\\\" \n é 😀"
	var p proxies
	p.requests(call("a/web-v1", "a/cart-v1").with("source_workload", name, "destination_service", name, "response_flags", name), 1)
	p.counts("istio_requests_total", "destination", call("a/web-v1", "a/pay-v1").with("request_operation", name), 1)
	g := p.serve(t).graph(t, "namespaces/graph?namespaces=a")
	require.Equal(t, "1.00", g.node(t, "a/"+name).rates()["httpOut"])
	responses := g.edge(t, "a/"+name+" -> a/cart-v1 http").Traffic.Responses["200"]
	require.Equal(t, map[string]map[string]string{"flags": {name: "100.0"}, "hosts": {name: "100.0"}}, responses)
	require.Contains(t, g.nodes, "aggregate a/pay request_operation="+name)
}

func TestEmptyMesh(t *testing.T) {
	var p proxies
	e := p.serve(t)
	for _, path := range []string{
		"namespaces/graph?namespaces=a", "namespaces/graph?namespaces=a&boxBy=cluster,namespace,app&graphType=service",
		"namespaces/a/workloads/w/graph", "namespaces/a/aggregates/request_operation/x/graph",
	} {
		response, body := e.get(t, path)
		require.Equal(t, 200, response.StatusCode, body)
		level := "workload"
		if path[len(path)-7:] == "service" {
			level = "service"
		}
		require.JSONEq(t, fmt.Sprintf(`{"timestamp": %d, "duration": 600, "graphType": %q, "elements": {"nodes": [], "edges": []}}`,
			now.Unix(), level), body)
	}
}
