package frames_test

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/grafana/grafana-plugin-sdk-go/data"
	"github.com/grafana/grafana-plugin-sdk-go/experimental"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/meshscope/meshscope/exporter/topology"
	"github.com/meshscope/meshscope/plugin/pkg/frames"
	"github.com/meshscope/meshscope/plugin/pkg/frames/framestest"
	"github.com/meshscope/meshscope/plugin/pkg/query"
)

// listed is the table, or the verdicts, that a query asks for, checked.
func listed(t framestest.TB, whole *topology.Graph, v frames.View) data.Frames {
	t.Helper()
	switch v.Query.Type {
	case query.TypeNodes:
		made := frames.NodeTable(whole, v)
		framestest.CheckNodeTable(t, made, v.Query.Limit)
		return made
	case query.TypeEdges:
		made := frames.EdgeTable(whole, v)
		framestest.CheckEdgeTable(t, made, v.Query.Limit)
		return made
	default:
		made := frames.Verdicts(whole, v)
		framestest.CheckVerdicts(t, made, v.Query.Limit)
		return made
	}
}

// list is what a stored query asks for of flows as the exporter judges them.
func list(t testing.TB, flows []topology.Flow, stored string) *data.Frame {
	t.Helper()
	q := ask(t, stored)
	return listed(t, judged(flows, q), frames.View{Query: q, History: history{}})[0]
}

// TestGoldenLists has the answers to each type and level, and to odd input.
//
//	go test ./plugin/pkg/frames -run TestGoldenLists -update
func TestGoldenLists(t *testing.T) {
	for _, level := range topology.Levels {
		checkGoldenList(t, "nodes_"+string(level), list(t, bookinfo(), fmt.Sprintf(`{"queryType": "nodes", "level": %q}`, level)))
		checkGoldenList(t, "edges_"+string(level), list(t, bookinfo(), fmt.Sprintf(`{"queryType": "edges", "level": %q}`, level)))
	}
	for _, level := range []topology.Level{topology.ByWorkload, topology.ByApp, topology.ByService, topology.ByNamespace} {
		checkGoldenList(t, "health_"+string(level), list(t, bookinfo(), fmt.Sprintf(`{"queryType": "health", "level": %q}`, level)))
	}
	checkGoldenList(t, "health_edges", list(t, bookinfo(), `{"queryType": "health", "entity": "edge"}`))
	for _, typ := range []query.Type{query.TypeNodes, query.TypeEdges, query.TypeHealth} {
		checkGoldenList(t, string(typ)+"_odd", list(t, oddities(), fmt.Sprintf(`{"queryType": %q, "idle": true}`, typ)))
		checkGoldenList(t, string(typ)+"_empty", list(t, nil, fmt.Sprintf(`{"queryType": %q}`, typ)))
		checkGoldenList(t, string(typ)+"_nothing_of_it", list(t, bookinfo(), fmt.Sprintf(`{"queryType": %q, "namespaces": ["shop"]}`, typ)))
		checkGoldenList(t, string(typ)+"_cut", list(t, bookinfo(), fmt.Sprintf(`{"queryType": %q, "limit": 2}`, typ)))
		checkGoldenList(t, string(typ)+"_filtered", list(t, bookinfo(), fmt.Sprintf(`{"queryType": %q, "filter": "edge.health == 3"}`, typ)))
	}
	checkGoldenList(t, "nodes_service_nodes", list(t, bookinfo(), `{"queryType": "nodes", "serviceNodes": true}`))
	checkGoldenList(t, "edges_service_nodes", list(t, bookinfo(), `{"queryType": "edges", "serviceNodes": true}`))
	all, err := json.Marshal(query.Stats)
	require.NoError(t, err)
	checkGoldenList(t, "nodes_all_stats", list(t, bookinfo(), fmt.Sprintf(`{"queryType": "nodes", "nodeStats": %s}`, all)))
	checkGoldenList(t, "edges_all_stats", list(t, bookinfo(), fmt.Sprintf(`{"queryType": "edges", "edgeStats": %s}`, all)))
	q := ask(t, `{"queryType": "health"}`)
	checkGoldenList(t, "health_nobody_judged", listed(t, topology.Build(minute, bookinfo(), topology.BuildOptions{}), frames.View{Query: q})[0])
}

