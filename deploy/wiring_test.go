package deploy_test

import (
	"encoding/json"
	"io/fs"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/compose-spec/compose-go/v2/types"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"

	"github.com/meshscope/meshscope/plugin/pkg/link"
)

// TestYAMLIsStrict reads every YAML file; the parser refuses keys that are there twice.
func TestYAMLIsStrict(t *testing.T) {
	read := 0
	require.NoError(t, filepath.WalkDir(".", func(path string, _ fs.DirEntry, err error) error {
		if err != nil || !slices.Contains([]string{".yaml", ".yml"}, filepath.Ext(path)) || filepath.Base(filepath.Dir(path)) == "templates" {
			return err // templates are Helm's
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		read++
		var content map[string]any
		require.NoError(t, yaml.Unmarshal(text, &content), path)
		require.NotEmpty(t, content, path)
		return nil
	}))
	require.Greater(t, read, 5)
}

// said are the texts by which a service is told of others: its command, its environment, and the values in the YAML
// files that are mounted for it.
func said(t *testing.T, s types.ServiceConfig) []string {
	t.Helper()
	texts := slices.Clone(s.Command)
	for _, value := range s.Environment {
		texts = append(texts, *value)
	}
	if s.HealthCheck != nil {
		texts = append(texts, s.HealthCheck.Test...)
	}
	for _, v := range s.Volumes {
		if v.Type != types.VolumeTypeBind || !strings.HasPrefix(v.Source, abs(t, composeFolder)) {
			continue
		}
		require.NoError(t, filepath.WalkDir(v.Source, func(path string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() {
				return err
			}
			var content yaml.Node
			require.NoError(t, yaml.Unmarshal([]byte(read(t, path)), &content))
			texts = append(texts, scalars(&content)...)
			return nil
		}))
	}
	return texts
}

func scalars(n *yaml.Node) []string {
	if n.Kind == yaml.ScalarNode {
		return []string{n.Value}
	}
	var all []string
	for _, inner := range n.Content {
		all = append(all, scalars(inner)...)
	}
	return all
}

func abs(t *testing.T, path string) string {
	t.Helper()
	path, err := filepath.Abs(path)
	require.NoError(t, err)
	return path
}

var address = regexp.MustCompile(`(?:^|//|=)([a-z][a-z.-]*:[0-9]+)(?:/|$)`)

// TestAddresses checks that wherever a service is told of another, that one listens there. The ports that services
// listen on are those that they publish: TestDemoRuns and its like find the programs there.
func TestAddresses(t *testing.T) {
	told := map[string]bool{}
	eachService(t, func(t *testing.T, p *types.Project, s types.ServiceConfig) {
		for _, text := range said(t, s) {
			for _, match := range address.FindAllStringSubmatch(text, -1) {
				host, port, err := net.SplitHostPort(match[1])
				require.NoError(t, err)
				if host == "host.docker.internal" {
					continue
				}
				told[s.Name+" of "+host] = true
				if host == "localhost" {
					host = s.Name
				}
				require.Contains(t, p.Services, host, "in %q", text)
				ports := p.Services[host].Ports
				require.True(t, slices.ContainsFunc(ports, func(c types.ServicePortConfig) bool {
					return strconv.Itoa(int(c.Target)) == port
				}), "in %q: %s listens on %v", text, host, ports)
			}
		}
	})
	for _, want := range []string{
		"prometheus of mesh", "prometheus of meshscope", "prometheus of alertmanager", "meshscope of prometheus",
		"grafana of prometheus", "grafana of alertmanager", "grafana of localhost",
	} {
		require.True(t, told[want], want)
	}
}

// TestPathsInCommands checks that the files that commands name are mounted.
func TestPathsInCommands(t *testing.T) {
	eachService(t, func(t *testing.T, _ *types.Project, s types.ServiceConfig) {
		for _, argument := range s.Command {
			if _, path, ok := strings.Cut(argument, "--config.file="); ok {
				require.FileExists(t, onDisk(t, s, path))
			}
		}
	})
}

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

func provisioning(t *testing.T, file string) provisioned {
	t.Helper()
	var content provisioned
	decoder := yaml.NewDecoder(strings.NewReader(read(t, composeFolder, "grafana", file)))
	decoder.KnownFields(true)
	require.NoError(t, decoder.Decode(&content))
	require.Equal(t, 1, content.APIVersion)
	return content
}

// TestDatasources checks that there is a data source of each type that dashboards ask for, and that theirs are the
// ones that Grafana takes first: the default one of a type, else the first by name.
func TestDatasources(t *testing.T) {
	names := map[string][]string{}
	uids := map[string]bool{}
	for _, d := range provisioning(t, "datasources/meshscope.yml").Datasources {
		names[d.Type] = append(names[d.Type], d.Name)
		require.Equal(t, "proxy", d.Access)
		require.False(t, uids[d.UID], "two of uid %s", d.UID)
		uids[d.UID] = true
		if !strings.HasPrefix(d.URL, "$") {
			_, err := url.ParseRequestURI(d.URL)
			require.NoError(t, err)
		} else {
			require.Contains(t, project(t, "demo").Services["grafana"].Environment, strings.TrimPrefix(d.URL, "$"))
		}
	}
	require.Equal(t, []string{"Prometheus"}, names["prometheus"])
	require.Equal(t, "Meshscope", slices.Min(names[pluginID(t)]))

	for _, file := range dashboards(t) {
		var dashboard struct {
			UID        string
			Templating struct {
				List []struct {
					Name, Type string
					Query      any
				}
			}
		}
		require.NoError(t, json.Unmarshal([]byte(read(t, file)), &dashboard))
		require.NotEmpty(t, dashboard.UID)
		asked := 0
		for _, variable := range dashboard.Templating.List {
			if variable.Type == "datasource" {
				asked++
				require.Contains(t, names, variable.Query, "variable %s of %s", variable.Name, file)
			}
		}
		require.Positive(t, asked, file)
	}
}

// TestLinksLeadToDashboards holds what nodes and edges are linked to, as the data source reads it, to dashboards and
// their variables.
func TestLinksLeadToDashboards(t *testing.T) {
	variables := map[string][]string{}
	for _, file := range dashboards(t) {
		var dashboard struct {
			UID        string
			Templating struct{ List []struct{ Name string } }
		}
		require.NoError(t, json.Unmarshal([]byte(read(t, file)), &dashboard))
		for _, v := range dashboard.Templating.List {
			variables[dashboard.UID] = append(variables[dashboard.UID], v.Name)
		}
	}
	reached := map[string]bool{}
	for _, d := range provisioning(t, "datasources/meshscope.yml").Datasources {
		stored, err := json.Marshal(d.JSONData["links"])
		require.NoError(t, err)
		links, err := link.Parse([]byte(strings.ReplaceAll(string(stored), "$$", "$"))) // one for Grafana, which reads its environment
		require.NoError(t, err)
		for _, l := range links {
			u, err := url.Parse(l.URL)
			require.NoError(t, err)
			uid := strings.TrimPrefix(u.Path, "/d/")
			require.Contains(t, variables, uid, l.Title)
			for name := range u.Query() {
				if variable, ok := strings.CutPrefix(name, "var-"); ok {
					require.Contains(t, variables[uid], variable, l.Title)
				}
			}
			reached[uid] = true
		}
	}
	require.Equal(t, map[string]bool{"meshscope-namespace": true, "meshscope-workload": true, "meshscope-edge": true}, reached)
}

// dashboards are the files that Grafana provisions.
func dashboards(t *testing.T) []string {
	t.Helper()
	s := project(t, "demo").Services["grafana"]
	var files []string
	for _, provider := range provisioning(t, "dashboards/meshscope.yml").Providers {
		found, err := filepath.Glob(filepath.Join(onDisk(t, s, provider.Options.Path), "*.json"))
		require.NoError(t, err)
		files = append(files, found...)
	}
	require.NotEmpty(t, files)
	require.Contains(t, files, onDisk(t, s, *s.Environment["GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH"]))
	return files
}
