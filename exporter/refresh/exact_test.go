package refresh_test

import (
	"context"
	"math"
	"math/rand/v2"
	"sort"
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
	vector, err := b.store.Instant(context.Background(), metric, b.now)
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

// through is up to when the exporter has counted, by the series that it was
// last scraped with.
func (b *bed) through() time.Time {
	b.t.Helper()
	values := b.query("max(meshscope_refresh_timestamp_seconds)")
	require.Len(b.t, values, 1)
	return time.Unix(int64(values["{}"]), 0).UTC()
}

// firstCounted is the instant that the first refresh of a new exporter counts from.
func (b *bed) firstCounted() time.Time {
	next := b.now.Truncate(scrapeInterval).Add(refreshPhase)
	if !next.After(b.now) {
		next = next.Add(scrapeInterval)
	}
	const lag = 10 * time.Second
	return next.Add(-lag).Truncate(scrapeInterval).Add(-scrapeInterval)
}

// neverTooMuch checks, at a time, that no counter is ahead of what was scraped.
func (b *bed) neverTooMuch(from time.Time) {
	b.t.Helper()
	want := b.oracle.totals(from, b.through())
	for edge, got := range b.derived("meshscope_edge_requests_total", "istio_requests_total") {
		if got > want[edge]+0.5 {
			b.t.Errorf("%s: %+v: %v is more than the %v that were scraped", b.now, edge, got, want[edge])
		}
	}
}

func exact(total float64) float64 { return math.Max(total*0.001, 0.5) }

// TestCountersAreExact is the promise of the derived counters: through
// everything that happens to pods, proxies, timers and stores they equal what
// the store has scraped.
func TestCountersAreExact(t *testing.T) {
	b := newBed(t, mesh.Config{Seed: 1})
	random := rand.New(rand.NewPCG(1, 1))
	// This one runs from the start, and is scraped from minute 8 on.
	b.unknown = func(target mesh.Target) bool {
		return strings.HasPrefix(target.Pod, "details-v1") && b.now.Sub(b.start) < 8*time.Minute
	}
	b.play(3 * time.Minute)
	b.startExporter()
	from := b.firstCounted()
	b.play(90 * time.Second)
	never := func(mesh.Target) bool { return false }

	for _, event := range []struct {
		name  string
		begin func()
		last  time.Duration
		end   func()
	}{
		{"a pod restarts", func() { b.fault("restart:bookinfo/productpage-v1") }, time.Minute, nil},
		{"counters are reset in place", func() { b.fault("reset:bookinfo/reviews-v2") }, time.Minute, nil},
		{"scaled up", func() { b.fault("scale:online-boutique/frontend=10") }, 2 * time.Minute, nil},
		{"scaled down", func() { b.fault("scale:online-boutique/frontend=3") }, time.Minute, nil},
		{"a burst of errors", func() { b.fault("errors:bookinfo/reviews-v2->bookinfo/ratings-v1=0.5") }, 20 * time.Second, b.clear},
		{"a late timer", func() { b.late = 7 * time.Second }, 2 * time.Minute, func() { b.late = 0 }},
		{"some scrapes fail", func() { b.fails = func(mesh.Target) bool { return random.Float64() < 0.02 } }, time.Minute, nil},
		{"no store for 60 s", func() {
			b.away.Store(true)
			b.fault("restart:bookinfo/reviews-v1")
		}, time.Minute, func() { b.away.Store(false) }},
		{"after it", nil, time.Minute, nil},
		{"a gap in the scrapes", func() {
			b.fails = func(target mesh.Target) bool { return strings.HasPrefix(target.Pod, "cart") }
		}, 2 * time.Minute, func() { b.fails = never }},
		{"no store for 10 min", func() {
			b.away.Store(true)
			b.fault("restart:online-boutique/cartservice")
			b.fault("reset:bookinfo/productpage-v1")
		}, 10 * time.Minute, func() { b.away.Store(false) }},
		{"after all", nil, 3 * time.Minute, nil},
	} {
		if event.begin != nil {
			event.begin()
		}
		b.play(event.last)
		if event.end != nil {
			event.end()
		}
		if !b.away.Load() && len(b.query("meshscope_edges")) > 0 {
			b.neverTooMuch(from)
		}
		if t.Failed() {
			t.Fatalf("after: %s", event.name)
		}
	}

	through := b.through()
	require.WithinDuration(t, b.now, through, 40*time.Second)
	require.Zero(t, b.query("max(meshscope_refresh_skipped_seconds_total)")["{}"])
	want := b.oracle.totals(from, through)
	b.compare("meshscope_edge_requests_total", "istio_requests_total", want, exact)
	b.compare("meshscope_edge_tcp_connections_opened_total", "istio_tcp_connections_opened_total", want, exact)
	b.compare("meshscope_edge_tcp_request_bytes_total", "istio_tcp_received_bytes_total", want, exact)
	b.layoutsAreWhole()
	b.increaseAgrees(want)
	b.quantilesAgree()
}

// increaseAgrees checks that PromQL's increase() over the scraped series finds
// what the counters hold: no series had its first value lost. What remains is
// increase()'s own extrapolation.
func (b *bed) increaseAgrees(want map[oracleEdge]float64) {
	b.t.Helper()
	got := b.derived("increase(meshscope_edge_requests_total[1h])", "istio_requests_total")
	for edge, total := range want {
		if edge.metric == "istio_requests_total" {
			require.InDelta(b.t, total, got[edge], math.Max(2, 0.02*total), "%+v", edge)
		}
	}
}

// layoutsAreWhole checks that a histogram has all buckets of the raw ones from
// its start: one that came later would have its first observations lost.
func (b *bed) layoutsAreWhole() {
	b.t.Helper()
	buckets := b.query(`count by (source_workload, destination_workload, destination_service, request_protocol) (meshscope_edge_request_duration_seconds_bucket)`)
	require.NotEmpty(b.t, buckets)
	for edge, n := range buckets {
		require.Equal(b.t, 20.0, n, edge)
	}
}

// quantilesAgree compares p95 by the derived histogram with that of the raw
// ones of all pods, merged: they are at most a bucket apart.
func (b *bed) quantilesAgree() {
	b.t.Helper()
	const by = "source_workload_namespace, source_workload, destination_workload_namespace, destination_workload"
	raw := b.query(`histogram_quantile(0.95, sum by (le, ` + by + `) (increase(istio_request_duration_milliseconds_bucket{reporter="source"}[20m]))) / 1000`)
	derived := b.query(`histogram_quantile(0.95, sum by (le, ` + by + `) (increase(meshscope_edge_request_duration_seconds_bucket[20m])))`)
	bounds := []float64{0, .0005, .001, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60, 300, 600, 1800, 3600}
	bucket := func(v float64) int { return sort.SearchFloat64s(bounds, v) }
	compared := 0
	for edge, p95 := range raw {
		if math.IsNaN(p95) {
			continue
		}
		require.Contains(b.t, derived, edge)
		require.InDelta(b.t, bucket(p95), bucket(derived[edge]), 1, "%s: %v s, raw %v s", edge, derived[edge], p95)
		compared++
	}
	require.Greater(b.t, compared, 20)
}

// TestRestartIsNoNews lets an exporter take over from another: nothing is lost
// or counted twice, since when edges are known stays, and nothing has changed.
func TestRestartIsNoNews(t *testing.T) {
	b := newBed(t, mesh.Config{Seed: 2})
	b.play(2 * time.Minute)
	b.startExporter()
	from := b.firstCounted()
	b.play(10 * time.Minute)
	before := b.derived("meshscope_edge_requests_total", "istio_requests_total")
	firstSeen := b.query("meshscope_edge_first_seen_timestamp_seconds")
	require.NotEmpty(t, firstSeen)

	b.loop = nil
	b.play(3 * time.Minute)
	b.startExporter()
	b.play(5 * time.Minute)

	want := b.oracle.totals(from, b.through())
	after := b.derived("meshscope_edge_requests_total", "istio_requests_total")
	for edge, total := range want {
		if edge.metric == "istio_requests_total" {
			require.InDelta(t, total, before[edge]+after[edge], exact(total), "%+v", edge)
		}
	}
	now := b.query("meshscope_edge_first_seen_timestamp_seconds")
	for edge, since := range firstSeen {
		if again, ok := now[edge]; ok { // it had traffic again
			require.Equal(t, since, again, edge)
		}
	}
	require.Zero(t, b.query("sum(meshscope_topology_changes_total)")["{}"])
}
