package deploy_test

import (
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/compose-spec/compose-go/v2/types"
	"github.com/prometheus/client_golang/api"
	promapi "github.com/prometheus/client_golang/api/prometheus/v1"
	"github.com/prometheus/common/model"
	"github.com/stretchr/testify/require"

	"github.com/meshscope/meshscope/exporter/config"
)

// TestConfigurations has the programs themselves check their files.
func TestConfigurations(t *testing.T) {
	for way := range ways {
		p := project(t, way)
		exporter := p.Services["meshscope"]
		cfg, err := config.Load(onDisk(t, exporter, configFile(t, exporter)))
		require.NoError(t, err)
		require.Empty(t, cfg.Warnings())

		t.Run("prometheus "+way, func(t *testing.T) {
			needs(t, "promtool")
			e := newEngine(t, p, strings.NewReplacer())
			file := e.path(configFile(t, p.Services["prometheus"]))
			check := exec.CommandContext(t.Context(), "promtool", "check", "config", "--lint=all", "--lint-fatal", file)
			said, err := check.CombinedOutput()
			require.NoError(t, err, "%s", said)
			require.Regexp(t, `(?m)^  SUCCESS: 2 rule files found$`, string(said))
		})
	}
}

// configFile is the file that a service's command names.
func configFile(t *testing.T, s types.ServiceConfig) string {
	t.Helper()
	for _, argument := range s.Command {
		if file, ok := strings.CutPrefix(argument, "--config.file="); ok {
			return file
		}
	}
	require.Fail(t, "no --config.file", s.Name)
	return ""
}

// TestDemoRuns runs the services but Grafana, by the commands and files that containers would have, until the map of
// the simulated mesh is in Prometheus.
func TestDemoRuns(t *testing.T) {
	needs(t, "prometheus", "alertmanager")
	p := project(t, "demo")
	t.Parallel()
	ours := compiled(t, "meshscope", "meshscope-demo")
	e := newEngine(t, p, strings.NewReplacer("15s", "2s"))
	e.run(t, "mesh", filepath.Join(ours, "meshscope-demo"))
	e.run(t, "meshscope", filepath.Join(ours, "meshscope"))
	prometheus := e.runPrometheus(t)

	require.Greater(t, up(t, prometheus, "kubernetes-pods"), 20)
	wellScraped(t, prometheus, "kubernetes-pods", "meshscope", "prometheus", "alertmanager")
}

// TestOwnRuns runs the services against a Prometheus that is not one of them.
func TestOwnRuns(t *testing.T) {
	needs(t, "prometheus", "alertmanager")
	p := project(t, "own")
	t.Parallel()
	ours := compiled(t, "meshscope", "meshscope-demo")
	at := host()
	start(t, "your own", filepath.Join(ours, "meshscope-demo"), []string{
		"--no-exporter", "--prometheus.listen-address=" + at + ":9090", "--demo.listen-address=" + at + ":9878",
		"--web.listen-address=" + at + ":9877", "--history=2m",
	}, nil)

	e := newEngine(t, p, strings.NewReplacer("15s", "2s"))
	e.addresses["host.docker.internal"] = at
	e.run(t, "meshscope", filepath.Join(ours, "meshscope"))
	prometheus := e.runPrometheus(t)

	wellScraped(t, prometheus, "meshscope", "prometheus", "alertmanager")
	require.Empty(t, query(t, prometheus, `istio_requests_total`), "Istio's own metrics stay where they are")
}

// runPrometheus runs Alertmanager and Prometheus, and waits until the one knows the other, the rules, and the map.
func (e *engine) runPrometheus(t *testing.T) promapi.API {
	t.Helper()
	for _, name := range []string{"alertmanager", "prometheus"} {
		// Where they listen is their default, but for the address.
		e.run(t, name, name, "--web.listen-address="+e.listen(name, e.project.Services[name].Ports[0]))
		e.healthy(t, name)
	}
	client, err := api.NewClient(api.Config{Address: e.url(t, "prometheus"), RoundTripper: direct})
	require.NoError(t, err)
	prometheus := promapi.NewAPI(client)

	require.Eventually(t, func() bool {
		found, err := prometheus.AlertManagers(t.Context())
		return err == nil && len(found.Active) == 1 && strings.HasPrefix(found.Active[0].URL, e.url(t, "alertmanager"))
	}, patience, time.Second, "Prometheus finds Alertmanager")
	require.Eventually(t, func() bool {
		return len(query(t, prometheus, `meshscope_edge_requests_total > 0`)) > 0
	}, patience, time.Second, "the map is in Prometheus")

	rules, err := prometheus.Rules(t.Context(), nil)
	require.NoError(t, err)
	recording, alerting := 0, 0
	for _, group := range rules.Groups {
		for _, rule := range group.Rules {
			switch rule := rule.(type) {
			case promapi.RecordingRule:
				recording++
				require.Empty(t, rule.LastError, rule.Name)
			case promapi.AlertingRule:
				alerting++
				require.Empty(t, rule.LastError, rule.Name)
			}
		}
	}
	require.Positive(t, recording)
	require.Positive(t, alerting)
	return prometheus
}

// wellScraped waits until all targets are scraped, which are of these jobs.
func wellScraped(t *testing.T, prometheus promapi.API, jobs ...string) {
	t.Helper()
	require.Eventually(t, func() bool {
		targets, err := prometheus.Targets(t.Context())
		require.NoError(t, err)
		found := map[string]bool{}
		for _, target := range targets.Active {
			if target.Health != promapi.HealthGood {
				return false
			}
			found[target.ScrapePool] = true
		}
		require.Len(t, found, len(jobs))
		for _, job := range jobs {
			require.True(t, found[job], job)
		}
		return true
	}, patience, time.Second, "all targets are up")
}

func up(t *testing.T, prometheus promapi.API, job string) int {
	t.Helper()
	return len(query(t, prometheus, `up{job="`+job+`"} == 1`))
}

func query(t *testing.T, prometheus promapi.API, expression string) model.Vector {
	t.Helper()
	result, _, err := prometheus.Query(t.Context(), expression, time.Now())
	require.NoError(t, err)
	return result.(model.Vector)
}
