package render_test

import (
	"math"
	"time"

	"github.com/meshscope/meshscope/exporter/topology"
)

const home = "Kubernetes"

func workload(namespace, app, version string) topology.Peer {
	return topology.Peer{
		Cluster: home, Namespace: namespace, Workload: app + "-" + version, CanonicalService: app, CanonicalRevision: version,
	}
}

func service(namespace, name string) topology.Service {
	return topology.Service{Host: name + "." + namespace + ".svc.cluster.local", Name: name, Namespace: namespace}
}

// bookinfoFlows are five minutes of Bookinfo, with all that a mesh may have: a
// gateway, three versions, gRPC, TCP, a host outside, a caller outside, calls
// that reached no workload, errors, and an edge without mutual TLS.
func bookinfoFlows() []topology.Flow {
	var (
		gateway     = topology.Peer{Cluster: home, Namespace: "istio-system", Workload: "istio-ingressgateway", CanonicalService: "istio-ingressgateway", CanonicalRevision: "latest"}
		productpage = workload("bookinfo", "productpage", "v1")
		details     = workload("bookinfo", "details", "v1")
		ratings     = workload("bookinfo", "ratings", "v1")
		mongodb     = workload("bookinfo", "mongodb", "v1")
		audit       = workload("backoffice", "audit", "v2")
		nobody      = topology.Peer{Cluster: home}
		flows       []topology.Flow
	)
	reviews := func(version string) topology.Peer { return workload("bookinfo", "reviews", version) }
	call := func(from, to topology.Peer, s topology.Service, p topology.Protocol, by topology.Reporter) *topology.Traffic {
		t := new(topology.Traffic)
		flows = append(flows, topology.Flow{
			Key: topology.EdgeKey{Source: from, Destination: to, Service: s}, Protocol: p, Reporter: by, Traffic: t,
		})
		return t
	}
	answered := func(t *topology.Traffic, n, seconds float64) {
		t.AddRequests(topology.Response{Code: "200"}, n)
		t.RequestBytes, t.ResponseBytes = 250*n, 1500*n
		t.Latency = &topology.Histogram{
			Bounds:     []float64{seconds / 2, seconds, 2 * seconds, math.Inf(1)},
			Cumulative: []float64{n / 2, n * 9 / 10, n, n},
			Sum:        n * seconds * 0.6,
		}
		t.AddSecured(topology.MutualTLS, n)
	}

	answered(call(gateway, productpage, service("bookinfo", "productpage"), topology.HTTP, topology.BySource), 3000, .08)

	outside := call(nobody, productpage, service("bookinfo", "productpage"), topology.HTTP, topology.ByDestination)
	outside.AddRequests(topology.Response{Code: "200"}, 40)
	outside.AddRequests(topology.Response{Code: "404"}, 2)
	outside.AddSecured(topology.Plaintext, 42)

	answered(call(productpage, details, service("bookinfo", "details"), topology.HTTP, topology.BySource), 3042, .004)
	for i, version := range []string{"v1", "v2", "v3"} {
		answered(call(productpage, reviews(version), service("bookinfo", "reviews"), topology.HTTP, topology.BySource), float64(1010+i), .03)
	}
	unreached := call(productpage, nobody, service("bookinfo", "reviews"), topology.HTTP, topology.BySource)
	unreached.AddRequests(topology.Response{Code: "503", Flags: "UH"}, 5)

	answered(call(reviews("v2"), ratings, service("bookinfo", "ratings"), topology.HTTP, topology.BySource), 1011, .002)
	failing := call(reviews("v3"), ratings, service("bookinfo", "ratings"), topology.HTTP, topology.BySource)
	answered(failing, 700, .002)
	failing.AddRequests(topology.Response{Code: "503", Flags: "UF"}, 300)
	failing.AddRequests(topology.Response{Code: "0", Flags: "DC"}, 12)
	failing.AddPrincipals("spiffe://cluster.local/ns/bookinfo/sa/bookinfo-reviews", "spiffe://cluster.local/ns/bookinfo/sa/bookinfo-ratings", 1012)

	db := call(ratings, mongodb, service("bookinfo", "mongodb"), topology.TCP, topology.BySource)
	db.Opened, db.Closed = 30, 28
	db.AddTCPRequestBytes("-", 120e3)
	db.AddTCPResponseBytes("-", 2.4e6)
	db.AddTCPResponseBytes("UF", 100)
	db.AddSecured(topology.MutualTLS, 27)
	db.AddSecured(topology.Plaintext, 3)

	rare := call(audit, ratings, service("bookinfo", "ratings"), topology.GRPC, topology.ByWaypoint)
	rare.AddRequests(topology.Response{Code: "200", GRPCStatus: "0"}, 0.09)
	rare.AddRequests(topology.Response{Code: "200", GRPCStatus: "14", Flags: "URX"}, 0.0003)
	rare.RequestMessages, rare.ResponseMessages = 9, 90

	external := call(audit, topology.Peer{}, topology.Service{Host: "api.example.com"}, topology.TCP, topology.BySource)
	external.AddTCPRequestBytes("-", 5000)
	return flows
}

var fiveMinutes = topology.Interval{End: time.Date(2026, 9, 1, 12, 0, 0, 0, time.UTC), Length: 5 * time.Minute}

func bookinfo(level topology.Level) *topology.Graph {
	return topology.Build(fiveMinutes, bookinfoFlows(), topology.BuildOptions{Level: level})
}
