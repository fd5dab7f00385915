package frames_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"math"
	"testing"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/grafana/grafana-plugin-sdk-go/data"
	"github.com/grafana/grafana-plugin-sdk-go/experimental"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/meshscope/meshscope/exporter/topology"
	"github.com/meshscope/meshscope/plugin/pkg/frames"
	"github.com/meshscope/meshscope/plugin/pkg/frames/framestest"
	"github.com/meshscope/meshscope/plugin/pkg/query"
)

var update = flag.Bool("update", false, "write the golden files anew")

var infinity = math.Inf(1)

// ask is a query as a dashboard stores it.
func ask(t testing.TB, stored string) query.Query {
	t.Helper()
	q, err := query.Parse([]byte(stored))
	require.NoError(t, err)
	return q
}

func draw(t testing.TB, flows []topology.Flow, q query.Query) data.Frames {
	t.Helper()
	made := frames.Graph(topology.Build(minute, flows, topology.BuildOptions{Level: q.Level, Idle: q.Idle, ServiceNodes: q.ServiceNodes}), frames.View{Query: q})
	framestest.CheckContract(t, made, q.Limit)
	return made
}

// TestGolden compares whole answers. Write them anew with
//
//	go test ./plugin/pkg/frames -run TestGolden -update
func TestGolden(t *testing.T) {
	idle := append(bookinfo(), flow(peer("bookinfo", "cron-v1"), peer("bookinfo", "ratings-v1"), service("bookinfo", "ratings"), topology.HTTP, code("200", 0)))
	for _, c := range []struct {
		name, query string
		flows       []topology.Flow
	}{
		{"empty", `{}`, nil},
		{"bookinfo", `{}`, bookinfo()},
		{"one_namespace", `{"namespaces": ["data"]}`, bookinfo()},
		{"idle", `{"idle": true}`, idle},
		{"only_tcp", `{"protocols": ["tcp"], "nodeStats": ["tcpRate", "connectionRate"], "edgeStats": ["tcpRate"]}`, bookinfo()},
		{"apps", `{"level": "app", "nodeStats": ["p50", "p99"], "edgeStats": ["avg", "mtls"]}`, bookinfo()},
		{"versions", `{"level": "versionedApp"}`, bookinfo()},
		{"services", `{"level": "service", "colorBy": "latency"}`, bookinfo()},
		{"service_nodes", `{"serviceNodes": true}`, bookinfo()},
		{"app_service_nodes", `{"serviceNodes": true, "level": "app", "limit": 4}`, bookinfo()},
		{"odd", `{"idle": true}`, oddities()},
		{"namespaces", `{"level": "namespace", "colorBy": "mtls"}`, bookinfo()},
		{"clusters", `{"level": "cluster"}`, bookinfo()},
		{"by_health", `{"colorBy": "health"}`, bookinfo()},
		{"by_namespace", `{"colorBy": "namespace"}`, bookinfo()},
		{"layered", `{"layout": "layered"}`, bookinfo()},
		{"nothing_of_it", `{"namespaces": ["shop"], "protocols": ["http"]}`, bookinfo()},
	} {
		t.Run(c.name, func(t *testing.T) {
			made := draw(t, c.flows, ask(t, c.query))
			experimental.CheckGoldenJSONResponse(t, "testdata", c.name, &backend.DataResponse{Frames: made}, *update)
		})
	}
}

func TestNumbers(t *testing.T) {
	made := draw(t, bookinfo(), ask(t, `{"edgeStats": ["requestRate", "p95"]}`))
	reviews := framestest.Row(t, made[0], "workload/east/bookinfo/reviews-v2")
	assert.Equal(t, 10.0, reviews["mainstat"], "600 requests in a minute")
	assert.Equal(t, 20.0, reviews["secondarystat"], "120 of 600 failed")
	assert.InDelta(t, 0.2, reviews["arc__5xx"], 1e-9)
	assert.Equal(t, true, reviews["highlighted"])
	assert.Equal(t, "9 req/s", reviews["detail__requests_out"])
	assert.Equal(t, "UF 20 %", reviews["detail__flags"])

	calls := framestest.Row(t, made[1], "workload/east/bookinfo/productpage-v1:workload/east/bookinfo/reviews-v2")
	assert.Equal(t, 10.0, calls["mainstat"])
	assert.Equal(t, "6 4", calls["strokedasharray"], "a tenth is plaintext")
	assert.Equal(t, "90 %", calls["detail__mtls"])
	assert.Equal(t, "#F2495C", calls["color"])
	assert.InDelta(t, 50+450*0.7, calls["secondarystat"], 1e-9, "p95 by linear interpolation in the bucket of 50 to 500 ms")

	database := framestest.Row(t, made[1], "workload/east/bookinfo/ratings-v1:workload/east/data/mongodb-v1")
	assert.Equal(t, "http 0.1 req/s, tcp", database["detail__protocols"], "one edge for both protocols")
	assert.Equal(t, "request 1 kB/s, response 4 kB/s", database["detail__tcp"])

	caller := framestest.Row(t, made[0], "unknown/east/~/~")
	assert.Equal(t, "question-circle", caller["icon"])
	assert.Equal(t, 10.0, caller["mainstat"], "what it calls, for nothing calls it")
	assert.Equal(t, "cloud", framestest.Row(t, made[0], "service/east/~/api.example.com")["icon"])
}

// TestSelfCalls is about edges that the panel cannot draw.
func TestSelfCalls(t *testing.T) {
	made := draw(t, bookinfo(), ask(t, `{"level": "namespace"}`))
	bookinfo := framestest.Row(t, made[0], "namespace/east/~/bookinfo")
	assert.Equal(t, "18 req/s", bookinfo["detail__requests_within"], "productpage to reviews, reviews to ratings")
	assert.Equal(t, "28 req/s", bookinfo["detail__requests_in"], "and 10 from the gateway")
}

