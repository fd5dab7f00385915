package frames

import (
	"strings"
	"time"

	"github.com/prometheus/common/model"

	"github.com/meshscope/meshscope/exporter/topology"
	"github.com/meshscope/meshscope/plugin/pkg/link"
)

// promLink is a link to the series of a node or an edge.
type promLink struct {
	title string
	// before and after are the PromQL around the matchers.
	before, after string
	fits          func(*totals) bool
}

func (p promLink) text(matchers []string) string {
	return p.before + "{" + strings.Join(matchers, ", ") + "}" + p.after
}

// promQL are the links to series. Istio's own are told apart by who reports
// them: added up, calls would be counted twice.
func promQL(raw bool) []promLink {
	requests := func(t *totals) bool { return t.speaksRequests() }
	connections := func(t *totals) bool { return t.speaks(topology.TCP) }
	const window = "[$__rate_interval]"
	if raw {
		return []promLink{
			{"PromQL: requests", "sum by (reporter, response_code) (rate(istio_requests_total", window + "))", requests},
			{"PromQL: p95 of durations, in ms", "histogram_quantile(0.95, sum by (reporter, le) (rate(istio_request_duration_milliseconds_bucket", window + ")))", requests},
			{"PromQL: TCP bytes to the server", "sum by (reporter) (rate(istio_tcp_received_bytes_total", window + "))", connections},
		}
	}
	return []promLink{
		{"PromQL: requests", "sum by (response_code) (rate(meshscope_edge_requests_total", window + "))", requests},
		{"PromQL: p95 of durations", "histogram_quantile(0.95, sum by (le) (rate(meshscope_edge_request_duration_seconds_bucket", window + ")))", requests},
		{"PromQL: TCP bytes to the server", "sum(rate(meshscope_edge_tcp_request_bytes_total", window + "))", connections},
	}
}

func promQuery() map[string]any {
	return map[string]any{"refId": "A", "expr": referenceTo(0), "range": true, "editorMode": "code"}
}

// nodeMatchers choose the series of what a node's stats are of: the calls into
// it, or those that it makes.
func nodeMatchers(r *nodeRow) ([]string, bool) { return endMatchers(r.Node, r.in.empty()) }

// endMatchers choose the series that have a node at one end, by the labels that
// it is known by; ok is false where it is not known by any.
func endMatchers(n *topology.Node, source bool) (matchers []string, ok bool) {
	end := "destination_"
	if source {
		end = "source_"
	}
	add := func(label, value string) {
		if value != "" {
			matchers = append(matchers, end+label+`="`+link.Quoted(value)+`"`)
		}
	}
	if n.Kind == topology.KindCluster {
		add("cluster", n.Name)
		return matchers, n.Name != ""
	}
	if n.Kind == topology.KindService {
		if source || n.Name == "" {
			return nil, false // a caller is known by its workload
		}
		add("service_name", n.Name)
		add("service_namespace", n.Namespace)
		return matchers, true
	}
	add("cluster", n.Cluster)
	add("workload_namespace", namespaceOf(n))
	switch n.Kind {
	case topology.KindNamespace:
		return matchers, n.Name != ""
	case topology.KindWorkload:
		add("workload", n.Name)
	case topology.KindApp:
		add("canonical_service", n.Name)
		if n.Version != "" {
			add("canonical_revision", n.Version)
		}
	default:
		return nil, false
	}
	return matchers, n.Name != ""
}

// formatDuration is a duration as queries have it.
func formatDuration(d time.Duration) string { return model.Duration(d).String() }
