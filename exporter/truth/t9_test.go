package truth_test

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// through has calls from web to carts go through a waypoint: the waypoint's
// report of the calls, and the ztunnels' of the connections on both hops.
func through(m *mesh) {
	c := call("shop/web", "shop/carts")
	m.requests("waypoint", c, 10)
	m.tcp("source", call("shop/web", "shop/waypoint").to("carts", "shop").with("connection_security_policy", "mutual_tls"), 1, 100, 900)
	m.tcp("destination", call("shop/waypoint", "shop/carts"), 2, 200, 800)
}

const (
	calls     = "shop/web -> shop/carts http: 6000 × 200; by waypoint; mTLS 100 %"
	firstHop  = "shop/web -> shop/waypoint tcp: 600 opened, 600 closed, 60000 B there, 540000 B back; by source; mTLS 100 %"
	secondHop = "shop/waypoint -> shop/carts tcp: 1200 opened, 1200 closed, 120000 B there, 480000 B back; by destination; mTLS 100 %"
)

// T9: transport is not traffic. Connections that carry a pair's own calls are
// no edge and no bytes: the client's proxy reports the calls, the server's
// ztunnel only the connections. They tell that the calls were encrypted.
func TestT9TransportIsNoEdge(t *testing.T) {
	var m mesh
	c := call("shop/web", "shop/carts")
	m.requests("source", c, 10)
	m.tcp("destination", c, 1, 100, 900)
	require.Equal(t, []string{"shop/web -> shop/carts http: 6000 × 200; by source; mTLS 100 %"}, drawn(m.graph(t, view{})))
}

// T9: TCP that the client's proxy itself reports beside its calls is traffic of
// its own. The server's ztunnel knows that the connections of both were
// encrypted.
func TestT9TCPBesideCallsIsTraffic(t *testing.T) {
	var m mesh
	c := call("shop/web", "shop/carts")
	m.requests("source", c, 10)
	m.tcp("source", c, 1, 100, 900)
	m.tcp("destination", c, 1, 100, 900)
	require.Equal(t, []string{
		"shop/web -> shop/carts http: 6000 × 200; by source; mTLS 100 %",
		"shop/web -> shop/carts tcp: 600 opened, 600 closed, 60000 B there, 540000 B back; by source; mTLS 100 %",
	}, drawn(m.graph(t, view{})))
}

// T9: the hops through a waypoint are folded into the calls that it reports;
// who asks for waypoints sees them too.
func TestT9WaypointsAreFoldedUnlessAskedFor(t *testing.T) {
	var m mesh
	through(&m)
	require.Equal(t, []string{calls}, drawn(m.graph(t, view{})))
	require.ElementsMatch(t, []string{calls, firstHop, secondHop}, drawn(m.graph(t, view{waypoints: true})))
}

// T9: a hop is folded into the calls of its own service. TCP of another one,
// through the same waypoint, is traffic.
func TestT9HopsOfAnotherServiceStay(t *testing.T) {
	var m mesh
	through(&m)
	m.tcp("source", call("shop/web", "shop/waypoint").to("db", "shop").with("connection_security_policy", "mutual_tls"), 1, 100, 900)
	m.tcp("destination", call("shop/waypoint", "shop/db"), 1, 100, 900)
	require.Equal(t, []string{
		"shop/waypoint -> shop/db tcp: 600 opened, 600 closed, 60000 B there, 540000 B back; by destination; mTLS 100 %",
		calls,
		firstHop,
	}, drawn(m.graph(t, view{})))
}

// T9: what goes through a waypoint as TCP, it does not report as calls. Its
// hops are all that is known then, and stay.
func TestT9HopsWithoutCallsStay(t *testing.T) {
	var m mesh
	m.tcp("source", call("shop/web", "shop/waypoint").to("db", "shop").with("connection_security_policy", "mutual_tls"), 1, 100, 900)
	m.tcp("destination", call("shop/waypoint", "shop/db"), 2, 200, 800)
	require.Len(t, m.graph(t, view{}).Edges, 2)
}

// T9: a gateway may name the waypoint, whose address it calls, as the workload.
// That is a hop as well, while the waypoint accounts for its calls; but when
// the waypoint itself fails, only the gateway knows, and the calls that failed
// are an edge to the waypoint.
func TestT9AFailingWaypointIsSeen(t *testing.T) {
	const gateway = "istio-system/istio-ingressgateway"
	for name, tc := range map[string]struct {
		failing float64 // calls a second that the waypoint does not take
		want    []string
	}{
		"none":  {0, []string{gateway + " -> shop/carts http: 6000 × 200; by waypoint; mTLS 100 %"}},
		"a few": {1, []string{gateway + " -> shop/carts http: 6000 × 200; by waypoint; mTLS 100 %", gateway + " -> shop/waypoint http: 600 × 503 UF; by source; mTLS unknown"}},
	} {
		t.Run(name, func(t *testing.T) {
			var m mesh
			hop := call(gateway, "shop/waypoint").to("carts", "shop")
			m.requests("waypoint", call(gateway, "shop/carts"), 10)
			m.requests("source", hop, 10)
			m.requests("source", hop.ended("503", "UF"), tc.failing)
			require.Equal(t, tc.want, drawn(m.graph(t, view{})))
		})
	}
}
