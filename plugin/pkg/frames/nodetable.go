package frames

import (
	"github.com/grafana/grafana-plugin-sdk-go/data"

	"github.com/meshscope/meshscope/exporter/topology"
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
	for _, each := range listedStats(s.query.NodeStats) {
		columns = append(columns, statColumn(each, "_in", " in", in), statColumn(each, "_out", " out", out))
	}
	return append(columns, text("id", "ID", func(r row) string { return r.id }))
}

func (r *nodeRow) rank() rank {
	of := rank{health: r.health(), load: r.load, id: r.id}
	if r.Verdict == nil {
		of.severity = r.own().severity
	}
	return of
}
