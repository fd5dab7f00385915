package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

const pluginID = "meshscope-topology-datasource"

// TestInstallation installs the archive in an empty Grafana as the README says, makes the data sources, and imports all
// dashboards that come with it.
func TestInstallation(t *testing.T) {
	home := os.Getenv("GRAFANA_HOME")
	if home == "" {
		t.Skip("there is no Grafana: GRAFANA_HOME is not set to a folder with bin/grafana, conf and public")
	}
	packed := newest(t, "../../dist/"+pluginID+"-*.zip")
	if packed == "" {
		t.Skip("there is no archive in dist: make plugin packs it")
	}
	if testing.Short() {
		t.Skip("in short: it builds the demo")
	}
	archive, err := filepath.Abs(packed)
	require.NoError(t, err)
	grafana := install(t, home, archive)
	store := demo(t)

	var source struct{ UID string }
	for _, kind := range []string{"prometheus", pluginID} {
		var made struct{ Datasource struct{ UID string } }
		grafana.ask(t, http.MethodPost, "/api/datasources", map[string]any{"name": kind, "type": kind, "access": "proxy", "url": store}, &made)
		source = made.Datasource
	}
	var health struct{ Status, Message string }
	grafana.ask(t, http.MethodGet, "/api/datasources/uid/"+source.UID+"/health", nil, &health)
	require.Equal(t, "OK", health.Status, health.Message)

	// The list on the page of a data source, and its buttons.
	var listed []struct{ Title, Path, UID string }
	grafana.ask(t, http.MethodGet, "/api/plugins/"+pluginID+"/dashboards", nil, &listed)
	shipped, err := filepath.Glob("../../dashboards/*.json")
	require.NoError(t, err)
	require.Len(t, listed, len(shipped))
	for _, dashboard := range listed {
		var imported struct{ UID string }
		grafana.ask(t, http.MethodPost, "/api/dashboards/import", map[string]any{
			"pluginId": pluginID, "path": dashboard.Path, "overwrite": true,
			"inputs": []any{map[string]string{"name": "*", "type": "datasource", "pluginId": pluginID, "value": "x"}},
		}, &imported)
		var shown struct {
			Dashboard struct {
				Title  string
				Panels []json.RawMessage
			}
		}
		grafana.ask(t, http.MethodGet, "/api/dashboards/uid/"+dashboard.UID, nil, &shown)
		require.Equal(t, dashboard.Title, shown.Dashboard.Title)
		require.NotEmpty(t, shown.Dashboard.Panels)
	}

	// The graph of the overview.
	require.Eventually(t, func() bool {
		var answer struct {
			Results map[string]struct {
				Frames []struct {
					Data struct{ Values [][]any }
				}
			}
		}
		grafana.ask(t, http.MethodPost, "/api/ds/query", map[string]any{"from": "now-5m", "to": "now", "queries": []any{
			map[string]any{"refId": "A", "queryType": "graph", "datasource": map[string]string{"uid": source.UID, "type": pluginID}},
		}}, &answer)
		frames := answer.Results["A"].Frames
		return len(frames) > 0 && len(frames[0].Data.Values) > 0 && len(frames[0].Data.Values[0]) > 20
	}, 2*time.Minute, time.Second, "a graph of more than 20 nodes")
}

// newest is the one that was made last of those for all platforms.
func newest(t *testing.T, pattern string) (name string) {
	t.Helper()
	archives, err := filepath.Glob(pattern)
	require.NoError(t, err)
	var at time.Time
	for _, archive := range archives {
		info, err := os.Stat(archive)
		require.NoError(t, err)
		if !regexp.MustCompile(`\.(linux|darwin|windows)_[0-9a-z]+\.zip$`).MatchString(archive) && info.ModTime().After(at) {
			name, at = archive, info.ModTime()
		}
	}
	return name
}

