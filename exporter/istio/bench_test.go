package istio_test

import (
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/meshscope/meshscope/exporter/istio"
	"github.com/meshscope/meshscope/exporter/topology"
)

// BenchmarkSamplesToEdges is a refresh without the store: from the samples of
// answers to the flows of 3,000 edges, each with two reporters, by
// readers that have seen the label sets before. "requests" are three codes
// each; "all" has bytes, and durations in twenty buckets, too. To compare two
// states:
//
//	go test -run='^$' -bench=SamplesToEdges -count=10 ./exporter/istio | tee new.txt
//	benchstat old.txt new.txt
func BenchmarkSamplesToEdges(b *testing.B) {
	const edges = 3000
	for _, bc := range []struct {
		name    string
		metrics []istio.Metric
	}{
		{"requests", []istio.Metric{istio.Requests}},
		{"all", []istio.Metric{istio.Requests, istio.RequestBytes, istio.ResponseBytes, istio.LatencyBuckets, istio.LatencySum}},
	} {
		b.Run(bc.name, func(b *testing.B) {
			b.ReportAllocs()
			var answers []benchAnswer
			samples := 0
			for _, m := range bc.metrics {
				a := benchAnswer{reader: istio.NewReader(increments(m)), series: benchMesh(m, edges)}
				answers = append(answers, a)
				samples += len(a.series)
			}
			iv := topology.Interval{End: time.Date(2026, 9, 1, 12, 0, 0, 0, time.UTC), Length: step}
			dedup := topology.NewDedup(topology.DedupOptions{Settle: time.Minute, Forget: time.Hour})
			for b.Loop() {
				iv.End = iv.End.Add(iv.Length)
				var tally istio.Tally
				all := answers[0].read(2*edges, &tally)
				for _, a := range answers[1:] {
					all.Merge(a.read(2*edges, &tally))
				}
				istio.FinishLatency(all, &tally)
				flows := dedup.Resolve(iv, all).Flows
				if len(flows) != edges || len(tally.Rejected) > 0 {
					b.Fatalf("%d flows, want %d; rejected %v", len(flows), edges, tally.Rejected)
				}
			}
			b.ReportMetric(float64(samples), "samples/op")
		})
	}
}

// BenchmarkReader is the reading of samples alone.
func BenchmarkReader(b *testing.B) {
	for _, m := range []istio.Metric{istio.Requests, istio.LatencyBuckets} {
		b.Run(m.Key, func(b *testing.B) {
			b.ReportAllocs()
			a := benchAnswer{reader: istio.NewReader(increments(m)), series: benchMesh(m, 3000)}
			var tally istio.Tally
			for b.Loop() {
				a.read(6000, &tally)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(a.series)), "ns/sample")
		})
	}
}

type benchAnswer struct {
	reader *istio.Reader
	series []*benchSeries
}

func (a benchAnswer) read(room int, tally *istio.Tally) *topology.Reports {
	reports := topology.NewReports(room)
	a.reader.Begin(reports, tally)
	defer a.reader.End()
	for i, s := range a.series {
		a.reader.Add(s.all, float64(1+i%40))
	}
	return reports
}

// benchSeries is a series as an answer's decoder has it: names and values in
// one text, and where each ends.
type benchSeries struct {
	text []byte
	ends []uint16
}

func (s *benchSeries) append(text string) {
	s.text = append(s.text, text...)
	s.ends = append(s.ends, uint16(len(s.text)))
}

func (s *benchSeries) all(yield func(name, value []byte) bool) {
	start := uint16(0)
	for i := 0; i < len(s.ends); i += 2 {
		name, value := s.ends[i], s.ends[i+1]
		if !yield(s.text[start:name], s.text[name:value]) {
			return
		}
		start = value
	}
}

// benchMesh are the series of m in a mesh of so many edges, ten from each
// workload.
func benchMesh(m istio.Metric, edges int) (all []*benchSeries) {
	parts := []with{nil}
	switch m.Name {
	case istio.Requests.Name:
		parts = []with{ended("200", "", "-"), ended("404", "", "-"), ended("503", "", "UF")}
	case istio.LatencyBuckets.Name:
		parts = nil
		for _, le := range []string{
			"0.5", "1", "5", "10", "25", "50", "100", "250", "500", "1000", "2500", "5000", "10000", "30000", "60000", "300000", "600000", "1.8e+06", "3.6e+06", "+Inf",
		} {
			parts = append(parts, with{istio.UpperBound: le})
		}
	}
	workload := func(i int) (name, app, namespace string) {
		app = fmt.Sprintf("service-%d", i)
		return app + "-v1", app, fmt.Sprintf("namespace-%d", i%40)
	}
	for i := range edges {
		source, sourceApp, sourceNamespace := workload(i / 10)
		destination, app, namespace := workload(i/10 + i%10 + 1)
		for _, reporter := range []string{"source", "destination"} {
			labels := call(with{
				istio.ReporterLabel: reporter, istio.DestinationCluster: "east",
				istio.SourceWorkloadNamespace: sourceNamespace, istio.SourceWorkload: source,
				istio.SourceCanonicalService: sourceApp, istio.SourceCanonicalRevision: "v1",
				istio.DestinationWorkloadNamespace: namespace, istio.DestinationWorkload: destination,
				istio.DestinationCanonicalService: app,
				istio.DestinationService:          app + "." + namespace + ".svc.cluster.local", istio.DestinationServiceName: app,
				istio.DestinationServiceNamespace: namespace,
			})
			if m.Name == istio.Requests.Name {
				labels = call(labels, with{
					istio.ConnectionSecurityPolicy: map[string]string{"source": "unknown", "destination": "mutual_tls"}[reporter],
					istio.SourcePrincipal:          "spiffe://cluster.local/ns/" + sourceNamespace + "/sa/" + sourceApp,
					istio.DestinationPrincipal:     "spiffe://cluster.local/ns/" + namespace + "/sa/" + app,
				})
			}
			for _, part := range parts {
				labels := says(call(labels, part), 0).labels
				s := new(benchSeries)
				for _, name := range slices.Sorted(maps.Keys(labels)) {
					s.append(name)
					s.append(labels[name])
				}
				all = append(all, s)
			}
		}
	}
	return all
}
