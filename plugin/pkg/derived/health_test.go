package derived_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/meshscope/meshscope/exporter/series"
	"github.com/meshscope/meshscope/exporter/topology"
	"github.com/meshscope/meshscope/exporter/topology/topologytest"
	"github.com/meshscope/meshscope/plugin/pkg/derived/derivedtest"
	"github.com/meshscope/meshscope/plugin/pkg/query"
	"github.com/meshscope/meshscope/plugin/pkg/source"
)

func ref(kind topology.Kind, name string) topology.Ref {
	return topology.Ref{Kind: kind, Cluster: "east", Namespace: "shop", Name: name}
}

var shop = topology.Ref{Kind: topology.KindNamespace, Cluster: "east", Name: "shop"}

// web calls api, which fails at first, and api calls db by two hosts.
func judgedShop() (flows []topology.Flow, keys map[string]topology.EdgeKey) {
	web, api, db := flow(peer("web"), peer("api"), topology.HTTP), flow(peer("api"), peer("db"), topology.HTTP), flow(peer("api"), peer("db"), topology.HTTP)
	db.Key.Service.Host, db.Key.Service.Name = "db2.shop.svc.cluster.local", "db2"
	flows = []topology.Flow{web, api, db}
	for i := range flows {
		flows[i].Traffic.AddRequests(topology.Response{Code: "200"}, 10)
	}
	return flows, map[string]topology.EdgeKey{"web>api": web.Key, "api>db": api.Key, "api>db2": db.Key}
}

func asked(t *testing.T, store *derivedtest.Store, iv topology.Interval, level topology.Level) (source.Answer, *topology.Graph) {
	t.Helper()
	q := query.Default()
	q.Level = level
	answer, err := sourceOf(t, store).Flows(context.Background(), iv, q)
	require.NoError(t, err)
	g := topology.Build(iv, answer.Flows, topology.BuildOptions{Level: level})
	if answer.Health != nil {
		answer.Health.Attach(g)
	}
	return answer, g
}

func node(t *testing.T, g *topology.Graph, name string) *topology.Node {
	t.Helper()
	i := slices.IndexFunc(g.Nodes, func(n *topology.Node) bool { return n.Name == name })
	require.GreaterOrEqual(t, i, 0, name)
	return g.Nodes[i]
}

func edge(t *testing.T, g *topology.Graph, from, to string) *topology.Edge {
	t.Helper()
	i := slices.IndexFunc(g.Edges, func(e *topology.Edge) bool { return e.Source.Name == from && e.Target.Name == to })
	require.GreaterOrEqual(t, i, 0, "%s to %s", from, to)
	return g.Edges[i]
}

