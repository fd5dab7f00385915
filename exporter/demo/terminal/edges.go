package terminal

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/prometheus/prometheus/promql"
)

// Source evaluates an expression that yields a vector, at one time.
type Source interface {
	Instant(ctx context.Context, expression string, at time.Time) (promql.Vector, error)
}

// Edge is a line of the table. Numbers that are not known are NaN.
type Edge struct {
	// Source and Destination are namespace/workload, or service where no
	// workload is known.
	Source, Destination string
	// Protocol is http, grpc or tcp.
	Protocol string
	// Rate is in requests per second, and in bytes per second for tcp.
	Rate float64
	// ErrorRatio is the share of requests that failed, 0 to 1: no answer, 4xx,
	// 5xx, or a gRPC status other than 0.
	ErrorRatio float64
	// P95 is the 95th percentile of the time to the answer, in seconds.
	P95 float64
	// Secured is the share of traffic with mutual TLS, 0 to 1.
	Secured float64
}

// labels identify an edge in each query.
const labels = "source_workload_namespace, source_workload, destination_workload_namespace, destination_workload, " +
	"destination_service_namespace, destination_service_name"

// The queries of the table, over the last minute.
var (
	requestRate = `sum by (` + labels + `, request_protocol) (rate(meshscope_edge_requests_total[1m]))`
	errorRate   = `sum by (` + labels + `, request_protocol) (
		rate(meshscope_edge_requests_total{response_code=~"0|-|[45].."}[1m])
		or rate(meshscope_edge_requests_total{grpc_response_status=~"[1-9]|1[0-6]"}[1m]))`
	latency95 = `histogram_quantile(0.95, sum by (` + labels + `, request_protocol, le) (rate(meshscope_edge_request_duration_seconds_bucket[3m])))`
	byteRate  = `sum by (` + labels + `) (
		rate(meshscope_edge_tcp_request_bytes_total[1m]) + rate(meshscope_edge_tcp_response_bytes_total[1m]))`
	known = `sum by (` + labels + `, request_protocol) (rate(meshscope_edge_secured_total{connection_security_policy!="unknown"}[5m]))`
	// An edge without any mutual TLS has no series of it, and a share of 0.
	secured = `(sum by (` + labels + `, request_protocol) (rate(meshscope_edge_secured_total{connection_security_policy="mutual_tls"}[5m])) or 0 * ` + known + `)
		/ (` + known + ` > 0)`
)

// Edges reads the edges with traffic in the minute before a time: those that
// fail first, then the busiest.
func Edges(ctx context.Context, source Source, at time.Time) ([]Edge, error) {
	found := map[string]*Edge{}
	for _, q := range []struct {
		expression string
		set        func(e *Edge, v float64)
	}{
		{requestRate, func(e *Edge, v float64) { e.Rate, e.ErrorRatio = v, 0 }},
		{byteRate, func(e *Edge, v float64) { e.Rate = v }},
		{errorRate, func(e *Edge, v float64) { e.ErrorRatio = v / e.Rate }},
		{latency95, func(e *Edge, v float64) { e.P95 = v }},
		{secured, func(e *Edge, v float64) { e.Secured = v }},
	} {
		vector, err := source.Instant(ctx, q.expression, at)
		if err != nil {
			return nil, fmt.Errorf("reading the edges: %w", err)
		}
		for _, s := range vector {
			e := edgeOf(s)
			key := e.Source + " " + e.Destination + " " + e.Protocol
			if known, ok := found[key]; ok {
				e = known
			} else {
				found[key] = e
			}
			q.set(e, s.F)
		}
	}

	edges := make([]Edge, 0, len(found))
	for _, e := range found {
		if e.Rate > 0 {
			edges = append(edges, *e)
		}
	}
	slices.SortFunc(edges, func(a, b Edge) int {
		return cmp.Or(
			-cmp.Compare(a.severity(), b.severity()),
			-cmp.Compare(a.order(), b.order()),
			strings.Compare(a.Source, b.Source),
			strings.Compare(a.Destination, b.Destination),
			strings.Compare(a.Protocol, b.Protocol),
		)
	})
	return edges, nil
}

func edgeOf(s promql.Sample) *Edge {
	e := &Edge{
		Source:      s.Metric.Get("source_workload_namespace") + "/" + s.Metric.Get("source_workload"),
		Destination: s.Metric.Get("destination_workload_namespace") + "/" + s.Metric.Get("destination_workload"),
		Protocol:    s.Metric.Get("request_protocol"),
		Rate:        math.NaN(), ErrorRatio: math.NaN(), P95: math.NaN(), Secured: math.NaN(),
	}
	if w := s.Metric.Get("source_workload"); w == "" || w == "unknown" {
		e.Source = "unknown"
	}
	if w := s.Metric.Get("destination_workload"); w == "" || w == "unknown" {
		e.Destination = s.Metric.Get("destination_service_name")
		if namespace := s.Metric.Get("destination_service_namespace"); namespace != "" && namespace != "unknown" {
			e.Destination = namespace + "/" + e.Destination
		}
		e.Destination += " (service)"
	}
	if e.Protocol == "" {
		e.Protocol = "tcp"
	}
	return e
}

// severity is 2 for a failing edge, 1 for one with errors worth a look.
func (e Edge) severity() int {
	switch {
	case e.ErrorRatio >= 0.1:
		return 2
	case e.ErrorRatio >= 0.02:
		return 1
	default:
		return 0
	}
}

// order puts connections after requests, as bytes are no calls.
func (e Edge) order() float64 {
	if e.Protocol == "tcp" {
		return e.Rate / 1e12
	}
	return e.Rate
}
