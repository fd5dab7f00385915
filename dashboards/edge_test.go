package dashboards_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/meshscope/meshscope/exporter/topology"
	"github.com/meshscope/meshscope/plugin/pkg/derived/derivedtest"
)

const edgeFile = "edge.json"

func panelsOfEdge(t *testing.T) map[string]panel { return byTitle(named(t, edgeFile)) }

// An edge is what a workload calls of another, with the calls to a service of that name that reached none; or what it
// calls of a service of which no workload is known; or whatever of a namespace reached none.
func TestEdgeIsFromOneToAnother(t *testing.T) {
	b, seconds := newBench(t, mesh()), derivedtest.Every.Seconds()
	requestsPanel, errorsPanel := numbered(t, edgeFile, 2), numbered(t, edgeFile, 3)
	toCart := func(f topology.Flow) bool {
		return f.Key.Source == web && f.Key.Destination.Cluster == west && f.Key.Service == service(cart)
	}
	for _, c := range []struct {
		choice
		of func(topology.Flow) bool
	}{
		{chosenEdge("to a workload", web, cart, "cart"), toCart},
		{chosenEdge("to its namesake in another cluster", web, cartEast, "cart"), func(f topology.Flow) bool { return f.Key.Source == web && f.Key.Destination == cartEast }},
		{chosenEdge("from nobody knows whom", client, web, "web"), func(f topology.Flow) bool { return f.Key.Source == client && f.Key.Destination == web }},
		{chosenEdge("out of the mesh", ledger, topology.Peer{}, "rates.example.com"), func(f topology.Flow) bool { return f.Key.Service.Host == "rates.example.com" }},
		{chosenEdge("to what was not reached", web, topology.Peer{Cluster: west, Namespace: "shop"}, topology.Unknown), func(f topology.Flow) bool { return toCart(f) && f.Key.Destination.Workload == "" }},
	} {
		assert.InDelta(t, counted(requests, c.of)/seconds, b.number(t, requestsPanel, c.choice), 1e-6, c.name)
		assert.InDelta(t, counted(errors, c.of)/counted(requests, c.of), b.number(t, errorsPanel, c.choice), 1e-6, c.name)
	}
	for _, none := range []choice{chosenEdge("the other way", cart, web, "web"), chosenEdge("none", web, ledger, "ledger")} {
		assert.Empty(t, b.run(t, requestsPanel.Targets[0], none), none.name)
	}
}

// Requests are told by what they ended with: the code, the gRPC status where there is one, and flags that are some.
func TestEdgeResponses(t *testing.T) {
	b, p := newBench(t, mesh()), panelsOfEdge(t)["Requests by response"]
	got := func(c choice) map[string]float64 {
		all := map[string]float64{}
		for _, row := range b.run(t, p.Targets[0], c) {
			all[row.labels["response"]] = row.value * derivedtest.Every.Seconds()
		}
		return all
	}
	for _, c := range []struct {
		choice
		want map[string]float64
	}{
		{chosenEdge("http", web, cart, "cart"), map[string]float64{"200": 30, "503": 9, "503 UH": 6}},
		{chosenEdge("grpc", cart, ledger, "ledger"), map[string]float64{"200 gRPC 0": 20, "200 gRPC 14": 5}},
		{chosenEdge("out", ledger, topology.Peer{}, "rates.example.com"), map[string]float64{"200": 4, "0 UF": 2}},
	} {
		assert.InDeltaMapValues(t, c.want, got(c.choice), 1e-6, c.name)
	}
}

// The TCP of an edge has bytes, and no requests.
func TestEdgeOverTCP(t *testing.T) {
	b, panels, c := newBench(t, mesh()), panelsOfEdge(t), chosenEdge("tcp", cart, stock, "stock")
	seconds := derivedtest.Every.Seconds()
	assert.Empty(t, b.run(t, numbered(t, edgeFile, 2).Targets[0], c))
	assert.InDelta(t, 2/seconds, b.number(t, panels["Connections"], c), 1e-6)
	assert.InDelta(t, 1000/seconds, lastOf(b.run(t, panels["Throughput"].Targets[2], c)), 1e-6)
	assert.InDelta(t, 5000/seconds, lastOf(b.run(t, panels["Throughput"].Targets[3], c)), 1e-6)
	assert.InDelta(t, 1, b.number(t, numbered(t, edgeFile, 5), c), 1e-6)
}

// A bucket of the heatmap has all that took less, as the panel wants it; the last has all.
func TestEdgeDurations(t *testing.T) {
	b, panels, c := newBench(t, mesh()), panelsOfEdge(t), chosenEdge("calls", web, cart, "cart")
	got := map[string]float64{}
	for _, row := range b.run(t, panels["Requests by duration"].Targets[0], c) {
		got[row.labels["le"]] = row.value
	}
	all := b.number(t, numbered(t, edgeFile, 2), c)
	assert.InDelta(t, all, got["+Inf"], 1e-6)
	assert.InDelta(t, all, got["1.0"], 1e-6)
	assert.InDelta(t, all/2, got["0.1"], 1e-6)
}
