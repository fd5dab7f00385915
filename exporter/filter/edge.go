package filter

import (
	"cmp"
	"math"
	"slices"

	"github.com/meshscope/meshscope/exporter/topology"
)

// edgeFields are the fields of an edge, which is what one node calls of
// another by one protocol. Those that the graph has as JSON too have its names
// and mean the same.
var edgeFields = []field[*topology.Edge]{
	textOf("protocol", func(e *topology.Edge) string { return string(e.Protocol) }),
	numberOf("requestRate", func(s *scope, e *topology.Edge) float64 { return s.requestRate(&e.Traffic) }),
	numberOf("errorRatio", func(_ *scope, e *topology.Edge) float64 { return outcomes{e}.ratio(topology.Outcome.IsError) }),
	numberOf("ratio3xx", func(_ *scope, e *topology.Edge) float64 { return outcomes{e}.ratioOf(topology.Redirect) }),
	numberOf("ratio4xx", func(_ *scope, e *topology.Edge) float64 { return outcomes{e}.ratioOf(topology.ClientError) }),
	numberOf("ratio5xx", func(_ *scope, e *topology.Edge) float64 { return outcomes{e}.ratioOf(topology.ServerError) }),
	numberOf("ratioGRPCError", func(_ *scope, e *topology.Edge) float64 { return outcomes{e}.ratioOf(topology.GRPCError) }),
	numberOf("ratioNoResponse", func(_ *scope, e *topology.Edge) float64 { return outcomes{e}.ratioOf(topology.NoResponse) }),
	numberOf("health", func(_ *scope, e *topology.Edge) float64 { return healthValue(e.Verdict) }),
	numberOf("share", func(_ *scope, e *topology.Edge) float64 { return shareOf(e) }),
	numberOf("avg", func(_ *scope, e *topology.Edge) float64 { return e.Traffic.Latency.Mean() }),
	numberOf("p50", func(_ *scope, e *topology.Edge) float64 { return e.Traffic.Latency.Quantile(.5) }),
	numberOf("p95", func(_ *scope, e *topology.Edge) float64 { return e.Traffic.Latency.Quantile(.95) }),
	numberOf("p99", func(_ *scope, e *topology.Edge) float64 { return e.Traffic.Latency.Quantile(.99) }),
	numberOf("requestBytesRate", func(s *scope, e *topology.Edge) float64 {
		request, _ := e.Traffic.TCPBytes()
		return s.reported(e.Traffic.RequestBytes + request)
	}),
	numberOf("responseBytesRate", func(s *scope, e *topology.Edge) float64 {
		_, response := e.Traffic.TCPBytes()
		return s.reported(e.Traffic.ResponseBytes + response)
	}),
	numberOf("requestMessagesRate", func(s *scope, e *topology.Edge) float64 { return s.reported(e.Traffic.RequestMessages) }),
	numberOf("responseMessagesRate", func(s *scope, e *topology.Edge) float64 { return s.reported(e.Traffic.ResponseMessages) }),
	numberOf("connectionsOpenedRate", func(s *scope, e *topology.Edge) float64 { return s.reported(e.Traffic.Opened) }),
	numberOf("connectionsClosedRate", func(s *scope, e *topology.Edge) float64 { return s.reported(e.Traffic.Closed) }),
	numberOf("mutualTLSShare", func(_ *scope, e *topology.Edge) float64 { return mutualTLSShare(&e.Traffic) }),
	textOf("sourcePrincipal", func(e *topology.Edge) string { return topology.Busiest(e.Traffic.SourcePrincipals) }),
	textOf("destinationPrincipal", func(e *topology.Edge) string { return topology.Busiest(e.Traffic.DestinationPrincipals) }),
	listOf("services", servicesOf),
	listOf("codes", codesOf),
	listOf("grpcStatuses", grpcStatusesOf),
	listOf("flags", flagsOf),
	listOf("reporters", func(e *topology.Edge) (all []string) {
		for _, r := range e.Reporters {
			all = append(all, r.String())
		}
		return all
	}),
	flagOf("hasTraffic", func(_ *scope, e *topology.Edge) bool { return e.Traffic.Activity() > 0 }),
}

// outcomes are how an edge's requests ended.
type outcomes struct{ *topology.Edge }

func (o outcomes) ratioOf(one topology.Outcome) float64 {
	return o.ratio(func(other topology.Outcome) bool { return other == one })
}

// ratio is the part of the requests that is of a sort, NaN without requests.
func (o outcomes) ratio(is func(topology.Outcome) bool) float64 {
	part, all := 0.0, 0.0
	for outcome, n := range o.Traffic.Outcomes(o.Protocol) {
		all += n
		if is(topology.Outcome(outcome)) {
			part += n
		}
	}
	return part / all
}

func shareOf(e *topology.Edge) float64 {
	share, ok := e.Share()
	if !ok {
		return math.NaN()
	}
	return share
}

func mutualTLSShare(t *topology.Traffic) float64 {
	share, ok := t.MutualTLSShare()
	if !ok {
		return math.NaN()
	}
	return share
}

// servicesOf are the hosts that were called.
func servicesOf(e *topology.Edge) (all []string) {
	for _, s := range e.Services {
		if host := cmp.Or(s.Host, s.Name); host != "" && !slices.Contains(all, host) {
			all = append(all, host)
		}
	}
	return all
}

// codesOf, grpcStatusesOf and flagsOf are those that calls of the interval
// ended with: one that was counted before, and not now, is not among them.

func codesOf(e *topology.Edge) []string {
	return ended(e, func(r topology.Response) string { return published(r.Code) })
}

func grpcStatusesOf(e *topology.Edge) []string {
	return ended(e, func(r topology.Response) string { return r.GRPCStatus })
}

func flagsOf(e *topology.Edge) []string {
	all := ended(e, func(r topology.Response) string { return r.Flags })
	for _, by := range [...]map[string]float64{e.Traffic.TCPRequestBytes, e.Traffic.TCPResponseBytes} {
		for flags, n := range by {
			if n > 0 && flags != "" && !slices.Contains(all, flags) {
				all = append(all, flags)
			}
		}
	}
	return all
}

func ended(e *topology.Edge, with func(topology.Response) string) (all []string) {
	for r, n := range e.Traffic.Requests {
		if value := with(r); n > 0 && value != "" && !slices.Contains(all, value) {
			all = append(all, value)
		}
	}
	return all
}
