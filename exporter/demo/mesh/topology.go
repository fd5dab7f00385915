package mesh

import "slices"

// Names of what Istio itself runs.
const (
	systemNamespace = "istio-system"
	ztunnelName     = "ztunnel"
	gatewayName     = "istio-ingressgateway"
	waypointName    = "waypoint"
)

// Sizes of most calls, in bytes with headers.
var (
	usualRequest = shape{median: 600, sigma: 0.3}
	usualReply   = shape{median: 2200, sigma: 0.9}
)

// add puts a workload into the mesh and starts its pods. What is not set gets
// what is usual.
func (m *Mesh) add(w workload) *workload {
	if w.cluster == "" {
		w.cluster = homeCluster
	}
	if w.app == "" {
		w.app = w.name
	}
	if w.serviceAccount == "" {
		w.serviceAccount = w.name
	}
	if w.service == (service{}) {
		w.service = kubernetesService(w.namespace, w.app)
	}
	if w.protocol == "" {
		w.protocol = protocolHTTP
	}
	if w.sizes == nil {
		w.sizes = istioBuckets
	}
	if w.replicas == 0 && !w.external() {
		w.replicas = 1
	}
	if w.controller == "" {
		w.controller = Deployment
	}
	w.labelled = w.dataplane != waypoint
	w.initialReplicas = w.replicas
	added := &w
	added.rng = stream(m.seed, "workload "+w.cluster+" "+w.key())
	added.template = randomName(added.rng, 10)
	m.workloads = append(m.workloads, added)
	if !w.external() && w.dataplane != nodeProxy {
		m.scale(added, w.replicas)
	}
	return added
}

// addNodes puts a cluster's machines into the mesh.
func (m *Mesh) addNodes(cluster string, count int) {
	for range count {
		m.nodes[cluster] = append(m.nodes[cluster], &node{})
	}
}

// addZtunnels puts a ztunnel on each machine of the home cluster.
func (m *Mesh) addZtunnels() {
	ztunnels := m.add(workload{namespace: systemNamespace, name: ztunnelName, dataplane: nodeProxy, controller: DaemonSet, unserved: true})
	for _, n := range m.nodes[homeCluster] {
		m.startPodOn(ztunnels, n)
	}
}

// addGateway adds the gateway by which the world reaches the applications.
func (m *Mesh) addGateway() *workload {
	return m.add(workload{
		namespace: systemNamespace, name: gatewayName, dataplane: gateway, replicas: 2,
		serviceAccount: gatewayName + "-service-account",
	})
}

// call adds an edge of requests.
func (m *Mesh) call(source, destination *workload, c calls) edge {
	var way *workload
	if source.dataplane == ambient && destination.dataplane == ambient {
		way = m.waypointOf(destination)
	}
	e := newRequestEdge(m.route(source, destination, destination.protocol), c, way)
	m.edges = append(m.edges, e)
	if c.answers {
		source.ask(e)
	}
	return e
}

// flow adds an edge of connections.
func (m *Mesh) flow(source, destination *workload, f flow) edge {
	e := newConnectionEdge(m.route(source, destination, protocolTCP), f)
	m.edges = append(m.edges, e)
	return e
}

func (m *Mesh) route(source, destination *workload, protocol string) route {
	return route{
		source: source, destination: destination, protocol: protocol,
		rng:  stream(m.seed, "edge "+source.cluster+" "+source.key()+" "+destination.cluster+" "+destination.key()),
		sets: m.sets,
	}
}

// waypointOf returns the waypoint that requests to a workload pass, if any.
func (m *Mesh) waypointOf(w *workload) *workload {
	i := slices.IndexFunc(m.workloads, func(other *workload) bool {
		return other.dataplane == waypoint && other.namespace == w.namespace && other.cluster == w.cluster
	})
	if i < 0 {
		return nil
	}
	return m.workloads[i]
}

// protocol is what proxies understand of calls between two workloads: where no
// Envoy stands, requests are bytes.
func (m *Mesh) protocol(source, destination *workload) string {
	envoy := source.dataplane.reportsRequests() || destination.dataplane == sidecar ||
		source.dataplane == ambient && destination.dataplane == ambient && m.waypointOf(destination) != nil
	if !envoy {
		return protocolTCP
	}
	return destination.protocol
}

// answered is an outcome on which both sides agree: an HTTP status.
func answered(share float64, code string) outcome {
	return *told(share, response{code: code, flags: "-"})
}

// answeredGRPC is a gRPC status, in an answer that is fine as HTTP.
func answeredGRPC(share float64, status string) outcome {
	return *told(share, response{code: "200", grpc: status, flags: "-"})
}

// refusedGRPC is an HTTP error in answer to a gRPC call, from a server's
// framework rather than the server.
func refusedGRPC(share float64, code, status string) outcome {
	return *told(share, response{code: code, grpc: status, flags: "-"})
}

// abandoned is a call whose client went away before the answer.
func abandoned(share float64) outcome {
	return *told(share, response{code: "0", flags: "DC"})
}

// timedOut is a call that the client's proxy gives up after so many
// milliseconds, while the server answers in the end.
func timedOut(share, after float64) outcome {
	late := shape{median: 0.3 * after, sigma: 0.2, shift: after}.cut(istioBuckets)
	limit := shape{median: 2, sigma: 0.5, shift: after}.cut(istioBuckets)
	return outcome{
		share:  share,
		server: &ending{response: response{code: "200", flags: "-"}, reached: true, latency: late},
		client: &ending{response: response{code: "504", flags: "UT"}, reached: true, latency: limit},
	}
}
