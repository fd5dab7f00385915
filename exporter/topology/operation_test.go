package topology_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/meshscope/meshscope/exporter/topology"
)

// byEdge are the requests of each edge by "code flags".
func byEdge(g *topology.Graph) map[string]map[string]float64 {
	by := map[string]map[string]float64{}
	for _, e := range g.Edges {
		name := drawn(&topology.Graph{Edges: []*topology.Edge{e}})[0]
		by[name] = map[string]float64{}
		for r, n := range e.Traffic.Requests {
			by[name][r.Code+r.Flags] = n
		}
	}
	return by
}

// Servers know operations, callers know which calls there were: a call that
// timed out for its caller is one, though the server answered it; one that was
// retried is one, though the server got two; and one that no server saw is of
// no operation (T1).
func TestOperationsOfTheServerForTheCallersCalls(t *testing.T) {
	timeout, reset := topology.Response{Code: "504", Flags: "UT"}, topology.Response{Code: "503"}
	made := requests(8, ok)
	made.AddRequests(timeout, 2)
	made.AddSecured(topology.UnknownPolicy, 10)
	made.RequestBytes = 100
	served := requests(10, ok)
	served.AddRequests(reset, 3)
	served.AddOperation("list", ok, 6)
	served.AddOperation("list", reset, 3)
	served.AddOperation("get", ok, 2)
	served.AddOperation("", ok, 2)
	key := call("page-v1", "reviews-v1", "reviews")
	f := onlyFlow(t, resolveOnce(reports(
		said{by: topology.BySource, key: key, traffic: made},
		said{by: topology.ByDestination, key: key, traffic: served},
	)))
	require.Equal(t, topology.BySource, f.Reporter)

	build := func(o topology.BuildOptions) *topology.Graph {
		return topology.Build(newClock().tick(), []topology.Flow{f}, o)
	}
	require.Equal(t, map[string]map[string]float64{
		"page-v1 > [get]":      {"200": 1.6},
		"page-v1 > [list]":     {"200": 4.8},
		"page-v1 > reviews-v1": {"200": 1.6, "504UT": 2},
		"[get] > reviews-v1":   {"200": 1.6},
		"[list] > reviews-v1":  {"200": 4.8},
	}, rounded(byEdge(build(topology.BuildOptions{Operations: true}))))
	require.Equal(t, map[string]map[string]float64{
		"page-v1 > [get]":        {"200": 1.6},
		"page-v1 > [list]":       {"200": 4.8},
		"page-v1 > (reviews)":    {"200": 1.6, "504UT": 2},
		"[get] > (reviews)":      {"200": 1.6},
		"[list] > (reviews)":     {"200": 4.8},
		"(reviews) > reviews-v1": {"200": 8, "504UT": 2},
	}, rounded(byEdge(build(topology.BuildOptions{Operations: true, ServiceNodes: true}))))
	require.Equal(t, map[string]map[string]float64{
		"page-v1 > reviews-v1": {"200": 8, "504UT": 2},
	}, byEdge(build(topology.BuildOptions{})), "operations are shown when asked for")

	g := build(topology.BuildOptions{Operations: true})
	list := nodeNamed(t, g, "operation/Kubernetes/bookinfo/list/reviews")
	require.Equal(t, "reviews", list.Service)
	require.Equal(t, 100.0, nodeNamed(t, g, "workload/Kubernetes/bookinfo/page-v1").Out[topology.HTTP].RequestBytes)
	require.Zero(t, list.In[topology.HTTP].RequestBytes, "whose bytes these are is not known")
}

func TestOperationsAlone(t *testing.T) {
	all := requests(3, ok)
	all.AddOperation("list", ok, 3)
	key := call("page-v1", "reviews-v1", "reviews")
	g := topology.Build(newClock().tick(), []topology.Flow{flow(key, topology.HTTP, topology.ByDestination, all)}, topology.BuildOptions{Operations: true})
	require.Equal(t, []string{"[list] > reviews-v1", "page-v1 > [list]"}, drawn(g), "nothing is left beside it")

	none := requests(3, ok)
	none.AddOperation("", ok, 3)
	g = topology.Build(newClock().tick(), []topology.Flow{flow(key, topology.HTTP, topology.ByDestination, none)}, topology.BuildOptions{Operations: true})
	require.Equal(t, []string{"page-v1 > reviews-v1"}, drawn(g))
}

// Who knows operations is believed, in order of preference, and no two are added.
func TestOperationsOfOneReporter(t *testing.T) {
	classified := func(name string) topology.Traffic {
		t := requests(1, ok)
		t.AddOperation(name, ok, 1)
		return t
	}
	key := call("page-v1", "reviews-v1", "reviews")
	of := func(all ...said) map[topology.Operation]float64 {
		for i := range all {
			all[i].key = key
		}
		return onlyFlow(t, resolveOnce(reports(all...))).Traffic.Operations
	}
	list := map[topology.Operation]float64{{Name: "list", Response: ok}: 1}
	require.Equal(t, list, of(said{by: topology.BySource, traffic: classified("list")}, said{by: topology.ByDestination, traffic: classified("get")}))
	require.Equal(t, list, of(said{by: topology.BySource, traffic: classified("")}, said{by: topology.ByDestination, traffic: classified("list")}))
	require.Equal(t, list, of(said{by: topology.ByWaypoint, traffic: classified("list")}, said{by: topology.ByDestination, traffic: classified("get")}))
}

// rounded takes away what floating point adds.
func rounded(by map[string]map[string]float64) map[string]map[string]float64 {
	for _, n := range by {
		for k, v := range n {
			n[k] = float64(int(v*1e6+0.5)) / 1e6
		}
	}
	return by
}