// install has an empty Grafana unpack the archive by its command line, sets what the README says is to be set, and starts it.
func install(t *testing.T, home, archive string) visitor {
	t.Helper()
	data := t.TempDir()
	plugins, program := filepath.Join(data, "plugins"), filepath.Join(home, "bin/grafana")
	cli := exec.CommandContext(t.Context(), program, "cli", "--homepath", home, "--pluginsDir", plugins, "--pluginUrl", archive, "plugins", "install", pluginID)
	told, err := cli.CombinedOutput()
	require.NoError(t, err, "%s", told)

	setting := regexp.MustCompile("(?s)```ini\n(.*?)```").FindSubmatch(read(t, "../README.md"))
	require.NotNil(t, setting, "the README has what is to be set")
	config := filepath.Join(data, "custom.ini")
	require.NoError(t, os.WriteFile(config, setting[1], 0o600))
	address := free(t)
	host, port, err := net.SplitHostPort(address)
	require.NoError(t, err)
	run := background(t, program, "server", "--homepath", home, "--config", config,
		"cfg:default.server.http_addr="+host, "cfg:default.server.http_port="+port,
		"cfg:default.paths.data="+data, "cfg:default.paths.logs="+data, "cfg:default.paths.plugins="+plugins, "cfg:default.paths.provisioning="+data,
		"cfg:default.plugins.preinstall_disabled=true", "cfg:default.analytics.reporting_enabled=false", "cfg:default.analytics.check_for_updates=false",
		"cfg:default.analytics.check_for_plugin_updates=false", "cfg:default.log.mode=console")
	grafana := visitor{"http://admin:admin@" + address}
	require.Eventually(t, func() bool { return answers("http://" + address + "/api/health") }, 2*time.Minute, time.Second, "Grafana answers")
	require.Contains(t, run.String(), "Permitting unsigned plugin", "as the README says")
	return grafana
}

// demo runs the simulated mesh, and gives the URL of its store.
func demo(t *testing.T) string {
	t.Helper()
	program := filepath.Join(t.TempDir(), "demo")
	told, err := exec.CommandContext(t.Context(), "go", "build", "-o", program, "../../exporter/cmd/meshscope-demo").CombinedOutput()
	require.NoError(t, err, "%s", told)
	store, exporter := free(t), free(t)
	background(t, program, "--history=10m", "--prometheus.listen-address="+store, "--web.listen-address="+exporter, "--demo.listen-address="+free(t))
	require.Eventually(t, func() bool { return answers("http://" + exporter + "/-/ready") }, 2*time.Minute, time.Second, "the demo is ready")
	return "http://" + store
}

// free is an address of this machine that nobody listens at.
func free(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer listener.Close()
	return listener.Addr().String()
}

// background runs a program until the test ends, and gives what it says.
func background(t *testing.T, program string, arguments ...string) *said {
	t.Helper()
	output := &said{}
	ctx, end := context.WithCancel(context.Background())
	command := exec.CommandContext(ctx, program, arguments...)
	command.Stdout, command.Stderr = output, output
	command.Cancel = func() error { return command.Process.Signal(syscall.SIGTERM) } // Grafana then ends its plugins, too
	command.WaitDelay = 20 * time.Second
	require.NoError(t, command.Start())
	t.Cleanup(func() {
		end()
		_ = command.Wait()
		if t.Failed() {
			t.Logf("%s said:\n%s", filepath.Base(program), output.String())
		}
	})
	return output
}

var direct = &http.Client{Transport: &http.Transport{Proxy: nil}, Timeout: time.Minute}

func answers(url string) bool {
	response, err := direct.Get(url)
	if err != nil {
		return false
	}
	response.Body.Close()
	return response.StatusCode == http.StatusOK
}

// A visitor asks Grafana as its administrator.
type visitor struct{ url string }

func (v visitor) ask(t *testing.T, method, path string, question, answer any) {
	t.Helper()
	body, err := json.Marshal(question)
	require.NoError(t, err)
	request, err := http.NewRequestWithContext(t.Context(), method, v.url+path, bytes.NewReader(body))
	require.NoError(t, err)
	request.Header.Set("Content-Type", "application/json")
	response, err := direct.Do(request)
	require.NoError(t, err)
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, response.StatusCode, "%s %s: %s", method, path, text)
	require.NoError(t, json.Unmarshal(text, answer), fmt.Sprintf("%s: %s", path, strings.TrimSpace(string(text))))
}
