package topology

import (
	"cmp"
	"slices"
	"strings"
)

// Flow is the traffic of one edge and protocol, each call counted once.
type Flow struct {
	Key      EdgeKey
	Protocol Protocol
	Reporter Reporter // whose report it is
	Traffic  *Traffic
}

// SortFlows orders flows by edge, protocol and reporter.
func SortFlows(flows []Flow) { slices.SortFunc(flows, Flow.compare) }

func (f Flow) compare(o Flow) int {
	if c := f.Key.Compare(o.Key); c != 0 {
		return c
	}
	return cmp.Or(strings.Compare(string(f.Protocol), string(o.Protocol)), cmp.Compare(f.Reporter, o.Reporter))
}
