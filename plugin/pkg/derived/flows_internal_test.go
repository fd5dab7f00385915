package derived

import (
	"maps"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/meshscope/meshscope/exporter/series"
	"github.com/meshscope/meshscope/exporter/topology"
)

// T4: the pieces of a range are asked for at once, and answered in any order.
// Their sum is the same to the last bit: floating-point addition is not
// associative, and 0.1 + 0.2 + 0.3 is not 0.3 + 0.2 + 0.1.
func TestT4OrderOfPiecesChangesNoBit(t *testing.T) {
	labels := map[string]string{"request_protocol": "http", "response_code": "200", "response_flags": "-"}
	for _, name := range topology.EdgeLabels {
		labels[name] = topology.Unknown
	}
	read := func(order []int) map[topology.Response]float64 {
		all, reader := newCollection(), series.NewReader(series.EdgeRequests)
		for _, piece := range order {
			reader.Begin(all.pieces[piece])
			reader.Add(func(yield func(name, value []byte) bool) {
				for name, value := range maps.All(labels) {
					if !yield([]byte(name), []byte(value)) {
						return
					}
				}
			}, 0.1*float64(piece+1))
			reader.End()
		}
		flows := all.sorted()
		require.Len(t, flows, 1)
		return flows[0].Traffic.Requests
	}
	want := read([]int{0, 1, 2, 3, 4, 5, 6})
	require.InDelta(t, 2.8, want[topology.Response{Code: "200"}], 1e-9)
	for range 50 {
		require.Equal(t, want, read(rand.Perm(maxPieces)))
	}
}
