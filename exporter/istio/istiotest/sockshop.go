package istiotest

import (
	"encoding/json"
	"maps"
	"math"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// SockShopWindow is the time that SockShop's counters take to their totals.
const SockShopWindow = 10 * time.Minute

// kialiGraph is the part of an answer of Kiali's graph API that is read.
type kialiGraph struct {
	Duration float64
	Elements struct {
		Nodes []struct{ Data kialiNode }
		Edges []struct{ Data kialiEdge }
	}
}

type kialiNode struct {
	ID, NodeType, Cluster, Namespace, Workload, App, Version string
}

type kialiEdge struct {
	Source, Target, SourcePrincipal, DestPrincipal string
	ResponseTime, Throughput                       float64 `json:",string"`
	IsMTLS                                         string
	Traffic                                        struct {
		Protocol  string
		Rates     struct{ HTTP, HTTP5xx string }
		Responses map[string]struct{ Flags, Hosts map[string]string }
	}
}

// SockShop is the telemetry of which a real Kiali has drawn the service carts
// of Sock Shop: what the sidecars of front-end, orders and carts must have
// reported for its answer. Kiali tells rates and shares; these are turned into
// counters over the time that it looked at.
func SockShop(t testing.TB) (all []Series) {
	t.Helper()
	answer, err := os.ReadFile(Case(t, "sock-shop-graph.json"))
	require.NoError(t, err)
	var graph kialiGraph
	require.NoError(t, json.Unmarshal(answer, &graph))
	require.Equal(t, SockShopWindow.Seconds(), graph.Duration)
	nodes := map[string]kialiNode{}
	for _, n := range graph.Elements.Nodes {
		nodes[n.Data.ID] = n.Data
	}
	for _, e := range graph.Elements.Edges {
		source, target := nodes[e.Data.Source], nodes[e.Data.Target]
		if source.NodeType != "unknown" { // else it has no sidecar
			all = append(all, sockShopReport(t, "source", source.Workload, source, target, &e.Data, graph.Duration)...)
		}
		all = append(all, sockShopReport(t, "destination", target.Workload, source, target, &e.Data, graph.Duration)...)
	}
	require.NotEmpty(t, all)
	return all
}

// sockShopReport is what one sidecar says of one edge.
func sockShopReport(t testing.TB, reporter, sidecar string, source, target kialiNode, e *kialiEdge, seconds float64) (all []Series) {
	t.Helper()
	count := func(metric string, lbls map[string]string, total float64) {
		all = append(all, Series{Target: sidecar + ":15020", Text: text(metric, lbls), Total: total})
	}
	host := ""
	for _, response := range e.Traffic.Responses {
		for name := range response.Hosts {
			host = name
		}
	}
	name, rest, _ := strings.Cut(host, ".")
	namespace, _, _ := strings.Cut(rest, ".")
	common := map[string]string{
		"reporter":       reporter,
		"source_cluster": source.Cluster, "source_workload_namespace": source.Namespace, "source_workload": source.Workload,
		"source_canonical_service": source.App, "source_canonical_revision": source.Version, "source_principal": e.SourcePrincipal,
		"destination_cluster": target.Cluster, "destination_workload_namespace": target.Namespace, "destination_workload": target.Workload,
		"destination_canonical_service": target.App, "destination_canonical_revision": target.Version, "destination_principal": e.DestPrincipal,
		"destination_service": host, "destination_service_name": name, "destination_service_namespace": namespace,
		"request_protocol": e.Traffic.Protocol, "connection_security_policy": "unknown",
	}
	if reporter == "destination" { // Envoy does not know it at the source
		common["connection_security_policy"] = map[string]string{"100": "mutual_tls", "": "none"}[e.IsMTLS]
	}
	plus := func(pairs ...string) map[string]string {
		lbls := maps.Clone(common)
		for i := 0; i < len(pairs); i += 2 {
			lbls[pairs[i]] = pairs[i+1]
		}
		return lbls
	}

	// What the shares' one digit leaves over is given to the last response: the
	// rates have more digits.
	calls, left := number(t, e.Traffic.Rates.HTTP)*seconds, number(t, e.Traffic.Rates.HTTP)*seconds
	type response struct{ code, flags string }
	shares := map[response]float64{}
	for code, r := range e.Traffic.Responses {
		for flags, percent := range r.Flags {
			shares[response{code, flags}] = number(t, percent) / 100
		}
	}
	rarestFirst := slices.SortedFunc(maps.Keys(shares), func(a, b response) int {
		return strings.Compare(a.code+a.flags, b.code+b.flags)
	})
	slices.SortStableFunc(rarestFirst, func(a, b response) int { return int(1e3*shares[a]) - int(1e3*shares[b]) })
	for i, r := range rarestFirst {
		n := shares[r] * calls
		switch {
		case i == len(rarestFirst)-1:
			n = left
		case strings.HasPrefix(r.code, "5"):
			n = number(t, e.Traffic.Rates.HTTP5xx) * seconds
		}
		left -= n
		count("istio_requests_total", plus("response_code", r.code, "response_flags", r.flags), n)
	}

	for le, share := range latencyShares(e.ResponseTime) {
		count("istio_request_duration_milliseconds_bucket", plus("le", le), share*calls)
	}
	count("istio_request_duration_milliseconds_sum", common, e.ResponseTime/2*calls)
	count("istio_request_duration_milliseconds_count", common, calls)
	count("istio_response_bytes_sum", common, e.Throughput*seconds)
	count("istio_request_bytes_sum", common, e.Throughput*seconds/4)
	return all
}

// latencyShares are shares of requests by upper bound, in milliseconds, of
// which the 95th percentile is p95.
func latencyShares(p95 float64) map[string]float64 {
	bounds := []float64{0.5, 1, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10000, 30000, 60000, math.Inf(1)}
	i, _ := slices.BinarySearch(bounds, p95)
	// Between the bounds around it, p95 is at the fraction f. With a share of
	// below under the lower bound and of within under the upper one, it is there.
	f := (p95 - bounds[i-1]) / (bounds[i] - bounds[i-1])
	below, within := 0.0, 0.95/f
	if f < 0.95 {
		below, within = (0.95-f)/(1-f), 1
	}
	shares := map[string]float64{}
	for k, bound := range bounds {
		share := 1.0
		switch {
		case k < i:
			share = 0
			if k == i-1 {
				share = below
			}
		case k == i:
			share = within
		}
		le := strconv.FormatFloat(bound, 'g', -1, 64)
		if math.IsInf(bound, 1) {
			le = "+Inf"
		}
		shares[le] = share
	}
	return shares
}

func number(t testing.TB, s string) float64 {
	t.Helper()
	v, err := strconv.ParseFloat(s, 64)
	require.NoError(t, err)
	return v
}
