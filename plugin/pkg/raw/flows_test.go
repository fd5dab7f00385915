package raw_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/meshscope/meshscope/exporter/demo/store/storetest"
	"github.com/meshscope/meshscope/exporter/istio"
	"github.com/meshscope/meshscope/exporter/istio/istiotest"
	"github.com/meshscope/meshscope/exporter/promql"
	"github.com/meshscope/meshscope/exporter/topology"
	"github.com/meshscope/meshscope/plugin/pkg/query"
	"github.com/meshscope/meshscope/plugin/pkg/raw"
)

const (
	window  = 10 * time.Minute
	scrapes = 40
)

var (
	begin = time.Date(2026, time.March, 1, 12, 0, 0, 0, time.UTC)
	iv    = topology.Interval{End: begin.Add(window), Length: window}
)

// TestBookinfo has the connections of a real mesh in ambient mode, each once,
// for however many ask at once.
func TestBookinfo(t *testing.T) {
	s, _, client := storetest.Open(t)
	for i := range scrapes + 1 {
		istiotest.Scrape(t, s, begin.Add(window*time.Duration(i)/scrapes), istiotest.Bookinfo(t), float64(i)/scrapes)
	}
	source := raw.New(client)
	for range 3 {
		t.Run("viewer", func(t *testing.T) {
			t.Parallel()
			answer, err := source.Flows(t.Context(), iv, query.Default())
			require.NoError(t, err)
			assert.Empty(t, answer.Rejected)
			got := map[[2]string]float64{}
			for _, f := range answer.Flows {
				got[[2]string{f.Key.Source.Workload, f.Key.Destination.Workload}] += f.Traffic.Opened
			}
			require.InDeltaMapValues(t, istiotest.BookinfoConnections, got, 1e-6)
		})
	}
}

// TestQuestions has what is asked for which view: the counters that decide
// which reports count, always, and beyond these no more than is shown.
func TestQuestions(t *testing.T) {
	_, _, client := storetest.Open(t)
	always := []string{
		"istio_request_messages_total", "istio_requests_total", "istio_response_messages_total", "istio_tcp_connections_closed_total",
		"istio_tcp_connections_opened_total", "istio_tcp_received_bytes_total", "istio_tcp_sent_bytes_total",
	}
	for name, c := range map[string]struct {
		change func(*query.Query)
		more   []string
	}{
		"by default": {func(*query.Query) {}, nil},
		"only HTTP":  {func(q *query.Query) { q.Protocols = []topology.Protocol{topology.HTTP} }, nil},
		"throughput": {func(q *query.Query) { q.NodeStats = []query.Stat{query.Throughput} }, []string{"istio_request_bytes_sum", "istio_response_bytes_sum"}},
		"a quantile": {func(q *query.Query) { q.EdgeStats = []query.Stat{query.P95} }, []string{"istio_request_duration_milliseconds_bucket", "istio_request_duration_milliseconds_sum"}},
		"a mean":     {func(q *query.Query) { q.EdgeStats = []query.Stat{query.Avg} }, []string{"istio_request_duration_milliseconds_count", "istio_request_duration_milliseconds_sum"}},
	} {
		t.Run(name, func(t *testing.T) {
			q := query.Default()
			c.change(&q)
			answer, err := raw.New(client).Flows(t.Context(), iv, q)
			require.NoError(t, err)
			assert.Empty(t, answer.Flows)
			var asked []string
			for _, one := range answer.Queries {
				require.Equal(t, iv.End, one.At)
				_, metric, _ := strings.Cut(one.Text, "increase(")
				metric, rest, _ := strings.Cut(metric, "[")
				require.True(t, strings.HasPrefix(rest, "10m]"), "%s", one.Text)
				asked = append(asked, metric)
			}
			assert.ElementsMatch(t, append(c.more, always...), asked)
		})
	}
}

// TestWhatIsWrongIsTold: samples that are in no edge, and the store's warnings.
func TestWhatIsWrongIsTold(t *testing.T) {
	s, _, client := storetest.Open(t)
	for i := range scrapes + 1 {
		proxy := labels.FromStrings("job", "proxies", "instance", "10.0.0.1:15020")
		require.NoError(t, s.Append(begin.Add(window*time.Duration(i)/scrapes), proxy, []byte("istio_requests_total{source_workload=\"web\"} "+strings.Repeat("1", 1+i/30)+"\n")))
	}
	answer, err := raw.New(client).Flows(t.Context(), iv, query.Default())
	require.NoError(t, err)
	assert.Equal(t, map[istio.Reason]int{istio.NoReporter: 1}, answer.Rejected)

	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write([]byte(`{"status": "success", "data": {"resultType": "vector", "result": []}, "warnings": ["store 2 is away"]}`))
	}))
	defer server.Close()
	client, err = promql.New(promql.Options{URL: server.URL})
	require.NoError(t, err)
	answer, err = raw.New(client).Flows(t.Context(), iv, query.Default())
	require.NoError(t, err)
	assert.Contains(t, answer.Warnings, "store 2 is away")
}
