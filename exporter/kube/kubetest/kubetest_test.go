package kubetest_test

import (
	"context"
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"

	"github.com/meshscope/meshscope/exporter/kube/kubetest"
)

var shared kubetest.Shared

func TestMain(m *testing.M) { os.Exit(shared.Run(m)) }

func clientOf(t *testing.T, access *rest.Config) kubernetes.Interface {
	t.Helper()
	client, err := kubernetes.NewForConfig(access)
	require.NoError(t, err)
	return client
}

const deployment = `
apiVersion: apps/v1
kind: Deployment
metadata: {name: reviews-v1, namespace: apply}
spec:
  selector: {matchLabels: {app: reviews}}
  template:
    metadata: {labels: {app: reviews}}
    spec: {containers: [{name: reviews, image: reviews}]}
status: {replicas: 3, readyReplicas: 2}
---
apiVersion: v1
kind: List
items:
- {apiVersion: v1, kind: Service, metadata: {name: reviews, namespace: apply}, spec: {ports: [{port: 9080}]}}
- {apiVersion: v1, kind: Pod, metadata: {name: reviews-v1-0, namespace: apply}, spec: {containers: [{name: reviews, image: reviews}]}, status: {phase: Running}}
`

func TestApply(t *testing.T) {
	cluster := shared.Cluster(t)
	cluster.Apply(t, deployment)
	cluster.Apply(t, deployment) // it is there already
	client := clientOf(t, cluster.Config())
	d, err := client.AppsV1().Deployments("apply").Get(t.Context(), "reviews-v1", metav1.GetOptions{})
	require.NoError(t, err)
	require.EqualValues(t, 2, d.Status.ReadyReplicas)
	pod, err := client.CoreV1().Pods("apply").Get(t.Context(), "reviews-v1-0", metav1.GetOptions{})
	require.NoError(t, err)
	require.Equal(t, corev1.PodRunning, pod.Status.Phase)

	cluster.Delete(t, deployment)
	_, err = client.CoreV1().Services("apply").Get(t.Context(), "reviews", metav1.GetOptions{})
	require.True(t, apierrors.IsNotFound(err), "%v", err)
}

func TestDryRun(t *testing.T) {
	cluster := shared.Cluster(t)
	cluster.Apply(t, "{apiVersion: v1, kind: Namespace, metadata: {name: dry}}")
	const good = "{apiVersion: v1, kind: Service, metadata: {name: good, namespace: dry}, spec: {ports: [{port: 80}]}}"
	require.NoError(t, cluster.DryRun(t.Context(), good))
	list, err := clientOf(t, cluster.Config()).CoreV1().Services("dry").List(t.Context(), metav1.ListOptions{})
	require.NoError(t, err)
	require.Empty(t, list.Items)

	err = cluster.DryRun(t.Context(), good+`
---
{apiVersion: v1, kind: Service, metadata: {name: portless, namespace: dry}}
---
{apiVersion: v1, kind: ConfigMap, metadata: {name: misspelt, namespace: dry}, dat: {}}
---
{apiVersion: example.com/v1, kind: Thing, metadata: {name: strange, namespace: dry}}
`)
	for _, want := range []string{"Service dry/portless", "ConfigMap dry/misspelt", "Thing dry/strange"} {
		require.ErrorContains(t, err, want)
	}
	require.NotContains(t, err.Error(), "dry/good")
}

func TestCreate(t *testing.T) {
	cluster := shared.Cluster(t)
	pod := func(name, metadata, status string) string {
		return fmt.Sprintf(`
{apiVersion: v1, kind: Pod, metadata: {name: %s, namespace: create%s}, spec: {containers: [{name: c, image: c}]}, status: {%s}}
---`, name, metadata, status)
	}
	require.NoError(t, cluster.Create(t.Context(), `
{apiVersion: v1, kind: Namespace, metadata: {name: create, uid: u, creationTimestamp: null}, status: {phase: Active}}
---`+pod("good", ", generation: 7", "phase: Running, containerStatuses: [{name: c, ready: true}]")))
	made, err := clientOf(t, cluster.Config()).CoreV1().Pods("create").Get(t.Context(), "good", metav1.GetOptions{})
	require.NoError(t, err)
	require.True(t, made.Status.ContainerStatuses[0].Ready)

	for _, tc := range []struct{ name, metadata, status, want string }{
		{"good", "", "phase: Running", `Pod create/good: pods "good" already exists`},
		{"unlabelled", ", lables: {app: c}", "", `unknown field "metadata.lables"`},
		{"restless", "", "fase: Running", `unknown field "status.fase"`},
		{"nowhere", "", "podIPs: [{ip: here}]", "the status: "},
		{"ended", ", deletionTimestamp: '2026-03-01T12:00:00Z'", "", "metadata is kept otherwise: sent "},
	} {
		require.ErrorContains(t, cluster.Create(t.Context(), pod(tc.name, tc.metadata, tc.status)), tc.want, tc.name)
	}
}

