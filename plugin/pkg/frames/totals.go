package frames

import (
	"maps"
	"math"
	"slices"

	"github.com/meshscope/meshscope/exporter/topology"
	"github.com/meshscope/meshscope/plugin/pkg/query"
)

// totals are the traffic of an edge, or of one side of a node, summed over the
// protocols that are shown.
type totals struct {
	seconds   float64 // the length of the interval
	protocols []topology.Protocol
	traffic   topology.Traffic // of all protocols; not to be written to
	outcomes  [topology.NumOutcomes]float64
	tcp       float64 // TCP connections, or a sign of life where none is known
	severity  severity
}

// add adds one protocol's traffic.
func (t *totals) add(p topology.Protocol, traffic *topology.Traffic) {
	if len(t.protocols) == 0 {
		t.traffic = *traffic
	} else {
		merged := topology.Traffic{}
		merged.Merge(&t.traffic)
		merged.Merge(traffic)
		t.traffic = merged
	}
	t.protocols = append(t.protocols, p)
	if p == topology.TCP {
		t.tcp += traffic.Activity()
		t.severity = max(t.severity, ofConnections(traffic))
		return
	}
	by := traffic.Outcomes(p)
	for o, n := range by {
		t.outcomes[o] += n
	}
	t.severity = max(t.severity, ofRequests(by))
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

func (t *totals) empty() bool { return len(t.protocols) == 0 }

func (t *totals) speaks(p topology.Protocol) bool { return slices.Contains(t.protocols, p) }

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

// bytesPerCall is how many bytes over TCP weigh as much as one request where
// sizes and ranks need one number for both.
const bytesPerCall = 10_000

// load is how busy the traffic is, per second: for sizes and ranks alone.
func (t *totals) load() float64 {
	requests, _ := t.requests()
	sent, received := t.traffic.TCPBytes()
	return finite((requests + t.tcp + (sent+received)/bytesPerCall) / t.seconds)
}

// finite is v, or 0 where it is no number.
func finite(v float64) float64 {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return 0
	}
	return v
}
