package kiali_test

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// What is counted of each protocol, by which edges there are, too: one of which
// nothing is counted is not shown.
func TestRates(t *testing.T) {
	var p proxies
	web := call("a/web-v1", "a/cart-v1")
	p.requests(web, 5)
	p.requests(web.ended("302", "-"), 1)
	p.requests(web.ended("404", "-"), 1)
	p.requests(web.ended("503", "UF"), 2)
	p.counts("istio_requests_total", "source", web.ended("0", "DC"), 1)
	grpc := call("a/web-v1", "a/pay-v1").grpc("0")
	p.requests(grpc, 3)
	p.requests(grpc.grpc("14"), 1)
	p.counts("istio_request_messages_total", "source", grpc, 20)
	p.counts("istio_response_messages_total", "source", grpc, 300)
	p.tcp("source", call("a/web-v1", "a/db-v1"), 1, 400, 5000)
	e := p.serve(t)

	const http, rpc, tcp = "a/web-v1 -> a/cart-v1 http", "a/web-v1 -> a/pay-v1 grpc", "a/web-v1 -> a/db-v1 tcp"
	ofHTTP := map[string]string{
		"http": "10.00", "httpNoResponse": "1.00", "http3xx": "1.00", "http4xx": "1.00", "http5xx": "2.00",
		"httpPercentErr": "40.0", "httpPercentReq": "100.0",
	}
	ofGRPC := map[string]string{"grpc": "4.00", "grpcErr": "1.00", "grpcPercentErr": "25.0", "grpcPercentReq": "100.0"}
	messages := func(rate string) map[string]string {
		return map[string]string{"grpc": rate, "grpcPercentReq": "100.0"}
	}
	bytes := func(rate string) map[string]string { return map[string]string{"tcp": rate} }
	for params, want := range map[string]map[string]map[string]string{
		"":                            {http: ofHTTP, rpc: ofGRPC, tcp: bytes("400.00")},
		"&rateHttp=requests":          {http: ofHTTP, rpc: ofGRPC, tcp: bytes("400.00")},
		"&rateHttp=none":              {rpc: ofGRPC, tcp: bytes("400.00")},
		"&rateGrpc=none&rateTcp=none": {http: ofHTTP},
		"&rateGrpc=requests":          {http: ofHTTP, rpc: ofGRPC, tcp: bytes("400.00")},
		"&rateGrpc=sent":              {http: ofHTTP, rpc: messages("20.00"), tcp: bytes("400.00")},
		"&rateGrpc=received":          {http: ofHTTP, rpc: messages("300.00"), tcp: bytes("400.00")},
		"&rateGrpc=total":             {http: ofHTTP, rpc: messages("320.00"), tcp: bytes("400.00")},
		"&rateTcp=sent":               {http: ofHTTP, rpc: ofGRPC, tcp: bytes("400.00")},
		"&rateTcp=received":           {http: ofHTTP, rpc: ofGRPC, tcp: bytes("5000.00")},
		"&rateTcp=total":              {http: ofHTTP, rpc: ofGRPC, tcp: bytes("5400.00")},
		"&rateTcp=none":               {http: ofHTTP, rpc: ofGRPC},

		"&rateHttp=none&rateGrpc=none&rateTcp=none": {},
	} {
		t.Run(params, func(t *testing.T) {
			g := e.graph(t, "namespaces/graph?namespaces=a"+params)
			got := map[string]map[string]string{}
			for name, edge := range g.edges {
				got[name] = edge.Traffic.Rates
			}
			require.Equal(t, want, got)
			if len(want) == 0 {
				require.Empty(t, g.nodes)
				return
			}
			out := g.node(t, "a/web-v1").rates()
			require.Equal(t, want[http]["http"], out["httpOut"])
			require.Equal(t, want[rpc]["grpc"], out["grpcOut"])
			require.Equal(t, want[tcp]["tcp"], out["tcpOut"])
		})
	}

	g := e.graph(t, "namespaces/graph?namespaces=a")
	require.Equal(t, map[string]string{
		"httpIn": "10.00", "httpInNoResponse": "1.00", "httpIn3xx": "1.00", "httpIn4xx": "1.00", "httpIn5xx": "2.00",
	}, g.node(t, "a/cart-v1").rates())
	require.Equal(t, map[string]string{"grpcIn": "4.00", "grpcInErr": "1.00"}, g.node(t, "a/pay-v1").rates())
	require.Equal(t, map[string]string{"tcpIn": "400.00"}, g.node(t, "a/db-v1").rates())
}

