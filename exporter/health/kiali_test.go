package health_test

import (
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/meshscope/meshscope/exporter/health"
	"github.com/meshscope/meshscope/exporter/topology"
)

// Every row of Kiali's defaults, on both sides of each limit, for who is called
// and for who calls.
func TestDefaultTolerances(t *testing.T) {
	type row struct {
		protocol topology.Protocol
		end      string
		of100    float64
		want     topology.Health
	}
	rows := []row{
		{topology.HTTP, "500", 0, healthy},
		{topology.HTTP, "500", 0.001, degraded},
		{topology.HTTP, "503", 1, degraded},
		{topology.HTTP, "599", 9.99, degraded},
		{topology.HTTP, "500", 10, failure},
		{topology.HTTP, "500", 100, failure},

		{topology.HTTP, "404", 9.99, healthy},
		{topology.HTTP, "400", 10, degraded},
		{topology.HTTP, "429", 19.99, degraded},
		{topology.HTTP, "404", 20, failure},

		{topology.HTTP, "-", 0.001, degraded},
		{topology.HTTP, "-", 9.99, degraded},
		{topology.HTTP, "-", 10, failure},
		{topology.GRPC, "-", 9.99, degraded},
		{topology.GRPC, "-", 10, failure},

		{topology.HTTP, "200", 100, healthy},
		{topology.HTTP, "301", 100, healthy},
		{topology.HTTP, "101", 100, healthy},
		{topology.GRPC, "0", 100, healthy},
		{topology.GRPC, "17", 100, healthy},
		// A gRPC call that ended with an HTTP error is known to its client by a
		// gRPC status, whether Kiali sees that or not.
		{topology.GRPC, "503", 1, degraded},
		{topology.GRPC, "404", 10, failure},
		// Classes of codes, where telemetry has no others.
		{topology.HTTP, "5xx", 10, failure},
		{topology.HTTP, "4xx", 10, degraded},
		{topology.HTTP, "2xx", 100, healthy},
	}
	for status := 1; status <= 16; status++ {
		rows = append(rows,
			row{topology.GRPC, strconv.Itoa(status), 0.001, degraded},
			row{topology.GRPC, strconv.Itoa(status), 9.99, degraded},
			row{topology.GRPC, strconv.Itoa(status), 10, failure},
		)
	}
	for _, r := range rows {
		t.Run(string(r.protocol)+" "+r.end+" "+number(r.of100), func(t *testing.T) {
			good := map[topology.Protocol]string{topology.HTTP: "204", topology.GRPC: "0"}[r.protocol]
			e := ends{r.end: r.of100}
			e[good] += 100 - r.of100
			v := judge(nil, flow(r.protocol, "shop/web-v1", "shop/cart-v1", e))
			for _, name := range []string{
				"workload shop/web-v1", "app shop/web", "workload shop/cart-v1", "app shop/cart", "service shop/cart", "namespace shop",
				"cluster Kubernetes",
			} {
				require.Equal(t, r.want, of(t, v, name), name)
			}
			require.Equal(t, r.want, v.OfEdge(key("shop/web-v1", "shop/cart-v1")).Health)
			require.Nil(t, v.Of(ref("service shop/web")), "nobody called it")
		})
	}
}

// Limits are of counts, whose parts need not be whole numbers.
func TestALimitIsReachedExactly(t *testing.T) {
	for n := 2; n <= 100; n++ {
		share := float64(n) * 0.1 / 3 // as parts of a step are shared out
		v := judge(nil, http("shop/web-v1", "shop/cart-v1", ends{"500": share * 30, "200": share * 270}))
		require.Equal(t, failure, of(t, v, "service shop/cart"), "a tenth of %v", share*300)
	}
}

func TestKindsOfErrorsAreJudgedOneByOne(t *testing.T) {
	v := judge(nil, http("shop/web-v1", "shop/cart-v1", ends{"200": 857, "503": 48, "-": 95}))
	require.Equal(t, degraded, of(t, v, "workload shop/cart-v1"), "14.3 % errors, and no kind of them is 10 %")
	require.Equal(t, []string{
		"in http 4XX 0/1000 Healthy",
		"in http 5XX 48/1000 Degraded",
		"in http ^-$ 95/1000 Degraded",
	}, ratios(v.Of(ref("workload shop/cart-v1"))))
	require.Equal(t, []string{
		"in http 4XX 0/1000 Healthy",
		"in http 5XX 48/1000 Degraded",
		"in http ^-$ 95/1000 Degraded",
		"out http 4XX 0/1000 Healthy",
		"out http 5XX 48/1000 Degraded",
		"out http ^-$ 95/1000 Degraded",
	}, ratios(v.OfEdge(key("shop/web-v1", "shop/cart-v1"))))
}

