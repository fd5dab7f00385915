package truth_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/meshscope/meshscope/exporter/topology"
)

// T8: a destination's cluster that no one knows is the source's, where the
// service is one of the mesh (istio#29373). Of a host outside it is not assumed.
func TestT8UnknownClusterIsTheSources(t *testing.T) {
	var m mesh
	m.requests("source", call("shop/web", "shop/carts").with("source_cluster", "east", "destination_cluster", "unknown"), 1)
	m.requests("source", outside("shop/web", "api.example.com").with("source_cluster", "east"), 1)
	require.Equal(t, []string{
		"shop/web in east -> service unknown/api.example.com http: 600 × 200; by source; mTLS unknown",
		"shop/web in east -> shop/carts in east http: 600 × 200; by source; mTLS unknown",
	}, drawn(m.graph(t, view{})))
}

// outside is a call to a host that is not in the mesh.
func outside(from, host string) labels {
	return call(from, "unknown/unknown").noWorkload().with(
		"destination_service", host, "destination_service_name", host, "destination_service_namespace", "unknown")
}

// T8: the egress gateway is named by its host alone, when the call did not say
// for whom it is. It is the gateway's workload, in the source's cluster.
func TestT8EgressGatewayIsKnownByItsHost(t *testing.T) {
	const host = "istio-egressgateway.istio-system.svc.cluster.local"
	var m mesh
	m.requests("source", outside("shop/web", host).with("source_cluster", "east"), 1)
	m.requests("source", call("istio-system/istio-egressgateway", "unknown/unknown").noWorkload().with(
		"source_cluster", "east", "destination_service", "api.example.com", "destination_service_name", "api.example.com",
		"destination_service_namespace", "unknown"), 1)
	g := m.graph(t, view{})
	require.Len(t, g.Nodes, 3, "the gateway is one node: %q", drawn(g))
	edgeOf(t, g, "shop/web in east", "istio-system/istio-egressgateway in east", topology.HTTP)
	edgeOf(t, g, "istio-system/istio-egressgateway in east", "service unknown/api.example.com", topology.HTTP)
}

// T8: code 0 is no response, and an error of the caller's. So is a gRPC call
// that ended without one.
func TestT8CodeZeroIsNoResponse(t *testing.T) {
	var m mesh
	c := call("shop/web", "shop/carts")
	m.requests("source", c, 9)
	m.requests("source", c.ended("0", "DC"), 1)
	m.requests("source", c.ended("0", "DC").with("request_protocol", "grpc"), 2)
	g := m.graph(t, view{})
	http := edgeOf(t, g, "shop/web", "shop/carts", topology.HTTP)
	require.InDelta(t, 1, rate(http.Traffic.Outcomes(topology.HTTP)[topology.NoResponse]), tolerance)
	require.InDelta(t, 0.1, errorRatio(topology.HTTP, &http.Traffic), tolerance)
	grpc := edgeOf(t, g, "shop/web", "shop/carts", topology.GRPC)
	require.InDelta(t, 2, rate(grpc.Traffic.Outcomes(topology.GRPC)[topology.NoResponse]), tolerance)
}

// T8: a gRPC call is judged by its status, which HTTP's 200 hides; by HTTP's
// code where that is an error, or where there is no status.
func TestT8GRPCStatus(t *testing.T) {
	for name, tc := range map[string]struct {
		code, status string
		want         topology.Outcome
	}{
		"ok":                          {"200", "0", topology.GRPCOK},
		"unavailable":                 {"200", "14", topology.GRPCError},
		"HTTP's error":                {"503", "0", topology.GRPCError},
		"HTTP's error, without":       {"503", "", topology.GRPCError},
		"no status and no HTTP error": {"200", "", topology.GRPCOK},
	} {
		t.Run(name, func(t *testing.T) {
			var m mesh
			m.requests("source", call("shop/web", "shop/carts").with("request_protocol", "grpc", "response_code", tc.code, "grpc_response_status", tc.status), 1)
			e := edgeOf(t, m.graph(t, view{}), "shop/web", "shop/carts", topology.GRPC)
			require.InDelta(t, 1, rate(e.Traffic.Outcomes(topology.GRPC)[tc.want]), tolerance)
		})
	}
}

// T8: the revision "latest" is what Istio says of a workload without a version.
// It is none: an app's workloads that differ in nothing else are told apart by
// their names.
func TestT8RevisionLatestIsNoVersion(t *testing.T) {
	var m mesh
	m.requests("source", call("shop/web", "shop/carts").with("destination_canonical_revision", "latest"), 1)
	require.Empty(t, nodeOf(t, m.graph(t, view{}), "shop/carts").Version)
	require.Equal(t, "v1", nodeOf(t, m.graph(t, view{}), "shop/web").Version)
}

