package filter_test

import (
	"math"
	"time"

	"github.com/meshscope/meshscope/exporter/topology"
)

// The mesh of the tests:
//
//	page ──http 10/s, 5 % 5xx, slow──▶ reviews ──grpc 20/s──▶ ratings ──tcp──▶ db
//	page ──http 30/s, 404s──▶ details                          ▲
//	unknown ──http 0.0003/s, plain text──▶ page                └── reviews ──tcp too
//	prometheus ──http──▶ page, and page ──http──▶ prometheus
//	page ──http, no response──▶ the service dead.shop
//
// All in namespace shop, but prometheus.
func mesh() *topology.Graph {
	const seconds = 1000
	peer := func(namespace, name string) topology.Peer {
		return topology.Peer{Cluster: "east", Namespace: namespace, Workload: name + "-v1", CanonicalService: name, CanonicalRevision: "v1"}
	}
	host := func(name string) topology.Service {
		return topology.Service{Host: name + ".shop.svc.cluster.local", Name: name, Namespace: "shop"}
	}
	page, reviews, ratings, details, db := peer("shop", "page"), peer("shop", "reviews"), peer("shop", "ratings"), peer("shop", "details"), peer("shop", "db")
	prometheus := peer("monitoring", "prometheus")

	flow := func(from, to topology.Peer, name string, p topology.Protocol, fill func(*topology.Traffic)) topology.Flow {
		t := new(topology.Traffic)
		fill(t)
		return topology.Flow{Key: topology.EdgeKey{Source: from, Destination: to, Service: host(name)}, Protocol: p, Traffic: t}
	}
	requests := func(code string, perSecond float64) func(*topology.Traffic) {
		return func(t *topology.Traffic) { t.AddRequests(topology.Response{Code: code}, perSecond*seconds) }
	}
	flows := []topology.Flow{
		flow(page, reviews, "reviews", topology.HTTP, func(t *topology.Traffic) {
			t.AddRequests(topology.Response{Code: "200"}, 9.5*seconds)
			t.AddRequests(topology.Response{Code: "503", Flags: "UO"}, .5*seconds)
			t.AddRequests(topology.Response{Code: "504", Flags: "UT"}, 0) // in an earlier interval
			t.AddSecured(topology.MutualTLS, 9*seconds)
			t.AddSecured(topology.Plaintext, 1*seconds)
			t.AddPrincipals("spiffe://mesh/page", "spiffe://mesh/reviews", 1)
			t.RequestBytes, t.ResponseBytes = 100*seconds, 4000*seconds
			t.LatencyHistogram().AddBucket(1, 0)
			t.LatencyHistogram().AddBucket(2, 10*seconds)
			t.LatencyHistogram().AddBucket(math.Inf(1), 10*seconds)
			t.Latency.Sum = 15 * seconds
		}),
		flow(page, details, "details", topology.HTTP, func(t *topology.Traffic) {
			requests("200", 27)(t)
			requests("404", 3)(t)
		}),
		flow(page, topology.Peer{Cluster: "east"}, "dead", topology.HTTP, requests("0", 1)),
		flow(page, prometheus, "prometheus", topology.HTTP, requests("200", 1)),
		flow(prometheus, page, "page", topology.HTTP, requests("200", 1)),
		flow(topology.Peer{Cluster: "east"}, page, "page", topology.HTTP, func(t *topology.Traffic) {
			requests("200", .0003)(t)
			t.AddSecured(topology.Plaintext, .3)
		}),
		flow(reviews, ratings, "ratings", topology.GRPC, func(t *topology.Traffic) {
			t.AddRequests(topology.Response{Code: "200", GRPCStatus: "0"}, 15*seconds)
			t.AddRequests(topology.Response{Code: "200", GRPCStatus: "14"}, 5*seconds)
			t.RequestMessages, t.ResponseMessages = 20*seconds, 40*seconds
		}),
		flow(reviews, ratings, "ratings", topology.TCP, func(t *topology.Traffic) { t.AddTCPRequestBytes("", 7*seconds) }),
		flow(ratings, db, "db", topology.TCP, func(t *topology.Traffic) {
			t.AddTCPRequestBytes("", 100*seconds)
			t.AddTCPResponseBytes("DC", 900*seconds)
			t.Opened, t.Closed = 2*seconds, 1*seconds
			t.AddSecured(topology.MutualTLS, 2*seconds)
		}),
	}
	return build(topology.Interval{End: time.Unix(1e9, 0), Length: seconds * time.Second}, flows)
}
