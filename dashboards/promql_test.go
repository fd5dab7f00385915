package dashboards_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/promql/parser"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/meshscope/meshscope/exporter/series"
	"github.com/meshscope/meshscope/exporter/topology"
)

func parse(t *testing.T, expr string) parser.Expr {
	t.Helper()
	parsed, err := parser.NewParser(parser.Options{}).ParseExpr(expr)
	require.NoError(t, err, expr)
	return parsed
}

// eachExpr runs a test of each expression that a panel has for Prometheus,
// with the variables set in each way.
func eachExpr(t *testing.T, test func(*testing.T, panel, target, parser.Expr)) {
	t.Helper()
	eachPanel(t, func(t *testing.T, d dashboard, p panel) {
		for _, target := range p.Targets {
			if target.Datasource.Type != prometheus {
				continue
			}
			for _, c := range choicesOf(d) {
				t.Run(target.RefID+"/"+c.name, func(t *testing.T) {
					test(t, p, target, parse(t, c.promQL(t, target.Expr)))
				})
			}
		}
	})
}

// ofTarget are the labels that Prometheus gives to what it scrapes.
var ofTarget = []string{"job", "instance"}

// labelsOf are the labels of all series, by name. Those of a target are of
// what the exporter tells of itself, and of what all programs tell.
func labelsOf() map[string][]string {
	all := map[string][]string{"meshscope_build_info": {"job", "instance", "version"}}
	for _, name := range []string{
		"up", "scrape_samples_scraped", "scrape_duration_seconds", "go_goroutines", "go_memstats_heap_inuse_bytes",
		"process_cpu_seconds_total", "process_open_fds", "process_resident_memory_bytes", "process_start_time_seconds",
	} {
		all[name] = ofTarget
	}
	for _, f := range slices.Concat(series.Topology, series.Self) {
		labels := slices.Clone(f.Labels)
		if f.OfEdge {
			labels = append(labels, topology.EdgeLabels[:]...)
		}
		if slices.Contains(series.Self, f) {
			labels = append(labels, ofTarget...)
		}
		if f.Type != series.Histogram {
			all[f.Name] = labels
			continue
		}
		all[f.Name+"_bucket"] = append(slices.Clone(labels), model.BucketLabel)
		all[f.Name+"_sum"], all[f.Name+"_count"] = labels, labels
	}
	return all
}

// Expressions speak of series that there are, and of labels that these have.
func TestSeriesExist(t *testing.T) {
	known := labelsOf()
	eachExpr(t, func(t *testing.T, _ panel, target target, parsed parser.Expr) {
		checkLabels(t, known, parsed)
		for _, label := range legendLabels(target.LegendFormat) {
			assert.True(t, keeps(parsed, label), "the legend has a label that the result has not: %s", label)
		}
	})
	for _, d := range dashboards(t) {
		for _, v := range d.Templating.List {
			if v.Type != "query" {
				continue
			}
			chosen := choicesOf(d)[0]
			if inner, ok := strings.CutPrefix(v.Definition, "query_result("); ok {
				parsed := parse(t, chosen.promQL(t, strings.TrimSuffix(inner, ")")))
				checkLabels(t, known, parsed)
				assert.True(t, keeps(parsed, v.Name), "the result has no label %s", v.Name)
				assert.Equal(t, `/^\{`+v.Name+`="(.*)"\} \S+ \S+$/`, v.Regex)
				continue
			}
			metric, label := labelValues(t, v)
			parsed := parse(t, chosen.promQL(t, metric))
			checkLabels(t, known, parsed)
			selector, ok := parsed.(*parser.VectorSelector)
			require.True(t, ok, "%s: %s", v.Name, metric)
			assert.Contains(t, known[selector.Name], label)
		}
	}
}

