package istio_test

import (
	"iter"
	"maps"
	"math"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/meshscope/meshscope/exporter/istio"
	"github.com/meshscope/meshscope/exporter/topology"
)

const (
	step     = 15 * time.Second
	lookback = 5 * time.Minute
)

// increments is the question for what one metric grew by.
func increments(m istio.Metric) istio.Question {
	return istio.Dialect{}.Increments(step, lookback, m)[0]
}

// series is one series of an answer, its labels by name.
type series struct {
	labels map[string]string
	value  float64
}

// says is a series with the labels of w and others.
func says(w with, value float64, more ...string) series {
	labels := map[string]string{}
	for l, v := range w {
		labels[l.String()] = v
	}
	for i := 0; i < len(more); i += 2 {
		labels[more[i]] = more[i+1]
	}
	return series{labels, value}
}

// all are the labels as stores send them: sorted by name.
func (s series) all() iter.Seq2[[]byte, []byte] {
	type pair struct{ name, value []byte }
	var pairs []pair
	for _, name := range slices.Sorted(maps.Keys(s.labels)) {
		pairs = append(pairs, pair{[]byte(name), []byte(s.labels[name])})
	}
	return func(yield func(name, value []byte) bool) {
		for _, p := range pairs {
			if !yield(p.name, p.value) {
				return
			}
		}
	}
}

// read is what a reader makes of one answer.
func read(r *istio.Reader, answer ...series) ([]*topology.Report, istio.Tally) {
	reports, tally := topology.NewReports(0), istio.Tally{}
	r.Begin(reports, &tally)
	defer r.End()
	for _, s := range answer {
		r.Add(s.all(), s.value)
	}
	return slices.Collect(reports.All()), tally
}

func readOne(t *testing.T, q istio.Question, answer ...series) *topology.Report {
	t.Helper()
	reports, tally := read(istio.NewReader(q), answer...)
	require.Empty(t, tally.Rejected)
	require.Len(t, reports, 1)
	return reports[0]
}

var secured = with{
	istio.ConnectionSecurityPolicy: "mutual_tls",
	istio.SourcePrincipal:          "spiffe://cluster.local/ns/bookinfo/sa/reviews",
	istio.DestinationPrincipal:     "spiffe://cluster.local/ns/bookinfo/sa/ratings",
}

func ended(code, grpcStatus, flags string) with {
	return with{istio.ResponseCode: code, istio.GRPCResponseStatus: grpcStatus, istio.ResponseFlags: flags}
}

// T3: what differs in labels that are no part of the edge is summed.
func TestT3ReaderSums(t *testing.T) {
	r := readOne(t, increments(istio.Requests),
		says(call(secured, ended("200", "", "-")), 10),
		says(call(secured, ended("503", "", "UF")), 1),
		says(call(ended("200", "", "-"), with{istio.ConnectionSecurityPolicy: "none"}), 5),
	)
	require.Equal(t, istio.Placement{Key: topology.EdgeKey{Source: reviews, Destination: ratings, Service: ratingsService}, Protocol: topology.HTTP},
		istio.Placement{Key: r.Key, Protocol: r.Protocol, Reporter: r.Reporter})
	require.Equal(t, 3, r.Samples)
	require.Equal(t, map[topology.Response]float64{{Code: "200"}: 15, {Code: "503", Flags: "UF"}: 1}, r.Traffic.Requests)
	require.Equal(t, map[topology.Policy]float64{topology.MutualTLS: 11, topology.Plaintext: 5}, r.Traffic.Secured)
	require.Equal(t, map[string]float64{"spiffe://cluster.local/ns/bookinfo/sa/reviews": 11}, r.Traffic.SourcePrincipals)
	require.Equal(t, map[string]float64{"spiffe://cluster.local/ns/bookinfo/sa/ratings": 11}, r.Traffic.DestinationPrincipals)
}

