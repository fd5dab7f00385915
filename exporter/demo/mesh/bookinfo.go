package mesh

// addBookinfo adds Istio's example application: sidecars, HTTP and a database,
// three versions of one service, called through the ingress gateway.
func (m *Mesh) addBookinfo(ingress *workload) {
	add := func(app, version string, replicas int) *workload {
		return m.add(workload{
			namespace: "bookinfo", name: app + "-" + version, app: app, version: version,
			serviceAccount: "bookinfo-" + app, replicas: replicas,
		})
	}
	productpage := add("productpage", "v1", 2)
	details := add("details", "v1", 1)
	reviewsV1, reviewsV2, reviewsV3 := add("reviews", "v1", 1), add("reviews", "v2", 1), add("reviews", "v3", 1)
	ratings := add("ratings", "v1", 2)
	mongodb := m.add(workload{
		namespace: "bookinfo", name: "mongodb-v1", app: "mongodb", version: "v1",
		serviceAccount: "bookinfo-mongodb", protocol: protocolTCP,
	})

	m.call(ingress, productpage, calls{
		rate: 12, latency: shape{median: 38, sigma: 0.5}, request: usualRequest, reply: shape{median: 5200, sigma: 0.2},
		outcomes: []outcome{answered(0.01, "404"), answered(0.002, "500"), abandoned(0.002)},
	})
	m.call(productpage, details, calls{
		rate: 12, latency: shape{median: 4, sigma: 0.6}, request: usualRequest, reply: shape{median: 380, sigma: 0.1},
		outcomes: []outcome{answered(0.001, "500")},
	})
	// Each page takes the reviews of one version, and those of two versions take the ratings.
	const aThird = 1.0 / 3
	m.call(productpage, reviewsV1, calls{
		rate: 4, latency: shape{median: 7, sigma: 0.5}, request: usualRequest, reply: shape{median: 500, sigma: 0.1},
		critical: aThird, answers: true,
	})
	m.call(productpage, reviewsV2, calls{
		rate: 4, latency: shape{median: 14, sigma: 0.6}, request: usualRequest, reply: shape{median: 600, sigma: 0.1},
		critical: aThird, answers: true,
	})
	m.call(productpage, reviewsV3, calls{
		rate: 4, latency: shape{median: 18, sigma: 0.8}, request: usualRequest, reply: shape{median: 600, sigma: 0.1},
		outcomes: []outcome{timedOut(0.004, 3000)}, critical: aThird, answers: true,
	})
	m.call(reviewsV2, ratings, calls{
		rate: 4, latency: shape{median: 3, sigma: 0.6}, request: usualRequest, reply: shape{median: 240, sigma: 0.1},
		critical: 1, answers: true,
	})
	m.call(reviewsV3, ratings, calls{
		rate: 4, latency: shape{median: 3, sigma: 0.6}, request: usualRequest, reply: shape{median: 240, sigma: 0.1},
		outcomes: []outcome{answered(0.005, "503")}, critical: 1, answers: true,
	})
	m.flow(ratings, mongodb, flow{rate: 0.2, lifetime: 90, pool: 2, exchanges: 8, request: 210, reply: 640})
}