// TestHealth: the verdicts are those at the end of the range, whatever came
// after; the worst of the range is known beside them.
func TestHealth(t *testing.T) {
	flows, keys := judgedShop()
	store := derivedtest.Open(t)
	store.Settle(flows)
	failing := series.Assessment{
		Edges: map[topology.EdgeKey]topology.Health{
			keys["web>api"]: topology.HealthFailure, keys["api>db"]: topology.HealthHealthy, keys["api>db2"]: topology.HealthDegraded,
		},
		Nodes: map[topology.Ref]topology.Health{
			ref(topology.KindWorkload, "api"): topology.HealthFailure, ref(topology.KindWorkload, "web"): topology.HealthHealthy,
			ref(topology.KindApp, "api"): topology.HealthFailure, shop: topology.HealthFailure,
		},
	}
	store.Assess(failing)
	store.Publish(flows, 4)
	store.Assess(series.Assessment{
		Edges: map[topology.EdgeKey]topology.Health{
			keys["web>api"]: topology.HealthDegraded, keys["api>db"]: topology.HealthHealthy, keys["api>db2"]: topology.HealthDegraded,
		},
		Nodes: map[topology.Ref]topology.Health{
			ref(topology.KindWorkload, "api"): topology.HealthDegraded, ref(topology.KindWorkload, "web"): topology.HealthDegraded,
			ref(topology.KindWorkload, "db"): topology.HealthHealthy,
			ref(topology.KindApp, "api"):     topology.HealthDegraded, ref(topology.KindService, "api"): topology.HealthNotReady, shop: topology.HealthDegraded,
		},
		Ratios: map[topology.Ref][]topology.ErrorRatio{ref(topology.KindWorkload, "api"): {
			{Direction: topology.In, Protocol: topology.HTTP, Tolerance: "5XX", Errors: 1, Requests: 20},
			{Direction: topology.In, Protocol: topology.HTTP, Tolerance: "4XX", Errors: 0, Requests: 20},
		}},
		Faults: map[topology.Ref]series.Fault{
			ref(topology.KindWorkload, "api"): {Judged: true, Origin: true}, ref(topology.KindWorkload, "web"): {Judged: true},
			ref(topology.KindWorkload, "db"): {},
		},
		Objects: topologytest.Objects{
			ref(topology.KindWorkload, "api"): {
				Kind: "Deployment", Dataplane: topology.Sidecar, Replicas: []topology.Replicas{{Workload: "api", Desired: 3, Current: 3, Available: 2}},
			},
			ref(topology.KindWorkload, "db"): {Kind: "StatefulSet", Dataplane: topology.NoDataplane, Replicas: []topology.Replicas{{Workload: "db"}}},
		},
	})
	store.Publish(flows, 8)
	iv := topology.Interval{End: store.Now, Length: 3 * time.Minute}
	store.Assess(failing)
	store.Publish(flows, 2) // what comes later is not of the range

	answer, g := asked(t, store, iv, topology.ByWorkload)
	require.NotNil(t, answer.History)
	api, web, db := node(t, g, "api"), node(t, g, "web"), node(t, g, "db")
	assert.Equal(t, &topology.Verdict{Health: topology.HealthDegraded, Ratios: []topology.ErrorRatio{
		{Direction: topology.In, Protocol: topology.HTTP, Tolerance: "5XX", Errors: .05, Requests: 1},
	}}, api.Verdict)
	assert.Equal(t, topology.HealthFailure, answer.History.WorstOfNode(api))
	assert.Equal(t, topology.HealthDegraded, web.Verdict.Health)
	assert.Equal(t, topology.HealthHealthy, db.Verdict.Health)
	assert.Equal(t, topology.HealthNA, answer.History.WorstOfNode(db), "it was never ill")

	assert.Equal(t, topology.HealthDegraded, edge(t, g, "web", "api").Verdict.Health)
	assert.Equal(t, topology.HealthFailure, answer.History.WorstOfEdge(edge(t, g, "web", "api")))
	assert.Equal(t, topology.HealthDegraded, edge(t, g, "api", "db").Verdict.Health, "the worse of its two hosts")

	assert.Equal(t, &topology.Object{
		Kind: "Deployment", Dataplane: topology.Sidecar, Replicas: []topology.Replicas{{Workload: "api", Desired: 3, Current: 3, Available: 2}},
	}, api.Object)
	assert.Nil(t, web.Object, "Kubernetes does not know it")
	assert.True(t, db.Object.NoPods)
	assert.True(t, db.Object.OutOfMesh())
	for _, c := range []struct {
		node      *topology.Node
		is, known bool
	}{{api, true, true}, {web, false, true}, {db, false, false}} {
		is, known := answer.History.IsOrigin(c.node)
		assert.Equal(t, c.is, is, c.node.Name)
		assert.Equal(t, c.known, known, c.node.Name)
	}

	// Other levels.
	answer, g = asked(t, store, iv, topology.ByApp)
	assert.Equal(t, topology.HealthDegraded, node(t, g, "api").Verdict.Health)
	assert.Equal(t, topology.HealthNA, node(t, g, "db").Verdict.Health, "nothing is published of it")
	assert.Equal(t, []topology.Replicas{{Workload: "api", Desired: 3, Current: 3, Available: 2}}, node(t, g, "api").Object.Replicas)
	assert.Equal(t, topology.HealthDegraded, edge(t, g, "api", "db").Verdict.Health)

	_, g = asked(t, store, iv, topology.ByVersionedApp)
	assert.Equal(t, topology.HealthDegraded, node(t, g, "web").Verdict.Health, "by its workload")

	_, g = asked(t, store, iv, topology.ByService)
	assert.Equal(t, topology.HealthNotReady, node(t, g, "api").Verdict.Health)

	_, g = asked(t, store, iv, topology.ByNamespace)
	assert.Equal(t, topology.HealthDegraded, node(t, g, "shop").Verdict.Health)
	answer, g = asked(t, store, iv, topology.ByCluster)
	assert.Equal(t, &topology.Verdict{Health: topology.HealthDegraded, By: shop}, node(t, g, "east").Verdict)
	assert.Equal(t, topology.HealthFailure, answer.History.WorstOfNode(node(t, g, "east")))
}