// T2: absent flags, "-" and unknown are no flags; an absent or unknown status
// is none; so is a code.
func TestT2AbsentParts(t *testing.T) {
	for _, absent := range []string{"", "unknown"} {
		r := readOne(t, increments(istio.Requests), says(call(ended(absent, absent, absent)), 1))
		require.Equal(t, map[topology.Response]float64{{}: 1}, r.Traffic.Requests)
		require.Equal(t, map[topology.Policy]float64{topology.UnknownPolicy: 1}, r.Traffic.Secured)
		require.Empty(t, r.Traffic.SourcePrincipals)
		require.Empty(t, r.Traffic.DestinationPrincipals)
	}
	r := readOne(t, increments(istio.Requests), says(call(ended("200", "", "-")), 1), says(call(ended("200", "", "")), 2))
	require.Equal(t, map[topology.Response]float64{{Code: "200"}: 3}, r.Traffic.Requests)
	tcp := readOne(t, increments(istio.TCPRequestBytes),
		says(call(), 1), says(call(with{istio.ResponseFlags: "-"}), 2), says(call(with{istio.ResponseFlags: "unknown"}), 4), says(call(with{istio.ResponseFlags: "UF,URX"}), 8))
	require.Equal(t, map[string]float64{"": 7, "UF,URX": 8}, tcp.Traffic.TCPRequestBytes)
}

// T2: for a label that is missing, empty or "unknown" there is one report.
func TestT2ReaderTakesMissingEmptyAndUnknownAlike(t *testing.T) {
	for _, l := range placeLabels {
		if l == istio.ReporterLabel {
			continue
		}
		missing := call()
		delete(missing, l)
		r := readOne(t, increments(istio.Requests), says(missing, 1), says(call(with{l: ""}), 2), says(call(with{l: "unknown"}), 4))
		require.Equal(t, 7.0, r.Traffic.Total(), "%s", l)
	}
}

// T8: code 0 is no response, also of gRPC; a gRPC status stands beside the
// HTTP code; and a status of HTTP calls that is "" is none.
func TestT8ResponseCodes(t *testing.T) {
	for _, tc := range []struct {
		protocol string
		labels   with
		want     topology.Response
		outcome  topology.Outcome
	}{
		{"http", ended("0", "", "DC"), topology.Response{Code: "0", Flags: "DC"}, topology.NoResponse},
		{"grpc", ended("0", "", "DC"), topology.Response{Code: "0", Flags: "DC"}, topology.NoResponse},
		{"grpc", ended("200", "0", "-"), topology.Response{Code: "200", GRPCStatus: "0"}, topology.GRPCOK},
		{"grpc", ended("200", "14", "-"), topology.Response{Code: "200", GRPCStatus: "14"}, topology.GRPCError},
		{"grpc", ended("503", "14", "UF"), topology.Response{Code: "503", GRPCStatus: "14", Flags: "UF"}, topology.GRPCError},
		{"grpc", ended("200", "", "-"), topology.Response{Code: "200"}, topology.GRPCOK},
		{"http", ended("5xx", "", "-"), topology.Response{Code: "5xx"}, topology.ServerError},
		{"http", ended("200", "unknown", "-"), topology.Response{Code: "200"}, topology.Success},
		{"http", ended("unknown", "", "-"), topology.Response{}, topology.OtherOutcome},
	} {
		r := readOne(t, increments(istio.Requests), says(call(tc.labels, with{istio.RequestProtocol: tc.protocol}), 1))
		require.Equal(t, map[topology.Response]float64{tc.want: 1}, r.Traffic.Requests)
		require.Equal(t, tc.outcome, tc.want.Outcome(r.Protocol), "%s %+v", tc.protocol, tc.want)
	}
}

