package filter_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/meshscope/meshscope/exporter/topology"
)

// BenchmarkApply chooses from a mesh of 3,000 edges, ten to each workload,
// each with three codes and a histogram. Compiling is not in it:
// BenchmarkCompile is. To compare two states:
//
//	go test -run='^$' -bench=Apply -count=10 ./exporter/filter | tee new.txt
//	benchstat old.txt new.txt
func BenchmarkApply(b *testing.B) {
	g := large(3000)
	for _, text := range expressions {
		b.Run(text, func(b *testing.B) {
			p := compile(b, text)
			b.ReportAllocs()
			for b.Loop() {
				p.Apply(g)
			}
		})
	}
}

func BenchmarkCompile(b *testing.B) {
	for _, text := range expressions {
		b.Run(text, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				compile(b, text)
			}
		})
	}
}

var expressions = []string{
	`node.namespace == "namespace-1"`,
	`edge.errorRatio > 0.01`,
	`edge.p95 > 0.5 && source.namespace != target.namespace`,
	`node.app matches "^service-[0-9]+$" && edge.requestRate > 1 && "503" in edge.codes`,
	`node.rankIn <= 2`,
}

func large(edges int) *topology.Graph {
	peer := func(i int) topology.Peer {
		name := fmt.Sprintf("service-%d", i)
		return topology.Peer{Cluster: "east", Namespace: fmt.Sprintf("namespace-%d", i%40), Workload: name + "-v1", CanonicalService: name, CanonicalRevision: "v1"}
	}
	flows := make([]topology.Flow, edges)
	for i := range flows {
		t := new(topology.Traffic)
		for code, n := range map[string]float64{"200": 900, "404": float64(i % 7), "503": float64(i % 11)} {
			t.AddRequests(topology.Response{Code: code}, n)
		}
		for bucket := range 20 {
			t.LatencyHistogram().AddBucket(float64(bucket)/10, float64(bucket*50))
		}
		flows[i] = topology.Flow{
			Key:      topology.EdgeKey{Source: peer(i / 10), Destination: peer(i/10 + i%10 + 1)},
			Protocol: topology.HTTP,
			Traffic:  t,
		}
	}
	return build(topology.Interval{End: time.Unix(1e9, 0), Length: 5 * time.Minute}, flows)
}
