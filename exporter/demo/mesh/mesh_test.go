package mesh

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestEqualSeedsAreByteEqual(t *testing.T) {
	run := func(seed int64) string {
		m := newMesh(t, 60, Config{Seed: seed, Namespaces: 3, Workloads: 5, Churn: true})
		set(t, m, "errors:bookinfo/ratings-v1=0.3")
		set(t, m, "restart:sock-shop/waypoint")
		set(t, m, "scale:online-boutique/frontend=5")
		set(t, m, "new-dependency:bookinfo/details-v1->sock-shop/carts=3")
		m.Advance(start.Add(400 * time.Second))
		return exposed(t, m) + fmt.Sprint(m.Truth(), m.Edges())
	}
	require.Equal(t, run(7), run(7))
	require.NotEqual(t, run(7), run(8))
}

func TestAdvanceInPiecesIsAdvanceAtOnce(t *testing.T) {
	once := newMesh(t, 120, Config{Seed: 1})
	pieces := newMesh(t, 0, Config{Seed: 1})
	for ms := 0; ms <= 120_000; ms += 700 {
		pieces.Advance(start.Add(time.Duration(ms) * time.Millisecond))
	}
	pieces.Advance(start.Add(120 * time.Second))
	pieces.Advance(start) // the past changes nothing
	require.Equal(t, exposed(t, once), exposed(t, pieces))
	require.Equal(t, start.Add(120*time.Second), pieces.Now())
}

// TestCountersNeverFall follows every series of every pod through a mesh in
// which much changes. Only an in-place reset may lower a counter.
func TestCountersNeverFall(t *testing.T) {
	m := newMesh(t, 0, Config{Seed: 3, Churn: true})
	const resetPod = "istio-ingressgateway"
	before := map[string]map[string]float64{}
	fell := map[string]bool{}
	for at := 60; at <= 960; at += 60 {
		m.Advance(start.Add(time.Duration(at) * time.Second))
		switch at {
		case 180:
			set(t, m, "restart:bookinfo/productpage-v1")
		case 300:
			set(t, m, "reset:istio-system/"+resetPod)
		case 480:
			set(t, m, "scale:bookinfo/ratings-v1=4")
		case 600:
			set(t, m, "scale:bookinfo/ratings-v1=1")
		case 720:
			set(t, m, "restart:istio-system/ztunnel")
		}
		now := map[string]map[string]float64{}
		for _, target := range m.Targets() {
			found := samples(t, target)
			now[target.Pod] = found
			for series, value := range before[target.Pod] {
				if found[series] < value {
					fell[target.Pod] = true
				}
			}
		}
		before = now
	}
	for pod := range fell {
		require.True(t, strings.HasPrefix(pod, resetPod) || strings.HasPrefix(pod, "details-v1"), pod)
	}
	require.NotEmpty(t, fell)
}

func TestTargets(t *testing.T) {
	m := newMesh(t, 0, Config{Seed: 1})
	targets := m.Targets()
	instances := map[string]bool{}
	var apps []string
	for i, target := range targets {
		require.Equal(t, "kubernetes-pods", target.Job)
		require.False(t, instances[target.Instance], "two targets at %s", target.Instance)
		instances[target.Instance] = true
		if i > 0 {
			require.Negative(t, compareTargets(targets[i-1], target))
		}
		apps = append(apps, target.App)
	}
	require.Contains(t, apps, "ztunnel")
	require.Contains(t, apps, "productpage")
	require.Contains(t, apps, "", "waypoints have no app")
	require.NotContains(t, apps, "loadgenerator", "outside the mesh")
	require.NotContains(t, apps, "carts", "an ambient pod exposes nothing of Istio's")
}

// TestTruthIsWhatTheChosenReporterCounts adds up all pods of a mesh where
// none stops: the sums are the truth, exactly.
func TestTruthIsWhatTheChosenReporterCounts(t *testing.T) {
	for _, tc := range []struct {
		name   string
		config Config
		faults []string
	}{
		{name: "healthy", config: Config{Seed: 2}},
		{name: "generated", config: Config{Seed: 2, Namespaces: 5, Workloads: 6}},
		{name: "faults", config: Config{Seed: 2}, faults: []string{
			"errors:bookinfo/reviews-v2->bookinfo/ratings-v1=0.5",
			"errors:bookinfo/mongodb-v1=0.5",
			"no-endpoints:bookinfo/details-v1=0.3",
			"no-endpoints:sock-shop/carts=0.2",
			"no-endpoints:online-boutique/currencyservice=0.2",
			"plaintext:online-boutique/cartservice=0.4",
			"plaintext:sock-shop/user-db",
			"latency:online-boutique/paymentservice=300",
			"new-dependency:sock-shop/orders->bookinfo/ratings-v1=2",
			"new-dependency:bookinfo/details-v1->sock-shop/catalogue=2",
			"new-dependency:online-boutique/loadgenerator->sock-shop/front-end=2",
			"scale:online-boutique/adservice=0",
		}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			m := newMesh(t, 0, tc.config)
			for _, f := range tc.faults {
				set(t, m, f)
			}
			m.Advance(start.Add(300 * time.Second))
			compareWithTruth(t, m)
		})
	}
}