// T7: request bytes go from client to server, which Istio's proxies name
// "received" for TCP; each metric counts in its own place, and in no other.
func TestT7EachMetricCountsInItsPlace(t *testing.T) {
	response := topology.Response{Code: "200"}
	for _, tc := range []struct {
		metric istio.Metric
		want   topology.Traffic
	}{
		{istio.Requests, topology.Traffic{Requests: map[topology.Response]float64{response: 3}, Secured: map[topology.Policy]float64{"unknown": 3}}},
		{istio.LatencySum, topology.Traffic{Latency: &topology.Histogram{Sum: 0.003}}},
		{istio.LatencyCount, topology.Traffic{Latency: &topology.Histogram{Bounds: []float64{math.Inf(1)}, Cumulative: []float64{3}}}},
		{istio.LatencyBuckets, topology.Traffic{Latency: &topology.Histogram{Bounds: []float64{.25}, Cumulative: []float64{3}}}},
		{istio.RequestBytes, topology.Traffic{RequestBytes: 3}},
		{istio.ResponseBytes, topology.Traffic{ResponseBytes: 3}},
		{istio.RequestMessages, topology.Traffic{RequestMessages: 3}},
		{istio.ResponseMessages, topology.Traffic{ResponseMessages: 3}},
		{istio.TCPRequestBytes, topology.Traffic{TCPRequestBytes: map[string]float64{"": 3}}},
		{istio.TCPResponseBytes, topology.Traffic{TCPResponseBytes: map[string]float64{"": 3}}},
		{istio.TCPOpened, topology.Traffic{Opened: 3, Secured: map[topology.Policy]float64{"unknown": 3}}},
		{istio.TCPClosed, topology.Traffic{Closed: 3}},
	} {
		labels := call(ended("200", "", "-"))
		if tc.metric.Name == istio.LatencyBuckets.Name {
			labels[istio.UpperBound] = "250"
		}
		r := readOne(t, increments(tc.metric), says(labels, 3))
		require.Equal(t, tc.want, r.Traffic, tc.metric.Name)

		// In an answer for several metrics the sample itself says which it is of.
		births := istio.Dialect{}.Births("births", step, lookback, istio.TCPOpened, tc.metric, istio.Requests)
		r = readOne(t, births, says(labels, 3, "metric", tc.metric.Name))
		require.Equal(t, tc.want, r.Traffic, "%s of several", tc.metric.Name)
	}
	require.Equal(t, "istio_tcp_received_bytes_total", istio.TCPRequestBytes.Name)
	require.Equal(t, "istio_tcp_sent_bytes_total", istio.TCPResponseBytes.Name)
}

// Buckets come one by one, in any order, in milliseconds.
func TestReaderBuckets(t *testing.T) {
	bucket := func(le string, n float64) series { return says(call(with{istio.UpperBound: le}), n) }
	r := readOne(t, increments(istio.LatencyBuckets), bucket("+Inf", 7), bucket("0.5", 1), bucket("1000", 5), bucket("5.0", 2), bucket("5", 2))
	require.Equal(t, &topology.Histogram{
		Bounds: []float64{.0005, .005, 1, math.Inf(1)}, Cumulative: []float64{1, 4, 5, 7},
	}, r.Traffic.Latency)
	require.Equal(t, 5, r.Samples)
}

func TestReaderRejectsByReason(t *testing.T) {
	good := call(ended("200", "", "-"))
	births := istio.Dialect{}.Births("births", step, lookback, istio.RequestBytes, istio.ResponseBytes)
	for _, tc := range []struct {
		name     string
		question istio.Question
		bad      series
		want     istio.Reason
	}{
		{"NaN", increments(istio.Requests), says(good, math.NaN()), istio.NotANumber},
		{"+Inf", increments(istio.Requests), says(good, math.Inf(1)), istio.Infinite},
		{"-Inf", increments(istio.Requests), says(good, math.Inf(-1)), istio.Infinite},
		{"negative", increments(istio.Requests), says(good, -1e-9), istio.Negative},
		{"no le", increments(istio.LatencyBuckets), says(call(), 1), istio.NoUpperBound},
		{"empty le", increments(istio.LatencyBuckets), says(call(with{istio.UpperBound: ""}), 1), istio.NoUpperBound},
		{"le that is no number", increments(istio.LatencyBuckets), says(call(with{istio.UpperBound: "5ms"}), 1), istio.NoUpperBound},
		{"le that is NaN", increments(istio.LatencyBuckets), says(call(with{istio.UpperBound: "NaN"}), 1), istio.NoUpperBound},
		{"no place", increments(istio.Requests), says(call(noWorkload, noService), 1), istio.NoDestination},
		{"no place, no number", increments(istio.Requests), says(call(noWorkload, noService), math.NaN()), istio.NoDestination},
		{"a metric without a name", births, says(good, 1), istio.UnknownMetric},
		{"a metric that does not exist", births, says(good, 1, "metric", "istio_responses_total"), istio.UnknownMetric},
		{"a metric that was not asked for", births, says(good, 1, "metric", istio.Requests.Name), istio.UnknownMetric},
	} {
		t.Run(tc.name, func(t *testing.T) {
			r := istio.NewReader(tc.question)
			for range 2 { // found, and remembered
				reports, tally := read(r, tc.bad, tc.bad)
				require.Empty(t, reports, "no report by what is not counted")
				require.Equal(t, map[istio.Reason]int{tc.want: 2}, tally.Rejected)
				require.Equal(t, map[string]int{tc.question.Metrics[0].Key: 2}, tally.Samples, "rejected samples were read, too")
			}
			require.Contains(t, istio.Reasons, tc.want)
		})
	}
}

