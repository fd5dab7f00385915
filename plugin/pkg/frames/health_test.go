package frames_test

import (
	"fmt"
	"testing"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/grafana/grafana-plugin-sdk-go/data"
	"github.com/grafana/grafana-plugin-sdk-go/experimental"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/meshscope/meshscope/exporter/health"
	"github.com/meshscope/meshscope/exporter/topology"
	"github.com/meshscope/meshscope/plugin/pkg/frames"
	"github.com/meshscope/meshscope/plugin/pkg/frames/framestest"
	"github.com/meshscope/meshscope/plugin/pkg/query"
)

// history lets reviews be the origin of what productpage is affected by, and
// all that can be judged have failed at some time.
type history struct{}

func (history) WorstOfNode(n *topology.Node) topology.Health {
	if n.Kind == topology.KindUnknown {
		return topology.HealthNA
	}
	return topology.HealthFailure
}

func (history) WorstOfEdge(*topology.Edge) topology.Health { return topology.HealthFailure }

func (history) IsOrigin(n *topology.Node) (is, known bool) {
	return n.App == "reviews", n.Kind == topology.KindWorkload && n.App != "ratings"
}

// judged is a graph as the exporter judges it by default, with what it may
// know of objects.
func judged(flows []topology.Flow, q query.Query) *topology.Graph {
	g := topology.Build(minute, flows, topology.BuildOptions{Level: q.Level, Idle: q.Idle, ServiceNodes: q.ServiceNodes})
	health.DefaultRules().Judge(minute, flows, nil).Attach(g)
	for _, n := range g.Nodes {
		if n.App == "reviews" {
			n.Object = &topology.Object{
				Kind: "Deployment", Dataplane: topology.Sidecar,
				Replicas: []topology.Replicas{{Workload: "reviews-v2", Desired: 3, Current: 2, Available: 1}},
			}
		}
	}
	return g
}

func drawJudged(t testing.TB, q query.Query) data.Frames {
	t.Helper()
	made := frames.Graph(judged(bookinfo(), q), frames.View{Query: q, History: history{}})
	framestest.CheckContract(t, made, q.Limit)
	return made
}

func TestGoldenHealth(t *testing.T) {
	for name, stored := range map[string]string{
		"judged":               `{}`,
		"judged_by_health":     `{"colorBy": "health"}`,
		"judged_namespaces":    `{"level": "namespace", "colorBy": "health"}`,
		"judged_and_filtered":  `{"colorBy": "health", "filter": "edge.health >= 2", "highlight": "node.health == 3"}`,
		"judged_versions":      `{"level": "versionedApp", "colorBy": "health"}`,
		"judged_services":      `{"level": "service", "colorBy": "health"}`,
		"judged_one_namespace": `{"namespaces": ["data"], "colorBy": "health"}`,
	} {
		t.Run(name, func(t *testing.T) {
			experimental.CheckGoldenJSONResponse(t, "testdata", name, &backend.DataResponse{Frames: drawJudged(t, ask(t, stored))}, *update)
		})
	}
}

