package series

import (
	"fmt"
	"iter"
	"maps"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/meshscope/meshscope/exporter/topology"
)

// derived is one series of an answer, its labels by name; an empty one is an
// absent one.
type derived struct {
	labels map[string]string
	value  float64
}

func (d derived) all() iter.Seq2[[]byte, []byte] {
	return func(yield func(name, value []byte) bool) {
		for _, name := range slices.Sorted(maps.Keys(d.labels)) {
			if d.labels[name] != "" && !yield([]byte(name), []byte(d.labels[name])) {
				return
			}
		}
	}
}

// onAnEdge is a series of an edge of which all is known.
func onAnEdge(value float64, more ...string) derived {
	labels := map[string]string{}
	for i, name := range topology.EdgeLabels {
		labels[name] = fmt.Sprint("value-", i)
	}
	for i := 0; i < len(more); i += 2 {
		labels[more[i]] = more[i+1]
	}
	return derived{labels, value}
}

func flowsOf(f *Family, answers ...[]derived) []topology.Flow {
	r, flows := NewReader(f), NewFlows()
	for _, answer := range answers {
		r.Begin(flows)
		for _, d := range answer {
			r.Add(d.all(), d.value)
		}
		r.End()
	}
	return flows.Sorted()
}

// T2, T3: what is absent and what is published for it are the same, and are
// summed, whoever has written the series.
func TestT2AbsentLabelsAreReadAsUnknown(t *testing.T) {
	flows := flowsOf(EdgeRequests, []derived{
		onAnEdge(1, requestProtocol, "http", responseCode, "unknown", responseFlags, "-", "source_cluster", "unknown"),
		onAnEdge(2, requestProtocol, "http", responseCode, "", responseFlags, "-", "source_cluster", "unknown"),
		onAnEdge(4, requestProtocol, "http", responseCode, "unknown", responseFlags, "", "source_cluster", ""),
	})
	require.Len(t, flows, 1)
	require.Empty(t, flows[0].Key.Source.Cluster)
	require.Equal(t, map[topology.Response]float64{{}: 7}, flows[0].Traffic.Requests)
}

// T4: of the order in which a store answers, nothing is left in what is read,
// to the last bit.
func TestT4OrderOfSeriesChangesNoBit(t *testing.T) {
	for _, f := range []*Family{EdgeRequests, EdgeDuration, EdgeRequestBytes, EdgeTCPRequestBytes, EdgeSecured, EdgeInfo} {
		t.Run(f.Name, func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				unknown := rapid.SampledFrom([]string{topology.Unknown, topology.Unknown, ""})
				answer := map[string]derived{} // by label set: a store has one of each
				for range rapid.IntRange(3, 30).Draw(t, "series") {
					d := onAnEdge(float64(rapid.IntRange(0, 1000).Draw(t, "growth"))*0.1,
						"source_cluster", unknown.Draw(t, "source cluster"), "destination_cluster", unknown.Draw(t, "destination cluster"))
					for _, name := range f.Labels {
						d.labels[name] = map[string]*rapid.Generator[string]{
							requestProtocol:          rapid.Just("http"),
							responseCode:             rapid.SampledFrom([]string{"", "unknown", "200"}),
							grpcResponseStatus:       rapid.SampledFrom([]string{"", "0"}),
							responseFlags:            rapid.SampledFrom([]string{"", "-"}),
							connectionSecurityPolicy: rapid.SampledFrom([]string{"mutual_tls", "none"}),
							sourcePrincipal:          unknown,
							destinationPrincipal:     rapid.SampledFrom([]string{"", "unknown", "spiffe://a"}),
							reporter:                 rapid.SampledFrom([]string{"source", "waypoint", "destination"}),
						}[name].Draw(t, name)
					}
					if f.Type == Histogram {
						d.labels[upperBound] = rapid.SampledFrom([]string{"10", "10.0", "1e+01", "1e1", "010"}).Draw(t, "le")
					}
					answer[fmt.Sprint(d.labels)] = d
				}
				var ordered []derived
				for _, id := range rapid.Permutation(slices.Sorted(maps.Keys(answer))).Draw(t, "order") {
					ordered = append(ordered, answer[id])
				}
				shuffled := rapid.Permutation(ordered).Draw(t, "shuffled")
				require.Equal(t, flowsOf(f, ordered), flowsOf(f, shuffled))
			})
		})
	}
}

// What one answer says of an edge is added to what another one did.
func TestReaderAddsAnswers(t *testing.T) {
	one := []derived{onAnEdge(1, requestProtocol, "http", upperBound, "0.5"), onAnEdge(2, requestProtocol, "http", upperBound, "+Inf")}
	two := []derived{onAnEdge(4, requestProtocol, "http", upperBound, "0.5"), onAnEdge(8, requestProtocol, "http", upperBound, "+Inf")}
	flows := flowsOf(EdgeDuration, one, two)
	require.Len(t, flows, 1)
	require.Equal(t, []float64{5, 10}, flows[0].Traffic.Latency.Cumulative)
}
