package refresh_test

import (
	"context"
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/meshscope/meshscope/exporter/app"
	"github.com/meshscope/meshscope/exporter/demo/mesh"
	"github.com/meshscope/meshscope/exporter/istio/istiotest"
	"github.com/meshscope/meshscope/exporter/promql"
	"github.com/meshscope/meshscope/exporter/series"
	"github.com/meshscope/meshscope/exporter/topology"
	"github.com/meshscope/meshscope/exporter/web"
)

// growth is the time in which recorded counters come to their totals.
const growth = 10 * time.Minute

// record plays recorded telemetry instead of a mesh: after a minute at 0 each
// counter grows linearly to its total, and then rests, until all that was
// scraped is counted. The exporter is there from the first scrape on.
func record(t *testing.T, all []istiotest.Series) *bed {
	t.Helper()
	b := newBed(t, mesh.Config{})
	b.startExporter()
	const rest = time.Minute
	for end := b.start.Add(rest + growth + 3*rest); b.now.Before(end); {
		b.now = b.now.Add(time.Second)
		share := min(max(float64(b.now.Sub(b.start)-rest)/float64(growth), 0), 1)
		for _, target := range istiotest.Targets(all) {
			if b.phase(phaseOf(target)) {
				istiotest.ScrapeTarget(t, b.store, b.now, target, all, share)
			}
		}
		if b.phase(refreshPhase) {
			require.NoError(t, b.loop.Refresh(context.Background()))
		}
		if b.phase(exporterPhase) {
			b.scrapeExporter()
		}
	}
	return b
}

// counted is what a query about derived series says, by the edge's workloads.
func (b *bed) counted(query string) map[[2]string]float64 {
	b.t.Helper()
	vector, err := b.store.Instant(context.Background(), query, b.now)
	require.NoError(b.t, err, query)
	by := map[[2]string]float64{}
	for _, s := range vector {
		by[[2]string{s.Metric.Get("source_workload"), s.Metric.Get("destination_workload")}] += s.F
	}
	return by
}

// readBack is the graph that a reader of the derived series makes of a window
// that ends now, as the data source does.
func (b *bed) readBack(window time.Duration) *topology.Graph {
	b.t.Helper()
	client, err := promql.New(promql.Options{URL: b.server.URL})
	require.NoError(b.t, err)
	flows := series.NewFlows()
	questions := []series.Question{series.DurationSum(window), series.Presence(series.EdgeInfo, window)}
	for _, f := range []*series.Family{
		series.EdgeRequests, series.EdgeDuration, series.EdgeRequestBytes, series.EdgeResponseBytes, series.EdgeTCPOpened, series.EdgeSecured,
	} {
		questions = append(questions, series.Growth(f, window))
	}
	for _, q := range questions {
		text, err := q.Expr()
		require.NoError(b.t, err)
		reader := series.NewReader(q.Family)
		reader.Begin(flows)
		_, err = client.Query(context.Background(), text, b.now, func(s *promql.Series) error {
			require.True(b.t, reader.Add(s.All(), s.Points[0].Value))
			return nil
		})
		require.NoError(b.t, err)
	}
	return topology.Build(topology.Interval{End: b.now, Length: window}, flows.Sorted(), topology.BuildOptions{})
}

// From what a real ztunnel has exposed the exporter derives Bookinfo: each
// connection once, though both its ends have reported it.
func TestDerivedSeriesOfBookinfoInAmbientMode(t *testing.T) {
	all := istiotest.Bookinfo(t)
	b := record(t, all)
	require.InDeltaMapValues(t, istiotest.BookinfoConnections, b.counted("meshscope_edge_tcp_connections_opened_total"), 1e-6)
	require.InDeltaMapValues(t, istiotest.BookinfoConnections,
		b.counted(`meshscope_edge_secured_total{request_protocol="tcp",connection_security_policy="mutual_tls"}`), 1e-6)
	require.Len(t, b.query("meshscope_edge_secured_total"), 7, "of no other policy")
	require.Len(t, b.query(`meshscope_edge_info{request_protocol="tcp",reporter="source"}`), 7)
	require.Len(t, b.query("meshscope_edge_info"), 7)
	require.Equal(t, map[string]float64{"{}": 7}, b.query("max(meshscope_edges)"))
	require.Len(t, b.query("meshscope_workload_info"), 7)
	require.Empty(t, b.query("meshscope_edge_requests_total"))
	require.Zero(t, b.query("sum(meshscope_samples_rejected_total)")["{}"])
	require.Zero(t, b.query("sum(meshscope_samples_folded_total)")["{}"])

	// A series begins at 0: what increase() tells is all of it, but for its own
	// extrapolation to the ends of the window.
	got := map[[2]string]float64{}
	g := b.readBack(b.now.Sub(b.start))
	for _, e := range g.Edges {
		require.Equal(t, topology.TCP, e.Protocol)
		require.Equal(t, []topology.Reporter{topology.BySource}, e.Reporters)
		got[[2]string{e.Source.Name, e.Target.Name}] = e.Traffic.Opened
		share, ok := e.Traffic.MutualTLSShare()
		require.True(t, ok)
		require.InDelta(t, 1, share, 1e-9)
		require.Equal(t, "spiffe://cluster.local/ns/default/sa/"+serviceAccounts[e.Source.Name], topology.Busiest(e.Traffic.SourcePrincipals))
	}
	for edge, want := range istiotest.BookinfoConnections {
		require.InEpsilon(t, want, got[edge], 0.02, "%v", edge)
	}
	require.Len(t, got, 7)
}

