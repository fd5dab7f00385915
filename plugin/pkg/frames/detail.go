package frames

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/meshscope/meshscope/exporter/topology"
	"github.com/meshscope/meshscope/plugin/pkg/query"
)

// The details of some traffic. What it does not have is an empty text, which
// the panel leaves out.

func (t *totals) requestsText() string {
	if !t.speaksRequests() {
		return ""
	}
	n, _ := t.requests()
	return formatRate(n/t.seconds, perSecond)
}

func (t *totals) errorsText() string {
	n, errors := t.requests()
	if n == 0 {
		return ""
	}
	return formatShare(errors / n)
}

// maxParts is how many parts of a whole a detail names.
const maxParts = 6

// responsesText is what the requests ended with: "200 98 %, 503 2 %".
func (t *totals) responsesText() string {
	n, _ := t.requests()
	return t.shares(n, responseText)
}

// responseText is a response as its protocol tells it.
func responseText(r topology.Response) string {
	if r.GRPCStatus != "" && r.Outcome(topology.GRPC) != topology.NoResponse {
		return "grpc " + r.GRPCStatus
	}
	if r.Outcome(topology.HTTP) == topology.NoResponse {
		return topology.NoResponse.String()
	}
	return cmp.Or(r.Code, topology.Unknown)
}

// flagsText are Envoy's flags of the requests: "UF 2 %".
func (t *totals) flagsText() string {
	n, _ := t.requests()
	return t.shares(n, func(r topology.Response) string {
		if r.Flags == "-" {
			return ""
		}
		return r.Flags
	})
}

// shares are the parts that requests of the same name have of a whole, the
// greatest first. Those without a name are left out.
func (t *totals) shares(whole float64, name func(topology.Response) string) string {
	by := map[string]float64{}
	for _, p := range t.parts {
		for _, r := range p.Responses() { // in order, as sums must be (T4)
			if label, n := name(r), p.Requests[r]; label != "" && n > 0 {
				by[label] += n
			}
		}
	}
	labels := slices.SortedFunc(maps.Keys(by), func(a, b string) int {
		return cmp.Or(cmp.Compare(by[b], by[a]), strings.Compare(a, b))
	})
	parts := make([]string, 0, maxParts)
	for i, label := range labels {
		if i == maxParts {
			parts = append(parts, "…")
			break
		}
		parts = append(parts, label+" "+formatShare(by[label]/whole))
	}
	return strings.Join(parts, ", ")
}

// latencyText is "p50 12 ms, p95 40 ms, p99 90 ms, avg 15 ms".
func (t *totals) latencyText() string {
	var parts []string
	for _, s := range [...]query.Stat{query.P50, query.P95, query.P99, query.Avg} {
		if ms, ok := t.value(s); ok {
			parts = append(parts, string(s)+" "+formatMillis(ms))
		}
	}
	return strings.Join(parts, ", ")
}

func (t *totals) bodiesText() string {
	request, response := t.sum(requestBytes), t.sum(responseBytes)
	if request+response == 0 {
		return ""
	}
	return bothWays(formatBytes(request/t.seconds), formatBytes(response/t.seconds))
}

func (t *totals) messagesText() string {
	request, response := t.sum(requestMessages), t.sum(responseMessages)
	if request+response == 0 {
		return ""
	}
	return bothWays(formatRate(request/t.seconds, messagesPer), formatRate(response/t.seconds, messagesPer))
}

func (t *totals) tcpText() string {
	if !t.speaks(topology.TCP) {
		return ""
	}
	return bothWays(formatBytes(t.sent/t.seconds), formatBytes(t.received/t.seconds))
}

func (t *totals) connectionsText() string {
	if !t.speaks(topology.TCP) {
		return ""
	}
	return "opened " + formatRate(t.sum(opened)/t.seconds, connections) +
		", closed " + formatRate(t.sum(closed)/t.seconds, connections)
}

func (t *totals) mutualTLSText() string {
	share, ok := t.mutualTLS()
	switch {
	case ok:
		return formatShare(share)
	case t.empty():
		return ""
	}
	return topology.Unknown
}

// bothWays tells client to server, and back (T7).
func bothWays(request, response string) string {
	return "request " + request + ", response " + response
}