func checkGoldenList(t *testing.T, name string, made *data.Frame) {
	t.Helper()
	experimental.CheckGoldenJSONResponse(t, "testdata", name, &backend.DataResponse{Frames: data.Frames{made}}, *update)
}

// oddities are what labels may hold: nothing, names of other languages and of
// PromQL, calls to oneself, no traffic, numbers that are none.
func oddities() []topology.Flow {
	nobody, quoted, lingual := topology.Peer{}, peer(`a"b`, `x{y="z"}`), peer("größe", "日本-v1")
	flows := []topology.Flow{
		flow(nobody, nobody, topology.Service{}, topology.HTTP, code("200", 6)),
		flow(quoted, lingual, service("größe", "日本"), topology.HTTP, code("503", 60)),
		flow(quoted, quoted, service(`a"b`, `x`), topology.GRPC, grpc("0", 6)),
		flow(lingual, quoted, service(`a"b`, `x`), topology.HTTP, code("200", 0)),
		flow(lingual, nobody, topology.Service{Name: "BlackHoleCluster"}, topology.TCP, tcp(0, 0, 0)),
		flow(nobody, lingual, topology.Service{Host: "10.0.0.1:80", Name: "10.0.0.1:80"}, "mongo", code("teapot", 6)),
	}
	return flows
}

func TestNodeTable(t *testing.T) {
	made := list(t, bookinfo(), `{"queryType": "nodes", "nodeStats": ["p95"]}`)
	row := framestest.Row(t, made, reviews)
	for name, want := range map[string]any{
		"cluster": "east", "namespace": "bookinfo", "kind": "workload", "name": "reviews-v2", "workload": "reviews-v2", "app": "reviews", "version": "v2",
		"health": 3.0, "worst_health": 3.0, "cause": "40 % no response (out http)", "fault": "origin", "pods": "1 of 3 available, 2 current",
		"request_rate_in": 10.0, "error_ratio_in": 0.2, "request_rate_out": 9.0, "mtls_in": 0.9,
	} {
		assert.Equal(t, want, row[name], name)
	}
	assert.InDelta(t, (50+450*0.7)/1000, row["p95_in"], 1e-9, "as the graph has it, in seconds")
	assert.NotContains(t, row, "tcp_rate_in", "nothing is sent to it over TCP: that is not 0")

	assert.Equal(t, "unknown", framestest.Row(t, made, "unknown/east/~/~")["name"])
	assert.Equal(t, 5000.0, framestest.Row(t, made, mongodb)["tcp_rate_in"])
	assert.Equal(t, 2.0, framestest.Row(t, made, ratings)["health"])
	assert.Equal(t, 3.0, framestest.Row(t, made, ratings)["worst_health"])
}

// TestOnlyThoseInside: a graph shows who calls a namespace, a list of its nodes
// does not.
func TestOnlyThoseInside(t *testing.T) {
	for _, typ := range []string{"nodes", "health"} {
		made := list(t, bookinfo(), `{"queryType": "`+typ+`", "namespaces": ["data"]}`)
		require.Equal(t, 1, made.Rows(), typ)
		name, _ := made.FieldByName("name")
		assert.Equal(t, "mongodb-v1", name.At(0))
	}
	edges := list(t, bookinfo(), `{"queryType": "edges", "namespaces": ["data"]}`)
	assert.Equal(t, 2, edges.Rows(), "what is called of it, by each protocol")
}

// TestRowPerProtocol: a filter on edges is about one protocol, and leaves its
// row alone.
func TestRowPerProtocol(t *testing.T) {
	const both = ratings + ":" + mongodb
	made := list(t, bookinfo(), `{"queryType": "edges"}`)
	requests, connections := framestest.Row(t, made, both+":http"), framestest.Row(t, made, both+":tcp")
	assert.Equal(t, 0.1, requests["request_rate"])
	assert.NotContains(t, requests, "tcp_rate")
	assert.Equal(t, 5000.0, connections["tcp_rate"])
	assert.NotContains(t, connections, "error_ratio", "connections have no requests that could fail")

	made = list(t, bookinfo(), `{"queryType": "edges", "filter": "edge.protocol == \"tcp\""}`)
	assert.Equal(t, []string{both + ":tcp"}, framestest.IDs(t, made))
}

