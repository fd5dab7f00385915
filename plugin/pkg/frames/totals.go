package frames

import (
	"maps"
	"math"
	"slices"

	"github.com/meshscope/meshscope/exporter/topology"
	"github.com/meshscope/meshscope/plugin/pkg/query"
)

// totals are the traffic of an edge, or of one side of a node, over the
// protocols that are shown. There may be thousands, of which most are cut: what
// only the drawn ones need is summed when it is asked for.
type totals struct {
	seconds  float64 // the length of the interval
	parts    []part  // in the order of protocols
	outcomes [topology.NumOutcomes]float64
	// tcp are connections, or a sign of life where none is known.
	tcp            float64
	sent, received float64 // bytes over TCP, client to server and back
	severity       topology.Severity
	histogram      *topology.Histogram // of latency, once asked for
}

// part is the traffic of one protocol.
type part struct {
	protocol topology.Protocol
	*topology.Traffic
}

// add adds one protocol's traffic.
func (t *totals) add(p topology.Protocol, traffic *topology.Traffic) {
	t.parts = append(t.parts, part{p, traffic})
	by := t.count(p, traffic)
	if p == topology.TCP {
		t.sent, t.received = traffic.TCPBytes()
		t.severity = max(t.severity, traffic.Severity(p))
		return
	}
	t.severity = max(t.severity, topology.SeverityOf(by))
}

// count adds what the ring is made of, and returns the outcomes of requests.
func (t *totals) count(p topology.Protocol, traffic *topology.Traffic) (by [topology.NumOutcomes]float64) {
	if p == topology.TCP {
		t.tcp += traffic.Activity()
		return by
	}
	by = traffic.Outcomes(p)
	for o, n := range by {
		t.outcomes[o] += n
	}
	return by
}

// totalsOf sums a side of a node.
func totalsOf(by map[topology.Protocol]*topology.Traffic, q query.Query, seconds float64) totals {
	t := totals{seconds: seconds}
	for _, p := range slices.Sorted(maps.Keys(by)) {
		if q.Shows(p) {
			t.add(p, by[p])
		}
	}
	return t
}

func (t *totals) empty() bool { return len(t.parts) == 0 }

func (t *totals) speaks(p topology.Protocol) bool {
	return slices.ContainsFunc(t.parts, func(x part) bool { return x.protocol == p })
}

func (t *totals) speaksRequests() bool { return t.speaks(topology.HTTP) || t.speaks(topology.GRPC) }

// requests is the number of calls, errors of those that failed.
func (t *totals) requests() (n, errors float64) {
	for o, calls := range t.outcomes {
		n += calls
		if topology.Outcome(o).IsError() {
			errors += calls
		}
	}
	return n, errors
}

// sum adds up what of says of each protocol's traffic.
func (t *totals) sum(of func(*topology.Traffic) float64) (n float64) {
	for _, p := range t.parts {
		n += of(p.Traffic)
	}
	return n
}

// latency is the distribution of the durations of all requests, nil where none
// was read.
func (t *totals) latency() *topology.Histogram {
	for _, p := range t.parts {
		switch {
		case t.histogram != nil || p.Latency == nil:
		case len(t.parts) == 1:
			t.histogram = p.Latency
		default:
			t.histogram = t.merged()
		}
	}
	return t.histogram
}

func (t *totals) merged() *topology.Histogram {
	var all topology.Histogram
	for _, p := range t.parts {
		all.Merge(p.Latency)
	}
	return &all
}

// mutualTLS is the part of the traffic that was mutual TLS; ok is false where
// no proxy knows.
func (t *totals) mutualTLS() (share float64, ok bool) {
	if len(t.parts) == 1 {
		return t.parts[0].MutualTLSShare()
	}
	var all topology.Traffic
	for _, p := range t.parts {
		for policy, n := range p.Secured {
			all.AddSecured(policy, n)
		}
	}
	return all.MutualTLSShare()
}

// load is how busy the traffic is, per second: for sizes alone.
func (t *totals) load() (n float64) {
	for _, p := range t.parts {
		n += p.Load(p.protocol)
	}
	return finite(n / t.seconds)
}

// finite is v, or 0 where it is no number.
func finite(v float64) float64 {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return 0
	}
	return v
}
