package frames_test

import (
	"iter"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/grafana/grafana-plugin-sdk-go/data"
	"github.com/stretchr/testify/require"

	"github.com/meshscope/meshscope/exporter/health"
	"github.com/meshscope/meshscope/exporter/istio"
	"github.com/meshscope/meshscope/exporter/topology"
	"github.com/meshscope/meshscope/plugin/pkg/frames"
	"github.com/meshscope/meshscope/plugin/pkg/frames/framestest"
	"github.com/meshscope/meshscope/plugin/pkg/query"
)

// FuzzSeriesToFrames goes the whole way from raw label sets, of all metrics
// and with anything in them, to the frames that a panel draws. Nothing makes it
// panic, every frame keeps the panel's contract, and traffic is conserved: what
// was said of a call is on one edge, once, or rejected by name.
//
//	go test -run='^$' -fuzz=FuzzSeriesToFrames ./plugin/pkg/frames
func FuzzSeriesToFrames(f *testing.F) {
	f.Add([]byte{}, "", byte(0))
	f.Add([]byte("every call is counted once, whoever reports it and whatever it is called, on its way to a panel"), "10.0.0.1:80", byte(1))
	f.Add([]byte("\x00\x11\x22\x33\x44\x55\x66\x77\x88\x99\xaa\xbb\xcc\xdd\xee\xff\x01\x12\x23\x34\x45\x56\x67\x78\x89"), "istio-egressgateway.istio-system.svc.cluster.local", byte(2))
	f.Add([]byte("\xff\xfe\xfd\xfc\xfb\xfa\xf9\xf8\xf7\xf6\xf5\xf4\xf3\xf2\xf1\xf0"), "say \"hi\"\n🚢\x00", byte(3))
	f.Fuzz(checkSeriesToFrames)
}

