package derive_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/meshscope/meshscope/exporter/demo/store"
	"github.com/meshscope/meshscope/exporter/demo/store/storetest"
	"github.com/meshscope/meshscope/exporter/derive"
	"github.com/meshscope/meshscope/exporter/istio"
	"github.com/meshscope/meshscope/exporter/istio/istiotest"
	"github.com/meshscope/meshscope/exporter/topology"
)

var begin = time.Date(2026, time.March, 1, 12, 0, 0, 0, time.UTC)

// openStore is an empty store, and an asker of it.
func openStore(t *testing.T, o derive.Options) (*store.Store, *derive.Asker) {
	t.Helper()
	s, _, client := storetest.Open(t)
	o.Client = client
	return s, derive.NewAsker(o)
}

// grown is the graph of counters that have grown linearly from 0 to their
// totals over ten minutes, of these ten minutes.
func grown(t *testing.T, all []istiotest.Series, level topology.Level) *topology.Graph {
	t.Helper()
	const window, scrapes = 10 * time.Minute, 40
	s, asker := openStore(t, derive.Options{})
	for i := range scrapes + 1 {
		istiotest.Scrape(t, s, begin.Add(window*time.Duration(i)/scrapes), all, float64(i)/scrapes)
	}
	g, tally, err := asker.Graph(t.Context(), derive.GraphOptions{
		FlowOptions: derive.FlowOptions{
			Interval:   topology.Interval{End: begin.Add(window), Length: window},
			Metrics:    istio.GraphMetrics(istio.LatencyHistogram),
			IsWaypoint: istio.Waypoints(istio.DefaultWaypoints),
		},
		Build: topology.BuildOptions{Level: level},
	})
	require.NoError(t, err)
	require.Empty(t, tally.Rejected)
	return g
}

// The graph of a real mesh's connections: each of them once, though both its
// ends have reported it.
func TestGraphOfBookinfoInAmbientMode(t *testing.T) {
	g := grown(t, istiotest.Bookinfo(t), topology.ByWorkload)
	got := map[[2]string]float64{}
	for _, e := range g.Edges {
		require.Equal(t, topology.TCP, e.Protocol)
		require.Equal(t, topology.KindWorkload, e.Source.Kind)
		require.Equal(t, topology.KindWorkload, e.Target.Kind)
		require.Equal(t, []topology.Reporter{topology.BySource}, e.Reporters)
		got[[2]string{e.Source.Name, e.Target.Name}] = e.Traffic.Opened
		share, ok := e.Traffic.MutualTLSShare()
		require.True(t, ok)
		require.Equal(t, 1.0, share)
	}
	require.InDeltaMapValues(t, istiotest.BookinfoConnections, got, 1e-6)
	require.Len(t, g.Nodes, 7)

	byApp := map[[2]string]float64{}
	for _, e := range grown(t, istiotest.Bookinfo(t), topology.ByApp).Edges {
		byApp[[2]string{e.Source.Name, e.Target.Name}] = e.Traffic.Opened
	}
	require.InDeltaMapValues(t, map[[2]string]float64{
		{"traffic-gen", "productpage"}: 831, {"productpage", "details"}: 831, {"productpage", "reviews"}: 831, {"reviews", "ratings"}: 107,
	}, byApp, 1e-6)
}

// What a real Kiali has shown of Sock Shop's carts, from the telemetry that it
// must have seen.
func TestGraphOfSockShopsCarts(t *testing.T) {
	g := grown(t, istiotest.SockShop(t), topology.ByWorkload)
	require.Len(t, g.Edges, 3)
	require.Len(t, g.Nodes, 4)
	seconds := g.Interval.Length.Seconds()
	rate := func(n float64) float64 { return n / seconds }

	edges := map[string]*topology.Edge{}
	for _, e := range g.Edges {
		require.Equal(t, "carts", e.Target.Name)
		require.Equal(t, topology.HTTP, e.Protocol)
		edges[e.Source.Name] = e
	}
	in := edges["orders"].Target.In[topology.HTTP]
	require.InDelta(t, 4.78, rate(in.Total()), 1e-6)

	for _, tc := range []struct {
		source    string
		reporter  topology.Reporter
		rate      float64
		errors    float64 // of all
		mutualTLS float64
		responses map[topology.Response]float64
		p95       float64 // seconds
		response  float64 // bytes per second
	}{
		{
			"front-end", topology.BySource, 3.66, 0.001, 1,
			map[topology.Response]float64{{Code: "201"}: .296, {Code: "202"}: .703, {Code: "500"}: .001},
			9.493, 3603,
		},
		{
			"orders", topology.BySource, 1.05, 0, 1,
			map[topology.Response]float64{{Code: "200"}: .986, {Code: "200", Flags: "DC"}: .014},
			3.19, 1189,
		},
		{"", topology.ByDestination, 0.07, 0, 0, map[topology.Response]float64{{Code: "200"}: 1}, .25, 1402},
	} {
		t.Run("from "+tc.source, func(t *testing.T) {
			e, ok := edges[tc.source]
			require.True(t, ok)
			require.Equal(t, []topology.Reporter{tc.reporter}, e.Reporters)
			total := e.Traffic.Total()
			require.InDelta(t, tc.rate, rate(total), 1e-6)
			errors := 0.0
			for outcome, n := range e.Traffic.Outcomes(e.Protocol) {
				if topology.Outcome(outcome).IsError() {
					errors += n
				}
			}
			require.InDelta(t, tc.errors, errors/total, 0.0005, "to Kiali's one digit")
			share, ok := e.Traffic.MutualTLSShare()
			require.True(t, ok, "the destination knows")
			require.Equal(t, tc.mutualTLS, share)
			shares := map[topology.Response]float64{}
			for r, n := range e.Traffic.Requests {
				shares[r] = n / total
			}
			require.InDeltaMapValues(t, tc.responses, shares, 0.0005)
			require.InDelta(t, tc.p95, e.Traffic.Latency.Quantile(0.95), 1e-3)
			require.InDelta(t, total, e.Traffic.Latency.Count(), 1e-3)
			require.InDelta(t, tc.response, rate(e.Traffic.ResponseBytes), 1e-3)
		})
	}
	require.Equal(t, topology.KindUnknown, edges[""].Source.Kind)
	require.Empty(t, edges[""].Traffic.SourcePrincipals)
	require.Equal(t, "spiffe://cluster.local/ns/sock-shop/sa/default", topology.Busiest(edges["orders"].Traffic.SourcePrincipals))
}