// Protocols do not dilute each other, nor do directions.
func TestProtocolsAndDirectionsAreJudgedApart(t *testing.T) {
	v := judge(nil,
		http("shop/web-v1", "shop/cart-v1", ends{"200": 1000}),
		grpc("shop/web-v1", "shop/cart-v1", ends{"0": 20, "14": 20}),
		http("shop/cart-v1", "shop/stock-v1", ends{"200": 980, "500": 20}),
	)
	require.Equal(t, failure, of(t, v, "workload shop/cart-v1"))
	require.Equal(t, []string{
		"in grpc ^-$ 0/40 Healthy",
		"in grpc ^[1-9]$|^1[0-6]$ 20/40 Failure",
		"in http 4XX 0/1000 Healthy",
		"in http 5XX 0/1000 Healthy",
		"in http ^-$ 0/1000 Healthy",
		"out http 4XX 0/1000 Healthy",
		"out http 5XX 20/1000 Degraded",
		"out http ^-$ 0/1000 Healthy",
	}, ratios(v.Of(ref("workload shop/cart-v1"))))
	require.Equal(t, failure, v.OfEdge(key("shop/web-v1", "shop/cart-v1")).Health, "the worst of its protocols")
}

func TestTCPNeverCounts(t *testing.T) {
	rules := health.DefaultRules()
	rules.Rates = []health.Rate{{Tolerance: []health.Tolerance{{Code: ".*"}}}} // any call at all is a failure
	v := rules.Judge(window(), []topology.Flow{tcp("shop/cart-v1", "shop/mongodb-v1")}, nil)
	require.Equal(t, na, of(t, v, "workload shop/mongodb-v1"))
	require.Empty(t, v.Of(ref("workload shop/mongodb-v1")).Ratios)
	require.Equal(t, healthy, v.OfEdge(key("shop/cart-v1", "shop/mongodb-v1")).Health, "there is traffic")
}

func TestNoTrafficIsNoVerdict(t *testing.T) {
	v := judge(nil, http("shop/web-v1", "shop/cart-v1", ends{"200": 0, "500": 0}))
	require.Equal(t, na, of(t, v, "workload shop/cart-v1"))
	require.Equal(t, na, of(t, v, "namespace shop"))
	require.Equal(t, na, v.OfEdge(key("shop/web-v1", "shop/cart-v1")).Health)
	require.Nil(t, v.OfEdge(key("shop/web-v1", "shop/else-v1")))
	require.Nil(t, v.Of(ref("workload shop/else-v1")))
}

// What reached no workload counts against the service and the caller.
func TestCallsThatReachNoWorkload(t *testing.T) {
	v := judge(nil,
		http("shop/web-v1", "shop/cart-v1", ends{"200": 80}),
		http("shop/web-v1", "(shop/cart)", ends{"503": 20}),
		http("", "shop/web-v1", ends{"200": 100}),
		http("shop/web-v1", "(PassthroughCluster)", ends{"200": 50}),
	)
	require.Equal(t, failure, of(t, v, "service shop/cart"))
	require.Equal(t, healthy, of(t, v, "workload shop/cart-v1"))
	require.Equal(t, failure, of(t, v, "workload shop/web-v1"), "outbound errors count against the caller")
	for r := range v.All() {
		require.NotEqual(t, topology.KindUnknown, r.Kind)
		require.NotEqual(t, "PassthroughCluster", r.Name, "no service")
	}
	require.Equal(t, healthy, v.OfEdge(key("", "shop/web-v1")).Health)
}

