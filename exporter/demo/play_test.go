package demo

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/meshscope/meshscope/exporter/demo/mesh"
	"github.com/meshscope/meshscope/exporter/demo/store"
)

var start = time.Date(2026, time.March, 1, 12, 0, 0, 0, time.UTC)

const interval = 15 * time.Second

func newPlayer(t *testing.T, c mesh.Config) *Player {
	t.Helper()
	c.Start = start
	m, err := mesh.New(c)
	require.NoError(t, err)
	s, err := store.Open(store.Options{})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	return &Player{Mesh: m, Store: s, Interval: interval}
}

// value is the one number that an expression yields, 0 for none.
func value(t *testing.T, s *store.Store, at time.Time, expression string) float64 {
	t.Helper()
	vector, err := s.Instant(context.Background(), expression, at)
	require.NoError(t, err)
	if len(vector) == 0 {
		return 0
	}
	require.Len(t, vector, 1)
	return vector[0].F
}

// The queries of exact-counters.md, for the requests that the source reports
// of one edge, in steps of the interval.
const (
	x          = `istio_requests_total{reporter="source",source_workload="reviews-v2",destination_service_name="ratings"}`
	increments = `15 * sum(irate(last_over_time(` + x + `[5m])[15001ms:15s]))`
	births     = `sum((last_over_time(` + x + `[5m]) unless last_over_time(` + x + `[5m] offset 15s))
		and on (job, instance) (up and (up offset 15s == 1)
			unless on (job, instance) (max_over_time(scrape_series_added[15s]) > 0.5 * scrape_samples_post_metric_relabeling
				> scrape_samples_post_metric_relabeling - 0.5 * scrape_samples_post_metric_relabeling offset 15s)))`
)

// TestExactCountersEqualTheTruth plays half an hour with errors that come and
// a reset, and finds the true number of calls by the queries of the exporter.
func TestExactCountersEqualTheTruth(t *testing.T) {
	p := newPlayer(t, mesh.Config{Seed: 1})
	derived := 0.0
	until := start.Add(10 * time.Minute)
	hook := func(now time.Time) error {
		switch now.Sub(start) {
		case 3 * time.Minute:
			f, err := mesh.ParseFault("errors:bookinfo/reviews-v2->bookinfo/ratings-v1=0.2")
			require.NoError(t, err)
			require.NoError(t, p.Mesh.Set(f))
		case 5 * time.Minute:
			require.NoError(t, p.Mesh.Clear())
		case 7 * time.Minute:
			require.NoError(t, p.Mesh.Set(mesh.Fault{Kind: mesh.Reset, DestinationNamespace: "bookinfo", DestinationWorkload: "reviews-v2"}))
		}
		if now.After(start.Add(interval)) {
			derived += value(t, p.Store, now, increments) + value(t, p.Store, now, births)
		}
		return nil
	}
	require.NoError(t, p.Play(context.Background(), start, until.Add(time.Second), hook))

	// What the first scrape showed is a baseline to the queries, and what came
	// between the last scrape and the reset nobody has seen.
	derived += value(t, p.Store, start.Add(interval), "sum("+x+")")
	truth := 0.0
	for _, e := range p.Mesh.Truth() {
		if e.SourceWorkload == "reviews-v2" && e.DestinationServiceName == "ratings" {
			truth += float64(e.Requests)
		}
	}
	require.Greater(t, truth, 2000.0)
	require.LessOrEqual(t, derived, truth)
	const unseen = 2 * 15 * 4 * 1.4 // two scrape intervals of 4 calls per second
	require.InDelta(t, truth, derived, unseen)
}

func TestPodsThatGoAreStale(t *testing.T) {
	p := newPlayer(t, mesh.Config{Seed: 1})
	restart := func(now time.Time) error {
		if now.Equal(start.Add(time.Minute)) {
			return p.Mesh.Set(mesh.Fault{Kind: mesh.Restart, DestinationNamespace: "bookinfo", DestinationWorkload: "productpage-v1"})
		}
		return nil
	}
	require.NoError(t, p.Play(context.Background(), start, start.Add(2*time.Minute), restart))
	pods := `count(count by (pod) (istio_requests_total{app="productpage"}))`
	require.Equal(t, 2.0, value(t, p.Store, start.Add(59*time.Second), pods))
	require.Equal(t, 2.0, value(t, p.Store, start.Add(76*time.Second), pods), "the old ones are stale after an interval")
	require.Equal(t, 4.0, value(t, p.Store, start.Add(2*time.Minute), `count(count by (pod) (last_over_time(istio_requests_total{app="productpage"}[2m])))`))
	require.Equal(t, 2.0, value(t, p.Store, start.Add(76*time.Second), `sum(up{app="productpage"})`))
}

func TestFates(t *testing.T) {
	p := newPlayer(t, mesh.Config{Seed: 1})
	p.Fate = func(at time.Time, target mesh.Target) Fate {
		switch {
		case at.After(start.Add(2 * time.Minute)):
			return Unattended
		case at.After(start.Add(time.Minute)) && target.App == "details":
			return Missed
		}
		return Scraped
	}
	require.NoError(t, p.Play(context.Background(), start, start.Add(3*time.Minute)))
	require.Equal(t, 1.0, value(t, p.Store, start.Add(time.Minute), `sum(up{app="details"})`))
	require.Equal(t, 0.0, value(t, p.Store, start.Add(100*time.Second), `sum(up{app="details"})`))
	require.Zero(t, value(t, p.Store, start.Add(100*time.Second), `count(istio_requests_total{app="details"})`))
	require.Equal(t, 8.0, value(t, p.Store, start.Add(3*time.Minute), `count_over_time(up{app="details"}[3m])`), "no scrape in the third minute")
}

func TestPlayEnds(t *testing.T) {
	p := newPlayer(t, mesh.Config{Seed: 1})
	wrong := errors.New("wrong")
	require.ErrorIs(t, p.Play(context.Background(), start, start.Add(time.Minute), func(time.Time) error { return wrong }), wrong)

	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	require.ErrorIs(t, Play(ctx, p.Mesh, p.Store, start, start.Add(time.Minute), interval), context.Canceled)
}

// BenchmarkPlayLarge is the cost of simulating and scraping one interval of
// the large mesh.
func BenchmarkPlayLarge(b *testing.B) {
	m, err := mesh.New(mesh.Config{Seed: 1, Namespaces: 50, Workloads: 20, Start: start})
	require.NoError(b, err)
	s, err := store.Open(store.Options{})
	require.NoError(b, err)
	defer func() { require.NoError(b, s.Close()) }()
	p := &Player{Mesh: m, Store: s, Interval: interval}
	now := start.Add(2 * time.Minute)
	require.NoError(b, p.Play(context.Background(), start, now))
	b.ResetTimer()
	for range b.N {
		require.NoError(b, p.Play(context.Background(), now, now.Add(interval)))
		now = now.Add(interval)
	}
}
