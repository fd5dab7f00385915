package frames

import (
	"math"

	"github.com/meshscope/meshscope/exporter/topology"
)

// arc is one part of a node's ring.
type arc struct {
	name, label, hex string
	weight           func(*totals) float64
}

// arcs are the parts of the ring, the healthy one first.
var arcs = [...]arc{
	outcomeArc("2xx", topology.Success, green),
	outcomeArc("3xx", topology.Redirect, paleBlue),
	outcomeArc("4xx", topology.ClientError, orange),
	outcomeArc("5xx", topology.ServerError, red),
	outcomeArc("no_response", topology.NoResponse, darkRed),
	outcomeArc("grpc_ok", topology.GRPCOK, darkGreen),
	outcomeArc("grpc_error", topology.GRPCError, purple),
	{"arc__tcp", "tcp", blue, func(t *totals) float64 { return t.tcp }},
	outcomeArc("other", topology.OtherOutcome, gray),
}

func outcomeArc(name string, o topology.Outcome, hex string) arc {
	return arc{"arc__" + name, o.String(), hex, func(t *totals) float64 { return t.outcomes[o] }}
}

// arcs are the indices of the arcs that there are in the mesh, whatever is
// shown of it, for the legend to be of these; and the first in any case, for
// the panel to know what the ring is.
func (s *scene) arcs() (present []int) {
	for i := range arcs {
		if i == 0 || s.seen[i] {
			present = append(present, i)
		}
	}
	return present
}

func (s *scene) noteArcs(e *topology.Edge) {
	var t totals
	t.count(e.Protocol, &e.Traffic)
	for i := range arcs {
		s.seen[i] = s.seen[i] || arcs[i].weight(&t) != 0
	}
}

// ring is what each of arcs gets of a node's ring: all zero without traffic,
// else 1 in sum.
type ring [len(arcs)]float64

// grain is what parts of a ring are multiples of. Such numbers add up without
// rounding, in whatever order: the sum is 1 exactly.
const grain = 1.0 / (1 << 40)

func ringOf(t *totals) (r ring) {
	biggest := 0
	for i := range arcs {
		r[i] = max(0, finite(arcs[i].weight(t)))
		if r[i] > r[biggest] {
			biggest = i
		}
	}
	most, total := r[biggest], 0.0
	if most == 0 {
		return ring{}
	}
	for i := range r {
		r[i] /= most // the sum of large numbers may be none
		total += r[i]
	}
	rest := 1.0
	for i := range r {
		if i == biggest || r[i] == 0 {
			continue
		}
		// However few they are, they are seen: at least one grain.
		r[i] = max(grain, math.Round(r[i]/total/grain)*grain)
		rest -= r[i]
	}
	r[biggest] = rest
	return r
}
