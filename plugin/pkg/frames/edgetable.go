package frames

import (
	"slices"

	"github.com/grafana/grafana-plugin-sdk-go/data"

	"github.com/meshscope/meshscope/exporter/topology"
	"github.com/meshscope/meshscope/plugin/pkg/compare"
)

const edgeTable = "edges"

// callRow is what one node calls of another by one protocol.
type callRow struct {
	totals
	*topology.Edge

	id    string
	worst topology.Health // in the range
	then  *edgePast       // as it was; nil where nothing is compared
}

// EdgeTable makes a table of what v shows of the whole graph: a row for each
// edge and protocol. A drawn edge is of all protocols, for there is one line
// between two nodes. A table has room to tell them apart, as the series do, and
// must: requests and connections have no stat in common, a filter is about one
// protocol, and calls from a node to itself are rows like any other.
func EdgeTable(whole *topology.Graph, v View) data.Frames {
	s := newSight(whole, v)
	var rows []*callRow
	edges := narrow(whole, v.Query).Edges
	if v.Then != nil {
		edges = slices.Concat(edges, goneEdges(whole, narrow(v.Then, v.Query), v.Query, callLine))
	}
	for _, e := range edges {
		r := &callRow{totals: totals{seconds: s.seconds}, Edge: e, id: edgeID(e.Source.ID(), e.Target.ID()) + ":" + string(e.Protocol)}
		r.add(e.Protocol, &e.Traffic)
		r.then = s.edgeThen(endsOf(e), func(p topology.Protocol) bool { return p == e.Protocol })
		r.worst = s.worst(s.worstOfEdge(e), r.health())
		rows = append(rows, r)
	}
	return table(&s, v, edgeTable, edgeTableColumns(&s), rows, (*callRow).rank)
}

func edgeTableColumns(s *sight) []column[*callRow] {
	type row = *callRow
	source := func(r row) *topology.Node { return r.Source }
	target := func(r row) *topology.Node { return r.Target }
	columns := slices.Concat(
		nameColumns(sourcePrefix, sourceLabel, source), nameColumns(targetPrefix, targetLabel, target),
		detailColumns(sourcePrefix, sourceLabel, source), detailColumns(targetPrefix, targetLabel, target),
	)
	columns = append(columns,
		text("protocol", "Protocol", func(r row) string { return string(r.Protocol) }),
		text("services", "Called as", func(r row) string { return servicesText(r.Services) }),
		verdictColumn("health", "Health", row.health),
		verdictColumn("worst_health", "Worst health", func(r row) topology.Health { return r.worst }),
		text("cause", "Cause", func(r row) string { return causeText(r.Verdict) }),
	)
	stats := s.listed(s.query.EdgeStats)
	for _, each := range stats {
		columns = append(columns, statColumn(each, "", "", func(r row) *totals { return &r.totals }))
	}
	if s.query.Compares() {
		columns = append(columns,
			changeColumn(row.change),
			verdictColumn("health"+thenSuffix, "Health"+thenLabel, func(r row) topology.Health { return healthOf(r.past().verdict) }),
		)
		for _, each := range stats {
			columns = append(columns, statColumn(each, thenSuffix, thenLabel, func(r row) *totals { return &r.past().totals }))
		}
	}
	return append(columns, text("id", "ID", func(r row) string { return r.id }))
}

func (r *callRow) health() topology.Health { return healthOf(r.Verdict) }

func (r *callRow) change() compare.Change { return r.changeSince(r.then) }

// past is what there was, nothing where nothing is compared.
func (r *callRow) past() *edgePast {
	if r.then == nil {
		return new(edgePast)
	}
	return r.then
}

func (r *callRow) rank() rank {
	of := rank{health: r.health(), load: r.load(), id: r.id}
	if r.change() == compare.Gone {
		of.load = r.then.load()
	}
	if r.Verdict == nil {
		of.severity = r.severity
	}
	return of
}
