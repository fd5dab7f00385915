package mixin

import (
	"encoding/json"
	"path/filepath"
	"testing"

	"github.com/google/go-jsonnet"
	"github.com/stretchr/testify/require"

	"github.com/meshscope/meshscope/mixin/jsonnettest"
)

func TestJsonnet(t *testing.T) { jsonnettest.WellFormed(t, ".") }

func TestFilesAreUpToDate(t *testing.T) {
	files, err := Render("{}")
	require.NoError(t, err)
	text := map[string]string{}
	for name, content := range files {
		text[name] = string(content)
	}
	jsonnettest.UpToDate(t, ".", "*.yaml", text, "make mixin")
}

// Who takes the mixin for everything gets the dashboards with it.
func TestMixinHasDashboards(t *testing.T) {
	out, err := jsonnet.MakeVM().EvaluateAnonymousSnippet("all.jsonnet", `(import 'mixin.libsonnet').grafanaDashboards`)
	require.NoError(t, err)
	var dashboards map[string]struct{ Title string }
	require.NoError(t, json.Unmarshal([]byte(out), &dashboards))
	require.NotEmpty(t, dashboards)
	for name, dashboard := range dashboards {
		require.FileExists(t, filepath.Join("..", "dashboards", name))
		require.NotEmpty(t, dashboard.Title, name)
	}
}

// By the conventions of mixins all that is exported is hidden, so that mixins
// can be added to each other.
func TestMixinIsHidden(t *testing.T) {
	out, err := jsonnet.MakeVM().EvaluateAnonymousSnippet("all.jsonnet", `import 'mixin.libsonnet'`)
	require.NoError(t, err)
	require.JSONEq(t, `{}`, out)
}
