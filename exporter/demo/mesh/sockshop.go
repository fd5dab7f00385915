package mesh

// addSockShop adds Weaveworks' shop in ambient mode: requests pass a waypoint,
// databases and the message broker speak through ztunnels alone, and the
// ingress gateway, which uses no waypoint, calls the front end directly.
func (m *Mesh) addSockShop(ingress *workload) {
	const namespace = "sock-shop"
	add := func(name, protocol string, replicas int) *workload {
		return m.add(workload{
			namespace: namespace, name: name, protocol: protocol, replicas: replicas,
			serviceAccount: "default", dataplane: ambient,
		})
	}
	keep := func(name string) *workload {
		return m.add(workload{
			namespace: namespace, name: name, protocol: protocolTCP, controller: StatefulSet,
			serviceAccount: "default", dataplane: ambient,
		})
	}
	m.add(workload{namespace: namespace, name: waypointName, dataplane: waypoint, replicas: 2})
	frontEnd := add("front-end", protocolHTTP, 2)
	catalogue, catalogueDB := add("catalogue", protocolHTTP, 1), keep("catalogue-db")
	carts, cartsDB := add("carts", protocolHTTP, 1), keep("carts-db")
	orders, ordersDB := add("orders", protocolHTTP, 1), keep("orders-db")
	user, userDB := add("user", protocolHTTP, 2), keep("user-db")
	payment := add("payment", protocolHTTP, 1)
	shipping := add("shipping", protocolHTTP, 1)
	rabbitmq := keep("rabbitmq")
	queueMaster := add("queue-master", protocolHTTP, 1)
	sessionDB := keep("session-db")

	http := func(rate, latency float64, outcomes ...outcome) calls {
		return calls{rate: rate, latency: shape{median: latency, sigma: 0.7}, request: usualRequest, reply: usualReply, outcomes: outcomes}
	}
	m.call(ingress, frontEnd, http(9, 24, answered(0.01, "404"), answered(0.004, "500")))
	m.call(frontEnd, catalogue, http(7, 5, answered(0.002, "500")))
	m.call(frontEnd, carts, http(3.6, 12, answered(0.3, "201"), answered(0.001, "500")))
	m.call(frontEnd, user, http(2.5, 8, answered(0.02, "401")))
	placed := http(0.6, 70, answered(0.03, "406"))
	placed.critical = 1
	m.call(frontEnd, orders, placed)
	m.call(orders, carts, http(1, 10, abandoned(0.014)))
	m.call(orders, user, http(1.2, 8))
	paid := http(0.6, 15, answered(0.01, "500"))
	paid.critical = 1
	m.call(orders, payment, paid)
	m.call(orders, shipping, http(0.55, 9))

	database := func(rate float64) flow {
		return flow{rate: 0.1, lifetime: 60, pool: 2, exchanges: rate, request: 180, reply: 900}
	}
	m.flow(catalogue, catalogueDB, database(9))
	m.flow(carts, cartsDB, database(7))
	m.flow(orders, ordersDB, database(2))
	m.flow(user, userDB, database(4))
	m.flow(frontEnd, sessionDB, database(12))
	m.flow(shipping, rabbitmq, flow{rate: 0.05, lifetime: 120, pool: 1, exchanges: 0.6, request: 420, reply: 90})
	m.flow(queueMaster, rabbitmq, flow{rate: 0.05, lifetime: 120, pool: 1, exchanges: 0.8, request: 90, reply: 420})
}
