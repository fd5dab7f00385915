package alerting

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"github.com/prometheus/client_golang/api"
	promapi "github.com/prometheus/client_golang/api/prometheus/v1"
	"github.com/prometheus/common/model"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"

	"github.com/meshscope/meshscope/mixin"
)

const (
	// interval is that of scrapes, refreshes and evaluations.
	interval = 2 * time.Second
	// patience is for a program that ends, and for one answer.
	patience = 10 * time.Second
	// deadline is for whatever is waited for. It is generous, for machines that
	// have other things to do.
	deadline = 3 * time.Minute
)

// bed is all that a notification takes, each a process of its own: a simulated
// mesh, a Prometheus that scrapes it, an exporter that asks this Prometheus and
// is scraped by it, the rules in it, an Alertmanager, and a webhook.
type bed struct {
	webhook    *webhook
	prometheus promapi.API
	// store stands between the exporter and Prometheus.
	store *breaker
	// mesh, exporter and alertmanager are URLs.
	mesh, exporter, alertmanager string
}

// newBed starts a bed with the mixin's rules, where config is added to _config,
// and an exporter that is told how to judge health.
func newBed(t *testing.T, config string, health map[string]any) *bed {
	t.Helper()
	if testing.Short() {
		t.Skip("builds and runs programs")
	}
	prometheus, alertmanager := installed(t, "prometheus"), installed(t, "alertmanager")
	ours := build(t, "meshscope", "meshscope-demo")
	dir := t.TempDir()
	b := &bed{webhook: listenForNotifications(t)}

	mesh := start(t, filepath.Join(ours, "meshscope-demo"), "--no-prometheus", "--demo.listen-address=127.0.0.1:0")
	b.mesh = mesh.said(t, `demo=(http://\S+)`)

	files, inhibitions := rules(t, dir, config)
	notifier := start(t, alertmanager,
		"--config.file="+write(t, dir, "alertmanager.yml", map[string]any{
			"inhibit_rules": inhibitions,
			"route": map[string]any{
				"receiver": "webhook", "group_by": []string{"..."},
				"group_wait": "1s", "group_interval": "1s", "repeat_interval": "1h",
			},
			"receivers": []any{map[string]any{
				"name": "webhook", "webhook_configs": []any{map[string]any{"url": b.webhook.url, "send_resolved": true}},
			}},
		}),
		"--web.listen-address=127.0.0.1:0", "--cluster.listen-address=",
		"--storage.path="+filepath.Join(dir, "alertmanager"))

	b.alertmanager = "http://" + address(t, notifier)

	// The exporter is found by a file, for it listens only when it knows where Prometheus does.
	targets := filepath.Join(dir, "meshscope.json")
	store := start(t, prometheus,
		"--config.file="+write(t, dir, "prometheus.yml", map[string]any{
			"global": map[string]any{
				"scrape_interval": interval.String(), "scrape_timeout": interval.String(), "evaluation_interval": interval.String(),
			},
			"rule_files": files,
			"alerting": map[string]any{"alertmanagers": []any{map[string]any{
				"static_configs": []any{map[string]any{"targets": []string{address(t, notifier)}}},
			}}},
			"scrape_configs": []any{
				map[string]any{"job_name": "kubernetes-pods", "http_sd_configs": []any{map[string]any{"url": b.mesh + "/targets", "refresh_interval": "5s"}}},
				map[string]any{"job_name": "meshscope", "file_sd_configs": []any{map[string]any{"files": []string{targets}, "refresh_interval": "5s"}}},
			},
		}),
		"--web.listen-address=127.0.0.1:0", "--storage.tsdb.path="+filepath.Join(dir, "prometheus"))
	b.store = newBreaker(t, "http://"+address(t, store))
	client, err := api.NewClient(api.Config{Address: b.store.behind})
	require.NoError(t, err)
	b.prometheus = promapi.NewAPI(client)

	exporter := start(t, filepath.Join(ours, "meshscope"),
		"--config.file="+write(t, dir, "meshscope.yml", map[string]any{
			"prometheus": map[string]any{"url": b.store.url, "timeout": patience.String()},
			"refresh":    map[string]any{"interval": interval.String(), "step": interval.String(), "lag": interval.String()},
			"latency":    map[string]any{"interval": (2 * interval).String()},
			"health":     health,
			"kubernetes": map[string]any{"clusters": b.objects(t, dir, "Kubernetes", "west")},
		}),
		"--web.listen-address=127.0.0.1:0")
	b.exporter = "http://" + address(t, exporter)
	write(t, dir, filepath.Base(targets), []any{map[string]any{"targets": []string{address(t, exporter)}}})
	return b
}

