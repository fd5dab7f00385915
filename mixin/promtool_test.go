package mixin

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/promql/parser"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"
)

func promtool(t *testing.T, arguments ...string) {
	t.Helper()
	program, err := exec.LookPath("promtool")
	if err != nil {
		t.Skip("there is no promtool: .ci/programs --build makes one, and says where")
	}
	out, err := exec.CommandContext(t.Context(), program, arguments...).CombinedOutput()
	require.NoError(t, err, "%s", out)
}

func unitTests(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob("tests/*.yaml")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	return files
}

func TestPromtoolLikesTheRules(t *testing.T) {
	promtool(t, "check", "rules", "--lint=all", "--lint-fatal", AlertsFile, RulesFile)
}

func TestPromtoolUnitTests(t *testing.T) {
	for _, file := range unitTests(t) {
		t.Run(filepath.Base(file), func(t *testing.T) {
			t.Parallel()
			promtool(t, "test", "rules", file)
		})
	}
}

// unitTest is what is asked for of a file for promtool.
type unitTest struct {
	Tests []struct {
		Alerts []struct {
			Name   string `yaml:"alertname"`
			Expect []any  `yaml:"exp_alerts"`
		} `yaml:"alert_rule_test"`
		Queries []struct {
			Expr   string `yaml:"expr"`
			Expect []any  `yaml:"exp_samples"`
		} `yaml:"promql_expr_test"`
	} `yaml:"tests"`
}

// Each alert and each rule has a case in which there is something, and one in
// which there is nothing.
func TestUnitTestsAreComplete(t *testing.T) {
	alerts, rules := render(t, "{}")
	type cases struct{ positive, negative bool }
	tested := map[string]*cases{}
	for _, rule := range all(alerts, rules) {
		tested[rule.Alert+rule.Record] = &cases{}
	}
	note := func(name string, positive bool) {
		require.Contains(t, tested, name)
		if positive {
			tested[name].positive = true
		} else {
			tested[name].negative = true
		}
	}
	for _, file := range unitTests(t) {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		var parsed unitTest
		require.NoError(t, yaml.Unmarshal(text, &parsed), file)
		for _, test := range parsed.Tests {
			for _, alert := range test.Alerts {
				note(alert.Name, len(alert.Expect) > 0)
			}
			for _, query := range test.Queries {
				for _, s := range selectors(t, query.Expr) {
					for _, rule := range all(rules) {
						if selects(s, rule.Record) {
							note(rule.Record, len(query.Expect) > 0)
						}
					}
				}
			}
		}
	}
	for name, is := range tested {
		require.True(t, is.positive, "%s has no case in mixin/tests in which there is something", name)
		require.True(t, is.negative, "%s has no case in mixin/tests in which there is nothing", name)
	}
}

func selects(s *parser.VectorSelector, name string) bool {
	for _, m := range s.LabelMatchers {
		if m.Name == model.MetricNameLabel {
			return m.Matches(name)
		}
	}
	return false
}