// TestSelfCallsAreRows: the panel cannot draw them, a table can show them.
func TestSelfCallsAreRows(t *testing.T) {
	made := list(t, bookinfo(), `{"queryType": "edges", "level": "namespace"}`)
	within := framestest.Row(t, made, "namespace/east/~/bookinfo:namespace/east/~/bookinfo:http")
	require.NotNil(t, within)
	assert.Equal(t, 10.0, within["request_rate"])
}

// TestListOrder: the worst first, then the busiest, whatever order flows are in.
func TestListOrder(t *testing.T) {
	const byHealth = `{"queryType": "nodes"}`
	want := framestest.IDs(t, list(t, bookinfo(), byHealth))
	assert.Equal(t, []string{page, reviews, "service/east/~/api.example.com", ratings}, want[:4])
	flows := bookinfo()
	for range flows {
		flows = append(flows[1:], flows[0])
		assert.Equal(t, want, framestest.IDs(t, list(t, flows, byHealth)))
	}
	cut := list(t, bookinfo(), `{"queryType": "nodes", "limit": 3}`)
	assert.Equal(t, want[:3], framestest.IDs(t, cut))
	require.Len(t, cut.Meta.Notices, 1)
	assert.Equal(t, "3 of 7 nodes are shown: the unhealthy and the busiest ones. Ask for fewer namespaces, or for a limit of up to 10000.",
		cut.Meta.Notices[0].Text)

	// Where nobody has judged, by how bad traffic looks.
	q := ask(t, byHealth)
	made := listed(t, topology.Build(minute, bookinfo(), topology.BuildOptions{}), frames.View{Query: q})
	assert.Equal(t, []string{reviews, "service/east/~/api.example.com"}, framestest.IDs(t, made[0])[:2])
}

// TestVerdicts: what alerts are made on has one row for a name, and no label
// that changes with the verdict.
func TestVerdicts(t *testing.T) {
	type row struct {
		health float64
		name   string
	}
	rows := func(f *data.Frame) (all []row) {
		health, _ := f.FieldByName("health")
		name, _ := f.FieldByName("name")
		for i := range f.Rows() {
			value, _ := health.ConcreteAt(i)
			all = append(all, row{value.(float64), name.At(i).(string)})
		}
		return all
	}
	assert.Equal(t, []row{{3, "productpage-v1"}, {3, "reviews-v2"}, {2, "ratings-v1"}, {0, "mongodb-v1"}, {0, "istio-ingressgateway"}},
		rows(list(t, bookinfo(), `{"queryType": "health"}`)), "workloads, and neither callers nor hosts that are none")
	assert.Equal(t, []row{{3, "bookinfo"}, {0, "data"}, {0, "istio-system"}}, rows(list(t, bookinfo(), `{"queryType": "health", "level": "namespace"}`)))
	assert.Equal(t, []row{{2, "ratings-v1"}}, rows(list(t, bookinfo(), `{"queryType": "health", "filter": "node.health == 2", "namespaces": ["bookinfo"]}`)))

	// Both protocols of an edge are one row, with the worse verdict.
	flows := append(bookinfo(), flow(peer("bookinfo", "ratings-v1"), peer("data", "mongodb-v1"), service("data", "mongodb"), topology.GRPC, grpc("14", 100)))
	edges := list(t, flows, `{"queryType": "health", "entity": "edge", "filter": "target.name == \"mongodb-v1\""}`)
	require.Equal(t, 1, edges.Rows())
	health, _ := edges.FieldByName("health")
	value, _ := health.ConcreteAt(0)
	assert.Equal(t, 3.0, value)
}

