package frames

import (
	"github.com/meshscope/meshscope/exporter/topology"
	"github.com/meshscope/meshscope/plugin/pkg/query"
)

// statForm is how a stat is shown.
type statForm struct {
	label string
	// unit is what the panel of graphs prints behind a stat, and scale what the
	// stat is multiplied with for it.
	unit  string
	scale float64
	// column and columnUnit are a table's, which shows the stat as it is and
	// knows Grafana's units.
	column, columnUnit string
	// of is the stat of some traffic, in seconds, bytes, parts of 1 and numbers
	// per second; ok is false where it has no such thing.
	of func(*totals) (v float64, ok bool)
}

const (
	perCent     = "%"
	perSecond   = "req/s"
	bytesPerS   = "B/s"
	messagesPer = "msg/s"
	connections = "conn/s"
	millis      = "ms"
)

var statForms = map[query.Stat]statForm{
	query.RequestRate:    {"Request rate", perSecond, 1, "request_rate", "reqps", (*totals).requestRate},
	query.ErrorRatio:     {"Error ratio", perCent, 100, "error_ratio", "percentunit", (*totals).errorRatio},
	query.Avg:            {"Latency avg", millis, 1000, "avg", "s", (*totals).meanLatency},
	query.P50:            {"Latency p50", millis, 1000, "p50", "s", quantile(0.5)},
	query.P95:            {"Latency p95", millis, 1000, "p95", "s", quantile(0.95)},
	query.P99:            {"Latency p99", millis, 1000, "p99", "s", quantile(0.99)},
	query.Throughput:     {"Throughput", bytesPerS, 1, "throughput", "Bps", (*totals).throughput},
	query.MessageRate:    {"Message rate", messagesPer, 1, "message_rate", "mps", (*totals).messageRate},
	query.TCPRate:        {"TCP rate", bytesPerS, 1, "tcp_rate", "Bps", (*totals).tcpRate},
	query.ConnectionRate: {"Connection rate", connections, 1, "connection_rate", "cps", (*totals).connectionRate},
	query.MTLS:           {"mTLS", perCent, 100, "mtls", "percentunit", (*totals).mutualTLS},
}

// stat is a stat, if the traffic has it and it is a number.
func (t *totals) stat(s query.Stat) (v float64, ok bool) {
	v, ok = statForms[s].of(t)
	return v, ok && v == finite(v)
}

// value is a stat in the unit of the panel of graphs.
func (t *totals) value(s query.Stat) (v float64, ok bool) {
	v, ok = t.stat(s)
	v *= statForms[s].scale
	return v, ok && v == finite(v)
}

func (t *totals) requestRate() (float64, bool) {
	n, _ := t.requests()
	return n / t.seconds, t.speaksRequests()
}

func (t *totals) errorRatio() (float64, bool) {
	n, errors := t.requests()
	return errors / n, n > 0
}

func (t *totals) meanLatency() (float64, bool) {
	return t.latency().Mean(), t.latency().Count() > 0
}

func quantile(q float64) func(*totals) (float64, bool) {
	return func(t *totals) (float64, bool) { return t.latency().Quantile(q), t.latency().Count() > 0 }
}

func (t *totals) throughput() (float64, bool) {
	return (t.sum(requestBytes) + t.sum(responseBytes)) / t.seconds, t.speaksRequests()
}

func (t *totals) messageRate() (float64, bool) {
	return (t.sum(requestMessages) + t.sum(responseMessages)) / t.seconds, t.speaks(topology.GRPC)
}

func (t *totals) tcpRate() (float64, bool) {
	return (t.sent + t.received) / t.seconds, t.speaks(topology.TCP)
}

func (t *totals) connectionRate() (float64, bool) {
	return t.sum(opened) / t.seconds, t.speaks(topology.TCP)
}

// What totals sum up.

func requestBytes(t *topology.Traffic) float64     { return t.RequestBytes }
func responseBytes(t *topology.Traffic) float64    { return t.ResponseBytes }
func requestMessages(t *topology.Traffic) float64  { return t.RequestMessages }
func responseMessages(t *topology.Traffic) float64 { return t.ResponseMessages }
func opened(t *topology.Traffic) float64           { return t.Opened }
func closed(t *topology.Traffic) float64           { return t.Closed }

// statColumns are the main and the secondary stat. Both fields are always
// there: without a mainstat the panel takes the first number it finds.
func statColumns[Row any](stats []query.Stat, of func(Row) *totals) []column[Row] {
	columns := make([]column[Row], 0, 2)
	for i, name := range [...]string{"mainstat", "secondarystat"} {
		if i >= len(stats) {
			columns = append(columns, stat(name, "", "", func(Row) (float64, bool) { return 0, false }))
			continue
		}
		form := statForms[stats[i]]
		columns = append(columns, stat(name, form.label, form.unit, func(row Row) (float64, bool) { return of(row).value(stats[i]) }))
	}
	return columns
}
