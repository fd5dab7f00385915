package dashboards_test

import (
	"math"

	"github.com/meshscope/meshscope/exporter/topology"
)

// Workloads of a mesh that has one of each kind that dashboards tell apart.
var (
	client   = topology.Peer{} // outside of the mesh
	web      = peer(west, "shop", "web")
	cart     = peer(west, "shop", "cart")
	cartEast = peer(east, "shop", "cart")
	stock    = peer(west, "shop", "stock")
	waypoint = peer(west, "shop", "waypoint")
	ledger   = peer(west, "bank", "ledger")
	vault    = peer(east, "bank", "vault")
)

const west, east = "west.example", "east"

func peer(cluster, namespace, name string) topology.Peer {
	return topology.Peer{Cluster: cluster, Namespace: namespace, Workload: name, CanonicalService: name, CanonicalRevision: "latest"}
}

// mesh is what happens in each interval.
func mesh() []topology.Flow {
	return []topology.Flow{
		calls(client, web, topology.HTTP, topology.Plaintext, responses{{Code: "200"}: 60, {Code: "404"}: 3}),
		calls(web, cart, topology.HTTP, topology.MutualTLS, responses{{Code: "200"}: 30, {Code: "503"}: 9}),
		calls(web, cartEast, topology.HTTP, topology.MutualTLS, responses{{Code: "200"}: 15, {Code: "500"}: 1}),
		calls(cart, ledger, topology.GRPC, topology.MutualTLS, responses{{Code: "200", GRPCStatus: "0"}: 20, {Code: "200", GRPCStatus: "14"}: 5}),
		// no endpoints: what is called is known, and nothing that answers
		toService(web, topology.Peer{Cluster: west}, service(cart), responses{{Code: "503", Flags: "UH"}: 6}),
		toService(ledger, topology.Peer{}, topology.Service{Host: "rates.example.com", Name: "rates.example.com"}, responses{{Code: "200"}: 4, {Code: "0", Flags: "UF"}: 2}),
		connections(cart, stock, 1000, 5000, topology.MutualTLS),
		connections(ledger, vault, 300, 700, topology.Plaintext),
		toAddress(client, stock, 40, 20),
		connections(web, waypoint, 80, 90, topology.MutualTLS),
		connections(waypoint, cart, 70, 60, topology.MutualTLS),
	}
}

type responses map[topology.Response]float64

func service(p topology.Peer) topology.Service {
	return topology.Service{Host: p.CanonicalService + "." + p.Namespace + ".svc.cluster.local", Name: p.CanonicalService, Namespace: p.Namespace}
}

func calls(from, to topology.Peer, protocol topology.Protocol, policy topology.Policy, by responses) topology.Flow {
	f := toService(from, to, service(to), by)
	f.Protocol = protocol
	f.Traffic.AddSecured(policy, f.Traffic.Total())
	return f
}

// toService are calls of which no proxy knows how safely they went.
func toService(from, to topology.Peer, service topology.Service, by responses) topology.Flow {
	traffic := &topology.Traffic{RequestBytes: 500, ResponseBytes: 2000}
	for response, n := range by {
		traffic.AddRequests(response, n)
	}
	traffic.AddSecured(topology.UnknownPolicy, traffic.Total())
	latency, n := traffic.LatencyHistogram(), traffic.Total()
	latency.AddBucket(0.1, n/2)
	latency.AddBucket(1, n)
	latency.AddBucket(math.Inf(1), n)
	return topology.Flow{
		Key:      topology.EdgeKey{Source: from, Destination: to, Service: service},
		Protocol: topology.HTTP, Traffic: traffic,
	}
}

func connections(from, to topology.Peer, request, response float64, policy topology.Policy) topology.Flow {
	traffic := &topology.Traffic{Opened: 2, Closed: 2}
	traffic.AddTCPRequestBytes("", request)
	traffic.AddTCPResponseBytes("", response)
	traffic.AddSecured(policy, traffic.Opened)
	return topology.Flow{
		Key:      topology.EdgeKey{Source: from, Destination: to, Service: service(to)},
		Protocol: topology.TCP, Traffic: traffic,
	}
}

// toAddress are connections that no service is known of.
func toAddress(from, to topology.Peer, request, response float64) topology.Flow {
	f := connections(from, to, request, response, topology.Plaintext)
	f.Key.Service = topology.Service{}
	return f
}
