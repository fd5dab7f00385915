package kubernetes_test

import (
	"context"
	"testing"
	"time"

	"github.com/go-kit/log"
	"github.com/stretchr/testify/require"
	rbacv1 "k8s.io/api/rbac/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"

	"github.com/meshscope/meshscope/exporter/config"
	"github.com/meshscope/meshscope/exporter/election"
	"github.com/meshscope/meshscope/exporter/kube"
	"github.com/meshscope/meshscope/exporter/kube/kubetest"
)

// TestClusterRoleIsWhatIsRead compares the shipped rights with what the exporter asks for.
func TestClusterRoleIsWhatIsRead(t *testing.T) {
	var want []rbacv1.PolicyRule
	for _, r := range kube.Resources() {
		want = append(want, rbacv1.PolicyRule{APIGroups: r.APIGroups, Resources: r.Resources, Verbs: r.Verbs})
	}
	require.NotEmpty(t, want)
	for name, rendered := range map[string]string{"base": kustomize(t, "base"), "chart": template(t, "{}")} {
		require.Equal(t, want, as[rbacv1.ClusterRole](t, parse(t, rendered), "ClusterRole meshscope").Rules, name)
	}
}

// deployed is the access of the exporter's service account on a cluster that has everything but its pods.
func deployed(t *testing.T) (*kubetest.Cluster, *rest.Config) {
	t.Helper()
	installed(t, "kustomize")
	cluster := shared.Cluster(t)
	cluster.Apply(t, kustomize(t, "base"))
	return cluster, cluster.ServiceAccount(t, namespace, "meshscope")
}

// TestExporterReadsWithTheShippedRights watches a cluster as the exporter does.
func TestExporterReadsWithTheShippedRights(t *testing.T) {
	cluster, access := deployed(t)
	cluster.InstallCRDs(t, kubetest.Istio, kubetest.GatewayAPI)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	w, err := kube.Watch(ctx, []kube.ClusterOptions{{Name: "Kubernetes", Access: access}}, log.NewNopLogger())
	require.NoError(t, err)
	require.NoError(t, w.Sync(ctx))
	require.Empty(t, w.Missing())
	require.True(t, w.Inventory().HasNamespace("Kubernetes", namespace))

	// Watched, and not only listed.
	require.False(t, w.Inventory().HasNamespace("Kubernetes", "later"))
	cluster.Apply(t, "{apiVersion: v1, kind: Namespace, metadata: {name: later}}")
	require.Eventually(t, func() bool { return w.Inventory().HasNamespace("Kubernetes", "later") }, 10*time.Second, 50*time.Millisecond)
}

// TestExporterLeadsWithTheShippedRights stands for election as the exporter does.
func TestExporterLeadsWithTheShippedRights(t *testing.T) {
	_, access := deployed(t)
	cfg, err := config.Load("base/meshscope.yml")
	require.NoError(t, err)
	require.True(t, cfg.LeaderElection.Enabled)
	require.Empty(t, cfg.LeaderElection.Namespace, "the exporter's own")
	campaign, err := election.New(election.Options{
		Config: access, Namespace: namespace, Name: cfg.LeaderElection.Name, Identity: "meshscope-0", Logger: log.NewNopLogger(),
	})
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	leads, ended := make(chan struct{}), make(chan error)
	go func() {
		ended <- campaign.Run(ctx, func(term context.Context, _ func() bool) {
			close(leads)
			<-term.Done()
		})
	}()
	select {
	case <-leads:
	case <-time.After(30 * time.Second):
		require.Fail(t, "is not elected")
	}
	cancel()
	require.NoError(t, <-ended)
	client, err := kubernetes.NewForConfig(access)
	require.NoError(t, err)
	lease, err := client.CoordinationV1().Leases(namespace).Get(t.Context(), cfg.LeaderElection.Name, metav1.GetOptions{})
	require.NoError(t, err)
	require.Empty(t, *lease.Spec.HolderIdentity, "it was given back")
}

// TestExporterMayDoNothingElse tries what the shipped rights do not say.
func TestExporterMayDoNothingElse(t *testing.T) {
	_, access := deployed(t)
	client, err := kubernetes.NewForConfig(access)
	require.NoError(t, err)
	ctx := t.Context()
	for what, try := range map[string]func() error{
		"list secrets":         func() error { _, err := client.CoreV1().Secrets("").List(ctx, metav1.ListOptions{}); return err },
		"list its own secrets": func() error { _, err := client.CoreV1().Secrets(namespace).List(ctx, metav1.ListOptions{}); return err },
		"list config maps":     func() error { _, err := client.CoreV1().ConfigMaps("").List(ctx, metav1.ListOptions{}); return err },
		"delete pods":          func() error { return client.CoreV1().Pods(namespace).Delete(ctx, "any", metav1.DeleteOptions{}) },
		"list nodes":           func() error { _, err := client.CoreV1().Nodes().List(ctx, metav1.ListOptions{}); return err },
		"read others' leases": func() error {
			_, err := client.CoordinationV1().Leases(namespace).Get(ctx, "other", metav1.GetOptions{})
			return err
		},
		"read leases elsewhere": func() error {
			_, err := client.CoordinationV1().Leases("default").Get(ctx, "meshscope", metav1.GetOptions{})
			return err
		},
		"delete its own lease": func() error {
			return client.CoordinationV1().Leases(namespace).Delete(ctx, "meshscope", metav1.DeleteOptions{})
		},
		"list its own leases": func() error {
			_, err := client.CoordinationV1().Leases(namespace).List(ctx, metav1.ListOptions{})
			return err
		},
		"list role bindings": func() error {
			_, err := client.RbacV1().ClusterRoleBindings().List(ctx, metav1.ListOptions{})
			return err
		},
		"list endpoint slices": func() error {
			_, err := client.DiscoveryV1().EndpointSlices("").List(ctx, metav1.ListOptions{})
			return err
		},
		"list network policies": func() error {
			_, err := client.NetworkingV1().NetworkPolicies("").List(ctx, metav1.ListOptions{})
			return err
		},
	} {
		require.True(t, apierrors.IsForbidden(try()), "it may %s", what)
	}
}