// Responses are by code, with Envoy's flags and the hosts that were called: in
// percent of the edge.
func TestResponses(t *testing.T) {
	var p proxies
	web := call("a/web-v1", "a/cart-v1")
	p.requests(web, 6)
	p.requests(web.to("basket", "a"), 1)
	p.requests(web.ended("503", "UF"), 1)
	p.requests(web.ended("503", "UO"), 1)
	p.counts("istio_requests_total", "source", web.ended("0", "DC"), 1)
	grpc := call("a/web-v1", "a/pay-v1").grpc("0")
	p.requests(grpc, 3)
	p.requests(grpc.grpc("").ended("503", "UH"), 1) // ended before there was a status
	p.tcp("source", call("a/web-v1", "a/db-v1"), 1, 400, 5000)
	p.tcp("source", call("a/web-v1", "a/db-v1").with("response_flags", "UF"), 1, 100, 0)
	g := p.serve(t).graph(t, "namespaces/graph?namespaces=a")

	type shares = map[string]string
	type response = map[string]shares
	const cart, basket, pay, db = "cart.a.svc.cluster.local", "basket.a.svc.cluster.local", "pay.a.svc.cluster.local", "db.a.svc.cluster.local"
	require.Equal(t, map[string]response{
		"200": {"flags": shares{"-": "70.0"}, "hosts": shares{cart: "60.0", basket: "10.0"}},
		"503": {"flags": shares{"UF": "10.0", "UO": "10.0"}, "hosts": shares{cart: "20.0"}},
		"-":   {"flags": shares{"DC": "10.0"}, "hosts": shares{cart: "10.0"}},
	}, g.edge(t, "a/web-v1 -> a/cart-v1 http").Traffic.Responses)
	require.Equal(t, map[string]response{
		"0":   {"flags": shares{"-": "75.0"}, "hosts": shares{pay: "75.0"}},
		"503": {"flags": shares{"UH": "25.0"}, "hosts": shares{pay: "25.0"}},
	}, g.edge(t, "a/web-v1 -> a/pay-v1 grpc").Traffic.Responses)
	require.Equal(t, map[string]response{
		"-": {"flags": shares{"-": "80.0", "UF": "20.0"}, "hosts": shares{db: "100.0"}},
	}, g.edge(t, "a/web-v1 -> a/db-v1 tcp").Traffic.Responses)
}

// What is little is shown as such, not as nothing (T5).
func TestSmallRates(t *testing.T) {
	var p proxies
	p.requests(call("a/web-v1", "a/cart-v1"), 1000)
	p.requests(call("a/web-v1", "a/cart-v1").ended("500", "-"), 0.0003)
	p.requests(call("a/web-v1", "a/pay-v1"), 0.0003)
	g := p.serve(t).graph(t, "namespaces/graph?namespaces=a")
	require.Equal(t, "0.0003", g.edge(t, "a/web-v1 -> a/pay-v1 http").Traffic.Rates["http"])
	require.Equal(t, "0.00003", g.edge(t, "a/web-v1 -> a/pay-v1 http").Traffic.Rates["httpPercentReq"])
	require.Equal(t, "0.0003", g.edge(t, "a/web-v1 -> a/cart-v1 http").Traffic.Rates["http5xx"])
	require.Equal(t, "0.00003", g.edge(t, "a/web-v1 -> a/cart-v1 http").Traffic.Rates["httpPercentErr"])
}
