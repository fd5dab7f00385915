package mixin

import (
	"os"
	"slices"
	"testing"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/rulefmt"
	"github.com/prometheus/prometheus/promql/parser"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"
)

func inhibitions(t *testing.T, text []byte) inhibition {
	t.Helper()
	var i inhibition
	require.NoError(t, yaml.Unmarshal(text, &i))
	require.NotEmpty(t, i.Rules)
	return i
}

// chosen are the alerts that an inhibition's matchers are about, by their
// names and severities.
func chosen(t *testing.T, alerts []rulefmt.Rule, matchers []string) (found []rulefmt.Rule) {
	t.Helper()
	for _, alert := range alerts {
		is := true
		for _, text := range matchers {
			parsed, err := parser.NewParser(parser.Options{}).ParseMetricSelector("{" + text + "}")
			require.NoError(t, err, text)
			of := labels.FromStrings("alertname", alert.Alert, "severity", alert.Labels["severity"])
			if value := of.Get(parsed[0].Name); value != "" {
				is = is && parsed[0].Matches(value)
			}
		}
		if is {
			found = append(found, alert)
		}
	}
	return found
}

// Inhibitions speak of alerts that there are, and of labels that these have:
// labels that neither alert has are equal, and would silence everything.
func TestInhibitionsMeetAlerts(t *testing.T) {
	groups, _ := render(t, "{}")
	text, err := os.ReadFile(InhibitionFile)
	require.NoError(t, err)
	for _, rule := range inhibitions(t, text).Rules {
		require.NotEmpty(t, rule.Equal)
		for _, matchers := range [][]string{rule.SourceMatchers, rule.TargetMatchers} {
			found := chosen(t, all(groups), matchers)
			require.NotEmpty(t, found, matchers)
			require.Less(t, len(found), len(all(groups)), matchers)
			for _, alert := range found {
				for _, label := range rule.Equal {
					require.Contains(t, carried(t, alert), label, "%s: %s", alert.Alert, matchers)
				}
			}
		}
	}
}

// carried are the labels by which an alert's expression groups, matches or
// joins, and the labels of edges, by which those on edges are recorded.
func carried(t *testing.T, alert rulefmt.Rule) (names []string) {
	t.Helper()
	parser.Inspect(parse(t, alert.Expr), func(n parser.Node, _ []parser.Node) error {
		switch n := n.(type) {
		case *parser.AggregateExpr:
			names = append(names, n.Grouping...)
		case *parser.BinaryExpr:
			if n.VectorMatching != nil {
				names = append(names, n.VectorMatching.Include...)
				if n.VectorMatching.On {
					names = append(names, n.VectorMatching.MatchingLabels...)
				}
			}
		}
		return nil
	})
	return names
}

// An origin's alert is there before those that follow from it can be, which is
// when they are inhibited from the first: it comes earlier in the same group,
// and waits for less.
func TestOriginsAreFirst(t *testing.T) {
	groups, _ := render(t, "{}")
	i := slices.IndexFunc(groups, func(g rulefmt.RuleGroup) bool { return g.Name == "meshscope-edges" })
	require.GreaterOrEqual(t, i, 0)
	rules := groups[i].Rules
	require.Equal(t, "MeshscopeWorkloadFailing", rules[0].Alert)
	text, err := os.ReadFile(InhibitionFile)
	require.NoError(t, err)
	followers := chosen(t, all(groups), inhibitions(t, text).Rules[0].TargetMatchers)
	require.Len(t, followers, 3)
	for _, f := range followers {
		require.True(t, slices.ContainsFunc(rules, func(r rulefmt.Rule) bool { return r.Alert == f.Alert }), f.Alert)
		require.Greater(t, f.For, rules[0].For, f.Alert)
	}
}

// Alertmanager includes no files. That of compose has the same rules.
func TestComposeInhibits(t *testing.T) {
	own, err := os.ReadFile(InhibitionFile)
	require.NoError(t, err)
	compose, err := os.ReadFile("../deploy/compose/alertmanager.yml")
	require.NoError(t, err)
	require.Equal(t, inhibitions(t, own), inhibitions(t, compose))
}
