package frames_test

import (
	"fmt"
	"slices"
	"testing"

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

// before is Bookinfo as it was: reviews did not fail and was in its first
// version, ratings was faster, and details were still called.
func before() []topology.Flow {
	const ns = "bookinfo"
	productpage, reviews, ratings := peer(ns, "productpage-v1"), peer(ns, "reviews-v2"), peer(ns, "ratings-v1")
	gateway, mongo := peer("istio-system", "istio-ingressgateway"), peer("data", "mongodb-v1")
	return []topology.Flow{
		flow(topology.Peer{Cluster: "east"}, gateway, service("istio-system", "istio-ingressgateway"), topology.HTTP,
			code("200", 590), code("404", 10), secured(topology.Plaintext, 600), within(0.1, 590, 10)),
		flow(gateway, productpage, service(ns, "productpage"), topology.HTTP,
			code("200", 590), code("404", 10), secured(topology.MutualTLS, 600), within(0.1, 590, 10)),
		flow(productpage, reviews, service(ns, "reviews"), topology.HTTP,
			code("200", 600), secured(topology.MutualTLS, 600), within(0.05, 500, 100)),
		flow(productpage, peer(ns, "details-v1"), service(ns, "details"), topology.HTTP, code("200", 300), secured(topology.MutualTLS, 300)),
		flow(reviews, ratings, service(ns, "ratings"), topology.GRPC, grpc("0", 480), within(0.001, 480, 0)),
		flow(ratings, mongo, service("data", "mongodb"), topology.TCP, tcp(12, 60_000, 240_000)),
	}
}

// since is Bookinfo as it is since then.
func since() []topology.Flow {
	flows := bookinfo()
	slow := flows[3]
	slow.Traffic = new(topology.Traffic)
	grpc("0", 480)(&slow)
	within(0.1, 480, 0)(&slow)
	flows[3] = slow
	return flows
}

func compared(t framestest.TB, now, then []topology.Flow, q query.Query) data.Frames {
	t.Helper()
	o := topology.BuildOptions{Level: q.Level, Idle: q.Idle, ServiceNodes: q.ServiceNodes}
	earlier := minute
	earlier.End = minute.End.Add(-q.CompareOffset)
	v := frames.View{Query: q, Then: topology.Build(earlier, then, o)}
	whole := topology.Build(minute, now, o)
	switch q.Type {
	case query.TypeNodes, query.TypeEdges:
		return listed(t, whole, v)
	}
	made := frames.Graph(whole, v)
	framestest.CheckContract(t, made, q.Limit)
	return made
}

// TestGoldenCompare has comparisons at different levels, in pictures and tables.
//
//	go test ./plugin/pkg/frames -run TestGoldenCompare -update
func TestGoldenCompare(t *testing.T) {
	for name, stored := range map[string]string{
		"compared":               `{"compareOffset": "1h"}`,
		"compared_services":      `{"compareOffset": "1h", "level": "service", "nodeStats": ["avg"], "edgeStats": ["tcpRate", "p95"]}`,
		"compared_namespaces":    `{"compareOffset": "1h", "level": "namespace"}`,
		"compared_one_namespace": `{"compareOffset": "1h", "namespaces": ["data"]}`,
		"compared_by_outcome":    `{"compareOffset": "1h", "colorBy": "outcome"}`,
		"compared_cut":           `{"compareOffset": "1h", "limit": 4}`,
		"compared_nodes":         `{"compareOffset": "1h", "queryType": "nodes", "nodeStats": ["p95"]}`,
		"compared_edges":         `{"compareOffset": "1h", "queryType": "edges"}`,
	} {
		t.Run(name, func(t *testing.T) {
			made := compared(t, since(), before(), ask(t, stored))
			experimental.CheckGoldenJSONResponse(t, "testdata", name, &backend.DataResponse{Frames: made}, *update)
		})
	}
}

func TestCompare(t *testing.T) {
	made := compared(t, since(), before(), ask(t, `{"compareOffset": "1h"}`))
	const (
		gray, blue, purple, orange, red = "#8E8E8E", "#5794F2", "#B877D9", "#FF9830", "#F2495C"
		external, details               = "service/east/~/api.example.com", "workload/east/bookinfo/details-v1"
	)
	for id, want := range map[string][2]string{
		page: {gray, "bookinfo"}, reviews: {red, "failing more · bookinfo"}, ratings: {orange, "slower · bookinfo"}, mongodb: {gray, "data"},
		details: {purple, "gone · bookinfo"}, external: {blue, "new · external"},
	} {
		row := framestest.Row(t, made[0], id)
		require.NotNil(t, row, id)
		assert.Equal(t, want[0], framestest.ColorOf(t, made[0], id), id)
		assert.Equal(t, want[1], row["subtitle"], id)
		assert.Equal(t, id == reviews, row["highlighted"], id)
	}
	for id, want := range map[string]string{
		page + ":" + reviews: red, reviews + ":" + ratings: orange, page + ":" + details: purple, reviews + ":" + external: blue, ratings + ":" + mongodb: gray,
	} {
		assert.Equal(t, want, framestest.ColorOf(t, made[1], id), id)
	}

	failing := framestest.Row(t, made[0], reviews)
	assert.Equal(t, "failing more", failing["detail__change"])
	assert.Equal(t, "10 req/s → 10 req/s", failing["detail__request_rate_change"])
	assert.Equal(t, "0 % → 20 %", failing["detail__error_ratio_change"])
	assert.Equal(t, "0.5 ms → 50 ms", framestest.Row(t, made[0], ratings)["detail__avg_change"])
	assert.Empty(t, framestest.Row(t, made[0], page)["detail__change"])

	gone := framestest.Row(t, made[0], details)
	assert.Equal(t, "minus-circle", gone["icon"])
	assert.Equal(t, "5 req/s → –", gone["detail__request_rate_change"])
	assert.Greater(t, gone["noderadius"], 30.0, "as large as it was")
	line := framestest.Row(t, made[1], page+":"+details)
	assert.Equal(t, "2 6", line["strokedasharray"])
	assert.Greater(t, line["thickness"], 1.0)
	assert.Equal(t, "details.bookinfo.svc.cluster.local", line["detail__services"])
	assert.Equal(t, "– → 1 req/s", framestest.Row(t, made[1], reviews+":"+external)["detail__request_rate_change"])
}

// TestCompareTables has the numbers of then beside those of now.
func TestCompareTables(t *testing.T) {
	nodes := compared(t, since(), before(), ask(t, `{"queryType": "nodes", "compareOffset": "1h"}`))[0]
	row := framestest.Row(t, nodes, reviews)
	assert.Equal(t, "failing more", row["change"])
	assert.InDelta(t, 0.2, row["error_ratio_in"], 1e-9)
	assert.InDelta(t, 0.0, row["error_ratio_in_then"], 1e-9)
	row = framestest.Row(t, nodes, "workload/east/bookinfo/details-v1")
	assert.Equal(t, "gone", row["change"])
	assert.NotContains(t, row, "request_rate_in")
	assert.InDelta(t, 5.0, row["request_rate_in_then"], 1e-9)

	edges := compared(t, since(), before(), ask(t, `{"queryType": "edges", "compareOffset": "1h"}`))[0]
	assert.Equal(t, "new", framestest.Row(t, edges, ratings+":"+mongodb+":http")["change"], "a protocol by itself")
	assert.Empty(t, framestest.Row(t, edges, ratings+":"+mongodb+":tcp")["change"])
	row = framestest.Row(t, edges, reviews+":"+ratings+":grpc")
	assert.Equal(t, "slower", row["change"])
	assert.InDelta(t, 0.0005, row["avg_then"], 1e-9)
	assert.InDelta(t, 0.05, row["avg"], 1e-9)
	assert.Equal(t, "gone", framestest.Row(t, edges, page+":workload/east/bookinfo/details-v1:http")["change"])

	// Without anything to compare with, the columns are there all the same.
	q := ask(t, `{"queryType": "nodes", "compareOffset": "1h"}`)
	alone := listed(t, topology.Build(minute, since(), topology.BuildOptions{}), frames.View{Query: q})[0]
	require.Len(t, alone.Fields, len(nodes.Fields))
	row = framestest.Row(t, alone, reviews)
	assert.Empty(t, row["change"])
	assert.NotContains(t, row, "request_rate_in_then")
}

// TestGoneIsNotWhatIsFilteredOut: a filter looks at the range, and what has left
// it is drawn only if it is not there at all.
func TestGoneIsNotWhatIsFilteredOut(t *testing.T) {
	flows := since()
	made := compared(t, flows, append(before(), flow(peer("bookinfo", "a"), peer("bookinfo", "b"), service("bookinfo", "b"), topology.HTTP, code("500", 60))),
		ask(t, `{"compareOffset": "1h", "filter": "edge.errorRatio > 0.15"}`))
	ids := framestest.IDs(t, made[1])
	assert.Contains(t, ids, page+":"+reviews)
	assert.Contains(t, ids, "workload/east/bookinfo/a:workload/east/bookinfo/b", "it failed, and is gone")
	assert.NotContains(t, ids, page+":workload/east/bookinfo/details-v1", "it is gone, and did not fail")

	// What fails no longer is not gone.
	made = compared(t, before(), since(), ask(t, `{"compareOffset": "1h", "filter": "edge.errorRatio > 0.15"}`))
	assert.NotContains(t, framestest.IDs(t, made[1]), page+":"+reviews)
}

// TestIdleIsGone: an edge that is only known of is drawn once, as gone.
func TestIdleIsGone(t *testing.T) {
	call := func(n float64) topology.Flow {
		return flow(peer("shop", "a"), peer("shop", "b"), service("shop", "b"), topology.HTTP, code("200", n))
	}
	made := compared(t, []topology.Flow{call(0)}, []topology.Flow{call(600)}, ask(t, `{"compareOffset": "1h", "idle": true}`))
	require.Len(t, framestest.IDs(t, made[0]), 2)
	require.Len(t, framestest.IDs(t, made[1]), 1)
	edge := framestest.Row(t, made[1], "workload/east/shop/a:workload/east/shop/b")
	assert.Equal(t, "gone", edge["detail__change"])
	assert.Equal(t, "2 6", edge["strokedasharray"])
	// And one that comes to life is new.
	made = compared(t, []topology.Flow{call(600)}, []topology.Flow{call(0)}, ask(t, `{"compareOffset": "1h", "idle": true}`))
	assert.Equal(t, "new", framestest.Row(t, made[1], "workload/east/shop/a:workload/east/shop/b")["detail__change"])
}

// TestCutOfComparison: what has changed is kept first, and the room is filled.
func TestCutOfComparison(t *testing.T) {
	var now, then []topology.Flow
	for i := range 300 {
		leaf := fmt.Sprintf("leaf-%03d", i)
		call := flow(peer("edge", "gateway"), peer("shop", leaf), service("shop", leaf), topology.HTTP, code("200", 10+float64(i)))
		if i != 0 {
			now = append(now, call)
		}
		if i != 1 {
			then = append(then, call)
		}
	}
	made := compared(t, now, then, ask(t, `{"compareOffset": "1d", "limit": 20}`))
	ids := framestest.IDs(t, made[0])
	require.Len(t, ids, 20)
	for _, want := range []string{"leaf-000", "leaf-001", "leaf-299", "leaf-283"} {
		assert.Contains(t, ids, "workload/east/shop/"+want)
	}
	assert.NotContains(t, ids, "workload/east/shop/leaf-282")
	require.Len(t, made[0].Meta.Notices, 1)
	assert.Equal(t, "20 of 301 nodes and 19 of 300 edges are shown: what has changed, the unhealthy and the busiest ones. "+
		"Begin with the namespaces (level: namespace), whose menus lead to their workloads, ask for fewer of them, or for a limit of up to 200.", made[0].Meta.Notices[0].Text)
}

// TestCompareWithItself: what is the same has not changed.
func TestCompareWithItself(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		flows := rapid.SliceOfN(rapid.Custom(anyFlow), 0, 30).Draw(t, "flows")
		q := rapid.Custom(anyQuery).Draw(t, "query")
		q.CompareOffset, q.ColorBy = minute.Length, query.ByChange
		for _, f := range compared(t, flows, flows, q) {
			for _, id := range framestest.IDs(t, f) {
				if change := framestest.Row(t, f, id)["detail__change"]; change != "" {
					t.Errorf("%s is %v", id, change)
				}
			}
		}
	})
}