// TestSelection is T4: a selection leaves rows out, and changes none.
func TestSelection(t *testing.T) {
	for _, by := range query.ColorBys {
		whole := draw(t, bookinfo(), ask(t, fmt.Sprintf(`{"colorBy": %q}`, by)))
		part := draw(t, bookinfo(), ask(t, fmt.Sprintf(`{"colorBy": %q, "namespaces": ["d?ta"]}`, by)))
		require.Equal(t, []string{"workload/east/bookinfo/ratings-v1", "workload/east/data/mongodb-v1"}, framestest.IDs(t, part[0]))
		for f := range part {
			for _, id := range framestest.IDs(t, part[f]) {
				assert.Equal(t, framestest.Row(t, whole[f], id), framestest.Row(t, part[f], id))
			}
		}
	}
}

func TestColors(t *testing.T) {
	for by, want := range map[query.ColorBy]string{
		query.ByErrorRatio: "#F2495C", query.ByHealth: "#F2495C", query.ByLatency: "#FADE2A", query.ByMTLS: "#FF9830",
	} {
		made := draw(t, bookinfo(), ask(t, fmt.Sprintf(`{"colorBy": %q}`, by)))
		assert.Equal(t, want, framestest.ColorOf(t, made[0], "workload/east/bookinfo/reviews-v2"), by)
		for _, f := range made[0].Fields {
			assert.NotEqual(t, "color", f.Name, "%s: arcs hide it, and the legend would have it beside them", by)
			assert.NotEqual(t, "arc__2xx", f.Name, "%s: a ring of outcomes would hide it", by)
		}
	}
}

// TestColorsOfEdges: one legend is for nodes and edges, where both have what it
// tells.
func TestColorsOfEdges(t *testing.T) {
	for by, want := range map[query.ColorBy][2]string{
		query.ByOutcome:    {"#F2495C", "#86A888"},
		query.ByErrorRatio: {"#F2495C", "#86A888"},
		query.ByLatency:    {"#FADE2A", "#8E8E8E"},
		query.ByMTLS:       {"#FF9830", "#86A888"},
		query.ByNamespace:  {"#F2495C", "#86A888"},
	} {
		edges := draw(t, bookinfo(), ask(t, fmt.Sprintf(`{"colorBy": %q}`, by)))[1]
		assert.Equal(t, want[0], framestest.ColorOf(t, edges, page+":"+reviews), "%s: a fifth fails, p95 is below 500 ms, a tenth is plaintext", by)
		assert.Equal(t, want[1], framestest.ColorOf(t, edges, ratings+":"+mongodb), "%s: all is well", by)
	}
}

func TestNamespaceColorsAreTheirOwn(t *testing.T) {
	var flows []topology.Flow
	for i := range 20 {
		ns := fmt.Sprintf("ns-%d", i)
		flows = append(flows, flow(peer(ns, "a"), peer(ns, "b"), service(ns, "b"), topology.HTTP, code("200", 1)))
	}
	made := draw(t, flows, ask(t, `{"colorBy": "namespace"}`))
	colors := map[any]bool{}
	for _, id := range framestest.IDs(t, made[0]) {
		colors[framestest.Row(t, made[0], id)["color"]] = true
	}
	assert.Len(t, colors, 20)
}

// TestCut has 300 leaves of one gateway, of which the least busy one fails.
func TestCut(t *testing.T) {
	var flows []topology.Flow
	for i := range 300 {
		leaf := fmt.Sprintf("leaf-%03d", i)
		requests := code("200", 10+float64(i))
		if i == 0 {
			requests = code("500", 1)
		}
		flows = append(flows, flow(peer("edge", "gateway"), peer("shop", leaf), service("shop", leaf), topology.HTTP, requests))
	}
	made := draw(t, flows, ask(t, `{"limit": 20}`))
	ids := framestest.IDs(t, made[0])
	require.Len(t, ids, 20)
	assert.Contains(t, ids, "workload/east/shop/leaf-000", "unhealthy")
	assert.Contains(t, ids, "workload/east/edge/gateway", "who calls it")
	assert.Contains(t, ids, "workload/east/shop/leaf-299", "busiest")
	assert.NotContains(t, ids, "workload/east/shop/leaf-281")
	assert.Len(t, framestest.IDs(t, made[1]), 19)
	require.Len(t, made[0].Meta.Notices, 1)
	assert.Equal(t,
		"20 of 301 nodes and 19 of 300 edges are shown: the unhealthy and the busiest ones. Begin with the namespaces (level: namespace), whose menus lead to their workloads, ask for fewer of them, or for a limit of up to 200.",
		made[0].Meta.Notices[0].Text)
}

// TestOrderOfFlows is T4 once more: equal data give equal bytes.
func TestOrderOfFlows(t *testing.T) {
	q := ask(t, `{"level": "app"}`)
	flows := bookinfo()
	want, err := json.Marshal(draw(t, flows, q))
	require.NoError(t, err)
	for range flows {
		flows = append(flows[1:], flows[0])
		got, err := json.Marshal(draw(t, flows, q))
		require.NoError(t, err)
		assert.JSONEq(t, string(want), string(got))
	}
}

func TestNoTime(t *testing.T) {
	made := frames.Graph(topology.Build(topology.Interval{}, bookinfo(), topology.BuildOptions{}), frames.View{Query: query.Default()})
	framestest.CheckContract(t, made, query.TypeGraph.DefaultLimit())
}
