package mixin

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-jsonnet"
	"github.com/stretchr/testify/require"
)

func TestAlertsFollowConventions(t *testing.T) {
	alerts, _ := render(t, "{}")
	runbooks, err := os.ReadFile("../docs/runbooks.md")
	require.NoError(t, err)
	var headings []string
	for _, heading := range regexp.MustCompile(`(?m)^## (\w+)$`).FindAllStringSubmatch(string(runbooks), -1) {
		headings = append(headings, heading[1])
	}

	var names []string
	for _, rule := range all(alerts) {
		t.Run(rule.Alert+"/"+rule.Labels["severity"], func(t *testing.T) {
			require.Regexp(t, `^Meshscope[A-Z][A-Za-z]+$`, rule.Alert)
			require.Contains(t, []string{"critical", "warning", "info"}, rule.Labels["severity"])
			require.Len(t, rule.Labels, 1, "labels beside the severity come from the expression")
			require.Positive(t, rule.For)
			require.Regexp(t, `^[A-Z{].*[^.]\.$`, rule.Annotations["summary"], "a sentence")
			require.Regexp(t, `\.$`, rule.Annotations["description"], "sentences")
			require.NotContains(t, rule.Annotations, "dashboard_url", "there is none without configuration")
			require.Equal(t, "https://github.com/meshscope/meshscope/blob/main/docs/runbooks.md#"+strings.ToLower(rule.Alert),
				rule.Annotations["runbook_url"])
			require.Contains(t, headings, rule.Alert, "a heading in docs/runbooks.md")
		})
		names = append(names, rule.Alert)
	}
	readme, err := os.ReadFile("README.md")
	require.NoError(t, err)
	for _, name := range names {
		require.Contains(t, string(readme), "["+name+"]", "a row in mixin/README.md")
	}
	for _, heading := range headings {
		require.Contains(t, names, heading, "docs/runbooks.md has a heading of no alert")
	}
	require.Len(t, headings, len(slices.Compact(slices.Sorted(slices.Values(headings)))))
}

// Whoever reads a summary alone, at a webhook or in a chat, knows which edge,
// workload or object is meant. Other alerts have fixed summaries, as is usual.
func TestSummariesNameWhatIsMeant(t *testing.T) {
	alerts, _ := render(t, "{}")
	label := regexp.MustCompile(`\$labels\.(\w+)`)
	for _, group := range alerts {
		for _, rule := range group.Rules {
			var named []string
			for _, m := range label.FindAllStringSubmatch(rule.Annotations["summary"], -1) {
				named = append(named, m[1])
			}
			switch group.Name {
			case "meshscope-exporter":
				require.Empty(t, named, rule.Alert)
			case "meshscope-dependencies":
				require.Subset(t, named, []string{
					"source_canonical_service", "source_workload_namespace", "destination_service_name", "destination_service_namespace",
				}, rule.Alert)
			case "meshscope-objects":
				require.Subset(t, named, []string{"object_kind", "object_namespace", "object_name"}, rule.Alert)
			default:
				if strings.HasPrefix(rule.Alert, "MeshscopeWorkload") {
					require.Subset(t, named, []string{"workload_namespace", "workload_name"}, rule.Alert)
					continue
				}
				require.Subset(t, named, []string{
					"source_workload", "source_workload_namespace", "destination_workload", "destination_workload_namespace",
					"destination_service_name", "destination_service_namespace",
				}, rule.Alert)
			}
		}
	}
}

// Runbooks name the keys of _config by which an alert is tuned. They must exist.
func TestRunbooksNameConfigKeys(t *testing.T) {
	runbooks, err := os.ReadFile("../docs/runbooks.md")
	require.NoError(t, err)
	keys := regexp.MustCompile("`_config\\.([A-Za-z]+)((?:\\.[A-Za-z]+)*)`").FindAllStringSubmatch(string(runbooks), -1)
	require.NotEmpty(t, keys)
	for _, key := range keys {
		path := strings.ReplaceAll(key[1]+key[2], ".for", "['for']")
		_, err := jsonnet.MakeVM().EvaluateAnonymousSnippet("key.jsonnet", "(import 'mixin.libsonnet')._config."+path)
		require.NoError(t, err, path)
	}
}