// TestNoHealth: an exporter that judges nothing leaves all unjudged.
func TestNoHealth(t *testing.T) {
	flows, _ := judgedShop()
	store := derivedtest.Open(t)
	store.Settle(flows)
	store.Publish(flows, 8)
	_, g := asked(t, store, topology.Interval{End: store.Now, Length: time.Minute}, topology.ByWorkload)
	for _, n := range g.Nodes {
		assert.Nil(t, n.Verdict)
		assert.Nil(t, n.Object)
	}
	for _, e := range g.Edges {
		assert.Nil(t, e.Verdict)
	}
}

// TestHealthThatEnded: verdicts that are no more are not shown, but were in the range.
func TestHealthThatEnded(t *testing.T) {
	flows, keys := judgedShop()
	store := derivedtest.Open(t)
	store.Settle(flows)
	store.Assess(series.Assessment{
		Edges: map[topology.EdgeKey]topology.Health{keys["web>api"]: topology.HealthFailure, keys["api>db"]: topology.HealthHealthy},
		Nodes: map[topology.Ref]topology.Health{ref(topology.KindWorkload, "api"): topology.HealthFailure, ref(topology.KindWorkload, "db"): topology.HealthHealthy},
	})
	store.Publish(flows, 4)
	store.Assess(series.Assessment{
		Edges: map[topology.EdgeKey]topology.Health{keys["api>db"]: topology.HealthHealthy},
		Nodes: map[topology.Ref]topology.Health{ref(topology.KindWorkload, "db"): topology.HealthHealthy},
	})
	store.Publish(flows, 4)
	answer, g := asked(t, store, topology.Interval{End: store.Now, Length: 3 * time.Minute}, topology.ByWorkload)
	assert.Equal(t, topology.HealthNA, node(t, g, "api").Verdict.Health)
	assert.Equal(t, topology.HealthFailure, answer.History.WorstOfNode(node(t, g, "api")))
	assert.Equal(t, topology.HealthNA, edge(t, g, "web", "api").Verdict.Health)
	assert.Equal(t, topology.HealthFailure, answer.History.WorstOfEdge(edge(t, g, "web", "api")))
}

// TestWorstOverHours: what was bad in any hour is known of a long range,
// whether its rollup was recorded or missed.
func TestWorstOverHours(t *testing.T) {
	flows, keys := judgedShop()
	store := derivedtest.Open(t)
	store.Every = time.Minute
	store.Settle(flows)
	assess := func(of string, h topology.Health) {
		edges := map[topology.EdgeKey]topology.Health{}
		for _, key := range keys {
			edges[key] = topology.HealthHealthy
		}
		edges[keys[of]] = h
		store.Assess(series.Assessment{Edges: edges})
	}
	for hour, bad := range []string{"", "web>api", "", "api>db2", ""} {
		if bad != "" {
			assess(bad, topology.HealthFailure)
			store.Publish(flows, 2)
		}
		assess("api>db", topology.HealthHealthy)
		store.Publish(flows, 60)
		if hour != 3 { // the ruler was away when that of db2 was due
			store.RollUp()
		}
	}
	store.Publish(flows, 10)
	answer, g := asked(t, store, topology.Interval{End: store.Now, Length: 5 * time.Hour}, topology.ByWorkload)
	assert.GreaterOrEqual(t, count(answer.Queries, "edge:meshscope_health:max1h"), 2)
	for _, to := range [][2]string{{"web", "api"}, {"api", "db"}} {
		drawn := edge(t, g, to[0], to[1])
		assert.Equal(t, topology.HealthHealthy, drawn.Verdict.Health, to)
		assert.Equal(t, topology.HealthFailure, answer.History.WorstOfEdge(drawn), to)
	}
	answer, g = asked(t, store, topology.Interval{End: store.Now, Length: 30 * time.Minute}, topology.ByWorkload)
	assert.Zero(t, count(answer.Queries, "edge:meshscope_health:max1h"))
	assert.Equal(t, topology.HealthNA, answer.History.WorstOfEdge(edge(t, g, "web", "api")), "it was not ill in this range")
}
