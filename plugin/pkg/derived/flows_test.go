package derived_test

import (
	"context"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/meshscope/meshscope/exporter/filter"
	"github.com/meshscope/meshscope/exporter/promql"
	"github.com/meshscope/meshscope/exporter/topology"
	"github.com/meshscope/meshscope/plugin/pkg/derived"
	"github.com/meshscope/meshscope/plugin/pkg/derived/derivedtest"
	"github.com/meshscope/meshscope/plugin/pkg/query"
	"github.com/meshscope/meshscope/plugin/pkg/source"
)

func sourceOf(t testing.TB, s *derivedtest.Store) *derived.Source {
	t.Helper()
	client, err := promql.New(promql.Options{URL: s.URL})
	require.NoError(t, err)
	return derived.New(client)
}

// everything is a query that needs all of a flow.
func everything() query.Query {
	q := query.Default()
	q.NodeStats, q.EdgeStats = []query.Stat{query.Avg, query.Throughput}, []query.Stat{query.P95}
	return q
}

// times is what n intervals of the flows add up to.
func times(flows []topology.Flow, n int) []topology.Flow {
	sums := make([]topology.Flow, len(flows))
	for i, f := range flows {
		sum := &topology.Traffic{}
		for range n {
			sum.Merge(f.Traffic)
		}
		f.Traffic = sum
		sums[i] = f
	}
	return sums
}

// TestFlows compares what is read from a store with what was put there, over
// a range in the past.
func TestFlows(t *testing.T) {
	flows := derivedtest.Mesh(60)
	store := derivedtest.Open(t)
	store.Settle(flows)
	store.Publish(flows, 20)
	end := store.Now
	store.Publish(times(flows, 7), 8) // what comes later is not of the range

	answer, err := sourceOf(t, store).Flows(context.Background(), topology.Interval{End: end, Length: 5 * time.Minute}, everything())
	require.NoError(t, err)
	want := times(flows, 20)
	topology.SortFlows(want)
	require.Len(t, answer.Flows, len(want))
	for i, got := range answer.Flows {
		require.Equal(t, want[i].Key, got.Key)
		require.Equal(t, want[i].Protocol, got.Protocol)
		assertTraffic(t, want[i].Traffic, got.Traffic)
	}
	traffic, _ := apart(answer.Queries)
	for _, text := range traffic {
		assert.Contains(t, text.Text, "[5m]")
	}
}

func assertTraffic(t *testing.T, want, got *topology.Traffic) {
	t.Helper()
	assertSums(t, want.Requests, got.Requests)
	assertSums(t, want.TCPRequestBytes, got.TCPRequestBytes)
	assertSums(t, want.TCPResponseBytes, got.TCPResponseBytes)
	assertSums(t, want.Secured, got.Secured)
	for _, n := range [][2]float64{
		{want.RequestBytes, got.RequestBytes},
		{want.ResponseBytes, got.ResponseBytes},
		{want.RequestMessages, got.RequestMessages},
		{want.ResponseMessages, got.ResponseMessages},
		{want.Opened, got.Opened},
		{want.Closed, got.Closed},
	} {
		assert.InDelta(t, n[0], n[1], 1e-6+n[0]*1e-9)
	}
	if want.Latency == nil {
		assert.Nil(t, got.Latency)
		return
	}
	assert.Equal(t, want.Latency.Bounds, got.Latency.Bounds)
	assert.InDeltaSlice(t, want.Latency.Cumulative, got.Latency.Cumulative, 1e-6)
	assert.InDelta(t, want.Latency.Sum, got.Latency.Sum, 1e-6)
}

func assertSums[K comparable](t *testing.T, want, got map[K]float64) {
	t.Helper()
	assert.ElementsMatch(t, slices.Collect(maps.Keys(want)), slices.Collect(maps.Keys(got)))
	for k, n := range want {
		assert.InDelta(t, n, got[k], 1e-6+n*1e-9)
	}
}

func compile(t *testing.T, text string) *filter.Program {
	t.Helper()
	program, err := filter.Compile(text)
	require.NoError(t, err)
	return program
}

