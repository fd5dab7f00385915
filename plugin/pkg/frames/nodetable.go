package frames

import (
	"github.com/grafana/grafana-plugin-sdk-go/data"

	"github.com/meshscope/meshscope/exporter/topology"
	"github.com/meshscope/meshscope/plugin/pkg/compare"
)

const nodeTable = "nodes"

// NodeTable makes a table of what v shows of the whole graph: a row for each
// node that is of the query's namespaces and clusters.
func NodeTable(whole *topology.Graph, v View) data.Frames {
	s := newSight(whole, v)
	var rows []*nodeRow
	for _, n := range inside(narrow(whole, v.Query), v.Query) {
		rows = append(rows, s.rowOf(n))
	}
	if v.Then != nil {
		there := make(map[topology.Ref]bool, len(whole.Nodes))
		for _, n := range whole.Nodes {
			there[n.Ref] = true
		}
		for _, was := range inside(narrow(v.Then, v.Query), v.Query) {
			if r := s.rowOf(goneNode(was)); !there[was.Ref] && r.change() == compare.Gone {
				rows = append(rows, r)
			}
		}
	}
	return table(&s, v, nodeTable, nodeTableColumns(&s), rows, (*nodeRow).rank)
}

func nodeTableColumns(s *sight) []column[*nodeRow] {
	type row = *nodeRow
	in := func(r row) *totals { return &r.in }
	out := func(r row) *totals { return &r.out }

	node := func(r row) *topology.Node { return r.Node }
	columns := append(nameColumns("", "", node), detailColumns("", "", node)...)
	columns = append(columns,
		verdictColumn("health", "Health", row.health),
		verdictColumn("worst_health", "Worst health", func(r row) topology.Health { return s.worst(s.worstOfNode(r), r.health()) }),
		text("cause", "Cause", func(r row) string { return causeText(r.Verdict) }),
		text("fault", "Fault", func(r row) string { return s.fault(r) }),
		text("pods", "Pods", row.replicasText),
	)
	stats := s.listed(s.query.NodeStats)
	for _, each := range stats {
		columns = append(columns, statColumn(each, "_in", " in", in), statColumn(each, "_out", " out", out))
	}
	if s.query.Compares() {
		columns = append(columns,
			changeColumn(row.change),
			verdictColumn("health"+thenSuffix, "Health"+thenLabel, func(r row) topology.Health { return r.wasHealth() }),
		)
		for _, each := range stats {
			columns = append(columns,
				statColumn(each, "_in"+thenSuffix, " in"+thenLabel, func(r row) *totals { return r.past(func(was row) *totals { return &was.in }) }),
				statColumn(each, "_out"+thenSuffix, " out"+thenLabel, func(r row) *totals { return r.past(func(was row) *totals { return &was.out }) }))
		}
	}
	return append(columns, text("id", "ID", func(r row) string { return r.id }))
}

// nothing is the traffic of what was not there.
var nothing totals

// past is some traffic of the node as it was.
func (r *nodeRow) past(of func(*nodeRow) *totals) *totals {
	if r.then == nil {
		return &nothing
	}
	return of(r.then)
}

func (r *nodeRow) wasHealth() topology.Health {
	if r.then == nil {
		return topology.HealthNA
	}
	return r.then.health()
}

func (r *nodeRow) rank() rank {
	of := rank{health: r.health(), load: r.load, id: r.id}
	if r.Verdict == nil {
		of.severity = r.own().severity
	}
	return of
}
