package mixin

import (
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/rulefmt"
	"github.com/prometheus/prometheus/promql/parser"
	"github.com/stretchr/testify/require"

	"github.com/meshscope/meshscope/exporter/series"
	"github.com/meshscope/meshscope/exporter/topology"
)

func parse(t *testing.T, expr string) parser.Expr {
	t.Helper()
	e, err := parser.NewParser(parser.Options{}).ParseExpr(expr)
	require.NoError(t, err, expr)
	return e
}

// targetLabels are those that scraping adds to all series.
var targetLabels = []string{"job", "instance"}

// published are the labels of all series that an exporter serves, by name.
func published() map[string][]string {
	all := map[string][]string{"up": targetLabels}
	for _, family := range slices.Concat(series.Topology, series.Self) {
		own := slices.Concat(targetLabels, family.Labels)
		if family.OfEdge {
			own = append(own, topology.EdgeLabels[:]...)
		}
		if family.Type != series.Histogram {
			all[family.Name] = own
			continue
		}
		all[family.Name+"_sum"], all[family.Name+"_count"] = own, own
		all[family.Name+"_bucket"] = append(slices.Clone(own), "le")
	}
	return all
}

func selectors(t *testing.T, expr string) (found []*parser.VectorSelector) {
	t.Helper()
	parser.Inspect(parse(t, expr), func(n parser.Node, _ []parser.Node) error {
		if s, ok := n.(*parser.VectorSelector); ok {
			found = append(found, s)
		}
		return nil
	})
	return found
}

// recorded are the labels of what a rule records, as far as its expression
// says: those that it aggregates by, or those of what it copies.
func recorded(t *testing.T, rules []rulefmt.Rule) map[string][]string {
	t.Helper()
	all := map[string][]string{}
	for _, rule := range rules {
		parser.Inspect(parse(t, rule.Expr), func(n parser.Node, _ []parser.Node) error {
			if a, ok := n.(*parser.AggregateExpr); ok && all[rule.Record] == nil {
				all[rule.Record] = a.Grouping
			}
			return nil
		})
		if all[rule.Record] == nil {
			all[rule.Record] = all[rule.Expr]
		}
		require.NotEmpty(t, all[rule.Record], rule.Record)
	}
	return all
}

// Alerts and rules speak of series and labels that there are.
func TestExpressionsReadWhatIsPublished(t *testing.T) {
	alerts, rules := render(t, "{}")
	known := published()
	maps.Copy(known, recorded(t, all(rules)))
	var labelNames []string
	for _, names := range known {
		labelNames = append(labelNames, names...)
	}
	// What label_replace and label_join make on the way.
	labelNames = append(labelNames, "tmp")

	for _, rule := range all(alerts, rules) {
		if rule.Record == series.RollupCount {
			continue // reads whatever is called like a rollup
		}
		selectsKnown(t, known, rule.Expr)
		parser.Inspect(parse(t, rule.Expr), func(n parser.Node, _ []parser.Node) error {
			switch n := n.(type) {
			case *parser.AggregateExpr:
				require.Subset(t, labelNames, n.Grouping, rule.Expr)
			case *parser.BinaryExpr:
				if n.VectorMatching != nil {
					require.Subset(t, labelNames, n.VectorMatching.MatchingLabels, rule.Expr)
				}
			case *parser.Call:
				if strings.HasPrefix(n.Func.Name, "label_") {
					for _, argument := range n.Args[1:] {
						if text := argument.(*parser.StringLiteral).Val; strings.Trim(text, "abcdefghijklmnopqrstuvwxyz_") == "" && text != "" {
							require.Contains(t, labelNames, text, rule.Expr)
						}
					}
				}
			}
			return nil
		})
	}
}

func selectsKnown(t *testing.T, known map[string][]string, expr string) {
	t.Helper()
	for _, s := range selectors(t, expr) {
		require.Contains(t, known, s.Name, expr)
		for _, m := range s.LabelMatchers {
			if m.Name != model.MetricNameLabel {
				require.Contains(t, known[s.Name], m.Name, expr)
			}
		}
	}
}

// What the runbooks tell to look at can be asked for.
func TestRunbooksAskForWhatIsPublished(t *testing.T) {
	text, err := os.ReadFile("../docs/runbooks.md")
	require.NoError(t, err)
	blocks := regexp.MustCompile("(?s)```promql\n(.*?)```").FindAllStringSubmatch(string(text), -1)
	require.NotEmpty(t, blocks)
	for _, block := range blocks {
		selectsKnown(t, published(), block[1])
	}
}

// A rule costs in every evaluation. What nothing reads is not recorded.
func TestRulesAreUsed(t *testing.T) {
	alerts, rules := render(t, "{}")
	used := map[string]bool{series.RollupCount: true}
	for _, question := range series.Rollups() {
		used[question.Rollup()] = true
	}
	for _, rule := range all(alerts, rules) {
		for _, s := range selectors(t, rule.Expr) {
			used[s.Name] = true
		}
	}
	for _, rule := range all(rules) {
		require.True(t, used[rule.Record], "%s is read by no alert, no rule and not by the data source", rule.Record)
		require.Regexp(t, `^[a-z_]+:meshscope_[a-z_]+:[a-z0-9_]+$|^meshscope:rollup_series:count$`, rule.Record, "level:metric:operations")
	}
}

// Rollups are what the data source would ask for, so that it can read one for
// the other.
func TestRollupsAreTheQuestionsOfTheDataSource(t *testing.T) {
	_, rules := render(t, "{}")
	group := rules[slices.IndexFunc(rules, func(g rulefmt.RuleGroup) bool { return g.Name == "meshscope-rollup" })]
	require.Equal(t, series.RollupEvery.String(), time.Duration(group.Interval).String())

	last := group.Rules[len(group.Rules)-1]
	require.Equal(t, series.RollupCount, last.Record)
	count, ok := parse(t, last.Expr).(*parser.AggregateExpr)
	require.True(t, ok)
	require.Equal(t, []string{series.RollupLabel}, count.Grouping)
	name := selectors(t, last.Expr)[0].LabelMatchers[0]

	got := map[string]string{}
	for _, rule := range group.Rules[:len(group.Rules)-1] {
		got[rule.Record] = parse(t, rule.Expr).String()
		require.True(t, name.Matches(rule.Record), "%s is counted", rule.Record)
	}
	want := map[string]string{}
	for _, question := range series.Rollups() {
		expr, err := question.Expr()
		require.NoError(t, err)
		want[question.Rollup()] = parse(t, expr).String()
	}
	require.Equal(t, want, got)
	for _, rule := range all(rules) {
		if _, rollup := got[rule.Record]; !rollup {
			require.False(t, name.Matches(rule.Record), "%s is no rollup, and would be counted as one", rule.Record)
		}
	}
}
