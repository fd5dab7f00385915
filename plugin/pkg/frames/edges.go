package frames

import (
	"cmp"
	"slices"
	"strings"

	"github.com/meshscope/meshscope/exporter/topology"
	"github.com/meshscope/meshscope/plugin/pkg/compare"
)

// The strokes of edges that are not all mutual TLS, and of those that are gone.
const (
	dashes = "6 4"
	dots   = "2 6"
)

// edgeColumns are all fields of the edges frame.
func edgeColumns(s *scene) []column[*edgeRow] {
	type row = *edgeRow
	sum := func(of func(*totals) string) func(row) string { return func(r row) string { return of(&r.totals) } }

	columns := []column[row]{
		text("id", "", func(r row) string { return r.id }),
		text("source", "", func(r row) string { return r.source.id }),
		text("target", "", func(r row) string { return r.target.id }),
	}
	columns = append(columns, statColumns(s.query.EdgeStats, func(r row) *totals { return &r.totals })...)
	columns = append(columns,
		number("thickness", "", row.thickness),
		text("color", "", func(r row) string { return s.edgeColor(r) }),
		text("strokedasharray", "", row.stroke),
		text("detail__health", "Health", func(r row) string { return healthText(r.verdict) }),
		text("detail__worst_health", "Worst health in the range", func(r row) string { return worstText(r.worst, r.health()) }),
	)
	if s.past != nil {
		columns = append(columns, changeColumns(s.query.EdgeStats, row.change,
			func(r row) *totals { return &r.totals }, func(r row) *totals { return &r.then.totals },
			func(r row) *topology.Verdict { return r.verdict }, func(r row) *topology.Verdict { return r.then.verdict })...)
	}
	columns = append(columns,
		text("detail__protocols", "Protocols", row.protocolsText),
		text("detail__services", "Called as", func(r row) string { return servicesText(r.services) }),
		text("detail__requests", "Requests", sum((*totals).requestsText)),
		text("detail__errors", "Errors", sum((*totals).errorsText)),
		text("detail__responses", "Responses", sum((*totals).responsesText)),
		text("detail__flags", "Response flags", sum((*totals).flagsText)),
		text("detail__latency", "Latency", sum((*totals).latencyText)),
		text("detail__bodies", "Bodies", sum((*totals).bodiesText)),
		text("detail__messages", "gRPC messages", sum((*totals).messagesText)),
		text("detail__tcp", "TCP", sum((*totals).tcpText)),
		text("detail__connections", "TCP connections", sum((*totals).connectionsText)),
		text("detail__mtls", "mTLS", sum((*totals).mutualTLSText)),
	)
	return append(columns, edgeLinks(s)...)
}

func (e *edgeRow) change() compare.Change { return e.changeSince(e.then) }

// stroke draws dashes where some of the traffic is known not to be mutual TLS.
// What is gone has none, and is dotted.
func (e *edgeRow) stroke() string {
	if e.change() == compare.Gone {
		return dots
	}
	if share, ok := e.mutualTLS(); ok && share < 1 {
		return dashes
	}
	return ""
}

// protocolsText is "http 12 req/s, tcp".
func (e *edgeRow) protocolsText() string {
	names := make([]string, len(e.parts))
	for i, p := range e.parts {
		names[i] = string(p.protocol)
		if p.protocol != topology.TCP && len(e.parts) > 1 {
			names[i] += " " + formatRate(p.Total()/e.seconds, perSecond)
		}
	}
	return strings.Join(names, ", ")
}

// servicesText are the hosts that were called.
func servicesText(services []topology.Service) string {
	hosts := make([]string, 0, maxParts)
	for _, s := range services {
		if host := cmp.Or(s.Host, s.Name); host != "" && !slices.Contains(hosts, host) {
			hosts = append(hosts, host)
		}
	}
	slices.Sort(hosts)
	if len(hosts) > maxParts {
		hosts = append(hosts[:maxParts], "…")
	}
	return strings.Join(hosts, ", ")
}