// Where Kiali fails: see docs/health.md.
func TestCallsFromAnotherNamespaceCount(t *testing.T) {
	flows := []topology.Flow{
		http("front/web-v1", "back/stock-v1", ends{"503": 100}),
		http("back/audit-v1", "back/log-v1", ends{"200": 100}),
	}
	v := judge(nil, flows...)
	require.Equal(t, failure, of(t, v, "workload back/stock-v1"))

	whole := topology.Build(window(), flows, topology.BuildOptions{})
	for _, namespaces := range [][]string{nil, {"back"}, {"front"}, {"front", "back"}} {
		asked := whole.Part(func(e *topology.Edge) bool {
			return len(namespaces) == 0 || contains(namespaces, e.Source.Namespace) || contains(namespaces, e.Target.Namespace)
		})
		v.Attach(asked)
		found := false
		for _, n := range asked.Nodes {
			if n.Name == "stock-v1" {
				found = true
				require.Equal(t, failure, n.Verdict.Health, "asked for %v", namespaces)
			}
		}
		require.True(t, found, "asked for %v", namespaces)
	}
}

func contains(all []string, one string) bool {
	for _, each := range all {
		if each == one {
			return true
		}
	}
	return false
}

// Kiali's lists take what h1's web does for h2's.
func TestNamespacesOfEqualNamesDoNotMix(t *testing.T) {
	elsewhere := http("h1/web-v1", "h1/cart-v1", ends{"200": 100})
	elsewhere.Key.Source.Cluster, elsewhere.Key.Destination.Cluster = "west", "west"
	v := judge(nil,
		http("h1/web-v1", "h1/cart-v1", ends{"200": 100}),
		http("h2/web-v1", "h2/cart-v1", ends{"503": 100}),
		http("h1/web-v1", "h2/web-v1", ends{"200": 100}),
		elsewhere,
	)
	for name, want := range map[string]topology.Health{
		"workload h1/web-v1": healthy, "app h1/web": healthy, "namespace h1": healthy,
		"workload h2/web-v1": failure, "app h2/web": failure, "service h2/web": healthy,
		"workload h2/cart-v1": failure, "namespace h2": failure, "cluster Kubernetes": failure, "cluster west": healthy,
	} {
		require.Equal(t, want, of(t, v, name), name)
	}
	require.Equal(t, []string{"out http 4XX 0/200 Healthy", "out http 5XX 0/200 Healthy", "out http ^-$ 0/200 Healthy"},
		ratios(v.Of(ref("workload h1/web-v1"))))
	require.Equal(t, "app h2/cart", text(v.Of(ref("namespace h2")).By), "the first who is as unwell")
}

func TestMinRequests(t *testing.T) {
	for _, tc := range []struct {
		good, bad float64
		want      topology.Health
	}{
		{2, 1, healthy},     // one error in three requests pages nobody
		{0, 14, healthy},    // too few to tell
		{0, 15, failure},    // enough
		{14, 1, degraded},   // one error is no failure, by the defaults
		{13, 2, failure},    // two are
		{14.2, 1, degraded}, // parts of steps
	} {
		v := judge(nil, http("shop/web-v1", "shop/cart-v1", ends{"200": tc.good, "503": tc.bad}))
		for _, name := range []string{"workload shop/web-v1", "workload shop/cart-v1", "app shop/cart", "service shop/cart", "namespace shop"} {
			require.Equal(t, tc.want, of(t, v, name), "%s: %v of %v", name, tc.bad, tc.good+tc.bad)
		}
		require.Equal(t, tc.want, v.OfEdge(key("shop/web-v1", "shop/cart-v1")).Health)
	}
	// Few of one protocol do not become enough by many of another, nor by those the other way.
	v := judge(nil,
		grpc("shop/web-v1", "shop/cart-v1", ends{"14": 10}),
		http("shop/web-v1", "shop/cart-v1", ends{"200": 500}),
		grpc("shop/cart-v1", "shop/stock-v1", ends{"0": 500}),
	)
	require.Equal(t, healthy, of(t, v, "workload shop/cart-v1"))
	require.Contains(t, ratios(v.Of(ref("workload shop/cart-v1"))), "in grpc ^[1-9]$|^1[0-6]$ 10/10 Healthy", "it can be seen all the same")
	// But few edges are many together.
	v = judge(nil, http("a/web-v1", "shop/cart-v1", ends{"503": 8}), http("b/web-v1", "shop/cart-v1", ends{"503": 8}))
	require.Equal(t, failure, of(t, v, "workload shop/cart-v1"))
	require.Equal(t, healthy, of(t, v, "workload a/web-v1"))

	everything := health.Rules{}
	v = everything.Judge(window(), []topology.Flow{http("a/web-v1", "shop/cart-v1", ends{"200": 2, "503": 1})}, nil)
	require.Equal(t, failure, of(t, v, "workload shop/cart-v1"), "Kiali's judgement")
}
