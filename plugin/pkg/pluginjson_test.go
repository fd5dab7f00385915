package main_test

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/meshscope/meshscope/exporter/topology"
	"github.com/meshscope/meshscope/plugin/pkg/pluginhost"
	"github.com/meshscope/meshscope/plugin/pkg/query"
)

// TestPluginJSON checks what Grafana must find in plugin.json to start the
// backend and to let alerting use it. What its catalog asks beside that is in
// plugin/catalog.
func TestPluginJSON(t *testing.T) {
	text, err := os.ReadFile("../src/plugin.json")
	require.NoError(t, err)
	var is struct {
		ID, Type, Executable                    string
		Backend, Metrics, Alerting, Annotations bool
		Dependencies                            struct{ GrafanaDependency string }
		Info                                    struct {
			Version, Updated string
		}
	}
	require.NoError(t, json.Unmarshal(text, &is))
	assert.Equal(t, pluginhost.PluginID, is.ID)
	assert.Equal(t, "datasource", is.Type)
	assert.True(t, strings.HasPrefix(is.Executable, "gpx_"))
	assert.True(t, is.Backend && is.Metrics && is.Alerting && is.Annotations)
	assert.Equal(t, ">=11.1.0-0", is.Dependencies.GrafanaDependency)
	assert.Equal(t, "%VERSION%", is.Info.Version)
	assert.Equal(t, "%TODAY%", is.Info.Updated)
}

// TestReadme has a word for each value that a query may have.
func TestReadme(t *testing.T) {
	text, err := os.ReadFile("../README.md")
	require.NoError(t, err)
	var words []string
	for _, level := range topology.Levels {
		words = append(words, string(level))
	}
	for _, stat := range query.Stats {
		words = append(words, string(stat))
	}
	for _, by := range query.ColorBys {
		words = append(words, string(by))
	}
	for _, layout := range query.Layouts {
		words = append(words, string(layout))
	}
	for _, word := range words {
		assert.Contains(t, string(text), "`"+word+"`")
	}
}
