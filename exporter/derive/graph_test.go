package derive_test

import (
	"fmt"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/meshscope/meshscope/exporter/derive"
	"github.com/meshscope/meshscope/exporter/istio"
	"github.com/meshscope/meshscope/exporter/topology"
)

// ambientMesh is a client in ambient mode that calls a server through a
// waypoint, and one with a sidecar that also calls what does not exist. The
// server has classified the sidecar's requests, its client has not.
func ambientMesh(i int) string {
	var text strings.Builder
	n := float64(i)
	count := func(metric string, value float64, labels string) {
		fmt.Fprintf(&text, "%s{%s} %v\n", metric, labels, value)
	}
	ends := func(source, destination string) string {
		return fmt.Sprintf(`source_workload=%q,source_workload_namespace="shop",destination_workload=%q,destination_workload_namespace="shop",destination_service_name="server",destination_service_namespace="shop"`, source, destination)
	}
	const http = `,request_protocol="http",response_code="200"`
	count("istio_requests_total", 10*n, `reporter="waypoint",`+ends("client", "server")+http)
	count("istio_tcp_connections_opened_total", n, `reporter="source",app="ztunnel",`+ends("client", "waypoint"))
	count("istio_tcp_connections_opened_total", n, `reporter="source",app="ztunnel",`+ends("waypoint", "server"))
	count("istio_requests_total", 4*n, `reporter="source",`+ends("sidecar", "server")+http)
	count("istio_requests_total", 3*n, `reporter="destination",request_operation="list",`+ends("sidecar", "server")+http)
	count("istio_requests_total", n, `reporter="destination",request_operation="unknown",`+ends("sidecar", "server")+http)
	count("istio_requests_total", 2*n, `reporter="source",source_workload="sidecar",source_workload_namespace="shop",request_protocol="http",response_code="404",response_flags="NR"`)
	return text.String()
}

// One asker answers what is asked for by other labels and of other proxies,
// and takes as many queries for it.
func TestGraphOptions(t *testing.T) {
	queries := atomic.Int32{}
	s, asker := openStore(t, derive.Options{Observe: func(derive.Observation) { queries.Add(1) }})
	scrape(t, s, proxy(), 0, 20, ambientMesh)
	plain := map[string]float64{"client > server http": 10, "sidecar > server http": 4}
	for _, tc := range []struct {
		name    string
		options derive.GraphOptions
		want    map[string]float64 // requests or connections at each step
	}{
		{"nothing", derive.GraphOptions{}, plain},
		{"waypoints", derive.GraphOptions{FlowOptions: derive.FlowOptions{Waypoints: true}}, map[string]float64{
			"client > server http": 10, "sidecar > server http": 4, "client > waypoint tcp": 1, "waypoint > server tcp": 1,
		}},
		{"of waypoints, no ztunnels", derive.GraphOptions{FlowOptions: derive.FlowOptions{Waypoints: true, Ambient: istio.AmbientWaypoint}}, plain},
		{"of ztunnels, no waypoints", derive.GraphOptions{FlowOptions: derive.FlowOptions{Waypoints: true, Ambient: istio.AmbientZtunnel}}, map[string]float64{
			"sidecar > server http": 4, "client > waypoint tcp": 1, "waypoint > server tcp": 1,
		}},
		{"of neither", derive.GraphOptions{FlowOptions: derive.FlowOptions{Waypoints: true, Ambient: istio.AmbientNone}}, map[string]float64{"sidecar > server http": 4}},
		{"operations", derive.GraphOptions{FlowOptions: derive.FlowOptions{Operation: "request_operation"}, Build: topology.BuildOptions{Operations: true}}, map[string]float64{
			"client > server http": 10, "sidecar > list http": 3, "list > server http": 3, "sidecar > server http": 1,
		}},
		{"by another label", derive.GraphOptions{FlowOptions: derive.FlowOptions{Operation: "request_method"}, Build: topology.BuildOptions{Operations: true}}, plain},
		{"nowhere", derive.GraphOptions{FlowOptions: derive.FlowOptions{Nowhere: true}}, map[string]float64{
			"client > server http": 10, "sidecar > server http": 4, "sidecar >  http": 2,
		}},
		{"services, waypoints apart", derive.GraphOptions{FlowOptions: derive.FlowOptions{Waypoints: true}, Build: topology.BuildOptions{ServiceNodes: true}}, map[string]float64{
			"client > service http": 10, "sidecar > service http": 4, "service > server http": 14, "client > waypoint tcp": 1, "waypoint > server tcp": 1,
		}},
		{"a selection", derive.GraphOptions{Selection: topology.Selection{Namespaces: []string{"bookinfo"}}}, map[string]float64{}},
		{"nothing again", derive.GraphOptions{}, plain},
	} {
		t.Run(tc.name, func(t *testing.T) {
			queries.Store(0)
			const window = 10
			o := tc.options
			o.Interval = topology.Interval{End: begin.Add(20 * step), Length: window * step}
			o.Metrics = istio.GraphMetrics(istio.LatencyHistogram)
			o.IsWaypoint = istio.Waypoints(istio.DefaultWaypoints)
			g, tally, err := asker.Graph(t.Context(), o)
			require.NoError(t, err)
			require.Equal(t, int32(len(o.Metrics)), queries.Load())
			require.Equal(t, o.Nowhere, tally.Rejected[istio.NoDestination] == 0)
			name := func(n *topology.Node) string {
				if n.Kind == topology.KindService && n.Name != "" {
					return "service"
				}
				return n.Name
			}
			got := map[string]float64{}
			for _, e := range g.Edges {
				got[fmt.Sprintf("%s > %s %s", name(e.Source), name(e.Target), e.Protocol)] = e.Traffic.Calls() / window
			}
			require.InDeltaMapValues(t, tc.want, got, 1e-9)
		})
	}
}