// checkLabels requires that all labels in an expression are those of the
// series below it, or made on the way up.
func checkLabels(t *testing.T, known map[string][]string, parsed parser.Expr) {
	t.Helper()
	parser.Inspect(parsed, func(n parser.Node, _ []parser.Node) error {
		switch n := n.(type) {
		case *parser.VectorSelector:
			require.Contains(t, known, n.Name)
			for _, m := range n.LabelMatchers {
				if m.Name != model.MetricNameLabel {
					assert.Contains(t, known[n.Name], m.Name, n.Name)
				}
			}
		case *parser.AggregateExpr:
			assert.Subset(t, below(known, n.Expr), n.Grouping)
		case *parser.BinaryExpr:
			if n.VectorMatching != nil && n.VectorMatching.On {
				assert.Subset(t, below(known, n.LHS), n.VectorMatching.MatchingLabels)
				assert.Subset(t, below(known, n.RHS), n.VectorMatching.MatchingLabels)
			}
		case *parser.Call:
			if from := sources(n); from != nil {
				assert.Subset(t, below(known, n.Args[0]), from)
			}
		}
		return nil
	})
}

// below are the labels that series have somewhere in an expression.
func below(known map[string][]string, parsed parser.Expr) (labels []string) {
	parser.Inspect(parsed, func(n parser.Node, _ []parser.Node) error {
		switch n := n.(type) {
		case *parser.VectorSelector:
			labels = append(labels, known[n.Name]...)
		case *parser.Call:
			if n.Func.Name == "label_replace" || n.Func.Name == "label_join" {
				labels = append(labels, text(n.Args[1]))
			}
		}
		return nil
	})
	return labels
}

// sources are the labels that label_replace and label_join read.
func sources(call *parser.Call) (from []string) {
	switch call.Func.Name {
	case "label_replace":
		return []string{text(call.Args[3])}
	case "label_join":
		for _, arg := range call.Args[3:] {
			from = append(from, text(arg))
		}
	}
	return from
}

func text(arg parser.Expr) string {
	if literal, ok := arg.(*parser.StringLiteral); ok {
		return literal.Val
	}
	return ""
}

// keeps tells that a label is left by the outermost aggregation by labels, or comes in above it.
func keeps(parsed parser.Expr, label string) bool {
	found := false
	parser.Inspect(parsed, func(n parser.Node, path []parser.Node) error {
		if call, ok := n.(*parser.Call); ok && sources(call) != nil && text(call.Args[1]) == label && !slices.ContainsFunc(path, grouped) {
			found = true
		}
		if b, ok := n.(*parser.BinaryExpr); ok && b.VectorMatching != nil && slices.Contains(b.VectorMatching.Include, label) && !slices.ContainsFunc(path, grouped) {
			found = true
		}
		if a, ok := n.(*parser.AggregateExpr); ok && len(a.Grouping) > 0 && !slices.ContainsFunc(path, grouped) {
			found = found || slices.Contains(a.Grouping, label)
		}
		return nil
	})
	return found
}

func grouped(n parser.Node) bool {
	a, ok := n.(*parser.AggregateExpr)
	return ok && len(a.Grouping) > 0
}

// legendLabels are the labels that a legend shows.
func legendLabels(legend string) (labels []string) {
	for _, part := range strings.Split(legend, "{{")[1:] {
		label, _, _ := strings.Cut(part, "}}")
		labels = append(labels, strings.TrimSpace(label))
	}
	return labels
}

// labelValues takes a query for a label's values apart.
func labelValues(t *testing.T, v variable) (metric, label string) {
	t.Helper()
	inner, ok := strings.CutPrefix(v.Definition, "label_values(")
	require.True(t, ok, "%s asks for something else than the values of a label", v.Name)
	inner, ok = strings.CutSuffix(inner, ")")
	require.True(t, ok, v.Definition)
	comma := strings.LastIndex(inner, ",")
	require.Positive(t, comma, "%s asks for a label of all series", v.Name)
	return inner[:comma], strings.TrimSpace(inner[comma+1:])
}
