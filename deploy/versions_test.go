package deploy_test

import (
	"encoding/json"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestVersions holds the images that others make to what the tree is built and tested with.
func TestVersions(t *testing.T) {
	bases := map[string]string{}
	for _, s := range stages(t) {
		if name, tag, ok := strings.Cut(s.BaseName, ":"); ok {
			bases[name] = tag
		}
	}
	services := project(t, "demo").Services

	golang := found(t, read(t, root, "go.mod"), `(?m)^go (\S+)$`)
	require.Regexp(t, `^`+regexp.QuoteMeta(golang)+`-`, bases["golang"], "the version in go.mod")
	node := strings.TrimSpace(read(t, root, "plugin/.nvmrc"))
	require.Regexp(t, `^`+regexp.QuoteMeta(node)+`\.`, bases["node"], "the version in plugin/.nvmrc")
	require.Equal(t, grafana(t), bases["grafana/grafana"], "the version in plugin/package.json")

	// Prometheus 3.15.0 is version 0.315.0 of its module.
	programs := read(t, root, ".ci/programs")
	module := regexp.MustCompile(`v0\.(\d)(\d\d)\.(\d+)`).FindStringSubmatch(found(t, programs, `(?m)^program prometheus (\S+)$`))
	require.NotNil(t, module)
	require.Equal(t, "prom/prometheus:v"+module[1]+"."+module[2]+"."+module[3], services["prometheus"].Image, "the version in .ci/programs")
	require.Equal(t, "prom/alertmanager:"+found(t, programs, `(?m)^program alertmanager (\S+)$`), services["alertmanager"].Image, "the version in .ci/programs")
}

// found is what a pattern's group matches.
func found(t *testing.T, text, pattern string) string {
	t.Helper()
	match := regexp.MustCompile(pattern).FindStringSubmatch(text)
	require.NotNil(t, match, pattern)
	return match[1]
}

// grafana is the version that the plugin's front end is compiled for.
func grafana(t *testing.T) string {
	t.Helper()
	var manifest struct{ Dependencies map[string]string }
	require.NoError(t, json.Unmarshal([]byte(read(t, root, "plugin/package.json")), &manifest))
	return manifest.Dependencies["@grafana/runtime"]
}
