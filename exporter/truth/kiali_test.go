package truth_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/meshscope/meshscope/exporter/topology"
)

// Each of these tests has data on which a real Kiali was seen to give a wrong
// answer, or a different one each time. Its comment says which, and the true
// one.

// Kiali adds what the two sides report with different codes: of 10 calls a
// second, of which the client gave up 2 that the server answered well, it makes
// 12 a second and 16.7 % errors. True are 10 a second and 20 %.
func TestKialiAddsReportsThatDisagree(t *testing.T) {
	var m mesh
	c := call("a/web", "b/carts")
	m.requests("source", c, 8)
	m.requests("source", c.ended("504", "UT"), 2)
	m.requests("destination", c, 10)
	e := edgeOf(t, m.graph(t, view{}), "a/web", "b/carts", topology.HTTP)
	require.InDelta(t, 10, rate(e.Traffic.Total()), tolerance)
	require.InDelta(t, 0.2, errorRatio(e.Protocol, &e.Traffic), tolerance)
}

// Kiali shows another report of the same edge, depending on the namespace that
// is asked for: half of the calls fail before they arrive (UF), and it says
// 50 % errors for namespace a, where they come from, and 0 % for b alone.
// True are 50 %, from either side and from both.
func TestKialiChoosesTheReportByTheNamespaceAskedFor(t *testing.T) {
	var m mesh
	c := call("a/web", "b/carts")
	m.requests("source", c, 5)
	m.requests("source", c.ended("503", "UF"), 5)
	m.requests("destination", c, 5)
	for _, namespaces := range [][]string{{"a"}, {"b"}, {"a", "b"}, nil} {
		g := m.graph(t, view{namespaces: namespaces})
		e := edgeOf(t, g, "a/web", "b/carts", topology.HTTP)
		require.InDelta(t, 10, rate(e.Traffic.Total()), tolerance, "%v", namespaces)
		require.InDelta(t, 0.5, errorRatio(e.Protocol, &e.Traffic), tolerance, "%v", namespaces)
		in := nodeOf(t, g, "b/carts").In[topology.HTTP]
		require.InDelta(t, 0.5, errorRatio(topology.HTTP, in), tolerance, "%v", namespaces)
	}
}

// Kiali gives a node outside the namespaces asked for, which is met from
// several of them, the calls from only one, by chance: 0.2 or 0.3 a second.
// True are 0.5, for an external host, for PassthroughCluster, and for calls
// out of the mesh.
func TestKialiForgetsCallsOfOutsideNodes(t *testing.T) {
	for name, host := range map[string]string{"service unknown/api.example.com": "api.example.com", "service unknown/PassthroughCluster": "PassthroughCluster"} {
		t.Run(name, func(t *testing.T) {
			var m mesh
			m.requests("source", outside("a/web", host), 0.2)
			m.requests("source", outside("b/web", host), 0.3)
			for _, namespaces := range [][]string{{"a"}, {"b"}, {"a", "b"}, nil} {
				g := m.graph(t, view{namespaces: namespaces})
				require.InDelta(t, 0.5, rate(nodeOf(t, g, name).In[topology.HTTP].Total()), tolerance, "%v", namespaces)
			}
		})
	}
	var m mesh
	m.requests("destination", call("x/y", "a/web").noSource(), 0.2)
	m.requests("destination", call("x/y", "b/web").noSource(), 0.3)
	for _, namespaces := range [][]string{{"a"}, {"b"}, {"a", "b"}, nil} {
		out := nodeOf(t, m.graph(t, view{namespaces: namespaces}), "unknown").Out[topology.HTTP]
		require.InDelta(t, 0.5, rate(out.Total()), tolerance, "%v", namespaces)
	}
}

// Kiali shows of several callers' durations those of one, by chance: a p95 of
// 10 ms, or of 900 ms, for the same data. True is the quantile of all calls
// together: with 90 % of them at up to 10 ms and 10 % at up to 1 s, it lies in
// the middle of the slow ones.
func TestKialiShowsOneCallersQuantile(t *testing.T) {
	var m mesh
	fast, slow := call("a/fast", "b/carts-v1"), call("a/slow", "b/carts-v1")
	for _, l := range []*labels{&fast, &slow} {
		*l = l.to("carts", "b").with("source_canonical_service", "web", "destination_canonical_service", "carts")
	}
	m.requests("source", fast, 90)
	m.durations("source", fast, 10, 90)
	m.requests("source", slow, 10)
	m.durations("source", slow, 1000, 10)
	const p95 = 0.1 + 0.9*0.5 // half way through the bucket from 100 ms to 1 s
	for level, ends := range map[topology.Level][2]string{
		topology.ByApp:       {"app a/web", "app b/carts"},
		topology.ByNamespace: {"namespace a", "namespace b"},
	} {
		e := edgeOf(t, m.graph(t, view{level: level}), ends[0], ends[1], topology.HTTP)
		require.InDelta(t, p95, e.Traffic.Latency.Quantile(0.95), tolerance, "by %s", level)
	}
	// And so it is for what a service is called with, by several callers.
	for level, node := range map[topology.Level]string{topology.ByWorkload: "b/carts-v1", topology.ByService: "service b/carts"} {
		in := nodeOf(t, m.graph(t, view{level: level}), node).In[topology.HTTP]
		require.InDelta(t, p95, in.Latency.Quantile(0.95), tolerance, "by %s", level)
	}
}

