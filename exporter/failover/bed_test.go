package failover_test

import (
	"encoding/json"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/prometheus/client_golang/api"
	promapi "github.com/prometheus/client_golang/api/prometheus/v1"
	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
	"github.com/stretchr/testify/require"
	coordinationv1 "k8s.io/api/coordination/v1"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"

	"github.com/meshscope/meshscope/exporter/kube"
	"github.com/meshscope/meshscope/exporter/kube/kubetest"
)

// interval is that of scrapes and refreshes.
const interval = 2 * time.Second

// bed is what exporters that stand for election have between them.
type bed struct {
	dir        string
	meshscope  string // the program
	kubeconfig string
	storeURL   string
	store      promapi.API
	targets    []any
}

// exporter is one of a bed's.
type exporter struct {
	*process
	url string
}

func newBed(t *testing.T) *bed {
	t.Helper()
	if testing.Short() {
		t.Skip("builds and runs programs, for two minutes")
	}
	prometheus, err := exec.LookPath("prometheus")
	if err != nil {
		t.Skip("there is no prometheus in PATH: .ci/programs --build makes one, and tells where")
	}
	cluster := kubetest.Start(t)
	programs := build(t, "meshscope", "meshscope-demo")
	b := &bed{dir: t.TempDir(), meshscope: filepath.Join(programs, "meshscope")}
	createNamespace(t, cluster.Config(), "bookinfo") // Kiali's API refuses what is not there
	b.kubeconfig = kubetest.Kubeconfig(t, map[string]*rest.Config{"home": cluster.User(t, "meshscope", rights()...)})

	mesh := start(t, filepath.Join(programs, "meshscope-demo"), "--no-prometheus", "--demo.listen-address=127.0.0.1:0")
	proxies := mesh.said(t, `demo=(http://\S+)`)
	store := start(t, prometheus,
		"--config.file="+b.write(t, "prometheus.yml", map[string]any{
			"global": map[string]any{"scrape_interval": interval.String(), "scrape_timeout": interval.String()},
			"scrape_configs": []any{
				map[string]any{"job_name": "kubernetes-pods", "http_sd_configs": []any{map[string]any{"url": proxies + "/targets", "refresh_interval": "5s"}}},
				map[string]any{"job_name": "meshscope", "file_sd_configs": []any{map[string]any{"files": []string{filepath.Join(b.dir, "targets.json")}}}},
			},
		}),
		"--web.listen-address=127.0.0.1:0", "--storage.tsdb.path="+filepath.Join(b.dir, "prometheus"))
	b.storeURL = "http://" + store.said(t, `msg="Listening on".*? address=(\S+)`)
	client, err := api.NewClient(api.Config{Address: b.storeURL})
	require.NoError(t, err)
	b.store = promapi.NewAPI(client)
	return b
}

func createNamespace(t *testing.T, access *rest.Config, name string) {
	t.Helper()
	client, err := kubernetes.NewForConfig(access)
	require.NoError(t, err)
	_, err = client.CoreV1().Namespaces().Create(t.Context(), &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: name}}, metav1.CreateOptions{})
	require.NoError(t, err)
}

// rights are those of an exporter: to read the cluster, and to keep the lease.
func rights() []rbacv1.PolicyRule {
	rules := []rbacv1.PolicyRule{{
		APIGroups: []string{coordinationv1.GroupName}, Resources: []string{"leases"}, Verbs: []string{"get", "create", "update"},
	}}
	for _, r := range kube.Resources() {
		rules = append(rules, rbacv1.PolicyRule{APIGroups: r.APIGroups, Resources: r.Resources, Verbs: r.Verbs})
	}
	return rules
}

// write writes a configuration file, as JSON: all of it is YAML too. It appears
// in one piece, for programs watch their files.
func (b *bed) write(t *testing.T, name string, content any) string {
	t.Helper()
	text, err := json.MarshalIndent(content, "", "  ")
	require.NoError(t, err)
	path := filepath.Join(b.dir, name)
	require.NoError(t, os.WriteFile(path+".new", text, 0o600))
	require.NoError(t, os.Rename(path+".new", path))
	return path
}