func TestHealth(t *testing.T) {
	made := drawJudged(t, ask(t, `{"colorBy": "health"}`))
	assert.Empty(t, made[0].Meta.Notices)

	reviews := framestest.Row(t, made[0], "workload/east/bookinfo/reviews-v2")
	assert.Equal(t, "#F2495C", framestest.ColorOf(t, made[0], "workload/east/bookinfo/reviews-v2"))
	assert.Equal(t, true, reviews["highlighted"])
	assert.Equal(t, "Failure: 40 % no response (out http)", reviews["detail__health"], "the worst of all: 24 of 60 calls to the host outside got no response")
	assert.Empty(t, reviews["detail__worst_health"], "it was no worse than it is")
	assert.Equal(t, "origin of the failure", reviews["detail__fault"])
	assert.Equal(t, "1 of 3 available, 2 current", reviews["detail__replicas"])
	assert.Equal(t, "Deployment", reviews["detail__object_kind"])
	assert.Equal(t, "sidecar", reviews["detail__dataplane"])

	caller := framestest.Row(t, made[0], "workload/east/bookinfo/productpage-v1")
	assert.Equal(t, "Failure: 20 % 5XX (out http)", caller["detail__health"], "errors that it gets count against it")
	assert.Equal(t, "affected", caller["detail__fault"])
	assert.Equal(t, "at fault · bookinfo", reviews["subtitle"])
	assert.Equal(t, "affected · bookinfo", caller["subtitle"])
	assert.Equal(t, "#FFA6B0", framestest.ColorOf(t, made[0], "workload/east/bookinfo/productpage-v1"), "paler than what is at fault")
	assert.Equal(t, false, caller["highlighted"], "whose fault it is not")

	ratings := framestest.Row(t, made[0], "workload/east/bookinfo/ratings-v1")
	assert.Equal(t, "#FF9830", framestest.ColorOf(t, made[0], "workload/east/bookinfo/ratings-v1"))
	assert.Equal(t, false, ratings["highlighted"])
	assert.Equal(t, "Degraded: 1.04 % errors (in grpc)", ratings["detail__health"])
	assert.Equal(t, "Failure", ratings["detail__worst_health"])
	assert.Empty(t, ratings["detail__fault"], "nobody says")

	assert.Equal(t, "#8E8E8E", framestest.ColorOf(t, made[0], "unknown/east/~/~"), "nobody judges who is not known")

	calls := framestest.Row(t, made[1], "workload/east/bookinfo/productpage-v1:workload/east/bookinfo/reviews-v2")
	assert.Equal(t, "#F2495C", calls["color"])
	assert.Contains(t, calls["detail__health"], "Failure: 20 % 5XX (")
	both := framestest.Row(t, made[1], "workload/east/bookinfo/ratings-v1:workload/east/data/mongodb-v1")
	assert.Equal(t, "Healthy", both["detail__health"])
	assert.Equal(t, "Failure", both["detail__worst_health"])
}

// TestHealthIsOfTheWorstProtocol: one drawn edge stands for all protocols.
func TestHealthIsOfTheWorstProtocol(t *testing.T) {
	flows := bookinfo()
	ratings, mongo := peer("bookinfo", "ratings-v1"), peer("data", "mongodb-v1")
	flows = append(flows, flow(ratings, mongo, service("data", "mongodb"), topology.GRPC, grpc("14", 100)))
	q := query.Default()
	made := frames.Graph(judged(flows, q), frames.View{Query: q})
	edge := framestest.Row(t, made[1], "workload/east/bookinfo/ratings-v1:workload/east/data/mongodb-v1")
	assert.Equal(t, "grpc 1.67 req/s, http 0.1 req/s, tcp", edge["detail__protocols"])
	assert.Contains(t, edge["detail__health"], "Failure: 100 % ")
}

// TestRatiosWithoutADecision: series tell the ratios, and not which one decided.
func TestRatiosWithoutADecision(t *testing.T) {
	g := topology.Build(minute, bookinfo(), topology.BuildOptions{})
	for _, n := range g.Nodes {
		n.Verdict = &topology.Verdict{Health: topology.HealthHealthy}
		if n.App == "reviews" {
			n.Verdict = &topology.Verdict{Health: topology.HealthDegraded, Ratios: []topology.ErrorRatio{
				{Direction: topology.In, Protocol: topology.HTTP, Tolerance: "4XX", Errors: .02, Requests: 1},
				{Direction: topology.In, Protocol: topology.HTTP, Tolerance: "5XX", Errors: .2, Requests: 1},
				{Direction: topology.Out, Protocol: topology.GRPC, Tolerance: "^-$", Errors: 0, Requests: 1},
			}}
		}
	}
	made := frames.Graph(g, frames.View{Query: query.Default()})
	assert.Equal(t, "Degraded: 20 % 5XX (in http), 2 % 4XX (in http)",
		framestest.Row(t, made[0], "workload/east/bookinfo/reviews-v2")["detail__health"])
	assert.Equal(t, "Healthy", framestest.Row(t, made[0], "workload/east/bookinfo/ratings-v1")["detail__health"])
}

