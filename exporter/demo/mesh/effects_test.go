package mesh

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// labelled is a match of labels.
type labelled = map[string]string

// edgeOf matches the calls of one workload to a service.
func edgeOf(reporter, source, service string, more ...string) labelled {
	match := labelled{"reporter": reporter, "source_workload": source, "destination_service_name": service}
	for i := 0; i < len(more); i += 2 {
		match[more[i]] = more[i+1]
	}
	return match
}

const requests, opened = "istio_requests_total", "istio_tcp_connections_opened_total"

// TestReporters checks who tells what, as istio-metrics.md has it.
func TestReporters(t *testing.T) {
	all := snapshotOf(t, newMesh(t, 900, Config{Seed: 4}))
	total := func(metric string, match labelled) float64 { return all.sum(metric, match)[""] }

	t.Run("two sidecars agree", func(t *testing.T) {
		source := all.sum(requests, edgeOf("source", "productpage-v1", "details"), "response_code", "response_flags")
		require.Equal(t, source, all.sum(requests, edgeOf("destination", "productpage-v1", "details"), "response_code", "response_flags"))
		require.Greater(t, source["200 -"], 900*12*0.8)
	})
	t.Run("only the server tells of a client outside", func(t *testing.T) {
		require.Positive(t, total(requests, labelled{"reporter": "destination", "source_workload": unknown, "destination_workload": "frontend"}))
		require.Zero(t, total(requests, labelled{"source_workload": "loadgenerator"}))
	})
	t.Run("only the client tells of a host outside", func(t *testing.T) {
		got := all.sum(requests, labelled{"destination_service_name": "api.stripe.com"}, "reporter", "destination_workload", "destination_cluster")
		require.Len(t, got, 1)
		require.Positive(t, got["source unknown unknown"])
		got = all.sum(requests, labelled{"destination_service_name": "PassthroughCluster"}, "reporter", "destination_service", "destination_service_namespace")
		require.Len(t, got, 1)
		require.Positive(t, got["source unknown unknown"])
	})
	t.Run("retried calls are one at the client", func(t *testing.T) {
		calls, attempts := total(requests, edgeOf("source", "frontend", "adservice")), total(requests, edgeOf("destination", "frontend", "adservice"))
		require.InDelta(t, calls*1.04, attempts, calls*0.01)
		require.Positive(t, total(requests, edgeOf("destination", "frontend", "adservice", "response_code", "503")))
	})
	t.Run("a timeout looks different at the server", func(t *testing.T) {
		require.Positive(t, total(requests, edgeOf("source", "productpage-v1", "reviews", "response_code", "504", "response_flags", "UT")))
		require.Zero(t, total(requests, edgeOf("destination", "productpage-v1", "reviews", "response_code", "504")))
	})
	t.Run("another cluster is unknown to the client", func(t *testing.T) {
		require.Equal(t, []string{unknown}, keys(all.sum(requests, edgeOf("source", "frontend", "currencyservice"), "destination_cluster")))
		require.Equal(t, []string{"west"}, keys(all.sum(requests, edgeOf("destination", "frontend", "currencyservice"), "destination_cluster")))
	})
	t.Run("Envoy at the client does not know the policy", func(t *testing.T) {
		policies := all.sum(requests, nil, "reporter", "connection_security_policy")
		require.ElementsMatch(t, []string{"source unknown", "destination mutual_tls", "destination none", "waypoint mutual_tls"}, keys(policies))
		require.Equal(t, []string{"mutual_tls"}, keys(all.sum(opened, labelled{"source_workload": "catalogue"}, "connection_security_policy")))
	})
	t.Run("gRPC alone has a status and messages", func(t *testing.T) {
		require.NotContains(t, keys(all.sum(requests, labelled{"request_protocol": "grpc"}, "grpc_response_status")), "")
		require.Equal(t, []string{""}, keys(all.sum(requests, labelled{"request_protocol": "http"}, "grpc_response_status")))
		require.Equal(t, []string{"grpc"}, keys(all.sum("istio_request_messages_total", nil, "request_protocol")))
		require.Equal(t, []string{""}, keys(all.sum("istio_request_messages_total", nil, "response_flags")))
	})
	t.Run("a waypoint tells of requests, ztunnels of its two hops", func(t *testing.T) {
		require.Equal(t, []string{"waypoint"}, keys(all.sum(requests, labelled{"source_workload": "front-end", "destination_workload": "carts"}, "reporter")))
		hops := all.sum(opened, labelled{"destination_service": "carts.sock-shop.svc.cluster.local"}, "reporter", "source_workload", "destination_workload")
		require.ElementsMatch(t, []string{"source front-end waypoint", "source orders waypoint", "destination waypoint carts"}, keys(hops))
	})
	t.Run("databases are connections that both ztunnels tell of", func(t *testing.T) {
		hops := all.sum("istio_tcp_received_bytes_total", labelled{"destination_workload": "carts-db"}, "reporter")
		require.ElementsMatch(t, []string{"source", "destination"}, keys(hops))
		require.Equal(t, hops["source"], hops["destination"])
	})
	t.Run("the gateway calls ambient pods past the waypoint", func(t *testing.T) {
		require.Equal(t, []string{"source"}, keys(all.sum(requests, edgeOf("source", gatewayName, "front-end"), "reporter")))
		require.Equal(t, []string{"destination"}, keys(all.sum(opened, labelled{"source_workload": gatewayName}, "reporter")))
	})
}

