package deploy_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// pluginID is that of plugin.json, and the name of its folder.
func pluginID(t *testing.T) string {
	t.Helper()
	var plugin struct{ ID string }
	require.NoError(t, json.Unmarshal([]byte(read(t, root, "plugin/src/plugin.json")), &plugin))
	return plugin.ID
}

// TestGrafanaRuns runs all services, with the Grafana that GRAFANA_HOME has, and asks it as a user's browser would.
func TestGrafanaRuns(t *testing.T) {
	home := os.Getenv("GRAFANA_HOME")
	if home == "" {
		t.Skip("there is no Grafana: GRAFANA_HOME is not set to a folder with bin/grafana, conf and public")
	}
	dist := filepath.Join(root, "plugin/dist")
	for _, file := range []string{"module.js", "gpx_meshscope_linux_" + runtime.GOARCH} {
		if _, err := os.Stat(filepath.Join(dist, file)); err != nil {
			t.Skipf("the plugin is not built: %v; make plugin builds it", err)
		}
	}
	needs(t, "prometheus", "alertmanager")
	p := project(t, "demo")
	t.Parallel()
	ours := compiled(t, "meshscope", "meshscope-demo")
	e := newEngine(t, p, strings.NewReplacer("15s", "2s"))
	e.run(t, "mesh", filepath.Join(ours, "meshscope-demo"))
	e.run(t, "meshscope", filepath.Join(ours, "meshscope"))
	e.runGrafana(t, home, dist)
	e.runPrometheus(t)
	e.healthy(t, "grafana")

	grafana := browser{url: e.url(t, "grafana")}
	require.Eventually(t, func() bool { return grafana.reaches(t, "/api/health") }, patience, time.Second, "Grafana answers")
	provisioned := provisioning(t, "datasources/meshscope.yml").Datasources
	admin := browser{url: grafana.url, user: "admin", password: "admin"}
	for _, d := range provisioned {
		var known struct{ Name, Type string }
		admin.get(t, "/api/datasources/uid/"+d.UID, &known)
		require.Equal(t, d.Name, known.Name)
		require.Equal(t, d.Type, known.Type)
		if d.Type == "alertmanager" { // has no backend that could tell
			require.True(t, admin.reaches(t, "/api/datasources/proxy/uid/"+d.UID+"/api/v2/status"), d.Name)
			continue
		}
		var health struct{ Status, Message string }
		admin.get(t, "/api/datasources/uid/"+d.UID+"/health", &health)
		t.Logf("%s: %s %s", d.Name, health.Status, health.Message)
		require.Equal(t, "OK", health.Status, "%s: %s", d.Name, health.Message)
	}

	// Whoever comes sees the dashboard, without signing in, at once and by its name.
	for _, file := range dashboards(t) {
		var shipped, shown struct {
			UID       string
			Title     string
			Dashboard struct{ UID, Title string }
		}
		require.NoError(t, json.Unmarshal([]byte(read(t, file)), &shipped))
		grafana.get(t, "/api/dashboards/uid/"+shipped.UID, &shown)
		require.Equal(t, shipped.Title, shown.Dashboard.Title)
		if strings.HasSuffix(file, "mesh-overview.json") {
			shown.Dashboard.Title = ""
			grafana.get(t, "/api/dashboards/home", &shown)
			require.Equal(t, shipped.Title, shown.Dashboard.Title)
		}
	}

	// The map is there, and is the same, from either series. It takes a while until both know every edge.
	var counts []int
	defer func() { t.Logf("nodes: %v", counts) }()
	require.Eventually(t, func() bool {
		counts = nil
		for _, d := range provisioned {
			if d.Type == pluginID(t) {
				counts = append(counts, grafana.nodes(t, d.UID, d.Type))
			}
		}
		return len(counts) == 2 && counts[0] > 20 && counts[0] == counts[1]
	}, patience, time.Second, "a map from the exporter's series, and the same from Istio's")
}

// runGrafana runs Grafana as its image does, with the variables that ours adds.
func (e *engine) runGrafana(t *testing.T, home, dist string) {
	t.Helper()
	s := e.project.Services["grafana"]
	plugins := t.TempDir()
	require.NoError(t, os.CopyFS(filepath.Join(plugins, pluginID(t)), os.DirFS(dist)))
	variables := map[string]string{}
	for _, variable := range slices.Concat(plan(t, s.Build.Target, "amd64", &registry{}).Env, e.environment(s)) {
		name, value, _ := strings.Cut(variable, "=")
		variables[name] = value
	}
	require.Contains(t, variables, "GF_PATHS_PLUGINS")
	variables["GF_PATHS_PLUGINS"] = plugins
	variables["GF_SERVER_HTTP_ADDR"] = e.addresses["grafana"]
	delete(variables, "PATH") // of the image
	var env []string
	for name, value := range variables {
		env = append(env, name+"="+value)
	}
	start(t, "grafana", filepath.Join(home, "bin/grafana"), []string{
		"server", "--homepath=" + home, "--packaging=docker",
		"cfg:default.log.mode=console", "cfg:default.log.level=warn",
		"cfg:default.paths.data=" + e.path("/var/lib/grafana"),
		"cfg:default.paths.logs=" + t.TempDir(),
		"cfg:default.paths.provisioning=" + filepath.Dir(e.path("/etc/grafana/provisioning/datasources")),
	}, env)
}

// A browser asks Grafana, for a user or for nobody.
type browser struct{ url, user, password string }

func (b browser) ask(t *testing.T, method, path string, body []byte) (int, []byte) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, b.url+path, bytes.NewReader(body))
	require.NoError(t, err)
	request.Header.Set("Content-Type", "application/json")
	if b.user != "" {
		request.SetBasicAuth(b.user, b.password)
	}
	answer, err := (&http.Client{Transport: direct}).Do(request)
	if err != nil {
		return 0, []byte(err.Error())
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	require.NoError(t, err)
	return answer.StatusCode, text
}

func (b browser) reaches(t *testing.T, path string) bool {
	t.Helper()
	status, _ := b.ask(t, http.MethodGet, path, nil)
	return status == http.StatusOK
}

func (b browser) get(t *testing.T, path string, into any) {
	t.Helper()
	status, text := b.ask(t, http.MethodGet, path, nil)
	require.Equal(t, http.StatusOK, status, "%s: %s", path, text)
	require.NoError(t, json.Unmarshal(text, into), path)
}

// nodes is how many nodes a data source's graph of the last minutes has.
func (b browser) nodes(t *testing.T, uid, kind string) int {
	t.Helper()
	question, err := json.Marshal(map[string]any{
		"from": "now-5m", "to": "now",
		"queries": []any{map[string]any{
			"refId": "A", "queryType": "graph", "datasource": map[string]string{"uid": uid, "type": kind},
		}},
	})
	require.NoError(t, err)
	status, text := b.ask(t, http.MethodPost, "/api/ds/query", question)
	require.Equal(t, http.StatusOK, status, "%s", text)
	var found struct {
		Results map[string]struct {
			Frames []struct {
				Schema struct{ Name string }
				Data   struct{ Values [][]any }
			}
		}
	}
	require.NoError(t, json.Unmarshal(text, &found))
	for _, frame := range found.Results["A"].Frames {
		if frame.Schema.Name == "nodes" {
			return len(frame.Data.Values[0])
		}
	}
	require.Fail(t, "no frame of nodes", "%s", text)
	return 0
}
