package refresh_test

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/go-kit/log"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"

	"github.com/meshscope/meshscope/exporter/config"
	"github.com/meshscope/meshscope/exporter/demo/mesh"
	"github.com/meshscope/meshscope/exporter/promql"
	"github.com/meshscope/meshscope/exporter/refresh"
)

// BenchmarkRefresh refreshes from a mesh of 50 namespaces of 20 workloads, and
// compares with the same requests, at the same concurrency, whose answers are
// read and thrown away ("bare"). It reports medians; every fourth refresh
// reads request durations too, and is reported apart.
func BenchmarkRefresh(b *testing.B) {
	bed := newBed(b, mesh.Config{Seed: 1, Namespaces: 50, Workloads: 20})
	bed.oracle = nil
	recorder := &recorder{next: http.DefaultTransport}
	client, err := promql.New(promql.Options{URL: bed.server.URL, HTTPClient: &http.Client{Transport: recorder}})
	require.NoError(b, err)
	bed.loop, err = refresh.New(refresh.Options{
		Config: config.Default(), Client: client, Logger: log.NewNopLogger(), Registry: prometheus.NewRegistry(),
		Now: func() time.Time { return bed.now },
	})
	require.NoError(b, err)
	bed.play(6 * time.Minute)

	times := map[string][]time.Duration{}
	b.ReportAllocs()
	for b.Loop() {
		loop := bed.loop
		bed.loop = nil
		bed.play(scrapeInterval)
		bed.loop = loop
		recorder.reset()
		start := time.Now()
		require.NoError(b, loop.Refresh(context.Background()))
		took := time.Since(start)
		kind := "counters"
		if len(recorder.requests) > 15 {
			kind = "all"
		}
		times[kind] = append(times[kind], took)
		times[kind+"-bare"] = append(times[kind+"-bare"], recorder.replay(b, 4))
	}
	for kind, all := range times {
		b.ReportMetric(float64(median(all).Microseconds())/1000, kind+"-ms")
	}
	for _, kind := range []string{"counters", "all"} {
		if len(times[kind]) > 0 {
			b.ReportMetric(float64(median(times[kind]))/float64(median(times[kind+"-bare"])), kind+"-x-bare")
		}
	}
	b.ReportMetric(bed.query("count({__name__=~\"istio_.*\"})")["{}"], "raw-series")
	b.ReportMetric(0, "ns/op") // time for the mesh is in it
}

func median(d []time.Duration) time.Duration {
	slices.Sort(d)
	return d[len(d)/2]
}

// recorder notes requests as they pass, to send them again.
type recorder struct {
	next     http.RoundTripper
	mu       sync.Mutex
	requests []recorded
}

type recorded struct {
	url    string
	header http.Header
	body   []byte
}

func (r *recorder) reset() { r.requests = nil }

// RoundTrip notes the request and passes it on.
func (r *recorder) RoundTrip(q *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(q.Body)
	if err != nil {
		return nil, err
	}
	r.mu.Lock()
	r.requests = append(r.requests, recorded{q.URL.String(), q.Header, body})
	r.mu.Unlock()
	again := q.Clone(q.Context())
	again.Body = io.NopCloser(bytes.NewReader(body))
	return r.next.RoundTrip(again)
}

// replay sends all requests again and throws their answers away.
func (r *recorder) replay(b *testing.B, concurrency int) time.Duration {
	start := time.Now()
	var group errgroup.Group
	group.SetLimit(concurrency)
	for _, q := range r.requests {
		group.Go(func() error {
			request, err := http.NewRequest(http.MethodPost, q.url, bytes.NewReader(q.body))
			if err != nil {
				return err
			}
			request.Header = q.header
			response, err := r.next.RoundTrip(request)
			if err != nil {
				return err
			}
			defer response.Body.Close()
			_, err = io.Copy(io.Discard, response.Body)
			return err
		})
	}
	require.NoError(b, group.Wait())
	return time.Since(start)
}