// TestFiltersWithoutVerdicts says that what they ask for is not known.
func TestFiltersWithoutVerdicts(t *testing.T) {
	const want = "There are no health series: what the query's filter or highlight asks of health is not known, and so is false."
	texts := func(made data.Frames) (all []string) {
		for _, n := range made[0].Meta.Notices {
			all = append(all, n.Text)
		}
		return all
	}
	for _, stored := range []string{`{"filter": "edge.health >= 2"}`, `{"highlight": "!node.healthy"}`, `{"filter": "target.health < 1"}`} {
		assert.Contains(t, texts(draw(t, bookinfo(), ask(t, stored))), want, stored)
		assert.NotContains(t, texts(drawJudged(t, ask(t, stored))), want, stored)
	}
	assert.NotContains(t, texts(draw(t, bookinfo(), ask(t, `{"filter": "edge.p95 > 1"}`))), want)
}

// TestHealthSelection is T4: what is shown changes no colour and no detail.
func TestHealthSelection(t *testing.T) {
	whole, part := drawJudged(t, ask(t, `{"colorBy": "health"}`)), drawJudged(t, ask(t, `{"colorBy": "health", "namespaces": ["data"]}`))
	for f := range part {
		ids := framestest.IDs(t, part[f])
		require.NotEmpty(t, ids)
		for _, id := range ids {
			assert.Equal(t, framestest.Row(t, whole[f], id), framestest.Row(t, part[f], id))
		}
	}
}

// TestHealthContract checks the panel's contract on random judged meshes.
func TestHealthContract(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		q := rapid.Custom(anyQuery).Draw(t, "query")
		q.ColorBy = rapid.SampledFrom([]query.ColorBy{query.ByHealth, query.ByOutcome}).Draw(t, "color by")
		g := judged(rapid.SliceOfN(rapid.Custom(anyFlow), 0, 40).Draw(t, "flows"), q)
		for _, n := range g.Nodes {
			n.Object = &topology.Object{Kind: anyName.Draw(t, "kind"), Replicas: []topology.Replicas{{Desired: rapid.IntRange(0, 3).Draw(t, "pods")}}}
			if n.Verdict != nil {
				n.Verdict = &topology.Verdict{
					Health: topology.Health(rapid.IntRange(0, 4).Draw(t, "health")),
					Ratios: []topology.ErrorRatio{{Tolerance: anyName.Draw(t, "tolerance"), Errors: anyCount.Draw(t, "errors"), Requests: anyCount.Draw(t, "requests")}},
				}
			}
		}
		framestest.CheckContract(t, frames.Graph(g, frames.View{Query: q, History: history{}}), q.Limit)
	})
}

// TestHealthColors has the colour of each verdict.
func TestHealthColors(t *testing.T) {
	for health, want := range map[topology.Health]string{
		topology.HealthNA: "#8E8E8E", topology.HealthHealthy: "#73BF69", topology.HealthNotReady: "#8AB8FF",
		topology.HealthDegraded: "#FF9830", topology.HealthFailure: "#F2495C",
	} {
		g := topology.Build(minute, bookinfo(), topology.BuildOptions{})
		for _, n := range g.Nodes {
			n.Verdict = &topology.Verdict{Health: health}
		}
		for _, e := range g.Edges {
			e.Verdict = &topology.Verdict{Health: health}
		}
		q := ask(t, `{"colorBy": "health"}`)
		made := frames.Graph(g, frames.View{Query: q})
		framestest.CheckContract(t, made, q.Limit)
		for _, f := range made {
			want := want
			if f.Name == "edges" && health == topology.HealthHealthy {
				want = "#86A888" // quiet
			}
			for _, id := range framestest.IDs(t, f) {
				want := want
				if id == ratings+":"+mongodb && health == topology.HealthDegraded {
					want = "#B59B70" // fewer than 1 % fail
				}
				assert.Equal(t, want, framestest.ColorOf(t, f, id), fmt.Sprint(health, " ", id))
			}
		}
	}
}
