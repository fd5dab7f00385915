package kubernetes_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/go-kit/log"
	promconfig "github.com/prometheus/common/config"
	"github.com/stretchr/testify/require"
	"k8s.io/client-go/rest"

	"github.com/meshscope/meshscope/exporter/app"
	"github.com/meshscope/meshscope/exporter/config"
	"github.com/meshscope/meshscope/exporter/kube"
	"github.com/meshscope/meshscope/exporter/kube/kubetest"
)

// TestExporterRunsAsShipped runs the whole exporter with the configuration and the rights of the base. What a pod would
// find in its file system comes by a kubeconfig, with the token of the same service account.
func TestExporterRunsAsShipped(t *testing.T) {
	cluster, access := deployed(t)
	cluster.InstallCRDs(t, kubetest.Istio, kubetest.GatewayAPI)
	store := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, `{"status": "success", "data": {"resultType": "vector", "result": []}}`)
	}))
	t.Cleanup(store.Close)

	cfg, err := config.Load("base/meshscope.yml")
	require.NoError(t, err)
	at, err := url.Parse(store.URL)
	require.NoError(t, err)
	cfg.Prometheus.URL = promconfig.URL{URL: at}
	require.Len(t, cfg.Kubernetes.Clusters, 1)
	cfg.Kubernetes.Clusters[0].Kubeconfig = kubetest.Kubeconfig(t, map[string]*rest.Config{"pod": access})
	cfg.LeaderElection.Namespace = namespace

	exporter, err := app.New(app.Options{
		Source: app.Source{Config: cfg}, ListenAddresses: []string{"127.0.0.1:0"}, Logger: log.NewNopLogger(),
	})
	require.NoError(t, err)
	defer exporter.Close()
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() { ended <- exporter.Run(ctx) }()

	want := []string{"meshscope_leader 1"}
	for _, rule := range kube.Resources() {
		for _, resource := range rule.Resources {
			name := strings.TrimSuffix(resource+"."+rule.APIGroups[0], ".")
			want = append(want, fmt.Sprintf("meshscope_kubernetes_resource_up{kubernetes_cluster=\"Kubernetes\",resource=%q} 1", name))
		}
	}
	var lacking []string
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(100 * time.Millisecond) {
		if lacking = without(t, "http://"+exporter.Addresses()[0]+"/metrics", want); len(lacking) == 0 || time.Now().After(deadline) {
			break
		}
	}
	require.Empty(t, lacking, "is not among the exporter's series")
	stop()
	require.NoError(t, <-ended)
}

// without are the lines that a page does not have.
func without(t *testing.T, url string, lines []string) (missing []string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, http.NoBody)
	require.NoError(t, err)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return lines // it does not serve yet
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	for _, line := range lines {
		if !strings.Contains("\n"+string(text), "\n"+line+"\n") {
			missing = append(missing, line)
		}
	}
	return missing
}
