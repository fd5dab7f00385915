package main_test

import (
	"context"
	"encoding/json"
	"math"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/go-kit/log"
	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/stretchr/testify/require"

	"github.com/meshscope/meshscope/exporter/app"
	"github.com/meshscope/meshscope/exporter/config"
	"github.com/meshscope/meshscope/exporter/demo"
	"github.com/meshscope/meshscope/exporter/demo/mesh"
	"github.com/meshscope/meshscope/exporter/demo/store/storetest"
	"github.com/meshscope/meshscope/exporter/refresh"
	"github.com/meshscope/meshscope/exporter/web"
	"github.com/meshscope/meshscope/plugin/pkg/frames/framestest"
	"github.com/meshscope/meshscope/plugin/pkg/query"
)

const scrapeInterval = 15 * time.Second

// playDemo lets a simulated mesh run for a while, scraped by a store and
// derived by an exporter that the store scrapes too: at each interval's end,
// so that what it serves then is what was scraped an interval before.
func playDemo(t *testing.T, d time.Duration, faults ...mesh.Fault) (storeURL string, now time.Time) {
	t.Helper()
	cfg := config.Default()
	cfg.Latency.Interval = model.Duration(scrapeInterval) // so that durations are of the same calls as all else
	return playMesh(t, mesh.Config{Seed: 3}, cfg, d, faults...)
}

// playMesh is playDemo with another mesh, and an exporter of that configuration.
func playMesh(t testing.TB, c mesh.Config, cfg *config.Config, d time.Duration, faults ...mesh.Fault) (storeURL string, now time.Time) {
	t.Helper()
	start := time.Date(2026, time.March, 1, 12, 0, 0, 0, time.UTC)
	c.Start = start
	m, err := mesh.New(c)
	require.NoError(t, err)
	for _, f := range faults {
		require.NoError(t, m.Set(f))
	}
	s, url, client := storetest.Open(t)
	now = start
	loop, err := refresh.New(refresh.Options{
		Config: cfg, Client: client, Logger: log.NewNopLogger(), Registry: prometheus.NewRegistry(),
		Now: func() time.Time { return now },
	})
	require.NoError(t, err)
	scrapeExporter := func(at time.Time) error {
		if now = at; !at.After(start) {
			return nil
		}
		if err := loop.Refresh(t.Context()); err != nil {
			return err
		}
		r, w := httptest.NewRequest(http.MethodGet, "/metrics", nil), httptest.NewRecorder()
		r.Header.Set("X-Prometheus-Scrape-Timeout-Seconds", "10")
		loop.ServeHTTP(w, r)
		return s.Append(at, labels.FromStrings("job", "meshscope", "instance", "meshscope:9877"), w.Body.Bytes())
	}
	require.NoError(t, demo.Play(t.Context(), m, s, start, start.Add(d+time.Second), scrapeInterval, scrapeExporter))
	return url, now
}

// wholeGraph is the part of the graph's JSON that is compared.
type wholeGraph struct {
	Nodes []struct{ ID string }
	Edges []struct {
		Source, Target string
		RequestRate    float64
	}
}

// TestDemoAsGrafanaRunsIt draws the demo's mesh with the built plugin, from
// the derived series and from Istio's own, and compares both with "meshscope
// graph".
func TestDemoAsGrafanaRunsIt(t *testing.T) {
	skipInShort(t)
	storeURL, now := playDemo(t, 12*time.Minute)
	const window = 5 * time.Minute

	answer, err := app.Graph(context.Background(), app.Options{Source: app.Source{PrometheusURL: storeURL}}, web.Question{
		Level: "workload", Output: "json", Time: now.Add(-scrapeInterval), Window: window,
	})
	require.NoError(t, err)
	var want wholeGraph
	require.NoError(t, json.Unmarshal(answer.Body, &want))
	require.Greater(t, len(want.Edges), 40)

	var nodes []string
	for _, n := range want.Nodes {
		nodes = append(nodes, n.ID)
	}
	rates := map[[2]string]float64{}
	for _, e := range want.Edges {
		rates[[2]string{e.Source, e.Target}] += e.RequestRate
	}
	for _, source := range []struct {
		series, asks string
		now          time.Time // the exporter is an interval behind what it reads
	}{
		{"derived", "meshscope_edge_requests_total", now},
		{"raw", "istio_requests_total", now.Add(-scrapeInterval)},
	} {
		t.Run(source.series, func(t *testing.T) {
			g := start(t, backend.DataSourceInstanceSettings{
				ID: 1, UID: "mesh", URL: storeURL, Updated: time.Now(), JSONData: []byte(`{"seriesSource": "` + source.series + `"}`),
			})
			response := g.query(t, backend.DataQuery{
				RefID: "A", TimeRange: backend.TimeRange{From: source.now.Add(-window), To: source.now},
				JSON: []byte(`{"edgeStats": ["requestRate", "p95"]}`),
			})["A"]
			require.NoError(t, response.Error)
			framestest.CheckContract(t, response.Frames, query.TypeGraph.DefaultLimit())
			require.Contains(t, response.Frames[0].Meta.ExecutedQueryString, source.asks)
			require.ElementsMatch(t, nodes, framestest.IDs(t, response.Frames[0]))

			drawn := map[[2]string]float64{}
			for _, id := range framestest.IDs(t, response.Frames[1]) {
				row := framestest.Row(t, response.Frames[1], id)
				rate, _ := row["mainstat"].(float64)
				drawn[[2]string{row["source"].(string), row["target"].(string)}] = rate
			}
			require.Len(t, drawn, len(rates))
			for edge, rate := range rates {
				require.Contains(t, drawn, edge)
				oneCall := 1 / window.Seconds() // increase() of a raw counter misses its first
				require.InDelta(t, rate, drawn[edge], math.Max(0.02*rate, 1.1*oneCall), "%v", edge)
			}
		})
	}
}