func TestUsersMayDoWhatTheirRulesSay(t *testing.T) {
	cluster := shared.Cluster(t)
	readPods := rbacv1.PolicyRule{APIGroups: []string{""}, Resources: []string{"pods"}, Verbs: []string{"list"}}
	readServices := rbacv1.PolicyRule{APIGroups: []string{""}, Resources: []string{"services"}, Verbs: []string{"list"}}
	client := clientOf(t, cluster.User(t, "reader", readPods))
	pods := func() error { _, err := client.CoreV1().Pods("").List(t.Context(), metav1.ListOptions{}); return err }
	services := func() error {
		_, err := client.CoreV1().Services("").List(t.Context(), metav1.ListOptions{})
		return err
	}
	becomes := func(may, mayNot func() error) {
		t.Helper()
		require.Eventually(t, func() bool { return may() == nil && apierrors.IsForbidden(mayNot()) }, 10*time.Second, 20*time.Millisecond)
	}
	becomes(pods, services)
	cluster.User(t, "reader", readServices)
	becomes(services, pods)
}

func TestServiceAccountsHaveTokens(t *testing.T) {
	cluster := shared.Cluster(t)
	cluster.Apply(t, "{apiVersion: v1, kind: ServiceAccount, metadata: {name: robot, namespace: accounts}}")
	access := cluster.ServiceAccount(t, "accounts", "robot")
	_, err := clientOf(t, access).CoreV1().Pods("accounts").List(t.Context(), metav1.ListOptions{})
	require.ErrorContains(t, err, `User "system:serviceaccount:accounts:robot" cannot list resource "pods"`)
}

func TestKubeconfig(t *testing.T) {
	cluster := shared.Cluster(t)
	file := kubetest.Kubeconfig(t, map[string]*rest.Config{"east": cluster.Config(), "west": cluster.User(t, "nobody")})
	for context, may := range map[string]bool{"": true, "east": true, "west": false} {
		access, err := clientcmd.NewNonInteractiveDeferredLoadingClientConfig(
			&clientcmd.ClientConfigLoadingRules{ExplicitPath: file}, &clientcmd.ConfigOverrides{CurrentContext: context},
		).ClientConfig()
		require.NoError(t, err)
		_, err = clientOf(t, access).CoreV1().Pods("").List(t.Context(), metav1.ListOptions{})
		require.Equal(t, may, err == nil, "in context %q: %v", context, err)
	}
}

func TestCRDs(t *testing.T) {
	cluster := shared.Cluster(t)
	cluster.InstallCRDs(t, kubetest.Istio, kubetest.GatewayAPI, kubetest.PrometheusOperator)
	cluster.InstallCRDs(t, kubetest.Istio) // they are there already
	client, err := dynamic.NewForConfig(cluster.Config())
	require.NoError(t, err)
	for _, resource := range []schema.GroupVersionResource{
		{Group: "networking.istio.io", Version: "v1", Resource: "virtualservices"},
		{Group: "networking.istio.io", Version: "v1", Resource: "serviceentries"},
		{Group: "security.istio.io", Version: "v1", Resource: "peerauthentications"},
		{Group: "gateway.networking.k8s.io", Version: "v1", Resource: "httproutes"},
		{Group: "gateway.networking.k8s.io", Version: "v1", Resource: "gateways"},
		{Group: "monitoring.coreos.com", Version: "v1", Resource: "prometheusrules"},
	} {
		_, err := client.Resource(resource).List(t.Context(), metav1.ListOptions{})
		require.NoError(t, err, "%s", resource)
	}
	const service = `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: reviews, namespace: crds}
spec: {hosts: [reviews], http: [{route: [{destination: {host: reviews}}]}]}
status: {conditions: [{type: Reconciled, status: "True"}]}
`
	cluster.Apply(t, service)
	got, err := client.Resource(schema.GroupVersionResource{Group: "networking.istio.io", Version: "v1", Resource: "virtualservices"}).
		Namespace("crds").Get(t.Context(), "reviews", metav1.GetOptions{})
	require.NoError(t, err)
	require.Contains(t, got.Object, "status")
}

// TestOutages has a cluster of its own: others would notice.
func TestOutages(t *testing.T) {
	cluster := kubetest.Start(t)
	cluster.Apply(t, "{apiVersion: v1, kind: ConfigMap, metadata: {name: kept, namespace: default}}")
	client := clientOf(t, cluster.Config())
	watched := func() watch.Interface {
		w, err := client.CoreV1().ConfigMaps("default").Watch(t.Context(), metav1.ListOptions{})
		require.NoError(t, err)
		return w
	}
	ends := func(w watch.Interface) {
		t.Helper()
		timeout := time.After(10 * time.Second)
		for {
			select {
			case _, open := <-w.ResultChan():
				if !open {
					return
				}
			case <-timeout:
				require.Fail(t, "the watch goes on")
			}
		}
	}
	get := func() error {
		ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
		defer cancel()
		_, err := client.CoreV1().ConfigMaps("default").Get(ctx, "kept", metav1.GetOptions{})
		return err
	}

	w := watched()
	cluster.CutWatches()
	ends(w)
	require.NoError(t, get(), "a cut is for existing connections")

	w = watched()
	cluster.Stop()
	ends(w)
	require.Error(t, get())
	cluster.Restart(t)
	require.NoError(t, get())
}
