package truth_test

import (
	"maps"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/meshscope/meshscope/exporter/istio"
	"github.com/meshscope/meshscope/exporter/topology"
)

// T2: a label that is missing, one that is empty and one that says unknown are
// the same, for each label but the reporter: calls are on the same edge, and
// none is lost. Each third of them is told in another way.
func TestT2MissingEmptyAndUnknownAreTheSame(t *testing.T) {
	c := call("shop/web", "shop/carts").with("grpc_response_status", "0", "request_protocol", "grpc")
	for _, label := range slices.Sorted(maps.Keys(c)) {
		t.Run(label, func(t *testing.T) {
			// To lack its workload's name makes a source's namespace a name
			// without an owner, of which no sample is made.
			base := c
			if label == "source_workload" || label == "source_canonical_service" {
				base = base.without("source_principal")
			}
			var m mesh
			missing, empty, unknown := base.without(label), base.with(label, ""), base.with(label, "unknown")
			// The target of a series goes by its workload: three proxies.
			for i, l := range []labels{missing, empty, unknown} {
				m.requests("source", l, float64(i+1))
				m.series[i].Target = []string{"a:15020", "b:15020", "c:15020"}[i]
			}
			g := m.graph(t, view{})
			require.Len(t, g.Edges, 1, "%q", drawn(g))
			require.InDelta(t, 6, rate(g.Edges[0].Traffic.Total()), tolerance)
			require.Len(t, g.Edges[0].Traffic.Requests, 1, "one way to end")
		})
	}
}

// T2: only a reporter and a destination are required. Telemetry from which all
// else was removed still has its calls on an edge.
func TestT2OnlyAReporterAndADestinationAreRequired(t *testing.T) {
	for name, tc := range map[string]struct {
		labels labels
		want   string
	}{
		"a workload":   {labels{"destination_workload": "carts"}, "unknown -> unknown/carts http: 600 × no code; by destination; mTLS 100 %"},
		"a service":    {labels{"destination_service_name": "carts"}, "unknown -> service unknown/carts http: 600 × no code; by destination; mTLS 100 %"},
		"a host":       {labels{"destination_service": "carts.shop.svc.cluster.local"}, "unknown -> service shop/carts.shop.svc.cluster.local http: 600 × no code; by destination; mTLS 100 %"},
		"also a class": {labels{"destination_workload": "carts", "response_code": "2xx"}, "unknown -> unknown/carts http: 600 × 2xx; by destination; mTLS 100 %"},
	} {
		t.Run(name, func(t *testing.T) {
			var m mesh
			m.requests("destination", tc.labels, 1)
			require.Equal(t, []string{tc.want}, drawn(m.graph(t, view{})))
		})
	}
}

// T2: the metrics of bytes, messages and connections need no more labels than
// requests do.
func TestT2OtherMetricsLackLabelsToo(t *testing.T) {
	var m mesh
	few := labels{"source_workload": "web", "destination_workload": "carts"}
	m.tcp("source", few, 2, 100, 300)
	m.counts(istio.RequestMessages, "source", few, 5)
	m.counts(istio.ResponseBytes, "source", few, 50)
	g := m.graph(t, view{})
	tcp := edgeOf(t, g, "unknown/web", "unknown/carts", topology.TCP)
	require.InDelta(t, 2, rate(tcp.Traffic.Opened), tolerance)
	require.InDelta(t, 5, rate(edgeOf(t, g, "unknown/web", "unknown/carts", topology.GRPC).Traffic.RequestMessages), tolerance)
	require.InDelta(t, 50, rate(edgeOf(t, g, "unknown/web", "unknown/carts", topology.HTTP).Traffic.ResponseBytes), tolerance)
}
