package truth_test

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"strings"

	"github.com/meshscope/meshscope/exporter/topology"
)

// drawn is a graph in words, an edge to a line:
//
//	shop/web -> shop/carts http: 590 × 200, 10 × 503 UF; by source; mTLS 100 %
//	shop/carts -> data/mongo tcp: 12 opened, 10 closed, 6000 B there, 9000 B back; by source; mTLS unknown
//
// Counts are those of the whole window.
func drawn(g *topology.Graph) []string {
	lines := make([]string, len(g.Edges))
	for i, e := range g.Edges {
		lines[i] = fmt.Sprintf("%s -> %s %s: %s; by %s; mTLS %s",
			name(e.Source.Ref), name(e.Target.Ref), e.Protocol, counted(&e.Traffic), reporters(e), mutualTLS(&e.Traffic))
	}
	return lines
}

// name is a workload's namespace/name, and of other nodes the kind before it:
// "service shop/carts", "unknown" for a caller of which nothing is known. A
// cluster is told where it is not the only one that there is by default:
// "shop/carts in east".
func name(r topology.Ref) string {
	var b strings.Builder
	if r.Kind != topology.KindWorkload {
		b.WriteString(string(r.Kind) + " ")
	}
	if r.Kind != topology.KindUnknown && r.Kind != topology.KindNamespace && r.Kind != topology.KindCluster {
		b.WriteString(cmp.Or(r.Namespace, topology.Unknown) + "/")
	}
	b.WriteString(r.Name)
	if r.Version != "" {
		b.WriteString(" " + r.Version)
	}
	if r.Cluster != "" && r.Cluster != "Kubernetes" {
		b.WriteString(" in " + r.Cluster)
	}
	return strings.TrimSpace(b.String())
}

func counted(t *topology.Traffic) string {
	var parts []string
	for _, r := range t.Responses() {
		if n := t.Requests[r]; n > 0 {
			words := []string{number(n), "×", cmp.Or(r.Code, "no code")}
			if r.GRPCStatus != "" {
				words = append(words, "grpc "+r.GRPCStatus)
			}
			parts = append(parts, strings.TrimSpace(strings.Join(append(words, r.Flags), " ")))
		}
	}
	there, back := t.TCPBytes()
	for _, of := range []struct {
		n    float64
		what string
	}{{t.Opened, " opened"}, {t.Closed, " closed"}, {there, " B there"}, {back, " B back"}} {
		if of.n > 0 {
			parts = append(parts, number(of.n)+of.what)
		}
	}
	if len(parts) == 0 {
		return "nothing"
	}
	return strings.Join(parts, ", ")
}

func reporters(e *topology.Edge) string {
	names := make([]string, len(e.Reporters))
	for i, r := range e.Reporters {
		names[i] = r.String()
	}
	return strings.Join(names, " and ")
}

func mutualTLS(t *topology.Traffic) string {
	share, ok := t.MutualTLSShare()
	if !ok {
		return topology.Unknown
	}
	return number(100*share) + " %"
}

// number has no more digits than what extrapolation leaves right.
func number(v float64) string { return fmt.Sprint(math.Round(v*1e6) / 1e6) }

// figures are all numbers of some traffic by what they count.
func figures(t *topology.Traffic) map[string]float64 {
	by := map[string]float64{
		"opened": t.Opened, "closed": t.Closed, "request bytes": t.RequestBytes, "response bytes": t.ResponseBytes,
		"request messages": t.RequestMessages, "response messages": t.ResponseMessages,
	}
	for r, n := range t.Requests {
		by[fmt.Sprintf("requests %s %s %s", r.Code, r.GRPCStatus, r.Flags)] = n
	}
	for flags, n := range t.TCPRequestBytes {
		by["tcp request bytes "+flags] = n
	}
	for flags, n := range t.TCPResponseBytes {
		by["tcp response bytes "+flags] = n
	}
	for policy, n := range t.Secured {
		by["secured "+string(policy)] = n
	}
	if h := t.Latency; h != nil {
		by["seconds"] = h.Sum
		for i, bound := range h.Bounds {
			by[fmt.Sprint("latency ", bound)] = h.Cumulative[i]
		}
	}
	maps.DeleteFunc(by, func(_ string, n float64) bool { return n == 0 })
	return by
}