// TestPlan has what is asked for which view, and no more.
func TestPlan(t *testing.T) {
	store := derivedtest.Open(t)
	store.Publish(derivedtest.Mesh(20), 3)
	for _, c := range []struct {
		name   string
		change func(*query.Query)
		want   []string // families, in short
	}{
		{"by default", func(*query.Query) {}, []string{
			"requests_total", "request_messages_total", "response_messages_total", "tcp_request_bytes_total",
			"tcp_response_bytes_total", "tcp_connections_opened_total", "tcp_connections_closed_total", "secured_total",
			"workload_info",
		}},
		{"a quantile", func(q *query.Query) {
			q.Protocols, q.Waypoints, q.NodeStats = []topology.Protocol{topology.HTTP}, true, []query.Stat{query.P50}
		}, []string{"requests_total", "secured_total", "request_duration_seconds_bucket", "workload_info"}},
		{"latency as colour", func(q *query.Query) {
			q.Protocols, q.Waypoints, q.ColorBy = []topology.Protocol{topology.HTTP}, true, query.ByLatency
		}, []string{"requests_total", "secured_total", "request_duration_seconds_bucket", "workload_info"}},
		{"only TCP", func(q *query.Query) { q.Protocols = []topology.Protocol{topology.TCP} }, []string{
			"tcp_request_bytes_total", "tcp_response_bytes_total", "tcp_connections_opened_total", "tcp_connections_closed_total",
			"secured_total", "workload_info",
		}},
		{"only HTTP, waypoints, no latency", func(q *query.Query) {
			q.Protocols, q.Waypoints, q.EdgeStats = []topology.Protocol{topology.HTTP}, true, []query.Stat{query.MTLS}
		}, []string{"requests_total", "secured_total", "workload_info"}},
		{"a mean", func(q *query.Query) {
			q.Protocols, q.Waypoints, q.EdgeStats = []topology.Protocol{topology.HTTP}, true, []query.Stat{query.Avg}
		}, []string{"requests_total", "secured_total", `request_duration_seconds_bucket{le="+Inf"}`, "request_duration_seconds_sum", "workload_info"}},
		{"throughput", func(q *query.Query) {
			q.Protocols, q.Waypoints, q.EdgeStats = []topology.Protocol{topology.HTTP}, true, []query.Stat{query.Throughput}
		}, []string{"requests_total", "request_bytes_total", "response_bytes_total", "secured_total", "workload_info"}},
		{"a filter, which looks at all protocols", func(q *query.Query) {
			q.Protocols = []topology.Protocol{topology.HTTP}
			q.Filter = compile(t, "source.p95In > 1 || known(edge.sourcePrincipal)")
		}, []string{
			"requests_total", "request_messages_total", "response_messages_total", "tcp_request_bytes_total",
			"tcp_response_bytes_total", "tcp_connections_opened_total", "tcp_connections_closed_total", "secured_total",
			"request_duration_seconds_bucket", "info", "workload_info",
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			q := query.Default()
			c.change(&q)
			answer, err := sourceOf(t, store).Flows(context.Background(), topology.Interval{End: store.Now, Length: time.Minute}, q)
			require.NoError(t, err)
			var asked []string
			traffic, health := apart(answer.Queries)
			assert.Len(t, health, 5, "whatever is shown")
			for _, text := range traffic {
				_, inner, _ := strings.Cut(text.Text, "(meshscope_")
				inner, _, _ = strings.Cut(inner, "[")
				inner = strings.TrimPrefix(inner, "edge_")
				inner, _, _ = strings.Cut(inner, `{dataplane=`)
				asked = append(asked, inner)
			}
			assert.Equal(t, c.want, asked)
		})
	}
}

// apart are the questions about traffic, and those about health.
func apart(all []source.Query) (traffic, health []source.Query) {
	for _, q := range all {
		if strings.Contains(q.Text, "_health") || strings.Contains(q.Text, "_error_ratio") {
			health = append(health, q)
		} else {
			traffic = append(traffic, q)
		}
	}
	return traffic, health
}

// TestWaypoints is T9: the hops through a waypoint are folded, unless asked for.
func TestWaypoints(t *testing.T) {
	client, server := peer("client"), peer("server")
	waypoint := peer("waypoint")
	call := flow(client, server, topology.HTTP)
	call.Reporter = topology.ByWaypoint
	call.Traffic.AddRequests(topology.Response{Code: "200"}, 30)
	to, from := flow(client, waypoint, topology.TCP), flow(waypoint, server, topology.TCP)
	to.Traffic.Opened, from.Traffic.Opened = 3, 3
	flows := []topology.Flow{call, to, from}

	store := derivedtest.Open(t)
	store.Settle(flows)
	store.Publish(flows, 20)
	iv := topology.Interval{End: store.Now, Length: 5 * time.Minute}

	folded, err := sourceOf(t, store).Flows(context.Background(), iv, query.Default())
	require.NoError(t, err)
	require.Len(t, folded.Flows, 1)
	assert.Equal(t, call.Key, folded.Flows[0].Key)

	q := query.Default()
	q.Waypoints = true
	all, err := sourceOf(t, store).Flows(context.Background(), iv, q)
	require.NoError(t, err)
	assert.Len(t, all.Flows, 3)
}

func peer(workload string) topology.Peer {
	return topology.Peer{Cluster: "east", Namespace: "shop", Workload: workload, CanonicalService: workload, CanonicalRevision: "latest"}
}

func flow(from, to topology.Peer, p topology.Protocol) topology.Flow {
	return topology.Flow{
		Key: topology.EdgeKey{Source: from, Destination: to, Service: topology.Service{
			Host: to.Workload + ".shop.svc.cluster.local", Name: to.Workload, Namespace: "shop",
		}},
		Protocol: p,
		Traffic:  new(topology.Traffic),
	}
}
