package series

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/meshscope/meshscope/exporter/topology"
)

// bigBook is a ledger of n edges with the histogram and codes of a real one.
func bigBook(n int) *book {
	b := newBook(Limits{MaxEdges: n, MaxSeries: 100 * n, IdleTTL: generous.IdleTTL})
	random := rand.New(rand.NewPCG(1, 1))
	var flows []topology.Flow
	for i := range n {
		f := calls(edge(fmt.Sprintf("source-%d-v1", i/10), fmt.Sprintf("destination-%d-v1", i)), 100*random.Float64(), ok200)
		f.Traffic.AddRequests(err503, 1)
		f.Traffic.AddSecured(topology.MutualTLS, 100)
		f.Traffic.RequestBytes, f.Traffic.ResponseBytes = 1000*random.Float64(), 1000
		total := 0.0
		for _, bound := range []float64{.0005, .001, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60, 300, 600, 1800, 3600} {
			total += random.Float64() * 10
			f.Traffic.LatencyHistogram().AddBucket(bound, total)
		}
		f.Traffic.LatencyHistogram().AddBucket(1e300, total)
		f.Traffic.LatencyHistogram().Sum = 3
		flows = append(flows, f)
	}
	b.post(flows...)
	b.Served(b.generation)
	b.post(flows...)
	return b
}

func TestSnapshotIsOneGzipStream(t *testing.T) {
	for _, more := range []string{"", "# after\nmeshscope_leader 1\n", strings.Repeat("long\n", 100_000)} {
		b := bigBook(50)
		s, err := b.Snapshot(b.now)
		require.NoError(t, err)
		var out bytes.Buffer
		require.NoError(t, s.WriteGzip(&out, []byte(more)))
		r, err := gzip.NewReader(&out)
		require.NoError(t, err)
		r.Multistream(false) // some readers know no more than one
		text, err := io.ReadAll(r)
		require.NoError(t, err)
		require.Equal(t, b.Text()+more, string(text))
		require.Zero(t, out.Len())

		var plain bytes.Buffer
		require.NoError(t, s.WriteText(&plain))
		require.Equal(t, b.Text(), plain.String())
	}
}

func TestSnapshotDoesNotChange(t *testing.T) {
	b := bigBook(5)
	s, err := b.Snapshot(b.now)
	require.NoError(t, err)
	var before, after bytes.Buffer
	require.NoError(t, s.WriteText(&before))
	b.post(calls(edge("new", "one"), 1, ok200))
	_, err = b.Snapshot(b.now)
	require.NoError(t, err)
	require.NoError(t, s.WriteText(&after))
	require.Equal(t, before.String(), after.String())
}

// A scrape costs the same however many series it serves: they are compressed
// already.
func TestScrapeAllocatesNothingPerSeries(t *testing.T) {
	allocations := func(edges int) float64 {
		s, err := bigBook(edges).Snapshot(start)
		require.NoError(t, err)
		more := []byte("meshscope_leader 1\n")
		return testing.AllocsPerRun(20, func() { require.NoError(t, s.WriteGzip(io.Discard, more)) })
	}
	require.InDelta(t, allocations(10), allocations(1000), 5)
}

// BenchmarkScrape serves 4,000 edges, over 100,000 series.
func BenchmarkScrape(b *testing.B) {
	ledger := bigBook(4000)
	s, err := ledger.Snapshot(start)
	require.NoError(b, err)
	more := []byte(strings.Repeat("go_goroutines 10\n", 500))
	b.ReportMetric(float64(ledger.Ledger.lines), "series")
	b.ReportMetric(float64(s.CompressedBytes()), "compressed-bytes")
	b.ReportAllocs()
	for b.Loop() {
		if err := s.WriteGzip(io.Discard, more); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkSnapshot renders and compresses 4,000 edges, over 100,000 series.
func BenchmarkSnapshot(b *testing.B) {
	ledger := bigBook(4000)
	b.ReportMetric(float64(ledger.Ledger.lines), "series")
	b.ReportAllocs()
	for b.Loop() {
		if _, err := ledger.Snapshot(start); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkPost counts an interval of 4,000 edges.
func BenchmarkPost(b *testing.B) {
	ledger := bigBook(4000)
	var flows []topology.Flow
	for _, a := range ledger.accounts {
		f := calls(a.key, 10, ok200)
		f.Traffic.Latency = a.cellsOf(EdgeDuration)[0].histogram.Clone()
		flows = append(flows, f)
	}
	b.ReportAllocs()
	for b.Loop() {
		ledger.post(flows...)
	}
}