// TestSeriesToFrames is FuzzSeriesToFrames for a while, always the same.
func TestSeriesToFrames(t *testing.T) {
	random := rand.NewChaCha8([32]byte([]byte("series to frames, series to fram")))
	odd := []string{"a", "unknown", "10.0.0.1:80", "c.shop.svc.cluster.local", `"\` + "\n🚢", "+Inf"}
	for i := range 400 {
		data := make([]byte, 50*(1+i%12))
		random.Read(data) // does not fail
		checkSeriesToFrames(t, data, odd[i%len(odd)], byte(i))
	}
}

func checkSeriesToFrames(t *testing.T, data []byte, odd string, choice byte) {
	samples := drawSamples(data, odd)
	level := topology.Levels[int(choice)%len(topology.Levels)]
	o := topology.BuildOptions{Level: level, Idle: choice&64 != 0}

	flows, said, _ := settled(t, samples)
	onFlows := sumOf(flows)
	for i := range said {
		require.LessOrEqual(t, onFlows[i], said[i]*(1+1e-9), "%s: no more than was said", quantityNames[i])
	}
	for reporter, alone := range byReporter(samples) {
		// What one reporter says has no rival: all of it is on an edge.
		of, said, folded := settled(t, alone)
		if folded == 0 {
			requireClose(t, said, sumOf(of), reporter)
		}
	}

	// Hops through waypoints are left out; nothing is made of them, or changed.
	onCalls := sumOf(topology.FoldWaypoints(flows, func(p topology.Peer) bool { return p.Workload == "a" }))
	for i := range onCalls {
		require.LessOrEqual(t, onCalls[i], onFlows[i]*(1+1e-9), "%s: no more than without waypoints", quantityNames[i])
	}
	require.Equal(t, onFlows, sumOf(flows))

	whole := topology.Build(minute, flows, o)
	drawnIn, drawnOn := quantities{}, quantities{}
	for i := 0; i < len(quantityStats); i += 2 {
		q := query.Default()
		q.Limit, q.Level, q.Idle = query.TypeGraph.MaxLimit(), level, o.Idle
		q.NodeStats, q.EdgeStats = quantityStats[i:i+2], quantityStats[i:i+2]
		q.ColorBy = query.ColorBys[int(choice)%len(query.ColorBys)]
		drawn := frames.Graph(whole, frames.View{Query: q})
		framestest.CheckContract(t, drawn, q.Limit)
		for _, n := range whole.Nodes {
			if len(n.In) > 0 && showsAny(q, n.In) {
				drawnIn.addRow(i, framestest.Row(t, drawn[0], n.ID()))
			}
		}
		for _, id := range framestest.IDs(t, drawn[1]) {
			drawnOn.addRow(i, framestest.Row(t, drawn[1], id))
		}
		q.Limit = 1 + int(choice)%20 // and when most of it is cut
		framestest.CheckContract(t, frames.Graph(whole, frames.View{Query: q}), q.Limit)
	}
	for _, e := range whole.Edges {
		if e.Source == e.Target { // is in its node's details
			drawnOn.addTraffic(e.Protocol, &e.Traffic)
		}
	}
	requireClose(t, onFlows, drawnOn, "edges by "+string(level))
	requireClose(t, onFlows, drawnIn, "nodes by "+string(level))
	checkLists(t, whole, flows, onFlows, choice)

	o.ServiceNodes = true // which have the traffic of others once more
	q := query.Default()
	framestest.CheckContract(t, frames.Graph(topology.Build(minute, flows, o), frames.View{Query: q}), q.Limit)
}

// checkLists makes the tables and verdicts of a mesh. Their rows are of all of
// its traffic, and keep their contracts, those of Grafana's alerting among them.
func checkLists(t *testing.T, whole *topology.Graph, flows []topology.Flow, onFlows quantities, choice byte) {
	if choice&32 != 0 {
		health.DefaultRules().Judge(minute, flows, nil).Attach(whole)
	}
	view := func(typ query.Type) frames.View {
		q := query.DefaultOf(typ)
		q.Level, q.NodeStats, q.EdgeStats, q.Entity = whole.Level, quantityStats, quantityStats, query.Entities[int(choice)%2]
		return frames.View{Query: q}
	}
	listedIn, listedOn := quantities{}, quantities{}
	nodes, edges := listed(t, whole, view(query.TypeNodes))[0], listed(t, whole, view(query.TypeEdges))[0]
	for i, stat := range [...]string{"request_rate", "tcp_rate", "message_rate", "connection_rate"} {
		listedIn[i] = minute.Length.Seconds() * columnSum(nodes, stat+"_in")
		listedOn[i] = minute.Length.Seconds() * columnSum(edges, stat)
	}
	requireClose(t, onFlows, listedOn, "rows of edges by "+string(whole.Level))
	requireClose(t, onFlows, listedIn, "rows of nodes by "+string(whole.Level))
	listed(t, whole, view(query.TypeHealth))

	cut := view(query.TypeEdges)
	cut.Query.Limit = 1 + int(choice)%5
	listed(t, whole, cut)
}

func columnSum(f *data.Frame, name string) (sum float64) {
	column, _ := f.FieldByName(name)
	for i := range column.Len() {
		if v, ok := column.ConcreteAt(i); ok {
			sum += v.(float64)
		}
	}
	return sum
}

// quantities are amounts of traffic per minute: sums that a stat shows.
type quantities [4]float64

var (
	quantityNames = [...]string{"requests", "TCP bytes", "messages", "connections"}
	quantityStats = []query.Stat{query.RequestRate, query.TCPRate, query.MessageRate, query.ConnectionRate}
)

func (q *quantities) addTraffic(p topology.Protocol, t *topology.Traffic) {
	switch p {
	case topology.HTTP, topology.GRPC:
		q[0] += t.Total()
	case topology.TCP:
		request, response := t.TCPBytes()
		q[1] += request + response
		q[3] += t.Opened
	}
	if p == topology.GRPC {
		q[2] += t.RequestMessages + t.ResponseMessages
	}
}

// addRow adds the two stats of a row that begin with the i-th quantity.
func (q *quantities) addRow(i int, row map[string]any) {
	for k, field := range [...]string{"mainstat", "secondarystat"} {
		if v, ok := row[field].(float64); ok {
			q[i+k] += v * minute.Length.Seconds()
		}
	}
}

func sumOf(flows []topology.Flow) (q quantities) {
	for _, f := range flows {
		q.addTraffic(f.Protocol, f.Traffic)
	}
	return q
}

func requireClose(t *testing.T, want, got quantities, of string) {
	t.Helper()
	for i := range want {
		require.InDelta(t, want[i], got[i], 1e-9*(1+want[i]), "%s of %s", quantityNames[i], of)
	}
}

func showsAny(q query.Query, by map[topology.Protocol]*topology.Traffic) bool {
	for p := range by {
		if q.Shows(p) {
			return true
		}
	}
	return false
}

// settled makes flows of samples, as for one graph. said is what was accepted
// of them, and folded counts those that became part of another edge.
func settled(t *testing.T, samples []rawSample) (flows []topology.Flow, said quantities, folded int) {
	t.Helper()
	reports, tally := topology.NewReports(0), istio.Tally{}
	for _, q := range (istio.Dialect{}).Totals(istio.TotalsOptions{Window: minute.Length}, istio.GraphMetrics(istio.LatencyHistogram)...) {
		r, answer := istio.NewReader(q), topology.NewReports(0)
		r.Begin(answer, &tally)
		for _, s := range samples {
			if s.metric.Name == q.Metrics[0].Name {
				r.Add(s.all(), s.value)
			}
		}
		r.End()
		reports.Merge(answer)
	}
	read := 0
	for _, n := range tally.Samples {
		read += n
	}
	require.Equal(t, len(samples), read)
	istio.FinishLatency(reports, &tally)
	accepted := 0
	for r := range reports.All() {
		said.addTraffic(r.Protocol, &r.Traffic)
		accepted += r.Samples
	}
	for reason, n := range tally.Rejected {
		if reason != istio.MixedBuckets { // counts histograms, whose samples were accepted
			accepted += n
		}
	}
	require.Equal(t, len(samples), accepted, "each sample is in a report, or rejected by name")

	resolution := topology.NewDedup(topology.DedupOptions{}).Resolve(minute, reports)
	for _, n := range resolution.Folded {
		folded += n
	}
	return resolution.Flows, said, folded
}

func byReporter(samples []rawSample) map[string][]rawSample {
	by := map[string][]rawSample{}
	for _, s := range samples {
		by[s.labels["reporter"]] = append(by[s.labels["reporter"]], s)
	}
	return by
}

// rawSample is what a series of a metric grew by.
type rawSample struct {
	metric istio.Metric
	labels map[string]string
	value  float64
}

func (s rawSample) all() iter.Seq2[[]byte, []byte] {
	return func(yield func(name, value []byte) bool) {
		for name, value := range s.labels {
			if !yield([]byte(name), []byte(value)) {
				return
			}
		}
	}
}

// rawWords are what the labels of samples are drawn from: few, so that what is
// drawn meets. "odd" stands for the text that is fuzzed.
var rawWords = []struct {
	label string
	words []string
}{
	{"reporter", []string{"source", "destination", "waypoint", "source", "destination", "", "unknown", "odd"}},
	{"source_cluster", []string{"east", "west", "", "unknown", "odd"}},
	{"source_workload_namespace", []string{"bookinfo", "shop", "", "unknown", "odd"}},
	{"source_workload", []string{"a", "b", "waypoint", "", "unknown", "odd"}},
	{"source_canonical_service", []string{"app", "", "unknown", "odd"}},
	{"source_canonical_revision", []string{"v1", "latest", "", "odd"}},
	{"destination_cluster", []string{"east", "west", "", "unknown", "odd"}},
	{"destination_workload_namespace", []string{"bookinfo", "shop", "", "unknown", "odd"}},
	{"destination_workload", []string{"a", "c", "waypoint", "", "unknown", "odd"}},
	{"destination_canonical_service", []string{"app", "", "unknown", "odd"}},
	{"destination_canonical_revision", []string{"v1", "latest", "", "odd"}},
	{"destination_service", []string{"c.bookinfo.svc.cluster.local", "httpbin.org", "", "unknown", "odd", "10.0.0.1:80"}},
	{"destination_service_name", []string{"c", "PassthroughCluster", "", "unknown", "odd"}},
	{"destination_service_namespace", []string{"bookinfo", "shop", "", "unknown", "odd"}},
	{"request_protocol", []string{"http", "grpc", "", "unknown", "HTTP", "odd"}},
	{"response_code", []string{"200", "404", "503", "0", "", "unknown", "odd"}},
	{"grpc_response_status", []string{"", "0", "14", "odd"}},
	{"response_flags", []string{"-", "UF", "", "odd"}},
	{"connection_security_policy", []string{"mutual_tls", "none", "unknown", "", "odd"}},
	{"source_principal", []string{"spiffe://a", "", "unknown", "odd"}},
	{"le", []string{"10", "100", "+Inf", "", "odd"}},
}

// drawSamples makes samples of bytes. Some are of the same call as the one
// before, from another reporter, or of another metric.
func drawSamples(data []byte, odd string) (samples []rawSample) {
	next := func() (b byte) {
		if len(data) > 0 {
			b, data = data[0], data[1:]
		}
		return b
	}
	metrics := istio.GraphMetrics(istio.LatencyHistogram)
	oddValues := []float64{math.NaN(), math.Inf(1), math.Inf(-1), -1, 1e-300, 1e12}
	for len(data) > 0 && len(samples) < 64 {
		s := rawSample{metric: metrics[int(next())%len(metrics)], labels: map[string]string{}}
		s.value = float64(next()) * 0.1
		if s.value > 25 {
			s.value = oddValues[int(next())%len(oddValues)]
		}
		like := next()
		for _, of := range rawWords {
			if n := len(samples); n > 0 && like%3 > 0 && of.label != "reporter" {
				s.labels[of.label] = samples[n-1].labels[of.label]
				continue
			}
			word := of.words[int(next())%len(of.words)]
			if word == "odd" {
				word = odd
			}
			if of.label == "request_protocol" && strings.EqualFold(word, string(topology.TCP)) {
				word = "" // no metric that is labelled with a protocol speaks of TCP
			}
			s.labels[of.label] = word
		}
		samples = append(samples, s)
	}
	return slices.Clip(samples)
}
