package frames

import (
	"cmp"

	"github.com/meshscope/meshscope/exporter/topology"
	"github.com/meshscope/meshscope/plugin/pkg/query"
)

// nodeColumns are all fields of the nodes frame.
func nodeColumns(s *scene) []column[*nodeRow] {
	type row = *nodeRow
	q := s.query
	in := func(of func(*totals) string) func(row) string { return func(r row) string { return of(&r.in) } }
	out := func(of func(*totals) string) func(row) string { return func(r row) string { return of(&r.out) } }
	own := func(of func(*totals) string) func(row) string { return func(r row) string { return of(r.own()) } }

	columns := []column[row]{
		text("id", "", func(r row) string { return r.id }),
		text("title", "Name", row.title),
		text("subtitle", "About", func(r row) string { return s.subtitle(r) }),
	}
	columns = append(columns, statColumns(q.NodeStats, row.own)...)
	switch classes := s.classes(); {
	case classes != nil:
		columns = append(columns, classColumns(s, classes)...)
	case q.ColorBy == query.ByNamespace: // beside arcs the panel draws no colour, but has it in the legend
		columns = append(columns, text("color", "", func(r row) string { return cmp.Or(s.colors[namespaceOf(r.Node)], gray) }))
	default:
		for _, i := range s.arcs() {
			a := arcs[i]
			columns = append(columns, number(a.name, a.label, func(r row) float64 { return r.ring[i] }).painted(a.hex))
		}
	}
	columns = append(columns,
		text("icon", "", row.icon),
		number("noderadius", "", row.radius),
	)
	columns = append(columns, placeColumns(q)...)
	columns = append(columns,
		flag("highlighted", "", func(r row) bool { return s.isHighlighted(r) }),
		text("detail__health", "Health", func(r row) string { return healthText(r.Verdict) }),
		text("detail__fault", "Fault", func(r row) string { return s.faultText(r) }),
		text("detail__worst_health", "Worst health in the range", func(r row) string { return worstText(s.worstOfNode(r), r.health()) }),
	)
	if s.past != nil {
		columns = append(columns, changeColumns(q.NodeStats, row.change, row.own, row.ownThen,
			func(r row) *topology.Verdict { return r.Verdict }, func(r row) *topology.Verdict { return r.then.Verdict })...)
	}
	columns = append(columns,
		text("detail__replicas", "Pods", row.replicasText),
		text("detail__object_kind", "Kubernetes kind", row.objectKindText),
		text("detail__dataplane", "Data plane", row.dataplaneText),
		text("detail__cluster", "Cluster", func(r row) string { return r.Cluster }),
		text("detail__namespace", "Namespace", func(r row) string { return r.Namespace }),
		text("detail__workload", "Workload", func(r row) string { return r.Workload }),
		text("detail__app", "App", func(r row) string { return r.App }),
		text("detail__version", "Version", func(r row) string { return r.Node.Version }),
		text("detail__service", "Service", func(r row) string { return r.Service }),
		text("detail__requests_in", "Requests in", in((*totals).requestsText)),
		text("detail__errors_in", "Errors in", in((*totals).errorsText)),
		text("detail__requests_out", "Requests out", out((*totals).requestsText)),
		text("detail__errors_out", "Errors out", out((*totals).errorsText)),
		text("detail__requests_within", "Requests to itself", func(r row) string { return r.within.requestsText() }),
		text("detail__responses", "Responses", own((*totals).responsesText)),
		text("detail__flags", "Response flags", own((*totals).flagsText)),
		text("detail__latency", "Latency", own((*totals).latencyText)),
		text("detail__bodies", "Bodies", own((*totals).bodiesText)),
		text("detail__messages", "gRPC messages", own((*totals).messagesText)),
		text("detail__tcp_in", "TCP in", in((*totals).tcpText)),
		text("detail__tcp_out", "TCP out", out((*totals).tcpText)),
		text("detail__tcp_within", "TCP to itself", func(r row) string { return r.within.tcpText() }),
		text("detail__mtls", "mTLS", own((*totals).mutualTLSText)),
	)
	return append(columns, nodeLinks(s)...)
}
