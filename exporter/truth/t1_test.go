package truth_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/meshscope/meshscope/exporter/topology"
)

// T1: a call that both its proxies report is one call, and the source tells of
// it. That is testdata/reporters; here are the cases in which the reports
// differ.

// T1: two reporters are never added, whatever they disagree on. Here all three
// report, each with codes and flags of its own. The source's 10/s are the calls.
func TestT1OneReporter(t *testing.T) {
	var m mesh
	c := call("shop/web", "shop/carts")
	m.requests("source", c, 7)
	m.requests("source", c.ended("504", "UT"), 3)
	m.requests("waypoint", c, 8)
	m.requests("waypoint", c.ended("0", "DC"), 2)
	m.requests("destination", c, 9)
	m.requests("destination", c.ended("500", "-"), 1)
	require.Equal(t, []string{"shop/web -> shop/carts http: 4200 × 200, 1800 × 504 UT; by source; mTLS 100 %"}, drawn(m.graph(t, view{})))
}

// T1: where only half of the callers' pods are scraped, the source's report is
// short of calls that the destination has answered. Its report is taken
// instead, not added.
func TestT1DestinationReplacesASourceThatMissesCallers(t *testing.T) {
	var m mesh
	c := call("shop/web", "shop/carts")
	m.requests("source", c, 5)
	m.requests("destination", c, 10)
	require.Equal(t, []string{"shop/web -> shop/carts http: 6000 × 200; by destination; mTLS 100 %"}, drawn(m.graph(t, view{})))
}

// T1: retries are no reason to take the destination's report. A client's proxy
// that tries thrice counts one call, the server three attempts; calls are what
// the client made, with the ends that it saw: two in ten failed.
func TestT1RetriedCallIsOneCall(t *testing.T) {
	var m mesh
	c := call("shop/web", "shop/carts")
	m.requests("source", c, 8)
	m.requests("source", c.ended("503", "URX"), 2)
	m.requests("destination", c, 8)
	m.requests("destination", c.ended("503", "-"), 11)
	g := m.graph(t, view{})
	e := edgeOf(t, g, "shop/web", "shop/carts", topology.HTTP)
	require.InDelta(t, 10, rate(e.Traffic.Total()), tolerance)
	require.InDelta(t, 0.2, errorRatio(e.Protocol, &e.Traffic), tolerance)
}

// T1: retries after a timeout of the client's proxy: the server answers each
// attempt too late, to a caller that is gone (DC). These attempts were no
// errors of its own, nor calls.
func TestT1CallRetriedAfterTimeoutIsOneCall(t *testing.T) {
	var m mesh
	c := call("shop/web", "shop/carts")
	m.requests("source", c, 10)
	m.requests("destination", c, 10)
	m.requests("destination", c.ended("0", "DC"), 10)
	require.Equal(t, []string{"shop/web -> shop/carts http: 6000 × 200; by source; mTLS 100 %"}, drawn(m.graph(t, view{})))
}

// T1: reports that differ only in the destination's cluster, which the caller's
// proxy does not know, are one edge: into the cluster that the destination's
// proxy names.
func TestT1DestinationClusterThatTheSourceDoesNotKnow(t *testing.T) {
	for name, unknown := range map[string]func(labels) labels{
		"unknown": func(l labels) labels { return l.with("destination_cluster", "unknown") },
		"missing": func(l labels) labels { return l.without("destination_cluster") },
	} {
		t.Run(name, func(t *testing.T) {
			var m mesh
			c := call("shop/web", "shop/carts").with("source_cluster", "east", "destination_cluster", "west")
			m.requests("source", unknown(c), 10)
			m.requests("destination", c, 10)
			require.Equal(t, []string{"shop/web in east -> shop/carts in west http: 6000 × 200; by source; mTLS 100 %"}, drawn(m.graph(t, view{})))
		})
	}
}

// T1: and reports that differ only in the source's cluster, which the
// destination's proxy does not know.
func TestT1SourceClusterThatTheDestinationDoesNotKnow(t *testing.T) {
	var m mesh
	c := call("shop/web", "shop/carts").with("source_cluster", "east", "destination_cluster", "west")
	m.requests("source", c, 10)
	m.requests("destination", c.with("source_cluster", "unknown"), 10)
	require.Equal(t, []string{"shop/web in east -> shop/carts in west http: 6000 × 200; by source; mTLS 100 %"}, drawn(m.graph(t, view{})))
}

// T1: reports that differ in the app or the version of a peer are one edge too:
// what one side could not find out of the other.
func TestT1NamesThatOneSideDoesNotKnow(t *testing.T) {
	var m mesh
	c := call("shop/web", "shop/carts")
	m.requests("source", c.with("destination_canonical_service", "unknown", "destination_canonical_revision", "latest"), 10)
	m.requests("destination", c.with("source_canonical_service", "unknown").without("source_canonical_revision"), 10)
	for _, level := range []topology.Level{topology.ByWorkload, topology.ByApp, topology.ByVersionedApp} {
		g := m.graph(t, view{level: level})
		require.Len(t, g.Edges, 1, "%s: %q", level, drawn(g))
		require.InDelta(t, 10, rate(g.Edges[0].Traffic.Total()), tolerance)
	}
	require.Equal(t, []string{"app shop/web -> app shop/carts http: 6000 × 200; by source; mTLS 100 %"}, drawn(m.graph(t, view{level: topology.ByApp})))
}

// T1: the same call that its source sees on its way to one name of a service,
// and the destination on its way to another, is one call.
func TestT1OneCallByTwoNamesOfAService(t *testing.T) {
	var m mesh
	c := call("shop/web", "shop/carts")
	m.requests("source", c.to("carts-alias", "shop"), 10)
	m.requests("destination", c, 10)
	require.Equal(t, []string{"shop/web -> shop/carts http: 6000 × 200; by source; mTLS 100 %"}, drawn(m.graph(t, view{})))
}

// T1: an HTTP and a gRPC call of one pair are each counted by one reporter of
// its own protocol.
func TestT1ProtocolsAreChosenByThemselves(t *testing.T) {
	var m mesh
	c := call("shop/web", "shop/carts")
	m.requests("source", c, 10)
	m.requests("destination", c, 10)
	grpc := c.with("request_protocol", "grpc", "grpc_response_status", "0")
	m.requests("destination", grpc, 4)
	require.Equal(t, []string{
		"shop/web -> shop/carts grpc: 2400 × 200 grpc 0; by destination; mTLS 100 %",
		"shop/web -> shop/carts http: 6000 × 200; by source; mTLS 100 %",
	}, drawn(m.graph(t, view{})))
}