// TestSameNames: a name that is not known, and one that is "unknown", are one
// alert instance, the worse of the two.
func TestSameNames(t *testing.T) {
	q := ask(t, `{"queryType": "health"}`)
	for _, worse := range []string{"", "unknown"} {
		g := topology.Build(minute, bookinfo(), topology.BuildOptions{})
		for _, n := range g.Nodes {
			n.Verdict = &topology.Verdict{}
		}
		for i, cluster := range []string{"", "unknown"} {
			n := g.Nodes[i]
			n.Ref = topology.Ref{Kind: topology.KindWorkload, Cluster: cluster, Namespace: "a", Name: "b"}
			n.Object = &topology.Object{Idle: true}
			n.Verdict.Health = topology.HealthHealthy
			if cluster == worse {
				n.Verdict.Health = topology.HealthDegraded
			}
		}
		made := listed(t, g, frames.View{Query: q})[0]
		require.Equal(t, 1, made.Rows())
		assert.Equal(t, 2.0, *made.At(4, 0).(*float64))
	}
}

// TestListSelection is T4 for tables: whatever is selected has the row that it
// has in the whole.
func TestListSelection(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		flows := rapid.SliceOfN(rapid.Custom(anyFlow), 0, 30).Draw(t, "flows")
		q := rapid.Custom(anyList).Draw(t, "query")
		if q.Type == query.TypeHealth {
			q.Type = query.TypeEdges
		}
		q.Limit = q.Type.MaxLimit()
		whole := judged(flows, q)
		part := listed(t, whole, frames.View{Query: q})[0]
		q.Namespaces = nil
		all := listed(t, whole, frames.View{Query: q})[0]
		for _, id := range framestest.IDs(t, part) {
			if diff := cmp.Diff(framestest.Row(t, all, id), framestest.Row(t, part, id)); diff != "" {
				t.Errorf("%s (-whole, +part):\n%s", id, diff)
			}
		}
	})
}

// TestListContract checks random meshes and queries, with verdicts of any kind.
func TestListContract(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		q := rapid.Custom(anyList).Draw(t, "query")
		g := judged(rapid.SliceOfN(rapid.Custom(anyFlow), 0, 40).Draw(t, "flows"), q)
		for _, n := range g.Nodes {
			n.Object = &topology.Object{Idle: rapid.Bool().Draw(t, "idle"), Replicas: []topology.Replicas{{Desired: rapid.IntRange(0, 3).Draw(t, "pods")}}}
			n.Verdict = anyVerdict(t)
		}
		for _, e := range g.Edges {
			e.Verdict = anyVerdict(t)
		}
		listed(t, g, frames.View{Query: q, History: history{}})
	})
}

func anyVerdict(t *rapid.T) *topology.Verdict {
	if rapid.Bool().Draw(t, "nobody judged") {
		return nil
	}
	return &topology.Verdict{
		Health: topology.Health(rapid.IntRange(0, 4).Draw(t, "health")),
		Ratios: []topology.ErrorRatio{{Tolerance: anyName.Draw(t, "tolerance"), Errors: anyCount.Draw(t, "errors"), Requests: anyCount.Draw(t, "requests")}},
	}
}

func anyList(t *rapid.T) query.Query {
	q := anyQuery(t)
	q.Type = rapid.SampledFrom([]query.Type{query.TypeNodes, query.TypeEdges, query.TypeHealth}).Draw(t, "type")
	q.ServiceNodes = rapid.Bool().Draw(t, "service nodes")
	q.Entity = rapid.SampledFrom(query.Entities).Draw(t, "entity")
	q.NodeStats = rapid.SliceOfNDistinct(rapid.SampledFrom(query.Stats), 1, len(query.Stats), rapid.ID).Draw(t, "more node stats")
	q.EdgeStats = rapid.SliceOfNDistinct(rapid.SampledFrom(query.Stats), 1, len(query.Stats), rapid.ID).Draw(t, "more edge stats")
	if q.Type == query.TypeHealth {
		q.Level = rapid.SampledFrom([]topology.Level{topology.ByWorkload, topology.ByApp, topology.ByService, topology.ByNamespace}).Draw(t, "judged level")
	}
	return q
}
