package frames_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/meshscope/meshscope/exporter/demo/store/storetest"
	"github.com/meshscope/meshscope/exporter/derive"
	"github.com/meshscope/meshscope/exporter/istio"
	"github.com/meshscope/meshscope/exporter/istio/istiotest"
	"github.com/meshscope/meshscope/exporter/topology"
	"github.com/meshscope/meshscope/plugin/pkg/frames"
	"github.com/meshscope/meshscope/plugin/pkg/frames/framestest"
)

// TestSockShop draws what a real Kiali has shown of Sock Shop's carts, from the
// telemetry that it must have seen to what the panel gets.
func TestSockShop(t *testing.T) {
	proxies := istiotest.SockShop(t)
	s, _, client := storetest.Open(t)
	begin := time.Date(2026, time.March, 1, 12, 0, 0, 0, time.UTC)
	const scrapes = 40
	for i := range scrapes + 1 {
		istiotest.Scrape(t, s, begin.Add(istiotest.SockShopWindow*time.Duration(i)/scrapes), proxies, float64(i)/scrapes)
	}
	g, _, err := derive.NewAsker(derive.Options{Client: client}).Graph(t.Context(), derive.GraphOptions{
		FlowOptions: derive.FlowOptions{
			Interval: topology.Interval{End: begin.Add(istiotest.SockShopWindow), Length: istiotest.SockShopWindow},
			Metrics:  istio.GraphMetrics(istio.LatencyHistogram), IsWaypoint: istio.Waypoints(nil),
		},
	})
	require.NoError(t, err)
	q := ask(t, `{"nodeStats": ["requestRate", "errorRatio"], "edgeStats": ["requestRate", "p95"]}`)
	made := frames.Graph(g, frames.View{Query: q})
	framestest.CheckContract(t, made, q.Limit)
	require.Len(t, made, 2)
	nodes, edges := made[0], made[1]

	const carts = "workload/Kubernetes/sock-shop/carts"
	require.ElementsMatch(t, []string{
		carts, "workload/Kubernetes/sock-shop/front-end", "workload/Kubernetes/sock-shop/orders", "unknown/~/~/~",
	}, framestest.IDs(t, nodes))
	node := framestest.Row(t, nodes, carts)
	assert.InDelta(t, 4.78, node["mainstat"], 1e-6)
	assert.InDelta(t, 100*0.003/4.78, node["secondarystat"], 1e-6)
	assert.InDelta(t, 0.003/4.78, node["arc__5xx"], 1e-9)
	assert.InDelta(t, 1-0.003/4.78, node["arc__2xx"], 1e-9)
	assert.Equal(t, "4.78 req/s", node["detail__requests_in"])
	assert.Equal(t, "98.5 %", node["detail__mtls"], "of all calls, of which those from outside of the mesh are in plain text")

	require.Len(t, framestest.IDs(t, edges), 3)
	for _, want := range []struct {
		source              string
		rate, p95           float64
		errors, responses   string
		flags, mTLS, dashes string
	}{
		{
			"workload/Kubernetes/sock-shop/front-end", 3.66, 9493, "0.082 %", "202 70.3 %, 201 29.6 %, 500 0.082 %",
			"", "100 %", "",
		},
		{
			"workload/Kubernetes/sock-shop/orders", 1.05, 3190, "0 %", "200 100 %",
			"DC 1.4 %", "100 %", "",
		},
		{"unknown/~/~/~", 0.07, 250, "0 %", "200 100 %", "", "0 %", "6 4"},
	} {
		t.Run(want.source, func(t *testing.T) {
			edge := framestest.Row(t, edges, want.source+":"+carts)
			require.NotNil(t, edge)
			assert.InDelta(t, want.rate, edge["mainstat"], 1e-6)
			assert.InDelta(t, want.p95, edge["secondarystat"], 1e-3)
			assert.Equal(t, want.errors, edge["detail__errors"])
			assert.Equal(t, want.responses, edge["detail__responses"])
			assert.Equal(t, want.flags, edge["detail__flags"])
			assert.Equal(t, want.mTLS, edge["detail__mtls"])
			assert.Equal(t, want.dashes, edge["strokedasharray"])
			assert.Equal(t, "carts.sock-shop.svc.cluster.local", edge["detail__services"])
		})
	}
}
