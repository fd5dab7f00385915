package mixin

import (
	"testing"

	"github.com/prometheus/common/model"
	"github.com/prometheus/common/promslog"
	"github.com/prometheus/prometheus/model/rulefmt"
	"github.com/prometheus/prometheus/promql/parser"
	"github.com/stretchr/testify/require"
)

// render gives the groups of the rule files under a configuration, read by
// Prometheus's own reader.
func render(t *testing.T, config string) (alerts, rules []rulefmt.RuleGroup) {
	t.Helper()
	files, err := Render(config)
	require.NoError(t, err)
	require.Len(t, files, 3)
	read := func(name string) []rulefmt.RuleGroup {
		file, errs := rulefmt.Parse(files[name], false, model.UTF8Validation, parser.NewParser(parser.Options{}), promslog.NewNopLogger())
		require.Empty(t, errs, name)
		return file.Groups
	}
	return read(AlertsFile), read(RulesFile)
}

func all(groups ...[]rulefmt.RuleGroup) (rules []rulefmt.Rule) {
	for _, file := range groups {
		for _, group := range file {
			rules = append(rules, group.Rules...)
		}
	}
	return rules
}

func TestConfigChangesRules(t *testing.T) {
	alerts, rules := render(t, `{
		exporterSelector: 'job="monitoring/meshscope", team="mesh"',
		edgeSelector: 'source_workload_namespace!="load-test"',
		showMultiCluster: true,
		clusterLabel: 'k8s_cluster',
		runbookURLPattern: 'https://wiki.example.com/%s',
		dashboardURL: 'https://grafana.example.com/d/meshscope-overview',
		window: '1m',
		interval: '5s',
		edgeFailing+: { minRequests: 7, critical+: { ratio: 0.125, 'for': '3s' } },
		newDependency+: { newFor: '90s', meshAge: '2m', memory: '10m', interval: '15s' },
	}`)
	byName := map[string]rulefmt.Rule{}
	for _, rule := range all(alerts, rules) {
		if rule.Alert != "MeshscopeEdgeFailing" || rule.Labels["severity"] == "critical" {
			byName[rule.Alert+rule.Record] = rule
		}
	}

	failing := byName["MeshscopeEdgeFailing"]
	require.Contains(t, failing.Expr, "> 0.125")
	require.Contains(t, failing.Expr, "workload_edge:meshscope_requests:increase1m >= 7")
	require.Equal(t, "3s", failing.For.String())
	require.Equal(t, "https://wiki.example.com/meshscopeedgefailing", failing.Annotations["runbook_url"])
	require.Equal(t, "https://grafana.example.com/d/meshscope-overview", failing.Annotations["dashboard_url"])

	requests := byName["workload_edge:meshscope_requests:increase1m"]
	require.Contains(t, requests.Expr, `increase(meshscope_edge_requests_total{source_workload_namespace!="load-test"}[1m])`)
	require.NotContains(t, byName["edge:meshscope_requests:increase1h"].Expr, "load-test", "rollups have all edges")
	require.Contains(t, byName["MeshscopeEdgePlaintext"].Expr, "load-test")
	require.Contains(t, byName["dependency:meshscope_edge_first_seen_timestamp_seconds:min"].Expr, "load-test")

	require.Equal(t, `up{job="monitoring/meshscope", team="mesh"} == 0`, byName["MeshscopeTargetDown"].Expr)
	require.Contains(t, byName["MeshscopeStale"].Expr, "max by (k8s_cluster, job)")
	require.Contains(t, byName["MeshscopeStoreNotAnswering"].Expr, "on (k8s_cluster, job, instance)")
	require.Contains(t, byName["MeshscopeTargetDown"].Annotations["description"], "{{ $labels.k8s_cluster }}")

	require.Contains(t, byName["MeshscopeNewDependency"].Expr, "< 90\n")
	require.Contains(t, byName["MeshscopeNewDependency"].Expr, ":memory[10m] offset 90s")
	for _, group := range rules {
		if group.Name == "meshscope-memory.rules" {
			require.Equal(t, "15s", group.Interval.String())
		}
	}
}

func TestConfigErrors(t *testing.T) {
	for name, config := range map[string]string{
		"not an object":      `[]`,
		"not jsonnet":        `{`,
		"not a duration":     `{ stale+: { maxAge: 'soon' } }`,
		"two units":          `{ stale+: { maxAge: '1h30m' } }`,
		"not a field of for": `{ stale+: { 'for': { minutes: 2 } } }`,
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Render(config)
			require.Error(t, err)
		})
	}
}
