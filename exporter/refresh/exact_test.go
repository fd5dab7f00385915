package refresh_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/meshscope/meshscope/exporter/demo/mesh"
)

func (b *bed) fault(text string) {
	b.t.Helper()
	f, err := mesh.ParseFault(text)
	require.NoError(b.t, err)
	require.NoError(b.t, b.mesh.Set(f))
}

func (b *bed) clear() { require.NoError(b.t, b.mesh.Clear()) }

// derived is what the exporter's counters say, by the oracle's edges.
func (b *bed) derived(metric, from string) map[oracleEdge]float64 {
	b.t.Helper()
	vector, err := b.store.Instant(b.t.Context(), metric, b.now)
	require.NoError(b.t, err)
	totals := map[oracleEdge]float64{}
	for _, s := range vector {
		l := s.Metric
		e := oracleEdge{
			metric: from, protocol: l.Get("request_protocol"),
			sourceNamespace: l.Get("source_workload_namespace"), source: l.Get("source_workload"),
			destinationNamespace: l.Get("destination_workload_namespace"), destination: l.Get("destination_workload"),
		}
		if e.protocol == "" {
			e.protocol = "tcp"
		}
		if e.destination == "unknown" {
			e.destinationNamespace, e.host = "", l.Get("destination_service_name")
		}
		totals[e] += s.F
	}
	return totals
}

// compare checks the derived counters against what was scraped from the
// exporter's first refresh on, and returns the error of all together.
func (b *bed) compare(metric, from string, want map[oracleEdge]float64, tolerance func(total float64) float64) {
	b.t.Helper()
	got := b.derived(metric, from)
	var all, allWant float64
	for edge, total := range want {
		if edge.metric != from {
			continue
		}
		all += got[edge]
		allWant += total
		if math.Abs(got[edge]-total) > tolerance(total) {
			b.t.Errorf("%s: %+v: got %v, scraped %v", metric, edge, got[edge], total)
		}
	}
	for edge, total := range got {
		if _, ok := want[edge]; !ok {
			b.t.Errorf("%s: %+v: got %v, of which nothing was scraped", metric, edge, total)
		}
	}
	require.NotZero(b.t, allWant)
	require.InDelta(b.t, 1, all/allWant, 1e-4, "%s in total: %v of %v", metric, all, allWant)
}

// TestCountersAreExact is the promise of the derived counters: through
// everything that happens to pods, proxies, timers and stores they equal what
// the store has scraped.
func TestCountersAreExact(t *testing.T) {
	for seed := range int64(1) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			b := newBed(t, mesh.Config{Seed: seed})
			random := rand.New(rand.NewPCG(uint64(seed), 1))
			// This one runs from the start, and is scraped from minute 8 on.
			b.unknown = func(target mesh.Target) bool {
				return strings.HasPrefix(target.Pod, "details-v1") && b.now.Sub(b.start) < 8*time.Minute
			}
			b.play(3 * time.Minute)
			b.startExporter()
			first := b.now.Add(refreshPhase - 10*time.Second).Truncate(scrapeInterval)

			b.play(90 * time.Second)
			b.fault("restart:bookinfo/productpage-v1")
			b.play(time.Minute)
			b.fault("reset:bookinfo/reviews-v2")
			b.play(time.Minute)
			b.fault("scale:online-boutique/frontend=10")
			b.play(2 * time.Minute)
			b.fault("scale:online-boutique/frontend=3")
			b.play(time.Minute)
			b.fault("errors:bookinfo/reviews-v2->bookinfo/ratings-v1=0.5")
			b.play(20 * time.Second)
			b.clear()
			b.late = 7 * time.Second
			b.play(2 * time.Minute)
			b.late = 0
			b.fails = func(mesh.Target) bool { return random.Float64() < 0.02 }
			b.play(time.Minute)
			b.away.Store(true)
			b.play(30 * time.Second)
			b.fault("restart:bookinfo/reviews-v1")
			b.play(30 * time.Second)
			b.away.Store(false)
			b.play(time.Minute)
			b.fails = func(target mesh.Target) bool { return strings.HasPrefix(target.Pod, "cart") }
			b.play(2 * time.Minute)
			b.fails = func(mesh.Target) bool { return false }
			b.play(time.Minute)
			b.away.Store(true)
			b.play(4 * time.Minute)
			b.fault("restart:online-boutique/cartservice")
			b.fault("reset:bookinfo/productpage-v1")
			b.play(6 * time.Minute)
			b.away.Store(false)
			b.play(2 * time.Minute)

			through := b.query("meshscope_refresh_timestamp_seconds")
			require.Len(t, through, 1)
			var last time.Time
			for _, v := range through {
				last = time.Unix(int64(v), 0).UTC()
			}
			require.WithinDuration(t, b.now, last, 40*time.Second)
			require.Zero(t, b.query("max(meshscope_refresh_skipped_seconds_total)")["{}"])

			want := b.oracle.totals(first.Add(-scrapeInterval), last)
			exact := func(total float64) float64 { return math.Max(total*0.001, 0.5) }
			b.compare("meshscope_edge_requests_total", "istio_requests_total", want, exact)
			b.compare("meshscope_edge_tcp_connections_opened_total", "istio_tcp_connections_opened_total", want, exact)
		})
	}
}
