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
func SortFlows(flows []Flow) {
	slices.SortFunc(flows, func(a, b Flow) int {
		return cmp.Or(
			a.Key.Compare(b.Key),
			strings.Compare(string(a.Protocol), string(b.Protocol)),
			cmp.Compare(a.Reporter, b.Reporter),
		)
	})
}
