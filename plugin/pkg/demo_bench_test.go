package main_test

import (
	"bufio"
	"bytes"
	"context"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"

	"github.com/meshscope/meshscope/exporter/config"
	"github.com/meshscope/meshscope/exporter/demo/mesh"
	"github.com/meshscope/meshscope/exporter/promql"
	"github.com/meshscope/meshscope/plugin/pkg/pluginhost"
)

// BenchmarkPanel draws the demo's mesh of 1,000 workloads over 5 minutes, from
// the exporter's series, in all that the backend does: from a query as Grafana
// sends it to the answer as Grafana gets it. "bare" is what the store takes to
// answer the same questions, asked at the same concurrency, with answers read
// and thrown away. "viewers" is fifty at once.
func BenchmarkPanel(b *testing.B) {
	storeURL, now := playMesh(b, mesh.Config{Seed: 3, Namespaces: 50, Workloads: 20}, config.Default(), 7*time.Minute)
	to, err := url.Parse(storeURL)
	require.NoError(b, err)
	var requests atomic.Int64
	proxy := httputil.NewSingleHostReverseProxy(to)
	counted := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		requests.Add(1)
		proxy.ServeHTTP(w, r)
	}))
	b.Cleanup(counted.Close)

	b.Run("graph", func(b *testing.B) {
		panel := newPanel(b, storeURL, now)
		bare := newBare(b, storeURL, panel.draw(b))
		var answers, bares []time.Duration
		b.ReportAllocs()
		for b.Loop() {
			start := time.Now()
			panel.draw(b)
			answers = append(answers, time.Since(start))
			b.StopTimer()
			start = time.Now()
			bare.ask(b)
			bares = append(bares, time.Since(start))
			b.StartTimer()
		}
		b.ReportMetric(milliseconds(answers), "median-ms")
		b.ReportMetric(milliseconds(bares), "bare-ms")
		b.ReportMetric(milliseconds(answers)/milliseconds(bares), "x-bare")
	})
	b.Run("viewers", func(b *testing.B) {
		const viewers = 50
		panel := newPanel(b, counted.URL, now)
		panel.draw(b)
		requests.Store(0)
		rounds := 0
		b.ReportAllocs()
		for b.Loop() {
			rounds++
			panel.next()
			var group sync.WaitGroup
			for range viewers {
				group.Go(func() { panel.ask(b) })
			}
			group.Wait()
		}
		b.ReportMetric(float64(requests.Load())/float64(rounds), "requests/op")
	})
}

// panel is one that is drawn again and again, each time over another range: a
// range that was just drawn would not be read again.
type panel struct {
	instance *pluginhost.Instance
	end      time.Time
}

func newPanel(b *testing.B, storeURL string, end time.Time) *panel {
	made, err := pluginhost.New(context.Background(), backend.DataSourceInstanceSettings{URL: storeURL, JSONData: []byte(`{}`)})
	require.NoError(b, err)
	b.Cleanup(made.(*pluginhost.Instance).Dispose)
	return &panel{made.(*pluginhost.Instance), end}
}

func (p *panel) next() { p.end = p.end.Add(-time.Millisecond) }

func (p *panel) draw(b *testing.B) backend.DataResponse {
	p.next()
	return p.ask(b)
}

func (p *panel) ask(b *testing.B) backend.DataResponse {
	response, err := p.instance.QueryData(context.Background(), &backend.QueryDataRequest{Queries: []backend.DataQuery{
		{RefID: "A", TimeRange: backend.TimeRange{From: p.end.Add(-5 * time.Minute), To: p.end}, JSON: []byte(`{"refId": "A", "limit": 200}`)},
	}})
	if err == nil {
		_, err = backend.ToProto().QueryDataResponse(backend.DataFrameFormat_ARROW, response)
	}
	answer := response.Responses["A"]
	if err != nil || answer.Error != nil || answer.Frames[0].Rows() < 150 {
		b.Errorf("no answer: %v %v", err, answer.Error)
	}
	return answer
}

// bare puts the questions of an answer.
type bare struct {
	client  *promql.Client
	queries []string
	at      time.Time
}

func newBare(b *testing.B, storeURL string, answer backend.DataResponse) *bare {
	client, err := promql.New(promql.Options{
		URL: storeURL, MaxConcurrency: 8,
		HTTPClient: &http.Client{Transport: &http.Transport{DisableCompression: true, MaxIdleConnsPerHost: 100}},
	})
	require.NoError(b, err)
	asked := &bare{client: client}
	lines := bufio.NewScanner(bytes.NewReader([]byte(answer.Frames[0].Meta.ExecutedQueryString)))
	for lines.Scan() {
		if at, ok := strings.CutPrefix(lines.Text(), "# at "); ok {
			asked.at, err = time.Parse(time.RFC3339Nano, at)
			require.NoError(b, err)
			continue
		}
		asked.queries = append(asked.queries, lines.Text())
	}
	require.NotEmpty(b, asked.queries)
	return asked
}

func (a *bare) ask(b *testing.B) {
	var group errgroup.Group
	for _, query := range a.queries {
		group.Go(func() error {
			_, err := a.client.Query(context.Background(), query, a.at, func(*promql.Series) error { return nil })
			return err
		})
	}
	require.NoError(b, group.Wait())
}

func milliseconds(all []time.Duration) float64 {
	all = slices.Sorted(slices.Values(all))
	return float64(all[len(all)/2].Microseconds()) / 1000
}
