package filter

import (
	"math"

	"github.com/meshscope/meshscope/exporter/topology"
)

// nodeFields are the fields of a node. Its numbers are of all its edges,
// whichever of these are shown (T4).
var nodeFields = []field[*topology.Node]{
	textOf("kind", func(n *topology.Node) string { return string(n.Kind) }),
	textOf("cluster", clusterOf),
	textOf("namespace", namespaceOf),
	textOf("name", func(n *topology.Node) string { return published(n.Name) }),
	textOf("workload", func(n *topology.Node) string { return n.Workload }),
	textOf("app", func(n *topology.Node) string { return n.App }),
	textOf("version", func(n *topology.Node) string { return n.Version }),
	textOf("service", func(n *topology.Node) string { return n.Service }),
	textOf("operation", operationOf),
	numberOf("requestRateIn", func(s *scope, n *topology.Node) float64 { return s.rate(n.In, calls, topology.HTTP, topology.GRPC) }),
	numberOf("requestRateOut", func(s *scope, n *topology.Node) float64 { return s.rate(n.Out, calls, topology.HTTP, topology.GRPC) }),
	numberOf("httpIn", func(s *scope, n *topology.Node) float64 { return s.rate(n.In, calls, topology.HTTP) }),
	numberOf("httpOut", func(s *scope, n *topology.Node) float64 { return s.rate(n.Out, calls, topology.HTTP) }),
	numberOf("grpcIn", func(s *scope, n *topology.Node) float64 { return s.rate(n.In, calls, topology.GRPC) }),
	numberOf("grpcOut", func(s *scope, n *topology.Node) float64 { return s.rate(n.Out, calls, topology.GRPC) }),
	numberOf("tcpIn", func(s *scope, n *topology.Node) float64 { return s.rate(n.In, tcpRequestBytes, topology.TCP) }),
	numberOf("tcpOut", func(s *scope, n *topology.Node) float64 { return s.rate(n.Out, tcpRequestBytes, topology.TCP) }),
	numberOf("errorRatioIn", func(_ *scope, n *topology.Node) float64 { return errorRatio(n.In) }),
	numberOf("errorRatioOut", func(_ *scope, n *topology.Node) float64 { return errorRatio(n.Out) }),
	numberOf("avgIn", func(_ *scope, n *topology.Node) float64 { return latency(n.In).Mean() }),
	numberOf("p50In", func(_ *scope, n *topology.Node) float64 { return latency(n.In).Quantile(.5) }),
	numberOf("p95In", func(_ *scope, n *topology.Node) float64 { return latency(n.In).Quantile(.95) }),
	numberOf("p99In", func(_ *scope, n *topology.Node) float64 { return latency(n.In).Quantile(.99) }),
	numberOf("mutualTLSShareIn", func(_ *scope, n *topology.Node) float64 { return securedShare(n.In) }),
	numberOf("callers", func(s *scope, n *topology.Node) float64 { return s.degreeOf(n).callers }),
	numberOf("callees", func(s *scope, n *topology.Node) float64 { return s.degreeOf(n).callees }),
	numberOf("rankIn", func(s *scope, n *topology.Node) float64 { return s.degreeOf(n).rankIn }),
	numberOf("rankOut", func(s *scope, n *topology.Node) float64 { return s.degreeOf(n).rankOut }),
	numberOf("rank", func(s *scope, n *topology.Node) float64 { return s.degreeOf(n).rank }),
	flagOf("root", func(_ *scope, n *topology.Node) bool { return n.Root() }),
	flagOf("outside", func(s *scope, n *topology.Node) bool { return s.selection.Outside(n) }),
	flagOf("inaccessible", func(_ *scope, n *topology.Node) bool { return n.Inaccessible() }),
	flagOf("idle", func(_ *scope, n *topology.Node) bool { return !n.Active() }),
	flagOf("waypoint", func(_ *scope, n *topology.Node) bool { return n.Waypoint }),
	flagOf("injected", func(_ *scope, n *topology.Node) bool { return n.Injected }),
	numberOf("health", func(_ *scope, n *topology.Node) float64 { return healthValue(n.Verdict) }),
	flagOf("healthy", func(_ *scope, n *topology.Node) bool { return healthValue(n.Verdict) == 0 }),
	textOf("objectKind", func(n *topology.Node) string { return objectOf(n).Kind }),
	textOf("dataplane", func(n *topology.Node) string { return string(objectOf(n).Dataplane) }),
	labelsOf("labels", func(n *topology.Node) map[string]string { return objectOf(n).Labels }),
	numberOf("replicasDesired", func(_ *scope, n *topology.Node) float64 {
		return pods(n, func(r topology.Replicas) int { return r.Desired })
	}),
	numberOf("replicasAvailable", func(_ *scope, n *topology.Node) float64 {
		return pods(n, func(r topology.Replicas) int { return r.Available })
	}),
	flagOf("dead", func(_ *scope, n *topology.Node) bool { return n.Dead() }),
	flagOf("outOfMesh", func(_ *scope, n *topology.Node) bool { return n.Object.OutOfMesh() }),
	flagOf("gateway", func(_ *scope, n *topology.Node) bool { return objectOf(n).Gateway != nil }),
	flagOf("serviceEntry", func(_ *scope, n *topology.Node) bool { return objectOf(n).ServiceEntry != nil }),
	flagOf("workloadEntry", func(_ *scope, n *topology.Node) bool { return len(objectOf(n).WorkloadEntries) > 0 }),
	flagOf("virtualService", func(_ *scope, n *topology.Node) bool { return len(objectOf(n).VirtualServiceHosts) > 0 }),
	flagOf("circuitBreaker", func(_ *scope, n *topology.Node) bool { return objectOf(n).CircuitBreaker }),
	flagOf("faultInjection", func(_ *scope, n *topology.Node) bool { return objectOf(n).FaultInjection }),
	flagOf("mirroring", func(_ *scope, n *topology.Node) bool { return objectOf(n).Mirroring }),
	flagOf("requestRouting", func(_ *scope, n *topology.Node) bool { return objectOf(n).RequestRouting }),
	flagOf("requestTimeout", func(_ *scope, n *topology.Node) bool { return objectOf(n).RequestTimeout }),
	flagOf("trafficShifting", func(_ *scope, n *topology.Node) bool { return objectOf(n).TrafficShifting }),
	flagOf("tcpTrafficShifting", func(_ *scope, n *topology.Node) bool { return objectOf(n).TCPTrafficShifting }),
}

