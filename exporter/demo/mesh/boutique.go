package mesh

// westCluster is the second cluster, with one service of Online Boutique.
const westCluster = "west"

// addOnlineBoutique adds Google's shop: sidecars and gRPC, a client and hosts
// outside the mesh, a service in a second cluster, and calls that are retried.
func (m *Mesh) addOnlineBoutique() {
	const namespace = "online-boutique"
	add := func(name, protocol string, replicas int) *workload {
		return m.add(workload{namespace: namespace, name: name, protocol: protocol, replicas: replicas, namespaceOfPeer: true})
	}
	loadgenerator := m.add(workload{namespace: namespace, name: "loadgenerator", dataplane: outside, unserved: true})
	frontend := add("frontend", protocolHTTP, 3)
	ads := add("adservice", protocolGRPC, 1)
	cart := add("cartservice", protocolGRPC, 2)
	checkout := add("checkoutservice", protocolGRPC, 2)
	currency := m.add(workload{
		cluster: westCluster, namespace: namespace, name: "currencyservice", protocol: protocolGRPC, replicas: 2,
		hidesCluster: true,
	})
	email := add("emailservice", protocolGRPC, 1)
	payment := add("paymentservice", protocolGRPC, 1)
	catalog := add("productcatalogservice", protocolGRPC, 2)
	recommendation := add("recommendationservice", protocolGRPC, 1)
	shipping := add("shippingservice", protocolGRPC, 1)
	redis := add("redis-cart", protocolTCP, 1)

	stripe := m.add(workload{
		name: "api.stripe.com", cluster: unknown, dataplane: outside,
		service: service{host: "api.stripe.com", name: "api.stripe.com", namespace: namespace},
	})
	passthrough := m.add(workload{
		name: "PassthroughCluster", cluster: unknown, dataplane: outside,
		service: service{host: unknown, name: "PassthroughCluster", namespace: unknown},
	})

	m.call(loadgenerator, frontend, calls{
		rate: 25, latency: shape{median: 45, sigma: 0.6}, request: usualRequest, reply: shape{median: 11000, sigma: 0.5},
		outcomes: []outcome{answered(0.08, "302"), answered(0.004, "404"), answered(0.003, "500"), abandoned(0.001)},
	})

	small := shape{median: 320, sigma: 0.2}
	grpc := func(rate, latency float64, outcomes ...outcome) calls {
		return calls{rate: rate, latency: shape{median: latency, sigma: 0.6}, request: small, reply: small, outcomes: outcomes}
	}
	vital := func(c calls) calls {
		c.critical = 1
		return c
	}

	// The advertisements' framework sheds load now and then, and the client's
	// proxy tries again.
	retried := grpc(18, 6, refusedGRPC(0.04, "503", "14"))
	retried.retries = 2
	m.call(frontend, ads, retried)
	m.call(frontend, cart, grpc(22, 5, answeredGRPC(0.002, "9")))
	m.call(frontend, checkout, vital(grpc(1.5, 60, answeredGRPC(0.004, "13"))))
	m.call(frontend, currency, grpc(50, 2))
	m.call(frontend, catalog, vital(grpc(45, 3, answeredGRPC(0.001, "5"))))
	m.call(frontend, recommendation, grpc(15, 9))
	m.call(frontend, shipping, grpc(8, 4))
	m.call(recommendation, catalog, grpc(15, 3))
	m.call(checkout, cart, grpc(3, 5))
	m.call(checkout, currency, grpc(4, 2))
	m.call(checkout, email, grpc(1.5, 7))
	m.call(checkout, payment, vital(grpc(1.5, 25, answeredGRPC(0.003, "3"))))
	m.call(checkout, catalog, grpc(3, 3))
	m.call(checkout, shipping, vital(grpc(3, 4)))
	m.flow(cart, redis, flow{rate: 0.05, lifetime: 300, pool: 3, exchanges: 25, request: 140, reply: 420})

	m.call(checkout, stripe, calls{
		rate: 0.8, latency: shape{median: 140, sigma: 0.4}, request: shape{median: 1100, sigma: 0.2}, reply: usualReply,
		outcomes: []outcome{answered(0.01, "402"), answered(0.004, "429")},
	})
	m.call(email, passthrough, calls{rate: 0.05, latency: shape{median: 220, sigma: 0.5}, request: usualRequest, reply: usualReply})
}
