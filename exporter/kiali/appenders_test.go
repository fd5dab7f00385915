package kiali_test

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// Two callers of one app, one fast and one slow: 9 calls a second in 100 ms, 1
// between 400 and 1000 ms.
func fastAndSlow() (p proxies) {
	for _, c := range []struct {
		call  tags
		rates map[int]float64
	}{
		{call("a/fast-v1", "b/cart-v1").with("source_canonical_service", "web"), map[int]float64{100: 9}},
		{call("a/slow-v1", "b/cart-v1").with("source_canonical_service", "web"), map[int]float64{1000: 1}},
	} {
		rate := c.rates[100] + c.rates[1000]
		p.requests(c.call, rate)
		p.durations("source", c.call, c.rates)
		// What the server has measured is less: the network is not in it.
		p.durations("destination", c.call, map[int]float64{100: rate})
	}
	return p
}

// Quantiles are those of all calls of an edge together, whichever series they
// are counted in (T3), as their callers have seen them (T1).
func TestResponseTimes(t *testing.T) {
	p := fastAndSlow()
	e := p.serve(t)
	for _, tc := range []struct{ responseTime, fast, slow, both string }{
		{"avg", "100", "1000", "190"},
		{"50", "50", "700", "56"},  // 100 ms · 5/9
		{"95", "95", "970", "700"}, // half way from 400 to 1000 ms
		{"99", "99", "994", "940"}, // nine tenths of it
	} {
		t.Run(tc.responseTime, func(t *testing.T) {
			params := "?namespaces=a&appenders=responseTime&responseTime=" + tc.responseTime
			g := e.graph(t, "namespaces/graph"+params)
			require.Equal(t, tc.fast, g.edge(t, "a/fast-v1 -> b/cart-v1 http").ResponseTime)
			require.Equal(t, tc.slow, g.edge(t, "a/slow-v1 -> b/cart-v1 http").ResponseTime)

			g = e.graph(t, "namespaces/graph"+params+"&graphType=app")
			require.Equal(t, tc.both, g.edge(t, "app a/web -> app b/cart http").ResponseTime)

			g = e.graph(t, "namespaces/graph"+params+"&injectServiceNodes=true")
			require.Equal(t, tc.fast, g.edge(t, "a/fast-v1 -> service b/cart http").ResponseTime)
			require.Equal(t, tc.both, g.edge(t, "service b/cart -> b/cart-v1 http").ResponseTime)

			g = e.graph(t, "namespaces/b/workloads/cart-v1/graph?appenders=responseTime&responseTime="+tc.responseTime)
			require.Equal(t, tc.slow, g.edge(t, "a/slow-v1 -> b/cart-v1 http").ResponseTime)
		})
	}
	t.Run("p95 is what is shown where nothing is said", func(t *testing.T) {
		require.Equal(t, "95", e.graph(t, "namespaces/graph?namespaces=a").edge(t, "a/fast-v1 -> b/cart-v1 http").ResponseTime)
	})
	t.Run("not asked for", func(t *testing.T) {
		require.Empty(t, e.graph(t, "namespaces/graph?namespaces=a&appenders=").edge(t, "a/fast-v1 -> b/cart-v1 http").ResponseTime)
	})
}

// Throughput is in bytes a second, of HTTP alone, and of the reporter that the
// calls are of.
func TestThroughput(t *testing.T) {
	var p proxies
	web, mobile, pay := call("a/web-v1", "b/cart-v1"), call("a/mobile-v1", "b/cart-v1"), call("a/web-v1", "b/pay-v1").grpc("0")
	for _, c := range []tags{web, mobile, pay} {
		p.requests(c, 1)
		p.counts("istio_request_bytes_sum", "source", c, 1000)
		p.counts("istio_response_bytes_sum", "source", c, 20000)
		p.counts("istio_request_bytes_sum", "destination", c, 7)
		p.counts("istio_response_bytes_sum", "destination", c, 7)
	}
	e := p.serve(t)
	for params, want := range map[string]struct{ one, both string }{
		"":                         {"20000", "40000"},
		"&throughputType=response": {"20000", "40000"},
		"&throughputType=request":  {"1000", "2000"},
		"&appenders=":              {},
	} {
		if params != "&appenders=" {
			params += "&appenders=throughput"
		}
		g := e.graph(t, "namespaces/graph?namespaces=a&injectServiceNodes=true"+params)
		require.Equal(t, want.one, g.edge(t, "a/web-v1 -> service b/cart http").Throughput, params)
		require.Equal(t, want.both, g.edge(t, "service b/cart -> b/cart-v1 http").Throughput, params)
		require.Empty(t, g.edge(t, "a/web-v1 -> service b/pay grpc").Throughput, params)
	}
}

