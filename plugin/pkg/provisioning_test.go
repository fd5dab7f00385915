package main_test

import (
	"encoding/json"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"

	"github.com/meshscope/meshscope/plugin/pkg/pluginhost"
	"github.com/meshscope/meshscope/plugin/pkg/settings"
)

type provisioned struct {
	APIVersion  int `yaml:"apiVersion"`
	Datasources []struct {
		Name, UID, Type, Access, URL string
		IsDefault                    bool           `yaml:"isDefault"`
		JSONData                     map[string]any `yaml:"jsonData"`
	}
	Providers []struct {
		Name, Folder, Type string
		AllowUIUpdates     bool `yaml:"allowUiUpdates"`
		Options            struct{ Path string }
	}
}

// provisioning reads a file as Grafana does, where nothing of what is in it is in the environment.
func provisioning(t *testing.T, text string) provisioned {
	t.Helper()
	text = os.Expand(text, func(name string) string {
		require.Equal(t, "$", name, "Grafana would look for it in its environment")
		return name
	})
	decoder := yaml.NewDecoder(strings.NewReader(text))
	decoder.KnownFields(true)
	var p provisioned
	require.NoError(t, decoder.Decode(&p))
	require.Equal(t, 1, p.APIVersion)
	return p
}

func readFile(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(name)
	require.NoError(t, err)
	return string(text)
}

// TestProvisioning takes the sample, and those in the README, as Grafana and the data source take them.
func TestProvisioning(t *testing.T) {
	samples := []string{readFile(t, "../provisioning/datasources/meshscope.yaml")}
	for _, block := range regexp.MustCompile("(?s)```yaml\n(apiVersion: 1.*?)```").FindAllStringSubmatch(readFile(t, "../README.md"), -1) {
		samples = append(samples, block[1])
	}
	require.Greater(t, len(samples), 1)
	for _, sample := range samples {
		ours := 0
		for _, source := range provisioning(t, sample).Datasources {
			if source.Type != pluginhost.PluginID {
				continue
			}
			ours++
			stored, err := json.Marshal(source.JSONData)
			require.NoError(t, err)
			parsed, err := settings.Parse(backend.DataSourceInstanceSettings{URL: source.URL, JSONData: stored})
			require.NoError(t, err)
			given, _ := source.JSONData["links"].([]any)
			require.Len(t, parsed.Links, len(given))
		}
		require.NotZero(t, ours)
	}
}

// TestProvisionedLinksLeadToDashboards holds the sample's links to the dashboards' identifiers and variables.
func TestProvisionedLinksLeadToDashboards(t *testing.T) {
	variables := map[string][]string{}
	files, err := filepath.Glob("../../dashboards/*.json")
	require.NoError(t, err)
	for _, file := range files {
		var dashboard struct {
			UID        string
			Templating struct{ List []struct{ Name string } }
		}
		require.NoError(t, json.Unmarshal([]byte(readFile(t, file)), &dashboard))
		for _, variable := range dashboard.Templating.List {
			variables[dashboard.UID] = append(variables[dashboard.UID], variable.Name)
		}
	}
	found := 0
	for _, source := range provisioning(t, readFile(t, "../provisioning/datasources/meshscope.yaml")).Datasources {
		links, _ := source.JSONData["links"].([]any)
		for _, link := range links {
			text, _ := link.(map[string]any)["url"].(string)
			to, ok := strings.CutPrefix(text, "/d/")
			if !ok {
				continue
			}
			found++
			uid, query, _ := strings.Cut(to, "?")
			require.Contains(t, variables, uid, text)
			values, err := url.ParseQuery(query)
			require.NoError(t, err)
			for name := range values {
				if variable, ok := strings.CutPrefix(name, "var-"); ok {
					require.Contains(t, variables[uid], variable, text)
				}
			}
		}
	}
	require.GreaterOrEqual(t, found, 3)
}

// TestProvisionedDashboards are those that come with the plugin.
func TestProvisionedDashboards(t *testing.T) {
	providers := provisioning(t, readFile(t, "../provisioning/dashboards/meshscope.yaml")).Providers
	require.Len(t, providers, 1)
	folder := providers[0].Options.Path
	require.Equal(t, "dashboards", path.Base(folder))
	require.Equal(t, pluginhost.PluginID, path.Base(path.Dir(folder)))
}