// TestFaultEffects checks what each kind of fault changes in the metrics.
func TestFaultEffects(t *testing.T) {
	faulty := func(t *testing.T, fault string) snapshot {
		m := newMesh(t, 0, Config{Seed: 6})
		set(t, m, fault)
		m.Advance(start.Add(300 * time.Second))
		return snapshotOf(t, m)
	}
	t.Run("errors", func(t *testing.T) {
		all := faulty(t, "errors:bookinfo/reviews-v2->bookinfo/ratings-v1=0.5")
		for _, reporter := range []string{"source", "destination"} {
			got := all.sum(requests, edgeOf(reporter, "reviews-v2", "ratings"), "response_code")
			require.InDelta(t, 0.5, got["503"]/(got["503"]+got["200"]), 0.05, reporter)
		}
		require.Less(t, all.sum(requests, edgeOf("source", "reviews-v3", "ratings"), "response_code")["503"], 50.0)
	})
	t.Run("errors of a critical call reach its client's callers", func(t *testing.T) {
		all := faulty(t, "errors:online-boutique/paymentservice=1")
		got := all.sum(requests, edgeOf("source", "frontend", "checkoutservice"), "grpc_response_status")
		require.Equal(t, []string{"13"}, keys(got))
		got = all.sum(requests, labelled{"destination_workload": "frontend"}, "response_code")
		require.Greater(t, got["500"], got["200"])
	})
	t.Run("errors of a call that some calls take reach as many", func(t *testing.T) {
		all := faulty(t, "errors:bookinfo/ratings-v1=1")
		failed := func(match labelled) float64 {
			got := all.sum(requests, match, "response_code")
			return got["500"] / (got["500"] + got["200"])
		}
		for reviews, want := range map[string]float64{"reviews-v1": 0, "reviews-v2": 1, "reviews-v3": 1} {
			require.Equal(t, want, failed(edgeOf("destination", "productpage-v1", "reviews", "destination_workload", reviews)), reviews)
		}
		require.InDelta(t, 2.0/3, failed(edgeOf("source", gatewayName, "productpage")), 0.03, "two thirds")
		require.Less(t, failed(edgeOf("source", "productpage-v1", "details")), 0.01, "it is called all the same")
	})
	t.Run("errors of connections", func(t *testing.T) {
		all := faulty(t, "errors:bookinfo/mongodb-v1=1")
		require.Equal(t, []string{"source UF"}, keys(all.sum(opened, labelled{"destination_service_name": "mongodb"}, "reporter", "response_flags")))
		all = faulty(t, "errors:sock-shop/carts-db=1")
		require.Equal(t, []string{"source CONNECT"}, keys(all.sum(opened, labelled{"destination_service_name": "carts-db"}, "reporter", "response_flags")))
	})
	t.Run("latency", func(t *testing.T) {
		all := faulty(t, "latency:bookinfo/details-v1=400")
		for _, reporter := range []string{"source", "destination"} {
			match := edgeOf(reporter, "productpage-v1", "details")
			sum, count := all.sum("istio_request_duration_milliseconds_sum", match)[""], all.sum("istio_request_duration_milliseconds_count", match)[""]
			require.InDelta(t, 405, sum/count, 5, reporter)
		}
	})
	t.Run("no endpoints", func(t *testing.T) {
		all := faulty(t, "no-endpoints:bookinfo/details-v1")
		got := all.sum(requests, labelled{"destination_service_name": "details"}, "reporter", "destination_workload", "destination_service_namespace", "response_code", "response_flags")
		require.Equal(t, []string{"source unknown bookinfo 503 UH"}, keys(got))
		// Older proxies lose the namespace with the peer; gRPC clients get 200.
		all = faulty(t, "no-endpoints:online-boutique/cartservice")
		got = all.sum(requests, labelled{"destination_service_name": "cartservice"}, "destination_workload", "destination_service_namespace", "response_code", "grpc_response_status", "response_flags")
		require.Equal(t, []string{"unknown unknown 200 14 UH"}, keys(got))
	})
	t.Run("plaintext", func(t *testing.T) {
		all := faulty(t, "plaintext:bookinfo/productpage-v1->bookinfo/details-v1")
		got := all.sum(requests, labelled{"destination_service_name": "details"}, "reporter", "connection_security_policy", "source_principal", "destination_principal")
		require.ElementsMatch(t, []string{"source unknown unknown unknown", "destination none unknown unknown"}, keys(got))
	})
	t.Run("new dependency", func(t *testing.T) {
		m := newMesh(t, 0, Config{Seed: 6})
		before := len(m.Edges())
		set(t, m, "new-dependency:bookinfo/details-v1->bookinfo/ratings-v1=5")
		require.Len(t, m.Edges(), before+1)
		m.Advance(start.Add(300 * time.Second))
		calls := snapshotOf(t, m).sum(requests, edgeOf("source", "details-v1", "ratings"))[""]
		require.InDelta(t, 1500, calls, 200)
		require.NoError(t, m.Clear())
		m.Advance(start.Add(400 * time.Second))
		require.Equal(t, calls, snapshotOf(t, m).sum(requests, edgeOf("source", "details-v1", "ratings"))[""])
	})
	t.Run("restart", func(t *testing.T) {
		m := newMesh(t, 300, Config{Seed: 6})
		before := m.Targets()
		set(t, m, "restart:bookinfo/productpage-v1")
		after := m.Targets()
		require.Len(t, after, len(before))
		for _, target := range after {
			if target.App == "productpage" {
				require.NotContains(t, before, target)
				require.Len(t, samples(t, target), 1, "nothing counted yet")
			}
		}
	})
	t.Run("reset", func(t *testing.T) {
		m := newMesh(t, 300, Config{Seed: 6})
		before := m.Targets()
		set(t, m, "reset:bookinfo/productpage-v1")
		require.Equal(t, before, m.Targets())
		for _, target := range before {
			if target.App == "productpage" {
				require.Len(t, samples(t, target), 1)
			}
		}
	})
	t.Run("scale to none", func(t *testing.T) {
		all := faulty(t, "scale:bookinfo/details-v1=0")
		require.Equal(t, []string{"UH"}, keys(all.sum(requests, labelled{"destination_service_name": "details"}, "response_flags")))
	})
}

func keys(sums map[string]float64) []string {
	found := make([]string, 0, len(sums))
	for key := range sums {
		found = append(found, key)
	}
	return found
}