// T8: a call that reached no workload ends at the service that it was for.
// Other calls of that service reached one: these are two edges, by workload;
// by service they are one.
func TestT8CallsThatReachedNoWorkloadEndAtTheService(t *testing.T) {
	var m mesh
	c := call("shop/web", "shop/carts")
	m.requests("source", c, 8)
	m.requests("source", c.ended("503", "NR").noWorkload(), 2)
	require.ElementsMatch(t, []string{
		"shop/web -> shop/carts http: 4800 × 200; by source; mTLS unknown",
		"shop/web -> service shop/carts http: 1200 × 503 NR; by source; mTLS unknown",
	}, drawn(m.graph(t, view{})))
	require.Equal(t, []string{
		"shop/web -> service shop/carts http: 4800 × 200, 1200 × 503 NR; by source; mTLS unknown",
	}, drawn(m.graph(t, view{level: topology.ByService})))
}

// T8: what Envoy lets pass or drops without knowing the destination goes to
// PassthroughCluster or BlackHoleCluster, which are nodes like services, of no
// namespace.
func TestT8PassthroughAndBlackHole(t *testing.T) {
	for _, cluster := range []string{"PassthroughCluster", "BlackHoleCluster"} {
		t.Run(cluster, func(t *testing.T) {
			var m mesh
			m.requests("source", outside("shop/web", cluster).with("destination_service", "unknown"), 1)
			m.tcp("source", outside("shop/web", cluster).with("destination_service", "unknown"), 1, 10, 20)
			require.Equal(t, []string{
				"shop/web -> service unknown/" + cluster + " http: 600 × 200; by source; mTLS unknown",
				"shop/web -> service unknown/" + cluster + " tcp: 600 opened, 600 closed, 6000 B there, 12000 B back; by source; mTLS unknown",
			}, drawn(m.graph(t, view{})))
		})
	}
}

// T8, istio#35726: a client that calls a pod by its address passes Envoy
// through PassthroughCluster, and yet telemetry knows the workload. The call
// is to the workload, by every level: there is no node PassthroughCluster, and
// the destination's report of the same call, by another name, is no second one.
func TestT8PassthroughToAKnownWorkload(t *testing.T) {
	var m mesh
	c := call("shop/admin", "shop/carts")
	passed := c.with("destination_service", "unknown", "destination_service_name", "PassthroughCluster", "destination_service_namespace", "shop")
	m.requests("source", passed, 10)
	m.requests("destination", c.with("destination_service_name", "InboundPassthroughCluster", "destination_service", "unknown"), 10)
	for level, want := range map[topology.Level]string{
		topology.ByWorkload: "shop/admin -> shop/carts http: 6000 × 200; by source; mTLS 100 %",
		topology.ByApp:      "app shop/admin -> app shop/carts http: 6000 × 200; by source; mTLS 100 %",
		topology.ByService:  "shop/admin -> shop/carts http: 6000 × 200; by source; mTLS 100 %",
	} {
		require.Equal(t, []string{want}, drawn(m.graph(t, view{level: level})), "by %s", level)
	}
}

// T8, istio#35726: in the graph of services, too, a workload is one node. Who
// calls it by its address calls what others call by its service, and what it
// calls itself goes out of the same node.
func TestT8PassthroughToAWorkloadWithAService(t *testing.T) {
	var m mesh
	c := call("shop/admin", "shop/carts")
	m.requests("source", c.with("destination_service", "unknown", "destination_service_name", "PassthroughCluster", "destination_service_namespace", "shop"), 10)
	m.requests("source", call("shop/web", "shop/carts"), 20)
	m.requests("source", call("shop/carts", "shop/db"), 5)
	g := m.graph(t, view{level: topology.ByService})
	require.Equal(t, []string{
		"shop/admin -> service shop/carts http: 6000 × 200; by source; mTLS unknown",
		"service shop/carts -> service shop/db http: 3000 × 200; by source; mTLS unknown",
		"shop/web -> service shop/carts http: 12000 × 200; by source; mTLS unknown",
	}, drawn(g))
	require.InDelta(t, 30, rate(nodeOf(t, g, "service shop/carts").In[topology.HTTP].Total()), tolerance)
}

// T8, istio#49842: when a service's last backend dies, its namespace turns
// unknown in the caller's telemetry, just as its calls fail. The host still
// names it: the failed calls are of the service that was called before, not of
// another one without a namespace.
func TestT8NamespaceThatTurnsUnknownWhenBackendsDie(t *testing.T) {
	for name, namespace := range map[string]string{"unknown": "unknown", "the caller's": "frontend"} {
		t.Run(name, func(t *testing.T) {
			var m mesh
			c := call("frontend/web", "shop/carts")
			m.requests("source", c, 6)
			m.requests("source", c.ended("503", "UH").noWorkload().with("destination_service_namespace", namespace), 4)
			g := m.graph(t, view{level: topology.ByService})
			require.Equal(t, []string{
				"frontend/web -> service shop/carts http: 3600 × 200, 2400 × 503 UH; by source; mTLS unknown",
			}, drawn(g))
			require.Contains(t, drawn(m.graph(t, view{namespaces: []string{"shop"}})),
				"frontend/web -> service shop/carts http: 2400 × 503 UH; by source; mTLS unknown")
		})
	}
}
