package derived

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/meshscope/meshscope/exporter/promql/expr"
	"github.com/meshscope/meshscope/exporter/topology"
	"github.com/meshscope/meshscope/plugin/pkg/source"
)

// narrowing is how a store is asked for the traffic of entities: of which
// series, and told apart by which of an edge's labels. What the store adds up
// need not be sent: an answer grows with entities, not with edges.
type narrowing struct {
	matchers []expr.Matcher
	labels   []string
	kept     [len(topology.EdgeLabels)]bool // of topology.EdgeLabels
	of       map[source.Part]source.Share   // by key of which only the kept labels are set
}

// narrow finds the fewest labels by which the parts of entities are told from
// each other and from all else. It goes by the traffic that there was in the
// range: what had none adds nothing to any sum.
func narrow(w source.Wanted) narrowing {
	var n narrowing
	rows, values := rowsOf(w)
	for label := range topology.EdgeLabels {
		rows = n.match(label, rows, values)
	}
	for label := range n.kept {
		n.kept[label] = true
	}
	for _, label := range dropOrder {
		n.kept[label] = false
		if !tellsApart(rows, n.kept) {
			n.kept[label] = true
		}
	}
	for label, kept := range n.kept {
		if kept {
			n.labels = append(n.labels, topology.EdgeLabels[label])
		}
	}
	n.of = make(map[source.Part]source.Share, len(w.Of))
	for part, share := range w.Of {
		n.of[n.project(part)] = share
	}
	return n
}

// dropOrder begins with the labels that have the most values and ends with
// those by which most entities are known.
var dropOrder = [...]int{4, 9, 10, 3, 8, 11, 12, 2, 7, 1, 6, 0, 5}

// row is a part with its labels as numbers, which are compared sooner.
type row struct {
	labels   [len(topology.EdgeLabels)]uint32
	protocol topology.Protocol
	share    int // which one; 0 is that of no entity
}

// rowsOf numbers what the parts are made of.
func rowsOf(w source.Wanted) (rows []row, values []string) {
	numbers, shares := map[string]uint32{}, map[string]int{}
	rows = make([]row, len(w.All))
	for i, part := range w.All {
		rows[i].protocol = part.Protocol
		for label, value := range part.Key.Fields() {
			number, ok := numbers[*value]
			if !ok {
				number = uint32(len(values))
				numbers[*value], values = number, append(values, *value)
			}
			rows[i].labels[label] = number
		}
		share, wanted := w.Of[part]
		if !wanted {
			continue
		}
		name := fmt.Sprintf("%v %p", share.Entities, share.Left)
		if _, ok := shares[name]; !ok {
			shares[name] = len(shares) + 1
		}
		rows[i].share = shares[name]
	}
	return rows, values
}

// maxMatched is the most values of a label that a query names.
const maxMatched = 100

// match leaves out the rows that have a value of the label that no wanted row
// has, if there are such, and few values to name.
func (n *narrowing) match(label int, rows []row, values []string) []row {
	wanted := map[uint32]bool{}
	for _, r := range rows {
		if r.share != 0 {
			wanted[r.labels[label]] = true
		}
	}
	left := slices.DeleteFunc(slices.Clone(rows), func(r row) bool { return !wanted[r.labels[label]] })
	if len(left) == len(rows) || len(wanted) > maxMatched {
		return rows
	}
	var names []string
	for number := range wanted {
		names = append(names, cmp.Or(values[number], topology.Unknown))
		if values[number] == "" {
			names = append(names, "") // a label that is not there at all
		}
	}
	if len(names) > 0 {
		n.matchers = append(n.matchers, expr.OneOf(topology.EdgeLabels[label], names...))
	}
	return left
}

// tellsApart tells that of rows that agree in the kept labels and the protocol
// all belong to the same entities.
func tellsApart(rows []row, kept [len(topology.EdgeLabels)]bool) bool {
	type id struct {
		labels   [len(topology.EdgeLabels)]uint32
		protocol topology.Protocol
	}
	shares := make(map[id]int, len(rows))
	for _, r := range rows {
		at := id{protocol: r.protocol}
		for label, k := range kept {
			if k {
				at.labels[label] = r.labels[label]
			}
		}
		if share, ok := shares[at]; ok && share != r.share {
			return false
		}
		shares[at] = r.share
	}
	return true
}

// project is a part of which only the labels are known that are kept.
func (n *narrowing) project(part source.Part) source.Part {
	for label, value := range part.Key.Fields() {
		if !n.kept[label] {
			*value = ""
		}
	}
	return part
}