// Kiali lets the mTLS of several series of one edge overwrite each other: it
// shows 9 % for what is 90 %. True is the share by calls: here 81 and 9 of 100
// calls were mTLS, of two identities, and 10 were not.
func TestKialiOverwritesMutualTLS(t *testing.T) {
	var m mesh
	c := call("a/web", "b/carts")
	m.requests("source", c, 100)
	m.requests("destination", c, 81)
	m.requests("destination", c.with("source_principal", "spiffe://cluster.local/ns/a/sa/other"), 9)
	m.requests("destination", c.with("connection_security_policy", "none").without("source_principal", "destination_principal"), 10)
	e := edgeOf(t, m.graph(t, view{}), "a/web", "b/carts", topology.HTTP)
	share, ok := e.Traffic.MutualTLSShare()
	require.True(t, ok)
	require.InDelta(t, 0.9, share, tolerance)
	require.Equal(t, "spiffe://cluster.local/ns/a/sa/web", topology.Busiest(e.Traffic.SourcePrincipals))
}

// Kiali rounds rates in its queries, to a thousandth: a call an hour, 0.0003
// a second, is an edge that carries nothing, and one at 0.0014 is off by 30 %.
// True are 0.0003 and 0.0014.
func TestKialiRoundsFirst(t *testing.T) {
	for _, perSecond := range []float64{0.0003, 0.0014} {
		t.Run(fmt.Sprint(perSecond), func(t *testing.T) {
			var m mesh
			m.requests("source", call("a/web", "b/carts"), perSecond)
			m.requests("destination", call("a/web", "b/carts"), perSecond)
			g := m.graph(t, view{})
			require.InEpsilon(t, perSecond, rate(edgeOf(t, g, "a/web", "b/carts", topology.HTTP).Traffic.Total()), tolerance)
			require.Contains(t, strings.Join(jsonLines(t, g), "\n"), fmt.Sprintf(`"requestRate":%v`, perSecond))
		})
	}
}

// Kiali drops a sample that lacks any of fourteen labels, though Prometheus
// has no empty ones: without a revision or flags there is no edge. True is the
// edge, with all of its calls. One of them is missing at a time, then all.
func TestKialiDropsSamplesThatLackALabel(t *testing.T) {
	optional := []string{
		"source_canonical_service", "source_canonical_revision", "destination_service_namespace", "destination_service",
		"destination_service_name", "destination_canonical_service", "destination_canonical_revision",
		"request_protocol", "response_code", "response_flags",
	}
	c := call("a/web", "b/carts")
	for i := range len(optional) + 1 {
		missing := optional
		if i < len(optional) {
			missing = optional[i : i+1]
		}
		t.Run(strings.Join(missing, ","), func(t *testing.T) {
			var m mesh
			m.requests("source", c.without(missing...), 1)
			require.InDelta(t, 1, rate(edgeOf(t, m.graph(t, view{}), "a/web", "b/carts", topology.HTTP).Traffic.Total()), tolerance)
		})
	}
	for _, missing := range [][]string{{"source_workload"}, {"source_workload", "source_workload_namespace", "source_canonical_service"}, {"destination_workload"}, {"destination_workload_namespace"}} {
		t.Run(strings.Join(missing, ","), func(t *testing.T) {
			var m mesh
			m.requests("source", c.without(missing...), 1)
			g := m.graph(t, view{})
			require.Len(t, g.Edges, 1)
			require.InDelta(t, 1, rate(g.Edges[0].Traffic.Total()), tolerance)
		})
	}
	t.Run("flags of TCP", func(t *testing.T) {
		var m mesh
		m.tcp("source", c.without("response_flags"), 1, 100, 900)
		request, _ := edgeOf(t, m.graph(t, view{}), "a/web", "b/carts", topology.TCP).Traffic.TCPBytes()
		require.InDelta(t, 100, rate(request), tolerance)
	})
}

// Kiali shows the traffic through a waypoint twice: the calls as an HTTP edge
// from client to server, and their connections as a path of TCP beside it.
// True are the calls, once.
func TestKialiShowsTrafficThroughAWaypointTwice(t *testing.T) {
	var m mesh
	through(&m)
	g := m.graph(t, view{})
	require.Equal(t, []string{calls}, drawn(g))
	require.InDelta(t, 10, rate(nodeOf(t, g, "shop/carts").In[topology.HTTP].Total()), tolerance)
	require.NotContains(t, nodeOf(t, g, "shop/carts").In, topology.TCP)
}

// Kiali loses calls from another namespace when both are asked for, and calls
// the workload healthy that fails all of them; and it takes calls of a namesake
// in another namespace for a workload's own. What a node was called with is
// what TestT6... say. Here all of its calls fail, and come from elsewhere.
func TestKialiLosesCallsFromAnotherNamespace(t *testing.T) {
	var m mesh
	for _, reporter := range []string{"source", "destination"} {
		m.requests(reporter, call("h1/web", "h2/web").ended("500", "-"), 10)
	}
	for range 20 { // Kiali is wrong 20 of 20 times
		g := m.graph(t, view{namespaces: []string{"h1", "h2"}})
		require.InDelta(t, 1, errorRatio(topology.HTTP, nodeOf(t, g, "h2/web").In[topology.HTTP]), tolerance)
		require.Empty(t, nodeOf(t, g, "h1/web").In)
	}
}

// Kiali judges each kind of error by itself: 4.8 % of 5xx and 9.5 % without a
// response are each below 10 %, and so not a failure, though its own edge shows
// 14.3 %. True is one error ratio, of all kinds.
func TestKialiJudgesKindsOfErrorsApart(t *testing.T) {
	var m mesh
	c := call("a/web", "b/carts")
	m.requests("source", c, 18)
	m.requests("source", c.ended("503", "-"), 1)
	m.requests("source", c.ended("0", "DC"), 2)
	e := edgeOf(t, m.graph(t, view{}), "a/web", "b/carts", topology.HTTP)
	require.InDelta(t, 3./21, errorRatio(e.Protocol, &e.Traffic), tolerance)
}
