package topology_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/meshscope/meshscope/exporter/topology"
)

// benchEdges are edges of a mesh of n edges, ten to each source workload.
func benchEdges(n int) []topology.EdgeKey {
	named := func(i int) topology.Peer {
		name := fmt.Sprintf("service-%d", i)
		return topology.Peer{
			Cluster: home, Namespace: fmt.Sprintf("namespace-%d", i%40),
			Workload: name + "-v1", CanonicalService: name, CanonicalRevision: "v1",
		}
	}
	keys := make([]topology.EdgeKey, n)
	for i := range keys {
		source, destination := named(i/10), named(i/10+i%10+1)
		keys[i] = topology.EdgeKey{Source: source, Destination: destination, Service: topology.Service{
			Host:      destination.CanonicalService + "." + destination.Namespace + ".svc.cluster.local",
			Name:      destination.CanonicalService,
			Namespace: destination.Namespace,
		}}
	}
	return keys
}

// BenchmarkResolveAndBuild is what a refresh does between reading samples and
// rendering series: of 3,000 edges, each with two reporters, three codes and
// twenty buckets, it makes flows and then the workload graph. In "incomplete"
// no source knows the destination's cluster, as in istio#29373. To compare two
// states:
//
//	go test -run='^$' -bench=ResolveAndBuild -count=10 ./exporter/topology | tee new.txt
//	benchstat old.txt new.txt
func BenchmarkResolveAndBuild(b *testing.B) {
	const edges = 3000
	bounds := []float64{
		.0005, .001, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60, 300, 600, 1800, 3600, inf,
	}
	codes := []topology.Response{{Code: "200"}, {Code: "404"}, {Code: "503", Flags: "UF"}}
	keys := benchEdges(edges)
	collect := func(incomplete bool) *topology.Reports {
		rs := topology.NewReports(2 * edges)
		for _, key := range keys {
			for _, by := range []topology.Reporter{topology.BySource, topology.ByDestination} {
				r := rs.Report(key, topology.HTTP, by)
				r.AssumedCluster = incomplete && by == topology.BySource
				for i, code := range codes {
					r.Traffic.AddRequests(code, float64(100-30*i))
				}
				for i, bound := range bounds {
					r.Traffic.LatencyHistogram().AddBucket(bound, float64(10*i))
				}
				r.Traffic.Latency.Sum = 12.5
				r.Traffic.AddSecured(topology.UnknownPolicy, 210)
				if by == topology.ByDestination {
					r.Traffic.AddSecured(topology.MutualTLS, 210)
				}
				r.Samples = 26
			}
		}
		return rs
	}
	for _, incomplete := range []bool{false, true} {
		name := map[bool]string{false: "complete", true: "incomplete"}[incomplete]
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			iv := topology.Interval{End: time.Date(2026, 9, 1, 12, 0, 0, 0, time.UTC), Length: 15 * time.Second}
			d := topology.NewDedup(topology.DedupOptions{Settle: time.Minute, Forget: time.Hour})
			for b.Loop() {
				b.StopTimer()
				rs := collect(incomplete) // Resolve keeps parts of it
				iv.End = iv.End.Add(iv.Length)
				b.StartTimer()
				g := topology.Build(iv, d.Resolve(iv, rs).Flows, topology.BuildOptions{})
				if len(g.Edges) != edges {
					b.Fatalf("%d edges, want %d", len(g.Edges), edges)
				}
			}
		})
	}
}
