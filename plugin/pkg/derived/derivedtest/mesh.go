package derivedtest

import (
	"fmt"
	"math"

	"github.com/meshscope/meshscope/exporter/topology"
)

// Mesh is a mesh of so many edges, ten from each workload, over forty
// namespaces: HTTP, each tenth gRPC and each tenth TCP, some with errors. The
// flows are those of one interval.
func Mesh(edges int) []topology.Flow {
	flows := make([]topology.Flow, edges)
	for i := range flows {
		source, destination := workload(i/10), workload(i/10+i%10+1)
		f := topology.Flow{
			Key: topology.EdgeKey{Source: source, Destination: destination, Service: topology.Service{
				Host:      destination.CanonicalService + "." + destination.Namespace + ".svc.cluster.local",
				Name:      destination.CanonicalService,
				Namespace: destination.Namespace,
			}},
			Protocol: topology.HTTP,
			Traffic:  new(topology.Traffic),
		}
		n := float64(60 + i%97)
		switch i % 10 {
		case 3:
			f.Protocol = topology.GRPC
			f.Traffic.AddRequests(topology.Response{Code: "200", GRPCStatus: "0"}, n)
			f.Traffic.RequestMessages, f.Traffic.ResponseMessages = n, 2*n
		case 7:
			f.Protocol = topology.TCP
			f.Traffic.Opened, f.Traffic.Closed = n, n
			f.Traffic.AddTCPRequestBytes("", 100*n)
			f.Traffic.AddTCPResponseBytes("", 900*n)
		default:
			f.Traffic.AddRequests(topology.Response{Code: "200"}, n)
			f.Traffic.AddRequests(topology.Response{Code: "404"}, 2)
			if i%100 == 0 {
				f.Traffic.AddRequests(topology.Response{Code: "503", Flags: "UF"}, n/3)
			}
		}
		if f.Protocol != topology.TCP {
			addLatency(f.Traffic.LatencyHistogram(), f.Traffic.Total())
			f.Traffic.RequestBytes, f.Traffic.ResponseBytes = 300*n, 5000*n
		}
		policy := topology.MutualTLS
		if i%50 == 0 {
			policy = topology.Plaintext
		}
		f.Traffic.AddSecured(policy, f.Traffic.Calls())
		f.Traffic.AddPrincipals("spiffe://cluster.local/ns/"+source.Namespace+"/sa/"+source.Workload,
			"spiffe://cluster.local/ns/"+destination.Namespace+"/sa/"+destination.Workload, n)
		flows[i] = f
	}
	return flows
}

func workload(i int) topology.Peer {
	app := fmt.Sprintf("service-%03d", i)
	return topology.Peer{
		Cluster: "Kubernetes", Namespace: fmt.Sprintf("namespace-%02d", i%40),
		Workload: app + "-v1", CanonicalService: app, CanonicalRevision: "v1",
	}
}

// addLatency spreads n requests over Istio's default buckets.
func addLatency(h *topology.Histogram, n float64) {
	bounds := [...]float64{
		.0005, .001, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60, 300, 600, 1800, 3600,
	}
	for i, bound := range bounds {
		h.AddBucket(bound, n*min(1, float64(i)/8))
	}
	h.AddBucket(math.Inf(1), n)
	h.Sum = n * 0.07
}
