package truth_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/meshscope/meshscope/exporter/istio"
	"github.com/meshscope/meshscope/exporter/topology"
)

// T3: everything merges by sum. Two versions of web call two versions of carts,
// with rates, errors, durations, bytes and mTLS of their own. By app they are
// one edge, of which each number is the sum, and each ratio one of sums.
func TestT3EverythingMergesBySum(t *testing.T) {
	var m mesh
	version := func(from, to string) labels {
		return call("shop/web-"+from, "shop/carts-"+to).to("carts", "shop").with(
			"source_canonical_service", "web", "source_canonical_revision", from,
			"destination_canonical_service", "carts", "destination_canonical_revision", to)
	}
	for i, c := range []labels{version("v1", "v1"), version("v1", "v2"), version("v2", "v1"), version("v2", "v2")} {
		n := float64(i + 1) // 1, 2, 3 and 4 calls a second, and 6 errors with the last
		m.requests("source", c, n)
		m.durations("source", c, 100, n)
		m.counts(istio.RequestBytes, "source", c, 10*n)
		m.counts(istio.ResponseBytes, "source", c, 100*n)
		m.requests("destination", c.with("connection_security_policy", []string{"none", "mutual_tls"}[i/3]), n)
	}
	slow := version("v2", "v2").ended("503", "-")
	m.requests("source", slow, 6)
	m.requests("destination", slow, 6)
	m.durations("source", version("v2", "v2").with("source_principal", "another"), 1000, 6)

	require.Len(t, m.graph(t, view{}).Edges, 4)
	e := edgeOf(t, m.graph(t, view{level: topology.ByApp}), "app shop/web", "app shop/carts", topology.HTTP)
	require.InDelta(t, 16, rate(e.Traffic.Total()), tolerance)
	require.InDelta(t, 6./16, errorRatio(e.Protocol, &e.Traffic), tolerance, "not the mean of 0, 0, 0 and 60 %")
	require.InDelta(t, 100, rate(e.Traffic.RequestBytes), tolerance)
	require.InDelta(t, 1000, rate(e.Traffic.ResponseBytes), tolerance)
	require.InDelta(t, 16, rate(e.Traffic.Latency.Count()), tolerance)
	require.InDelta(t, (10*0.075+6*0.75)/16, e.Traffic.Latency.Mean(), tolerance)
	// 10 of 16 calls are in the bucket to 0.1 s, the others in that to 1 s.
	require.InDelta(t, 0.01+0.09*(0.5*16/10), e.Traffic.Latency.Quantile(0.5), tolerance)
	require.InDelta(t, 0.1+0.9*(0.95*16-10)/6, e.Traffic.Latency.Quantile(0.95), tolerance)
	share, ok := e.Traffic.MutualTLSShare()
	require.True(t, ok)
	require.InDelta(t, 10./16, share, tolerance, "by calls, not by edges")
}

// T3: pods are summed too, each with the counters of its own.
func TestT3PodsAreSummed(t *testing.T) {
	var m mesh
	for _, pod := range []string{"10.0.0.1:15020", "10.0.0.2:15020", "10.0.0.3:15020"} {
		m.requests("source", call("shop/web", "shop/carts"), 1.5)
		m.series[len(m.series)-1].Target = pod
	}
	e := edgeOf(t, m.graph(t, view{}), "shop/web", "shop/carts", topology.HTTP)
	require.InDelta(t, 4.5, rate(e.Traffic.Total()), tolerance)
}
