package frames

import (
	"maps"
	"slices"

	"github.com/grafana/grafana-plugin-sdk-go/data"

	"github.com/meshscope/meshscope/exporter/topology"
	"github.com/meshscope/meshscope/plugin/pkg/query"
)

const verdictsFrame = "health"

// Verdicts makes the frame that alert rules are made on: a row for each entity
// of the query that has a verdict, with the verdict as its only number.
//
// The texts of a row become the labels of an alert instance, by which Grafana
// knows it from one evaluation to the next. So they are names alone: the word
// for a verdict, or its cause, would make another instance whenever it
// changes, whose "for" begins anew. Words are in the value's mappings, and
// causes in the tables of nodes and edges.
//
// Without a row there is no field either, which is how Grafana is told that
// there is no data.
func Verdicts(whole *topology.Graph, v View) data.Frames {
	s := newSight(whole, v)
	rows, columns := nodeVerdicts(whole, v.Query), nameColumns("", "", verdictRow.node)
	if v.Query.Entity == query.EntityEdge {
		rows = edgeVerdicts(whole, v.Query)
		columns = slices.Concat(nameColumns(sourcePrefix, sourceLabel, verdictRow.node), nameColumns(targetPrefix, targetLabel, verdictRow.called))
	}
	rows = distinct(rows)
	shown := first(rows, v.Query.Limit, verdictRow.rank)

	made := &data.Frame{Name: verdictsFrame}
	if len(shown) > 0 {
		made = list(verdictsFrame, append(columns, verdictColumn("health", "Health", func(r verdictRow) topology.Health { return r.health })), shown)
	}
	made.Meta = v.contractMeta(data.FrameTypeNumericLong)
	made.AppendNotices(s.noticesOfList(v, len(shown), len(rows), "verdicts", "the worst ones")...)
	if !s.mesh.judgedNodes && !s.mesh.judgedEdges && s.mesh.edges > 0 {
		made.AppendNotices(data.Notice{Severity: data.NoticeSeverityWarning, Text: "There are no health series: does the exporter publish them?"})
	}
	return data.Frames{made}
}

// verdictRow is a verdict on a node or, where there are two, on what one calls
// of the other.
type verdictRow struct {
	ends   [2]*topology.Node
	health topology.Health
}

func (r verdictRow) node() *topology.Node   { return r.ends[0] }
func (r verdictRow) called() *topology.Node { return r.ends[1] }

func (r verdictRow) rank() rank {
	of := rank{health: r.health, id: r.node().ID()}
	if r.called() != nil {
		of.id = edgeID(of.id, r.called().ID())
	}
	return of
}

// nodeVerdicts are those on the nodes of the level itself, as there are series
// of: of what stands in for an unknown workload, the level of services tells.
func nodeVerdicts(whole *topology.Graph, q query.Query) (rows []verdictRow) {
	for _, n := range inside(narrow(whole, q), q) {
		if n.Kind == q.Level.Kind() {
			rows = append(rows, verdictRow{[2]*topology.Node{n}, healthOf(n.Verdict)})
		}
	}
	return rows
}

func edgeVerdicts(whole *topology.Graph, q query.Query) (rows []verdictRow) {
	for _, e := range narrow(whole, q).Edges {
		rows = append(rows, verdictRow{[2]*topology.Node{e.Source, e.Target}, healthOf(e.Verdict)})
	}
	return rows
}

// distinct are the rows with a verdict, one for all that have the same names:
// Grafana refuses an answer with two such. It is the worst, as of the protocols
// of an edge.
func distinct(rows []verdictRow) []verdictRow {
	type names [2]place
	worst := map[names]verdictRow{}
	for _, r := range rows {
		of := names{placeOf(r.node()), placeOf(r.called())}
		if known, ok := worst[of]; r.health != topology.HealthNA && (!ok || r.health > known.health) {
			worst[of] = r
		}
	}
	return slices.Collect(maps.Values(worst))
}

// place is the name of a node in full.
type place struct{ cluster, namespace, kind, name string }

func placeOf(n *topology.Node) place {
	if n == nil {
		return place{}
	}
	return place{clusterText(n), namespaceText(n), string(n.Kind), nameText(n)}
}