// exporter starts an exporter, and has Prometheus scrape it under a name. One
// that is elected stands for election with the others; one that is not counts
// on its own, and tells what the others should.
func (b *bed) exporter(t *testing.T, name string, elected bool) *exporter {
	t.Helper()
	p := start(t, b.meshscope, "--web.listen-address=127.0.0.1:0", "--config.file="+b.write(t, name+".yml", map[string]any{
		"prometheus": map[string]any{
			"url": b.storeURL,
			// Who is elected and who is not must not take each other for predecessors.
			"matchers": []string{map[bool]string{true: `exporter!="reference"`, false: `exporter=~"reference|"`}[elected]},
		},
		"refresh":         map[string]any{"interval": interval.String(), "step": interval.String(), "lag": interval.String()},
		"latency":         map[string]any{"mode": "off"},
		"kubernetes":      map[string]any{"clusters": []any{map[string]any{"name": "Kubernetes", "kubeconfig": b.kubeconfig}}},
		"leader_election": map[string]any{"enabled": elected, "namespace": "default"},
	}))
	address := p.said(t, `msg="Listening on".*? address=(\S+)`)
	b.targets = append(b.targets, map[string]any{"targets": []string{address}, "labels": map[string]string{"exporter": name}})
	b.write(t, "targets.json", b.targets)
	return &exporter{p, "http://" + address}
}

// get is what the exporter answers.
func (e *exporter) get(t *testing.T, path string) string {
	t.Helper()
	answer, err := http.Get(e.url + path)
	require.NoError(t, err)
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, answer.StatusCode, "%s", body)
	return string(body)
}

// ready tells that the exporter calls itself ready.
func (e *exporter) ready(t *testing.T) bool {
	t.Helper()
	answer, err := http.Get(e.url + "/-/ready")
	require.NoError(t, err)
	defer answer.Body.Close()
	return answer.StatusCode == http.StatusOK
}

// metrics are what a look at the exporter shows, without being a scrape.
func (e *exporter) metrics(t *testing.T) map[string]*dto.MetricFamily {
	t.Helper()
	answer, err := http.Get(e.url + "/metrics")
	require.NoError(t, err)
	defer answer.Body.Close()
	parser := expfmt.NewTextParser(model.UTF8Validation)
	families, err := parser.TextToMetricFamilies(answer.Body)
	require.NoError(t, err)
	return families
}

// leads tells that the exporter publishes, and nothing else that it does not.
func (e *exporter) leads(t *testing.T) bool {
	t.Helper()
	m := e.metrics(t)
	leads := m["meshscope_leader"].GetMetric()[0].GetGauge().GetValue() == 1
	publishes := m["meshscope_edges"] != nil && m["meshscope_edges"].GetMetric()[0].GetGauge().GetValue() > 0
	if !leads {
		for _, name := range []string{"meshscope_edges", "meshscope_edge_requests_total", "meshscope_workload_health", "meshscope_refresh_success"} {
			require.NotContains(t, m, name, "of one that stands by")
		}
	}
	return leads && publishes
}

// ask is the answer of Prometheus at an instant: by the label exporter, or "".
func (b *bed) ask(t *testing.T, text string, at time.Time) map[string]float64 {
	t.Helper()
	result, _, err := b.store.Query(t.Context(), text, at)
	require.NoError(t, err, text)
	values := map[string]float64{}
	for _, s := range result.(model.Vector) {
		values[string(s.Metric["exporter"])] = float64(s.Value)
	}
	return values
}

// over is the answer of Prometheus second by second, of one series.
func (b *bed) over(t *testing.T, text string, from, to time.Time) map[time.Time]float64 {
	t.Helper()
	result, _, err := b.store.QueryRange(t.Context(), text, promapi.Range{Start: from, End: to, Step: time.Second})
	require.NoError(t, err, text)
	values := map[time.Time]float64{}
	for _, s := range result.(model.Matrix) {
		for _, p := range s.Values {
			values[p.Timestamp.Time()] = float64(p.Value)
		}
	}
	return values
}