// TestCompareAnything keeps the contracts, on random meshes, and T4: a selection
// leaves rows out, and changes none.
func TestCompareAnything(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		now := rapid.SliceOfN(rapid.Custom(anyFlow), 0, 30).Draw(t, "flows")
		then := rapid.SliceOfN(rapid.Custom(anyFlow), 1, 30).Draw(t, "flows then")
		q := rapid.Custom(anyQuery).Draw(t, "query")
		q.CompareOffset, q.ColorBy = minute.Length, query.ByChange
		compared(t, now, then, q)
		q.Limit = query.TypeGraph.MaxLimit()
		part := compared(t, now, then, q)
		q.Namespaces = nil
		all := compared(t, now, then, q)
		for f := range part {
			for _, id := range framestest.IDs(t, part[f]) {
				want, got := framestest.Row(t, all[f], id), framestest.Row(t, part[f], id)
				if fmt.Sprint(want) != fmt.Sprint(got) {
					t.Errorf("%s is %v, and of the whole %v", id, got, want)
				}
			}
		}
		for _, typ := range []query.Type{query.TypeNodes, query.TypeEdges} {
			q.Type = typ
			compared(t, now, then, q)
		}
	})
}

// TestGoneAndNew are each other's opposite.
func TestGoneAndNew(t *testing.T) {
	marked := func(f *data.Frame, change string) (ids []string) {
		for _, id := range framestest.IDs(t, f) {
			if framestest.Row(t, f, id)["detail__change"] == change {
				ids = append(ids, id)
			}
		}
		slices.Sort(ids)
		return ids
	}
	q := ask(t, `{"compareOffset": "1h"}`)
	forth, back := compared(t, since(), before(), q), compared(t, before(), since(), q)
	for f := range forth {
		assert.Equal(t, marked(forth[f], "new"), marked(back[f], "gone"))
		assert.Equal(t, marked(forth[f], "gone"), marked(back[f], "new"))
		assert.NotEmpty(t, marked(forth[f], "gone"))
	}
}