var serviceAccounts = map[string]string{
	"traffic-gen": "default", "productpage-v1": "bookinfo-productpage", "reviews-v2": "bookinfo-reviews", "reviews-v3": "bookinfo-reviews",
}

// Sock Shop's carts, as a real Kiali has seen them, from the derived series
// and from the command's graph.
func TestDerivedSeriesOfSockShopsCarts(t *testing.T) {
	b := record(t, istiotest.SockShop(t))
	frontEnd, orders, stranger := [2]string{"front-end", "carts"}, [2]string{"orders", "carts"}, [2]string{"unknown", "carts"}
	perSecond := func(query string) map[[2]string]float64 {
		by := b.counted(query)
		for edge := range by {
			by[edge] /= growth.Seconds()
		}
		return by
	}
	const within = 1e-6
	rates := perSecond("meshscope_edge_requests_total")
	require.InDeltaMapValues(t, map[[2]string]float64{frontEnd: 3.66, orders: 1.05, stranger: 0.07}, rates, within)
	require.InDelta(t, 4.78, b.query("sum(meshscope_edge_requests_total)")["{}"]/growth.Seconds(), within)
	require.InDeltaMapValues(t, map[[2]string]float64{frontEnd: 0.003}, perSecond(`meshscope_edge_requests_total{response_code=~"5.."}`), within)
	for _, tc := range []struct {
		code, flags string
		edge        [2]string
		share       float64
	}{
		{"201", "-", frontEnd, .296},
		{"202", "-", frontEnd, .703},
		{"500", "-", frontEnd, .001},
		{"200", "-", orders, .986},
		{"200", "DC", orders, .014},
		{"200", "-", stranger, 1},
	} {
		n := perSecond(`meshscope_edge_requests_total{response_code="` + tc.code + `",response_flags="` + tc.flags + `"}`)[tc.edge]
		require.InDelta(t, tc.share, n/rates[tc.edge], 0.0005, "%v %s %s, to Kiali's one digit", tc.edge, tc.code, tc.flags)
	}
	require.Len(t, b.query("meshscope_edge_requests_total"), 6)

	// Who calls from outside of the mesh does so in plain text; of the others
	// the destination knows that they do not.
	require.InDeltaMapValues(t, map[[2]string]float64{frontEnd: 3.66, orders: 1.05},
		perSecond(`meshscope_edge_secured_total{connection_security_policy="mutual_tls"}`), within)
	require.InDeltaMapValues(t, map[[2]string]float64{stranger: 0.07},
		perSecond(`meshscope_edge_secured_total{connection_security_policy!="mutual_tls"}`), within)
	require.InDeltaMapValues(t, map[[2]string]float64{frontEnd: 3603, orders: 1189, stranger: 1402}, perSecond("meshscope_edge_response_bytes_total"), within)

	g := b.readBack(b.now.Sub(b.start))
	p95 := map[string]float64{}
	for _, e := range g.Edges {
		p95[e.Source.Name] = e.Traffic.Latency.Quantile(0.95)
		require.InEpsilon(t, e.Traffic.Total(), e.Traffic.Latency.Count(), 0.1, "durations are counted by the minute")
	}
	require.InDeltaMapValues(t, map[string]float64{"front-end": 9.493, "orders": 3.19, "": .25}, p95, 1e-3)

	t.Run("meshscope graph", func(t *testing.T) {
		answer, err := app.Graph(t.Context(), app.Options{Source: app.Source{PrometheusURL: b.server.URL}}, web.Question{
			Level: "workload", Output: "json", Time: b.start.Add(time.Minute + growth), Window: growth - time.Minute,
		})
		require.NoError(t, err)
		var graph struct {
			Nodes []struct {
				Name string
				In   map[string]struct{ RequestRate, ErrorRatio float64 }
			}
			Edges []struct {
				Source, Target                          string
				RequestRate, ErrorRatio, MutualTLSShare float64
				Latency                                 struct{ P95 float64 }
				Responses                               []struct {
					Code, Flags string
					RequestRate float64
				}
			}
		}
		require.NoError(t, json.Unmarshal(answer.Body, &graph))
		require.Len(t, graph.Edges, 3)
		const digits = 1e-4
		for _, n := range graph.Nodes {
			if n.Name == "carts" {
				require.InEpsilon(t, 4.78, n.In["http"].RequestRate, digits)
				require.InDelta(t, 0.003/4.78, n.In["http"].ErrorRatio, 1e-6)
			} else {
				require.Empty(t, n.In)
			}
		}
		for i, want := range []struct {
			source                 string
			rate, errors, mtls, p9 float64
			responses              int
		}{
			{"workload/Kubernetes/sock-shop/front-end", 3.66, 0.003 / 3.66, 1, 9.493, 3},
			{"workload/Kubernetes/sock-shop/orders", 1.05, 0, 1, 3.19, 2},
			{"unknown/~/~/~", 0.07, 0, 0, .25, 1},
		} {
			found := false
			for _, e := range graph.Edges {
				if e.Source != want.source {
					continue
				}
				found = true
				require.Equal(t, "workload/Kubernetes/sock-shop/carts", e.Target)
				require.InEpsilon(t, want.rate, e.RequestRate, digits)
				require.InDelta(t, want.errors, e.ErrorRatio, 1e-6)
				require.Equal(t, want.mtls, e.MutualTLSShare)
				require.InEpsilon(t, want.p9, e.Latency.P95, digits)
				require.Len(t, e.Responses, want.responses)
			}
			require.True(t, found, "edge %d from %s in %s", i, want.source, answer.Body)
		}
	})
}