// compareWithTruth checks every count of Truth against the exposed metrics.
func compareWithTruth(t *testing.T, m *Mesh) {
	t.Helper()
	by := []string{
		"reporter", "source_cluster", "source_workload_namespace", "source_workload",
		"destination_workload_namespace", "destination_workload", "destination_service", "destination_service_name",
		"request_protocol",
	}
	ends := append(append([]string(nil), by...), "response_code", "grpc_response_status", "response_flags")
	flags := append(append([]string(nil), by...), "response_flags")

	type count struct {
		metric string
		by     []string
		of     func(Edge) uint64
	}
	counts := []count{
		{"istio_requests_total", ends, func(e Edge) uint64 { return e.Requests }},
		{"istio_request_duration_milliseconds_count", ends, func(e Edge) uint64 { return e.Requests }},
		{"istio_request_bytes_sum", ends, func(e Edge) uint64 { return requestsOnly(e, e.RequestBytes) }},
		{"istio_response_bytes_sum", ends, func(e Edge) uint64 { return requestsOnly(e, e.ResponseBytes) }},
		{"istio_request_messages_total", by, func(e Edge) uint64 { return e.RequestMessages }},
		{"istio_response_messages_total", by, func(e Edge) uint64 { return e.ResponseMessages }},
		{"istio_tcp_received_bytes_total", flags, func(e Edge) uint64 { return e.RequestBytes - requestsOnly(e, e.RequestBytes) }},
		{"istio_tcp_sent_bytes_total", flags, func(e Edge) uint64 { return e.ResponseBytes - requestsOnly(e, e.ResponseBytes) }},
		{"istio_tcp_connections_opened_total", flags, func(e Edge) uint64 { return e.ConnectionsOpened }},
		{"istio_tcp_connections_closed_total", flags, func(e Edge) uint64 { return e.ConnectionsClosed }},
	}
	truth := m.Truth()
	require.NotEmpty(t, truth)
	all := snapshotOf(t, m)
	for _, c := range counts {
		got := all.sum(c.metric, nil, c.by...)
		want := map[string]float64{}
		for _, e := range truth {
			if v := c.of(e); v > 0 {
				want[truthKey(e, c.by)] += float64(v)
			}
		}
		require.NotEmpty(t, want, c.metric)
		for key, value := range want {
			require.Equal(t, value, got[key], "%s %s", c.metric, key)
		}
	}
}

func requestsOnly(e Edge, v uint64) uint64 {
	if e.Protocol == protocolTCP {
		return 0
	}
	return v
}

func truthKey(e Edge, by []string) string {
	values := map[string]string{
		"reporter": e.Reporter, "source_cluster": e.SourceCluster, "source_workload_namespace": e.SourceNamespace,
		"source_workload": e.SourceWorkload, "destination_workload_namespace": e.DestinationNamespace,
		"destination_workload": e.DestinationWorkload, "destination_service": e.DestinationService,
		"destination_service_name": e.DestinationServiceName, "request_protocol": e.Protocol,
		"response_code": e.ResponseCode, "grpc_response_status": e.GRPCStatus, "response_flags": e.ResponseFlags,
	}
	key := make([]string, 0, len(by))
	for _, name := range by {
		key = append(key, values[name])
	}
	return strings.Join(key, " ")
}

// TestEdgesAreSeen: each link of a running mesh has a truth, and the other
// way round.
func TestEdgesAreSeen(t *testing.T) {
	m := newMesh(t, 600, Config{Seed: 5})
	seen := map[Link]bool{}
	for _, e := range m.Truth() {
		seen[e.Link] = true
	}
	edges := m.Edges()
	for _, link := range edges {
		require.True(t, seen[link], "no call on %s", link)
	}
	require.Len(t, seen, len(edges))
	t.Logf("%d edges of the named applications", len(edges))
}

// TestSizeOfALargeMesh bounds what the default of a load test makes.
func TestSizeOfALargeMesh(t *testing.T) {
	m := newMesh(t, 300, Config{Seed: 1, Namespaces: 50, Workloads: 20})
	began := time.Now()
	m.Advance(start.Add(315 * time.Second))
	advanced := time.Since(began)

	targets := m.Targets()
	series := 0
	for _, target := range targets {
		eachSeries(t, target, func([]byte, float64) { series++ })
	}
	edges := len(m.Edges())
	t.Logf("%d edges, %d targets, %d series exposed; 15 s of calls in %s", edges, len(targets), series, advanced)
	require.InDelta(t, 2800, edges, 150)
	require.Greater(t, series, 100_000)
	require.Less(t, series+5*len(targets), 130_000)
}

func TestConfigErrors(t *testing.T) {
	for _, tc := range []struct {
		config Config
		want   string
	}{
		{Config{Namespaces: -1}, "namespaces: -1 is not from 0 to 500"},
		{Config{Namespaces: 1, Workloads: 1}, "workloads: 1 is not from 2 to 200"},
		{
			Config{Faults: []Fault{{Kind: Errors, DestinationNamespace: "bookinfo", DestinationWorkload: "nobody", Value: 1}}},
			`fault "errors:bookinfo/nobody=1": unknown workload bookinfo/nobody: in bookinfo there are details-v1, mongodb-v1, productpage-v1, ratings-v1, reviews-v1, reviews-v2, reviews-v3`,
		},
	} {
		_, err := New(tc.config)
		require.EqualError(t, err, tc.want)
	}
}

func BenchmarkAdvanceLarge(b *testing.B) {
	m := newMesh(b, 60, Config{Seed: 1, Namespaces: 50, Workloads: 20})
	b.ResetTimer()
	for i := range b.N {
		m.Advance(start.Add(time.Duration(61+i) * time.Second))
	}
}

func BenchmarkWriteMetricsLarge(b *testing.B) {
	m := newMesh(b, 300, Config{Seed: 1, Namespaces: 50, Workloads: 20})
	targets := m.Targets()
	b.ResetTimer()
	for range b.N {
		n := 0
		for _, target := range targets {
			var w counter
			_ = target.WriteMetrics(&w)
			n += int(w)
		}
		b.SetBytes(int64(n))
	}
}

type counter int

func (c *counter) Write(p []byte) (int, error) {
	*c += counter(len(p))
	return len(p), nil
}
