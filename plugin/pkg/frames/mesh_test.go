package frames_test

import (
	"time"

	"github.com/meshscope/meshscope/exporter/topology"
)

var minute = topology.Interval{End: time.Unix(1_700_000_000, 0).UTC(), Length: time.Minute}

func peer(namespace, workload string) topology.Peer {
	return topology.Peer{Cluster: "east", Namespace: namespace, Workload: workload, CanonicalService: app(workload), CanonicalRevision: version(workload)}
}

// app and version read a workload's name as Bookinfo forms it: reviews-v1.
func app(workload string) string {
	if n := len(workload) - 3; n > 0 && workload[n:n+2] == "-v" {
		return workload[:n]
	}
	return workload
}

func version(workload string) string {
	if n := len(workload) - 2; n > 1 && workload[n-1:n+1] == "-v" {
		return workload[n:]
	}
	return "latest"
}

func service(namespace, name string) topology.Service {
	return topology.Service{Host: name + "." + namespace + ".svc.cluster.local", Name: name, Namespace: namespace}
}

type flowOption func(*topology.Flow)

func flow(from, to topology.Peer, called topology.Service, p topology.Protocol, options ...flowOption) topology.Flow {
	f := topology.Flow{
		Key:      topology.EdgeKey{Source: from, Destination: to, Service: called},
		Protocol: p,
		Traffic:  new(topology.Traffic),
	}
	for _, o := range options {
		o(&f)
	}
	return f
}

func code(code string, n float64) flowOption {
	return func(f *topology.Flow) { f.Traffic.AddRequests(topology.Response{Code: code}, n) }
}

func flagged(code, flags string, n float64) flowOption {
	return func(f *topology.Flow) { f.Traffic.AddRequests(topology.Response{Code: code, Flags: flags}, n) }
}

func grpc(status string, n float64) flowOption {
	return func(f *topology.Flow) {
		f.Traffic.AddRequests(topology.Response{Code: "200", GRPCStatus: status}, n)
		f.Traffic.RequestMessages += n
		f.Traffic.ResponseMessages += 3 * n
	}
}

func tcp(opened, sent, received float64) flowOption {
	return func(f *topology.Flow) {
		f.Traffic.Opened, f.Traffic.Closed = opened, opened
		f.Traffic.AddTCPRequestBytes("", sent)
		f.Traffic.AddTCPResponseBytes("", received)
	}
}

func bodies(request, response float64) flowOption {
	return func(f *topology.Flow) { f.Traffic.RequestBytes, f.Traffic.ResponseBytes = request, response }
}

// within puts n requests evenly between 0 and the seconds of a bound, and
// others in the next one.
func within(seconds, n, slow float64) flowOption {
	return func(f *topology.Flow) {
		h := f.Traffic.LatencyHistogram()
		h.AddBucket(seconds, n)
		h.AddBucket(10*seconds, n+slow)
		h.AddBucket(infinity, n+slow)
		h.Sum = n*seconds/2 + slow*5*seconds
	}
}

func secured(p topology.Policy, n float64) flowOption {
	return func(f *topology.Flow) { f.Traffic.AddSecured(p, n) }
}

// bookinfo has HTTP with errors and retries, gRPC, TCP, a caller outside the
// mesh, an external host, and an edge of two protocols.
func bookinfo() []topology.Flow {
	const ns = "bookinfo"
	productpage, reviews, ratings := peer(ns, "productpage-v1"), peer(ns, "reviews-v2"), peer(ns, "ratings-v1")
	gateway, mongo := peer("istio-system", "istio-ingressgateway"), peer("data", "mongodb-v1")
	mtls := topology.MutualTLS
	return []topology.Flow{
		flow(topology.Peer{Cluster: "east"}, gateway, service("istio-system", "istio-ingressgateway"), topology.HTTP,
			code("200", 590), code("404", 10), secured(topology.Plaintext, 600), within(0.1, 590, 10)),
		flow(gateway, productpage, service(ns, "productpage"), topology.HTTP,
			code("200", 590), code("404", 10), secured(mtls, 600), within(0.1, 590, 10), bodies(6_000, 3_000_000)),
		flow(productpage, reviews, service(ns, "reviews"), topology.HTTP,
			code("200", 480), flagged("503", "UF", 120), secured(mtls, 540), secured(topology.Plaintext, 60), within(0.05, 500, 100)),
		flow(reviews, ratings, service(ns, "ratings"), topology.GRPC, grpc("0", 475), grpc("14", 5), secured(mtls, 480), within(0.01, 480, 0)),
		flow(ratings, mongo, service("data", "mongodb"), topology.TCP, tcp(12, 60_000, 240_000), secured(mtls, 12)),
		flow(ratings, mongo, service("data", "mongodb"), topology.HTTP, code("200", 6), secured(mtls, 6)),
		flow(reviews, topology.Peer{Cluster: "east"}, topology.Service{Host: "api.example.com", Name: "api.example.com"}, topology.HTTP,
			code("200", 30), code("301", 6), flagged("0", "DC", 24), within(1, 36, 24)),
	}
}
