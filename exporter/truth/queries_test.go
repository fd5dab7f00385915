package truth_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/meshscope/meshscope/exporter/demo/store/storetest"
	"github.com/meshscope/meshscope/exporter/derive"
	"github.com/meshscope/meshscope/exporter/istio"
	"github.com/meshscope/meshscope/exporter/istio/istiotest"
	"github.com/meshscope/meshscope/exporter/promql"
	"github.com/meshscope/meshscope/exporter/topology"
)

// The queries that each part of a graph takes: one for each metric that is
// shown, for the whole mesh.
var (
	counterQueries = []string{
		"istio_request_bytes_sum", "istio_request_messages_total", "istio_requests_total", "istio_response_bytes_sum",
		"istio_response_messages_total", "istio_tcp_connections_closed_total", "istio_tcp_connections_opened_total",
		"istio_tcp_received_bytes_total", "istio_tcp_sent_bytes_total",
	}
	quantileQueries = []string{"istio_request_duration_milliseconds_bucket", "istio_request_duration_milliseconds_sum"}
	averageQueries  = []string{"istio_request_duration_milliseconds_count", "istio_request_duration_milliseconds_sum"}
)

// The number of queries for a graph is constant: it depends on what is shown,
// never on the number of namespaces that there are or that are asked for.
// Kiali takes 6 to 16 for each namespace.
func TestQueriesForAGraph(t *testing.T) {
	graph := func(mode istio.LatencyMode) derive.GraphOptions {
		return derive.GraphOptions{FlowOptions: derive.FlowOptions{
			Interval: interval, Metrics: istio.GraphMetrics(mode), IsWaypoint: istio.Waypoints(istio.DefaultWaypoints),
		}}
	}
	with := func(change func(*derive.GraphOptions)) derive.GraphOptions {
		o := graph(istio.LatencyHistogram)
		change(&o)
		return o
	}
	whole := slices.Concat(counterQueries, quantileQueries)
	for _, tc := range []struct {
		name    string
		options derive.GraphOptions
		want    []string
	}{
		{"all there is, with any quantiles", graph(istio.LatencyHistogram), whole},
		{"with averages alone", graph(istio.LatencySummary), slices.Concat(counterQueries, averageQueries)},
		{"without durations", graph(istio.LatencyOff), counterQueries},
		{"of one namespace", with(func(o *derive.GraphOptions) { o.Selection.Namespaces = []string{"ns-0"} }), whole},
		{"by app", with(func(o *derive.GraphOptions) { o.Build.Level = topology.ByApp }), whole},
		{"by service", with(func(o *derive.GraphOptions) { o.Build.Level = topology.ByService }), whole},
		{"with service nodes", with(func(o *derive.GraphOptions) { o.Build.ServiceNodes = true }), whole},
		{"with operations", with(func(o *derive.GraphOptions) { o.Operation, o.Build.Operations = "request_operation", true }), whole},
		{"with idle edges", with(func(o *derive.GraphOptions) { o.Build.Idle = true }), whole},
		{"with waypoints", with(func(o *derive.GraphOptions) { o.Waypoints = true }), whole},
		{"of waypoints alone", with(func(o *derive.GraphOptions) { o.Ambient = istio.AmbientWaypoint }), whole},
		{"of ztunnels alone", with(func(o *derive.GraphOptions) { o.Ambient = istio.AmbientZtunnel }), whole},
		{"of sidecars alone", with(func(o *derive.GraphOptions) { o.Ambient = istio.AmbientNone }), whole},
	} {
		t.Run(tc.name, func(t *testing.T) {
			for _, namespaces := range []int{0, 1, 40} {
				g, asked := askedFor(t, namespaces, tc.options)
				require.ElementsMatch(t, tc.want, asked, "%d namespaces", namespaces)
				require.Equal(t, namespaces > 0, len(g.Edges) > 0)
			}
		})
	}
}

var askedMetric = regexp.MustCompile(`istio_[a-z_]+`)

// askedFor derives a graph of a mesh of some namespaces, in each of which web
// calls carts and the next one's carts, and returns what was asked for: the
// metric of each query.
func askedFor(t *testing.T, namespaces int, o derive.GraphOptions) (g *topology.Graph, asked []string) {
	t.Helper()
	var m mesh
	for i := range namespaces {
		from := fmt.Sprintf("ns-%d/web", i)
		m.requests("source", call(from, fmt.Sprintf("ns-%d/carts", i)), 1)
		m.requests("source", call(from, fmt.Sprintf("ns-%d/carts", i+1)), 1)
	}
	s, _, _ := storetest.Open(t)
	for i := range 5 {
		istiotest.Scrape(t, s, begin.Add(window-time.Minute+15*time.Second*time.Duration(i)), m.series, float64(i)/4)
	}
	var mu sync.Mutex
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		asked = append(asked, askedMetric.FindString(r.FormValue("query")))
		mu.Unlock()
		s.Handler().ServeHTTP(w, r)
	}))
	defer server.Close()
	client, err := promql.New(promql.Options{URL: server.URL})
	require.NoError(t, err)
	g, _, err = derive.NewAsker(derive.Options{Client: client}).Graph(t.Context(), o)
	require.NoError(t, err)
	return g, asked
}
