package app_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"

	"github.com/meshscope/meshscope/exporter/app"
	"github.com/meshscope/meshscope/exporter/kube"
	"github.com/meshscope/meshscope/exporter/kube/kubetest"
)

// allBut are the rights to read a cluster without one resource.
func allBut(resource string) (rules []rbacv1.PolicyRule) {
	for _, r := range kube.Resources() {
		without := slices.DeleteFunc(slices.Clone(r.Resources), func(name string) bool { return name == resource })
		rules = append(rules, rbacv1.PolicyRule{APIGroups: r.APIGroups, Resources: without, Verbs: r.Verbs})
	}
	return rules
}

// An exporter follows the objects of a cluster, says what it cannot read, and
// takes over other clusters when it reloads.
func TestObjects(t *testing.T) {
	cluster := kubetest.Start(t)
	store := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write([]byte(`{"status":"success","data":{"resultType":"vector","result":[]}}`))
	}))
	defer store.Close()
	kubeconfig := kubetest.Kubeconfig(t, map[string]*rest.Config{"home": cluster.User(t, "meshscope", allBut("services")...)})
	file := filepath.Join(t.TempDir(), "meshscope.yml")
	configure := func(clusters string) { require.NoError(t, os.WriteFile(file, []byte(clusters), 0o600)) }
	configure(fmt.Sprintf("kubernetes: {clusters: [{name: east, kubeconfig: %s}]}\n", kubeconfig))
	a := start(t, app.Options{Source: app.Source{File: file, PrometheusURL: store.URL}})
	require.Eventually(t, func() bool {
		status, _ := get(t, a, "/-/ready")
		return status == http.StatusOK
	}, time.Minute, 10*time.Millisecond)

	_, metrics := get(t, a, "/metrics")
	for _, resource := range []string{"pods", "namespaces", "deployments.apps", "cronjobs.batch"} {
		require.Contains(t, metrics, `meshscope_kubernetes_resource_up{kubernetes_cluster="east",resource="`+resource+`"} 1`)
	}
	require.Contains(t, metrics, `meshscope_kubernetes_resource_up{kubernetes_cluster="east",resource="services"} 0`)
	require.NotContains(t, metrics, `resource="virtualservices.networking.istio.io"`, "which the cluster does not have")

	const path = "/kiali/api/namespaces/graph?namespaces=shop"
	status, body := get(t, a, path)
	require.Equal(t, http.StatusForbidden, status, body)
	client, err := kubernetes.NewForConfig(cluster.Config())
	require.NoError(t, err)
	_, err = client.CoreV1().Namespaces().Create(t.Context(), &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: "shop"}}, metav1.CreateOptions{})
	require.NoError(t, err)
	require.Eventually(t, func() bool {
		status, _ := get(t, a, path)
		return status == http.StatusOK
	}, 5*time.Second, 50*time.Millisecond)

	configure("kubernetes: {clusters: [{name: west, kubeconfig: none}]}\n")
	require.ErrorContains(t, a.Reload(), "none")
	_, metrics = get(t, a, "/metrics")
	require.Contains(t, metrics, `kubernetes_cluster="east"`, "nothing was taken over")
	configure(fmt.Sprintf("kubernetes: {clusters: [{name: west, kubeconfig: %s}]}\n", kubeconfig))
	require.NoError(t, a.Reload())
	_, metrics = get(t, a, "/metrics")
	require.Contains(t, metrics, `meshscope_kubernetes_resource_up{kubernetes_cluster="west",resource="pods"} 1`)
	require.NotContains(t, metrics, `kubernetes_cluster="east"`)

	configure("")
	require.NoError(t, a.Reload())
	_, metrics = get(t, a, "/metrics")
	require.NotContains(t, metrics, "meshscope_kubernetes_resource_up")
}

// An exporter that has not been elected does not say that it leads, not even before it can stand for election.
func TestNobodyLeadsUnelected(t *testing.T) {
	hanging := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }))
	t.Cleanup(hanging.Close) // after the exporter
	kubeconfig := kubetest.Kubeconfig(t, map[string]*rest.Config{"home": {Host: hanging.URL}})
	file := filepath.Join(t.TempDir(), "meshscope.yml")
	require.NoError(t, os.WriteFile(file, fmt.Appendf(nil,
		"prometheus: {url: http://127.0.0.1:1}\nkubernetes: {clusters: [{name: east, kubeconfig: %s}]}\nleader_election: {enabled: true, namespace: default}\n", kubeconfig), 0o600))
	a := start(t, app.Options{Source: app.Source{File: file}})
	_, metrics := get(t, a, "/metrics")
	require.Contains(t, metrics, "\nmeshscope_leader 0\n")
	require.NotContains(t, metrics, "\nmeshscope_refresh_success")
}

// Elections can be switched on and off without a restart.
func TestElectionReload(t *testing.T) {
	cluster := kubetest.Start(t)
	kubeconfig := kubetest.Kubeconfig(t, map[string]*rest.Config{"home": cluster.Config()})
	file := filepath.Join(t.TempDir(), "meshscope.yml")
	configure := func(enabled bool) {
		require.NoError(t, os.WriteFile(file, fmt.Appendf(nil,
			"prometheus: {url: http://127.0.0.1:1}\nkubernetes: {clusters: [{name: east, kubeconfig: %s}]}\nleader_election: {enabled: %v}\n", kubeconfig, enabled), 0o600))
	}
	leads := func(a *app.App, want string) func() bool {
		return func() bool {
			_, metrics := get(t, a, "/metrics")
			return strings.Contains(metrics, "\nmeshscope_leader "+want+"\n")
		}
	}
	configure(true)
	one := start(t, app.Options{Source: app.Source{File: file}})
	require.Eventually(t, leads(one, "1"), 30*time.Second, 20*time.Millisecond)
	other := start(t, app.Options{Source: app.Source{File: file}})
	require.Eventually(t, leads(other, "0"), 30*time.Second, 20*time.Millisecond)
	require.Eventually(t, func() bool {
		status, _ := get(t, other, "/-/ready")
		return status == http.StatusOK
	}, 30*time.Second, 20*time.Millisecond, "whoever stands by is ready")

	configure(false)
	require.NoError(t, other.Reload())
	require.Eventually(t, leads(other, "1"), 5*time.Second, 20*time.Millisecond, "without elections it leads")
	configure(true)
	require.NoError(t, other.Reload())
	require.Eventually(t, leads(other, "0"), 5*time.Second, 20*time.Millisecond)
	require.True(t, leads(one, "1")())
}
