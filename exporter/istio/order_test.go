package istio_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/meshscope/meshscope/exporter/istio"
	"github.com/meshscope/meshscope/exporter/topology"
)

// T4: of the order in which a store answers, nothing is left in the sums. It
// would show, to the last bit, where three or more samples are parts of one:
// label sets that differ in how they say that something is unknown (T2), in
// what is no part of an edge, and bounds that are written in several ways.
func TestT4OrderOfSamplesChangesNoBit(t *testing.T) {
	// Each of these says the same of the call.
	spellings := []with{
		nil,
		{istio.SourceCanonicalRevision: "unknown"},
		{istio.SourceCanonicalRevision: "unknown", istio.DestinationCluster: "unknown"},
		{istio.RequestProtocol: "HTTP"},
		{istio.DestinationServiceNamespace: "unknown"},
		{istio.DestinationServiceNamespace: "elsewhere"}, // the host names it
	}
	unknown := with{istio.SourceCanonicalRevision: "", istio.DestinationCluster: ""}
	metrics := map[string][]istio.Metric{
		"requests": {istio.Requests},
		"buckets":  {istio.LatencyBuckets},
		"births":   {istio.LatencyBuckets, istio.LatencySum},
		"bytes":    {istio.RequestBytes},
		"opened":   {istio.TCPOpened},
	}
	for name, asked := range metrics {
		t.Run(name, func(t *testing.T) {
			q := increments(asked[0])
			if len(asked) > 1 {
				q = istio.Dialect{}.Births("births", step, lookback, asked...)
			}
			reader, again := istio.NewReader(q), istio.NewReader(q)
			rapid.Check(t, func(t *rapid.T) {
				answer := map[string]series{} // by label set: a store has one of each
				for range rapid.IntRange(3, 40).Draw(t, "samples") {
					metric := rapid.SampledFrom(asked).Draw(t, "metric")
					l := call(unknown, rapid.SampledFrom(spellings).Draw(t, "spelling"))
					l[istio.SourceWorkload] = rapid.SampledFrom([]string{"web", "batch"}).Draw(t, "caller")
					switch metric.Name {
					case istio.Requests.Name:
						l[istio.ResponseCode] = rapid.SampledFrom([]string{"200", "404", "503"}).Draw(t, "code")
						l[istio.ConnectionSecurityPolicy] = rapid.SampledFrom([]string{"mutual_tls", "none"}).Draw(t, "policy")
					case istio.LatencyBuckets.Name:
						l[istio.UpperBound] = rapid.SampledFrom([]string{"10", "10.0", "1e+01", "+Inf"}).Draw(t, "le")
					}
					s := says(l, float64(rapid.IntRange(0, 1000).Draw(t, "growth"))*0.1)
					if len(asked) > 1 {
						s.labels["metric"] = metric.Name
					}
					answer[fmt.Sprint(s.labels)] = s
				}
				var ordered []series
				for _, id := range rapid.Permutation(slices.Sorted(maps.Keys(answer))).Draw(t, "order") {
					ordered = append(ordered, answer[id])
				}
				shuffled := rapid.Permutation(ordered).Draw(t, "shuffled")
				one, tally := read(reader, ordered...)
				two, other := read(again, shuffled...)
				require.Empty(t, tally.Rejected)
				require.Equal(t, tally, other)
				require.Equal(t, exactly(one), exactly(two))
			})
		})
	}
}

// exactly writes reports to the last bit of each number, by edge.
func exactly(reports []*topology.Report) map[string]string {
	by := map[string]string{}
	for _, r := range reports {
		latency := "none"
		if r.Traffic.Latency != nil {
			latency = fmt.Sprintf("%+v", *r.Traffic.Latency)
		}
		t := r.Traffic
		t.Latency = nil
		by[fmt.Sprintf("%+v %s %s", r.Key, r.Protocol, r.Reporter)] = strings.Join([]string{
			fmt.Sprintf("%+v", t), latency, fmt.Sprint(r.Samples, r.AssumedCluster, r.Standing),
		}, " ")
	}
	return by
}

// T3: bounds that are written in several ways, and label sets that say the same
// in several, are summed like any other buckets.
func TestT3BucketsOfSeveralSpellingsAreSummed(t *testing.T) {
	bucket := func(le string, n float64, changes ...with) series {
		return says(call(append(changes, with{istio.UpperBound: le})...), n)
	}
	loud := with{istio.RequestProtocol: "HTTP"}
	r := readOne(t, increments(istio.LatencyBuckets),
		bucket("10", 1), bucket("+Inf", 2), bucket("10.0", 4), bucket("1e1", 8), bucket("10", 16, loud), bucket("+Inf", 32, loud), bucket("20", 64, loud))
	require.Equal(t, []float64{0.01, 0.02}, r.Traffic.Latency.Bounds[:2])
	require.Equal(t, []float64{1 + 4 + 8 + 16, 64, 2 + 32}, r.Traffic.Latency.Cumulative)
	require.Equal(t, 7, r.Samples)
}
