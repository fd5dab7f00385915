package series_test

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	versioncollector "github.com/prometheus/client_golang/prometheus/collectors/version"
	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/promql/parser"
	"github.com/stretchr/testify/require"

	"github.com/meshscope/meshscope/exporter/derive"
	"github.com/meshscope/meshscope/exporter/istio"
	"github.com/meshscope/meshscope/exporter/promql"
	"github.com/meshscope/meshscope/exporter/series"
	"github.com/meshscope/meshscope/exporter/topology"
)

func readDocs(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("../../docs/metrics.md")
	require.NoError(t, err)
	return string(text)
}

// families are all that is served under the name of meshscope.
func families(t *testing.T) []*series.Family {
	t.Helper()
	registry := prometheus.NewRegistry()
	registry.MustRegister(versioncollector.NewCollector("meshscope"))
	build, err := registry.Gather()
	require.NoError(t, err)
	require.Len(t, build, 1)
	info := &series.Family{Name: build[0].GetName(), Type: series.Gauge}
	for _, l := range build[0].GetMetric()[0].GetLabel() {
		info.Labels = append(info.Labels, l.GetName())
	}
	return append(slices.Concat(series.Topology, series.Self), info)
}

// documented is a row of a table of metrics.
type documented struct {
	typ    string
	labels []string
	ofEdge bool
}

var (
	seriesRow = regexp.MustCompile("(?m)^\\| `(meshscope_[a-z_]+)` \\| ([a-z]+) \\| ([^|]*) \\| [^|]+ \\| [^|]*\\|$")
	inQuotes  = regexp.MustCompile("`([^`]+)`")
)

func TestDocumentation(t *testing.T) {
	text := readDocs(t)
	rows := map[string]documented{}
	for _, m := range seriesRow.FindAllStringSubmatch(text, -1) {
		row := documented{typ: m[2], ofEdge: m[3] == "E" || strings.HasPrefix(m[3], "E, ")}
		for _, label := range inQuotes.FindAllStringSubmatch(m[3], -1) {
			row.labels = append(row.labels, label[1])
		}
		require.NotContains(t, rows, m[1], "documented twice")
		rows[m[1]] = row
	}
	want := map[string]documented{}
	for _, f := range families(t) {
		want[f.Name] = documented{string(f.Type), f.Labels, f.OfEdge}
	}
	for name, row := range want {
		require.Contains(t, rows, name, "not in docs/metrics.md")
		require.Equal(t, row, rows[name], name)
	}
	for name := range rows {
		require.Contains(t, want, name, "in docs/metrics.md, and not served")
	}
	_, text, _ = strings.Cut(text, "**E**")
	_, text, _ = strings.Cut(text, "```\n")
	edge, _, _ := strings.Cut(text, "```")
	require.ElementsMatch(t, topology.EdgeLabels[:], strings.Fields(edge), "the labels of E")
}

// Label values that the exporter chooses are explained.
func TestDocumentedValues(t *testing.T) {
	values := append(promql.Outcomes(), derive.OutcomePartial)
	for _, reason := range istio.Reasons {
		values = append(values, string(reason))
	}
	for _, reason := range topology.FoldReasons {
		values = append(values, string(reason))
	}
	for _, reason := range series.DropReasons {
		values = append(values, string(reason))
	}
	dialect := istio.Dialect{}
	questions := dialect.CounterQuestions(1, 1)
	for _, mode := range []istio.LatencyMode{istio.LatencyHistogram, istio.LatencySummary} {
		questions = append(questions, dialect.LatencyQuestions(mode, 1, 1)...)
	}
	for _, q := range questions {
		values = append(values, q.Name)
	}
	text := readDocs(t)
	for _, value := range values {
		require.Contains(t, text, "`"+value+"`")
	}
}

// PromQL in the documentation is valid, and speaks of series and labels that exist.
func TestDocumentedQueries(t *testing.T) {
	names, known := map[string]bool{}, map[string]bool{model.MetricNameLabel: true, "le": true}
	for _, f := range families(t) {
		names[f.Name] = true
		if f.Type == series.Histogram {
			delete(names, f.Name)
			for _, suffix := range []string{"_bucket", "_sum", "_count"} {
				names[f.Name+suffix] = true
			}
		}
		for _, label := range slices.Concat(f.Labels, topology.EdgeLabels[:]) {
			known[label] = true
		}
	}
	blocks := regexp.MustCompile("(?s)```promql\n(.*?)```").FindAllStringSubmatch(readDocs(t), -1)
	require.NotEmpty(t, blocks)
	for _, block := range blocks {
		query, err := parser.NewParser(parser.Options{}).ParseExpr(block[1])
		require.NoError(t, err, block[1])
		used := map[string]bool{}
		parser.Inspect(query, func(n parser.Node, _ []parser.Node) error {
			switch n := n.(type) {
			case *parser.VectorSelector:
				require.Contains(t, names, n.Name)
				for _, m := range n.LabelMatchers {
					used[m.Name] = true
				}
			case *parser.AggregateExpr:
				for _, name := range n.Grouping {
					used[name] = true
				}
			case *parser.BinaryExpr:
				if n.VectorMatching != nil {
					for _, name := range slices.Concat(n.VectorMatching.MatchingLabels, n.VectorMatching.Include) {
						used[name] = true
					}
				}
			}
			return nil
		})
		for name := range used {
			require.Contains(t, known, name, block[1])
		}
	}
}