// The share of mutual TLS is weighted by calls, or by connections, over all
// series of an edge, and 100 only where there is nothing else.
func TestSecurityPolicy(t *testing.T) {
	secured := func(p *proxies, c tags, policy, source string, rate float64) {
		p.counts("istio_requests_total", "destination", c.with("connection_security_policy", policy,
			"source_principal", "spiffe://td/ns/a/sa/"+source, "destination_principal", "spiffe://td/ns/b/sa/cart"), rate)
	}
	var p proxies
	mixed, all, almost, none, tcp := call("a/mixed-v1", "b/cart-v1"), call("a/all-v1", "b/cart-v1"),
		call("a/almost-v1", "b/cart-v1"), call("a/none-v1", "b/cart-v1"), call("a/mixed-v1", "b/db-v1")
	for c, rate := range map[*tags]float64{&mixed: 10, &all: 1, &almost: 1000, &none: 1} {
		p.counts("istio_requests_total", "source", c.with("connection_security_policy", "unknown"), rate)
	}
	secured(&p, mixed, "mutual_tls", "few", 1)
	secured(&p, mixed, "mutual_tls", "many", 5)
	secured(&p, mixed.ended("503", "-"), "mutual_tls", "many", 3)
	secured(&p, mixed, "none", "few", 1)
	secured(&p, all, "mutual_tls", "all", 1)
	secured(&p, almost, "mutual_tls", "almost", 999)
	secured(&p, almost, "none", "almost", 1)
	secured(&p, none, "none", "none", 1)
	p.tcp("source", tcp, 4, 4000, 4000)
	p.tcp("destination", tcp.with("connection_security_policy", "mutual_tls"), 3, 1, 1)
	p.tcp("destination", tcp.with("connection_security_policy", "none"), 1, 1e6, 1e6)
	e := p.serve(t)

	g := e.graph(t, "namespaces/graph?namespaces=b&appenders=securityPolicy")
	for name, want := range map[string]string{
		"a/mixed-v1 -> b/cart-v1 http":  "90",
		"a/all-v1 -> b/cart-v1 http":    "100",
		"a/almost-v1 -> b/cart-v1 http": "99",
		"a/none-v1 -> b/cart-v1 http":   "",
		"a/mixed-v1 -> b/db-v1 tcp":     "75",
	} {
		require.Equal(t, want, g.edge(t, name).IsMTLS, name)
	}
	require.Equal(t, "spiffe://td/ns/a/sa/many", g.edge(t, "a/mixed-v1 -> b/cart-v1 http").SourcePrincipal, "the busiest")
	require.Equal(t, "spiffe://td/ns/b/sa/cart", g.edge(t, "a/mixed-v1 -> b/cart-v1 http").DestPrincipal)

	// All together: 9 + 1 + 999 of 1012.
	g = e.graph(t, "namespaces/graph?namespaces=b&appenders=securityPolicy&injectServiceNodes=true")
	require.Equal(t, "99", g.edge(t, "service b/cart -> b/cart-v1 http").IsMTLS)

	g = e.graph(t, "namespaces/graph?namespaces=b&appenders=")
	require.Empty(t, g.edge(t, "a/all-v1 -> b/cart-v1 http").IsMTLS)
	require.Empty(t, g.edge(t, "a/all-v1 -> b/cart-v1 http").SourcePrincipal)
}

// Operations stand between the caller and the service, by a label that the
// servers' proxies classify requests by. Calls are those of the callers.
func TestAggregateNodes(t *testing.T) {
	var p proxies
	c := call("a/web-v1", "b/cart-v1")
	p.counts("istio_requests_total", "source", c, 10)
	for operation, rate := range map[string]float64{"List": 6, "Add": 3, "unknown": 1} {
		p.counts("istio_requests_total", "destination", c.with("request_operation", operation, "request_path", "/"), rate)
	}
	e := p.serve(t)

	g := e.graph(t, "namespaces/graph?namespaces=b&appenders=aggregateNode")
	list := g.node(t, "aggregate b/cart request_operation=List")
	require.Equal(t, map[string]string{"httpIn": "6.00", "httpOut": "6.00"}, list.rates())
	require.Equal(t, "east", list.Cluster)
	for name, want := range map[string]string{
		"a/web-v1 -> aggregate b/cart request_operation=List http":  "6.00",
		"aggregate b/cart request_operation=List -> b/cart-v1 http": "6.00",
		"a/web-v1 -> aggregate b/cart request_operation=Add http":   "3.00",
		"aggregate b/cart request_operation=Add -> b/cart-v1 http":  "3.00",
		"a/web-v1 -> b/cart-v1 http":                                "1.00", // of no operation
	} {
		require.Equal(t, want, g.edge(t, name).Traffic.Rates["http"], name)
	}
	require.Len(t, g.edges, 5)
	require.Equal(t, "10.00", g.node(t, "b/cart-v1").rates()["httpIn"])
	require.Equal(t, "10.00", g.node(t, "a/web-v1").rates()["httpOut"])

	g = e.graph(t, "namespaces/graph?namespaces=b&appenders=aggregateNode&aggregate=request_path&injectServiceNodes=true")
	require.Equal(t, "10.00", g.edge(t, "a/web-v1 -> aggregate b/cart request_path=/ http").Traffic.Rates["http"])
	require.Equal(t, "10.00", g.edge(t, "aggregate b/cart request_path=/ -> service b/cart http").Traffic.Rates["http"])
	require.Equal(t, "10.00", g.edge(t, "service b/cart -> b/cart-v1 http").Traffic.Rates["http"])
	require.Len(t, g.edges, 3)

	g = e.graph(t, "namespaces/graph?namespaces=b&appenders=responseTime")
	require.Len(t, g.edges, 1, "not asked for")
}
