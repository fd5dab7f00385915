package refresh_test

import (
	"bytes"
	"testing"
	"time"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
	"github.com/stretchr/testify/require"
)

// oracle knows what a store has scraped of requests and connections, and what
// of it counts: the growth of each counter from scrape to scrape, through
// resets; from zero where it appears on a target that was scraped before; and
// of each pair of nodes the source's report, else the waypoint's, else the
// destination's. It shares no code with what it judges.
type oracle struct {
	last    map[string]float64
	watched map[string]bool
	pending []scrapedGrowth
}

type oracleEdge struct {
	metric                                  string
	sourceNamespace, source                 string
	destinationNamespace, destination, host string
	protocol                                string
}

type scrapedGrowth struct {
	at       time.Time
	edge     oracleEdge
	reporter string
	value    float64
}

// counted are the metrics that the oracle follows.
var counted = []string{"istio_requests_total", "istio_tcp_connections_opened_total", "istio_tcp_received_bytes_total"}

// linesOf leaves of an exposition the lines of some metrics, for speed.
func linesOf(text []byte, metrics []string) []byte {
	var kept bytes.Buffer
	for line := range bytes.Lines(text) {
		for _, m := range metrics {
			if bytes.HasPrefix(line, []byte(m)) || bytes.HasPrefix(line, []byte("# TYPE "+m+" ")) {
				kept.Write(line)
			}
		}
	}
	return kept.Bytes()
}

func newOracle() *oracle {
	return &oracle{last: map[string]float64{}, watched: map[string]bool{}}
}

func (o *oracle) scraped(t testing.TB, at time.Time, instance string, text []byte) {
	t.Helper()
	text = linesOf(text, counted)
	parser := expfmt.NewTextParser(model.UTF8Validation)
	families, err := parser.TextToMetricFamilies(bytes.NewReader(text))
	require.NoError(t, err)
	for _, name := range counted {
		for _, m := range families[name].GetMetric() {
			id := instance + name + labelText(m)
			value := m.GetCounter().GetValue()
			before, seen := o.last[id]
			o.last[id] = value
			grown := value - before
			switch {
			case !seen && !o.watched[instance]:
				grown = 0
			case value < before:
				grown = value
			}
			edge, reporter := place(name, m)
			o.pending = append(o.pending, scrapedGrowth{at, edge, reporter, grown})
		}
	}
	o.watched[instance] = true
}

// totals is what counts of all that was scraped in (from, to].
func (o *oracle) totals(from, to time.Time) map[oracleEdge]float64 {
	by := map[oracleEdge]map[string]float64{}
	for _, g := range o.pending {
		if by[g.edge] == nil {
			by[g.edge] = map[string]float64{}
		}
		if g.at.After(from) && !g.at.After(to) {
			by[g.edge][g.reporter] += g.value
		} else {
			by[g.edge][g.reporter] += 0
		}
	}
	totals := map[oracleEdge]float64{}
	for edge, reports := range by {
		for _, reporter := range []string{"source", "waypoint", "destination"} {
			if total, ok := reports[reporter]; ok {
				if reporter == "source" || !isTransport(edge, by) {
					totals[edge] = total
				}
				break
			}
		}
	}
	return totals
}

// isTransport tells TCP of which the source reports nothing, though its side
// reports calls of the same pair (T9).
func isTransport(edge oracleEdge, by map[oracleEdge]map[string]float64) bool {
	if edge.protocol != "tcp" {
		return false
	}
	for _, protocol := range []string{"http", "grpc"} {
		calls := edge
		calls.metric, calls.protocol = "istio_requests_total", protocol
		for _, reporter := range []string{"source", "waypoint"} {
			if _, ok := by[calls][reporter]; ok {
				return true
			}
		}
	}
	return false
}

func labelText(m *dto.Metric) string {
	var b bytes.Buffer
	for _, l := range m.GetLabel() {
		b.WriteString(l.GetName() + "=" + l.GetValue() + ",")
	}
	return b.String()
}

func place(metric string, m *dto.Metric) (oracleEdge, string) {
	l := map[string]string{}
	for _, pair := range m.GetLabel() {
		l[pair.GetName()] = pair.GetValue()
	}
	e := oracleEdge{
		metric: metric, protocol: l["request_protocol"],
		sourceNamespace: l["source_workload_namespace"], source: l["source_workload"],
		destinationNamespace: l["destination_workload_namespace"], destination: l["destination_workload"],
	}
	if e.destination == "unknown" {
		e.destinationNamespace, e.host = "", l["destination_service_name"]
	}
	return e, l["reporter"]
}
