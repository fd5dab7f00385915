package frames

import (
	"math"

	"github.com/meshscope/meshscope/exporter/topology"
	"github.com/meshscope/meshscope/plugin/pkg/query"
)

// statForm is how a stat is shown. The panel prints the unit as it is.
type statForm struct {
	label, unit string
	// of is the stat of some traffic; ok is false where it has no such thing.
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
	query.RequestRate: {"Request rate", perSecond, (*totals).requestRate},
	query.ErrorRatio:  {"Error ratio", perCent, (*totals).errorRatio},
	query.Avg:         {"Latency avg", millis, (*totals).meanLatency},
	query.P50:         {"Latency p50", millis, func(t *totals) (float64, bool) { return t.latency(0.5) }},
	query.P95:         {"Latency p95", millis, func(t *totals) (float64, bool) { return t.latency(0.95) }},
	query.P99:         {"Latency p99", millis, func(t *totals) (float64, bool) { return t.latency(0.99) }},
	query.Throughput: {"Throughput", bytesPerS, func(t *totals) (float64, bool) {
		return t.rate(t.traffic.RequestBytes+t.traffic.ResponseBytes, t.speaksRequests())
	}},
	query.MessageRate: {"Message rate", messagesPer, func(t *totals) (float64, bool) {
		return t.rate(t.traffic.RequestMessages+t.traffic.ResponseMessages, t.speaks(topology.GRPC))
	}},
	query.TCPRate: {"TCP rate", bytesPerS, func(t *totals) (float64, bool) {
		sent, received := t.traffic.TCPBytes()
		return t.rate(sent+received, t.speaks(topology.TCP))
	}},
	query.ConnectionRate: {"Connection rate", connections, func(t *totals) (float64, bool) {
		return t.rate(t.traffic.Opened, t.speaks(topology.TCP))
	}},
	query.MTLS: {"mTLS", perCent, (*totals).mutualTLS},
}

// value is a stat, if the traffic has it and it is a number.
func (t *totals) value(s query.Stat) (v float64, ok bool) {
	v, ok = statForms[s].of(t)
	if !ok || math.IsNaN(v) || math.IsInf(v, 0) {
		return 0, false
	}
	return v, true
}

func (t *totals) rate(n float64, has bool) (float64, bool) { return n / t.seconds, has }

func (t *totals) requestRate() (float64, bool) {
	n, _ := t.requests()
	return t.rate(n, t.speaksRequests())
}

func (t *totals) errorRatio() (float64, bool) {
	n, errors := t.requests()
	return 100 * errors / n, n > 0
}

func (t *totals) meanLatency() (float64, bool) {
	return 1000 * t.traffic.Latency.Mean(), t.traffic.Latency.Count() > 0
}

func (t *totals) latency(quantile float64) (float64, bool) {
	return 1000 * t.traffic.Latency.Quantile(quantile), t.traffic.Latency.Count() > 0
}

func (t *totals) mutualTLS() (float64, bool) {
	share, ok := t.traffic.MutualTLSShare()
	return 100 * share, ok
}

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