// One bad sample does not spoil the others, of the same series neither.
func TestReaderGoesOnAfterBadSamples(t *testing.T) {
	good := call(ended("200", "", "-"))
	reports, tally := read(istio.NewReader(increments(istio.Requests)),
		says(good, math.NaN()), says(good, 2), says(good, math.Inf(1)), says(call(noWorkload, noService), 9), says(good, 3), says(good, -4))
	require.Len(t, reports, 1)
	require.Equal(t, 5.0, reports[0].Traffic.Total())
	require.Equal(t, 2, reports[0].Samples)
	require.Equal(t, map[istio.Reason]int{istio.NotANumber: 1, istio.Infinite: 1, istio.NoDestination: 1, istio.Negative: 1}, tally.Rejected)
	require.Equal(t, map[string]int{"requests": 6}, tally.Samples)
}

// A counter that did not move is a report still: which reporters speak of a
// pair is decided by it (T1).
func TestReaderKeepsZeros(t *testing.T) {
	r := readOne(t, increments(istio.Requests), says(call(ended("200", "", "-")), 0))
	require.Equal(t, map[topology.Response]float64{{Code: "200"}: 0}, r.Traffic.Requests)
	require.Equal(t, 1, r.Samples)
}

func TestReaderCountsByMetric(t *testing.T) {
	births := istio.Dialect{}.Births("births", step, lookback, istio.RequestBytes, istio.ResponseBytes)
	reports, tally := read(istio.NewReader(births),
		says(call(), 3, "metric", istio.RequestBytes.Name), says(call(), 4, "metric", istio.ResponseBytes.Name), says(call(stranger), 5, "metric", istio.ResponseBytes.Name))
	require.Equal(t, map[string]int{"request_bytes": 1, "response_bytes": 2}, tally.Samples)
	require.Len(t, reports, 2)
	require.Equal(t, 3.0, reports[0].Traffic.RequestBytes)
	require.Equal(t, 4.0, reports[0].Traffic.ResponseBytes)
	require.Equal(t, 5.0, reports[1].Traffic.ResponseBytes)

	var both istio.Tally
	both.Add(tally)
	both.Add(istio.Tally{Samples: map[string]int{"response_bytes": 5}, Rejected: map[istio.Reason]int{istio.Negative: 2}})
	both.Reject(istio.Negative, 1)
	require.Equal(t, istio.Tally{
		Samples: map[string]int{"request_bytes": 1, "response_bytes": 7}, Rejected: map[istio.Reason]int{istio.Negative: 3},
	}, both)
	require.Equal(t, map[string]int{"request_bytes": 1, "response_bytes": 2}, tally.Samples, "is not shared")
}

// T8: a report has an assumed cluster if no sample of it knows a better one,
// in whichever order they come.
func TestT8AssumedClusterOfAReport(t *testing.T) {
	assumed := says(call(ended("503", "", "UF"), with{istio.DestinationCluster: "unknown"}), 1)
	same := says(call(ended("404", "", "-"), with{istio.DestinationCluster: ""}), 1)
	known := says(call(ended("200", "", "-"), with{istio.DestinationCluster: "east"}), 1)
	for _, tc := range []struct {
		answer []series
		want   bool
	}{
		{[]series{assumed}, true},
		{[]series{assumed, same}, true},
		{[]series{known}, false},
		{[]series{assumed, known}, false},
		{[]series{known, assumed}, false},
		{[]series{known, assumed, same, known}, false},
	} {
		require.Equal(t, tc.want, readOne(t, increments(istio.Requests), tc.answer...).AssumedCluster)
	}
}