// clusterOf is the cluster that a node is in, or is.
func clusterOf(n *topology.Node) string {
	if n.Kind == topology.KindCluster {
		return published(n.Name)
	}
	return published(n.Cluster)
}

// namespaceOf is the namespace that a node is in, or is; a cluster has none.
func namespaceOf(n *topology.Node) string {
	switch n.Kind {
	case topology.KindNamespace:
		return published(n.Name)
	case topology.KindCluster:
		return ""
	}
	return published(n.Namespace)
}

// operationOf is empty of nodes that are no operation.
func operationOf(n *topology.Node) string {
	if n.Kind == topology.KindOperation {
		return n.Name
	}
	return ""
}

// sides are the traffic of one direction, by protocol.
type sides = map[topology.Protocol]*topology.Traffic

// protocols are all, in the order in which sums are made (T4).
var protocols = [...]topology.Protocol{topology.HTTP, topology.GRPC, topology.TCP}

func calls(t *topology.Traffic) (n float64, reported bool) { return t.Total(), len(t.Requests) > 0 }

func tcpRequestBytes(t *topology.Traffic) (n float64, reported bool) {
	n, _ = t.TCPBytes()
	return n, len(t.TCPRequestBytes) > 0
}

func errorRatio(by sides) float64 {
	errors, all := 0.0, 0.0
	for _, p := range protocols {
		if by[p] == nil {
			continue
		}
		for outcome, n := range by[p].Outcomes(p) {
			all += n
			if topology.Outcome(outcome).IsError() {
				errors += n
			}
		}
	}
	return errors / all // NaN without requests
}

// latency is the distribution of the durations of all requests, nil where none was read.
func latency(by sides) *topology.Histogram {
	var all *topology.Histogram
	for _, p := range protocols {
		switch {
		case by[p] == nil || by[p].Latency == nil:
		case all == nil:
			all = by[p].Latency
		default:
			all = all.Clone()
			all.Merge(by[p].Latency)
		}
	}
	return all
}

// securedShare is of all protocols, weighted by their calls (T3).
func securedShare(by sides) float64 {
	var all topology.Traffic
	for _, p := range protocols {
		if by[p] == nil {
			continue
		}
		for policy, n := range by[p].Secured {
			all.AddSecured(policy, n)
		}
	}
	return mutualTLSShare(&all)
}

// perSecond is NaN for an interval without a length.
func (s *scope) perSecond(n float64) float64 {
	if !(s.seconds > 0) {
		return math.NaN()
	}
	return n / s.seconds
}

// reported is the rate of something that is a plain number in Traffic: 0 there
// is also what was never reported.
func (s *scope) reported(n float64) float64 {
	if n == 0 {
		return math.NaN()
	}
	return s.perSecond(n)
}

func (s *scope) requestRate(t *topology.Traffic) float64 {
	n, reported := calls(t)
	if !reported {
		return math.NaN()
	}
	return s.perSecond(n)
}

// rate sums what of says of some protocols' traffic; NaN where none of it was reported.
func (s *scope) rate(by sides, of func(*topology.Traffic) (float64, bool), over ...topology.Protocol) float64 {
	sum, known := 0.0, false
	for _, p := range over {
		if t := by[p]; t != nil {
			n, reported := of(t)
			sum, known = sum+n, known || reported
		}
	}
	if !known {
		return math.NaN()
	}
	return s.perSecond(sum)
}
