package kube_test

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/meshscope/meshscope/exporter/kube"
)

// Nothing is asked for but to list and to watch.
func TestResources(t *testing.T) {
	groups := map[string]bool{}
	for _, rule := range kube.Resources() {
		require.Len(t, rule.APIGroups, 1)
		require.False(t, groups[rule.APIGroups[0]], "one rule for each group")
		groups[rule.APIGroups[0]] = true
		require.Equal(t, []string{"list", "watch"}, rule.Verbs)
		require.NotEmpty(t, rule.Resources)
		require.NotContains(t, rule.Resources, "secrets")
		for _, r := range rule.Resources {
			require.Regexp(t, "^[a-z]+$", r)
		}
	}
	require.Len(t, groups, 6)
}

// The table of docs/kubernetes.md has what is read, and nothing else.
func TestDocumentedResources(t *testing.T) {
	text, err := os.ReadFile("../../docs/kubernetes.md")
	require.NoError(t, err)
	row := regexp.MustCompile("(?m)^\\| (core|`[a-z0-9.]+`) \\| ((?:`[a-z]+`(?:, )?)+) \\|")
	var got []string
	for _, m := range row.FindAllStringSubmatch(string(text), -1) {
		group := strings.Trim(m[1], "`")
		if group == "core" {
			group = ""
		}
		for resource := range strings.SplitSeq(m[2], ",") {
			got = append(got, strings.Trim(resource, " `")+"."+group)
		}
	}
	var want []string
	for _, rule := range kube.Resources() {
		for _, resource := range rule.Resources {
			want = append(want, resource+"."+rule.APIGroups[0])
		}
	}
	slices.Sort(got)
	slices.Sort(want)
	require.Equal(t, want, got)
}