// The store's own label names the cluster of the proxy that was scraped: at
// that proxy's end, and where Istio does not know it.
func TestClusterLabelCompletesTheReportersEnd(t *testing.T) {
	unknown := with{istio.SourceCluster: "unknown", istio.DestinationCluster: ""}
	for _, tc := range []struct {
		reporter            string
		clusters            with
		source, destination string
	}{
		{"source", unknown, "scraped", "scraped"}, // the destination's is assumed (istio#29373)
		{"destination", unknown, "", "scraped"},
		{"waypoint", unknown, "", "scraped"},
		{"source", with{istio.SourceCluster: "", istio.DestinationCluster: "west"}, "scraped", "west"},
		{"source", nil, "east", "west"},
		{"destination", nil, "east", "west"},
	} {
		labels := call(tc.clusters, with{istio.ReporterLabel: tc.reporter})
		q := istio.Dialect{ClusterLabel: "k8s_cluster"}.Increments(step, lookback, istio.Requests)[0]
		key := readOne(t, q, says(labels, 1, "k8s_cluster", "scraped")).Key
		require.Equal(t, tc.source, key.Source.Cluster, "%s %v", tc.reporter, tc.clusters)
		require.Equal(t, tc.destination, key.Destination.Cluster, "%s %v", tc.reporter, tc.clusters)

		// Without the option the label is passed over.
		key = readOne(t, increments(istio.Requests), says(labels, 1, "k8s_cluster", "scraped")).Key
		require.NotEqual(t, "scraped", key.Source.Cluster)
		require.NotEqual(t, "scraped", key.Destination.Cluster)
	}
	// One of Istio's labels may be it.
	q := istio.Dialect{ClusterLabel: "source_cluster"}.Increments(step, lookback, istio.Requests)[0]
	require.Equal(t, "east", readOne(t, q, says(call(with{istio.DestinationCluster: ""}), 1)).Key.Destination.Cluster)
}

// What a reader remembers of one answer is right for the next, and nothing of
// the answer itself stays.
func TestReaderRemembersPlacesNotAnswers(t *testing.T) {
	r := istio.NewReader(increments(istio.Requests))
	one, other := says(call(ended("200", "", "-")), 1), says(call(stranger, ended("200", "", "-")), 2)
	first, _ := read(r, one, other)
	second, tally := read(r, other, one)
	require.Len(t, second, 2)
	require.Equal(t, map[string]int{"requests": 2}, tally.Samples)
	require.Equal(t, first[0].Key, second[1].Key)
	require.Equal(t, first[1].Key, second[0].Key)
	require.Equal(t, 1.0, second[1].Traffic.Total())
	require.Equal(t, 1.0, first[0].Traffic.Total(), "belongs to its own answer")
	none, _ := read(r)
	require.Empty(t, none)
}

// A sample like one before costs no memory; so that an answer costs what its
// reports do, not what its samples do.
func TestReaderAllocations(t *testing.T) {
	r := istio.NewReader(increments(istio.LatencyBuckets))
	var answer []iter.Seq2[[]byte, []byte]
	for le := range 20 {
		answer = append(answer, says(call(with{istio.UpperBound: strconv.Itoa(le)}), 1).all())
	}
	reports, tally := topology.NewReports(0), istio.Tally{}
	r.Begin(reports, &tally)
	add := func() {
		for _, labels := range answer {
			r.Add(labels, 1)
		}
	}
	add()
	require.Zero(t, testing.AllocsPerRun(100, add), "within an answer")
	r.End()

	perAnswer := func(times int) float64 {
		return testing.AllocsPerRun(100, func() {
			reports, tally := topology.NewReports(1), istio.Tally{}
			r.Begin(reports, &tally)
			for range times {
				add()
			}
			r.End()
		})
	}
	require.Equal(t, perAnswer(1), perAnswer(10), "with ten times the samples")
}

// Mixed layouts: a bound that only some of the proxies have counts only
// theirs. The histogram is made to rise, and counted once.
func TestFinishLatencyOfMixedBuckets(t *testing.T) {
	bucket := func(w with, le string, n float64) series { return says(call(w, with{istio.UpperBound: le}), n) }
	reports, tally := topology.NewReports(0), istio.Tally{}
	r := istio.NewReader(increments(istio.LatencyBuckets))
	r.Begin(reports, &tally)
	for _, s := range []series{
		bucket(nil, "5", 80), bucket(nil, "7", 30), bucket(nil, "9", 35), bucket(nil, "10", 100), bucket(nil, "+Inf", 100),
		bucket(stranger, "5", 80), bucket(stranger, "10", 100), bucket(stranger, "+Inf", 100),
	} {
		r.Add(s.all(), s.value)
	}
	r.End()
	require.Empty(t, tally.Rejected)
	istio.FinishLatency(reports, &tally)
	require.Equal(t, map[istio.Reason]int{istio.MixedBuckets: 1}, tally.Rejected)
	for report := range reports.All() {
		require.IsNonDecreasing(t, report.Traffic.Latency.Cumulative)
		require.Equal(t, 100.0, report.Traffic.Latency.Count())
	}
	istio.FinishLatency(reports, &tally)
	require.Equal(t, 1, tally.Rejected[istio.MixedBuckets], "it rises now")
}