// objects writes the objects of the mesh's clusters to files, for an exporter
// to read them as it would from API servers.
func (b *bed) objects(t *testing.T, dir string, names ...string) (clusters []any) {
	t.Helper()
	for _, name := range names {
		path := filepath.Join(dir, name+".yaml")
		require.NoError(t, os.WriteFile(path, ask(t, http.MethodGet, b.mesh+"/objects?cluster="+name), 0o600))
		clusters = append(clusters, map[string]any{"name": name, "manifests": []string{path}})
	}
	return clusters
}

// address is where a program listens, as Prometheus's toolkit logs it.
func address(t *testing.T, p *process) string {
	t.Helper()
	return p.said(t, `msg="Listening on".*? address=(\S+)`)
}

// write writes a configuration file, as JSON: all of it is YAML too. It appears
// in one piece, for programs watch their files.
func write(t *testing.T, dir, name string, content any) string {
	t.Helper()
	text, err := json.MarshalIndent(content, "", "  ")
	require.NoError(t, err)
	path := filepath.Join(dir, name)
	require.NoError(t, os.WriteFile(path+".new", text, 0o600))
	require.NoError(t, os.Rename(path+".new", path))
	return path
}

// rules writes the mixin's rule files, and returns their paths and what an
// Alertmanager is to keep back.
func rules(t *testing.T, dir, config string) (paths []string, inhibitions any) {
	t.Helper()
	files, err := mixin.Render(config)
	require.NoError(t, err)
	var part struct {
		Rules any `yaml:"inhibit_rules"`
	}
	require.NoError(t, yaml.Unmarshal(files[mixin.InhibitionFile], &part))
	for _, name := range []string{mixin.AlertsFile, mixin.RulesFile} {
		path := filepath.Join(dir, name)
		require.NoError(t, os.WriteFile(path, files[name], 0o600))
		paths = append(paths, path)
	}
	return paths, part.Rules
}

// fault switches a fault on (POST) or off (DELETE).
func (b *bed) fault(t *testing.T, method, fault string) {
	t.Helper()
	ask(t, method, b.mesh+"/faults?fault="+url.QueryEscape(fault))
	t.Logf("%s %s", method, fault)
}

// ask returns what a server answers, which must be a success.
func ask(t *testing.T, method, address string) []byte {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, address, nil)
	require.NoError(t, err)
	answer, err := http.DefaultClient.Do(request)
	require.NoError(t, err)
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, answer.StatusCode, "%s", body)
	return body
}

// holds waits until an expression has a result in Prometheus.
func (b *bed) holds(t *testing.T, expression string) {
	t.Helper()
	eventually(t, expression, func() bool {
		result, _, err := b.prometheus.Query(t.Context(), expression, time.Now())
		require.NoError(t, err, expression)
		return len(result.(model.Vector)) > 0
	})
}

// rulesAreWell requires that Prometheus could evaluate each rule.
func (b *bed) rulesAreWell(t *testing.T) {
	t.Helper()
	result, err := b.prometheus.Rules(t.Context(), nil)
	require.NoError(t, err)
	require.NotEmpty(t, result.Groups)
	for _, group := range result.Groups {
		for _, rule := range group.Rules {
			switch rule := rule.(type) {
			case promapi.AlertingRule:
				require.Empty(t, rule.LastError, rule.Name)
			case promapi.RecordingRule:
				require.Empty(t, rule.LastError, rule.Name)
			}
		}
	}
}

// breaker is the way to a server, which can be cut.
type breaker struct {
	// url is that of the way, behind that of the server.
	url, behind string
	cut         atomic.Bool
}

func newBreaker(t *testing.T, behind string) *breaker {
	t.Helper()
	target, err := url.Parse(behind)
	require.NoError(t, err)
	b := &breaker{behind: behind}
	way := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(target) }}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if b.cut.Load() {
			panic(http.ErrAbortHandler) // hangs up
		}
		way.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	b.url = server.URL
	return b
}

// eventually waits for a condition.
func eventually(t *testing.T, what string, condition func() bool) {
	t.Helper()
	began := time.Now()
	for !condition() {
		if time.Since(began) > deadline {
			require.FailNow(t, fmt.Sprintf("waited %s in vain: %s", deadline, what))
		}
		time.Sleep(100 * time.Millisecond)
	}
	t.Logf("%5.1f s: %s", time.Since(began).Seconds(), what)
}
