package kubernetes_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	appsv1 "k8s.io/api/apps/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/meshscope/meshscope/exporter/kube/kubetest"
)

// everything are values that switch all on, and give lists something to hold.
const everything = `
image: {repository: registry.example.com/meshscope, digest: "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef", pullSecrets: [{name: registry}]}
config:
  refresh: {interval: 30s, step: 30s}
  kubernetes: {clusters: [{name: Kubernetes}, {name: west, kubeconfig: /etc/meshscope-clusters/west}]}
extraArgs: [--log.format=json]
extraVolumes: [{name: clusters, secret: {secretName: clusters}}]
extraVolumeMounts: [{name: clusters, mountPath: /etc/meshscope-clusters, readOnly: true}]
serviceAccount: {annotations: {example.com/team: mesh}}
service: {port: 80, annotations: {example.com/team: mesh}}
podAnnotations: {example.com/team: mesh}
priorityClassName: system-cluster-critical
nodeSelector: {kubernetes.io/os: linux}
tolerations: [{key: monitoring, operator: Exists}]
affinity: {nodeAffinity: {preferredDuringSchedulingIgnoredDuringExecution: [{weight: 1, preference: {matchExpressions: [{key: spot, operator: DoesNotExist}]}}]}}
networkPolicy:
  from: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: monitoring}}}]
  egress: [{ports: [{port: 3128, protocol: TCP}]}]
serviceMonitor: {enabled: true, labels: {release: kube-prometheus-stack}}
prometheusRule: {enabled: true, labels: {release: kube-prometheus-stack}}
dashboards: {enabled: true, annotations: {grafana_folder: Mesh}}
`

// TestServerTakesEverything has a real API server check all objects, in a namespace for restricted pods. It says what it
// would only warn of, too.
func TestServerTakesEverything(t *testing.T) {
	installed(t, "kustomize")
	installed(t, "helm")
	cluster := shared.Cluster(t)
	cluster.InstallCRDs(t, kubetest.PrometheusOperator)
	cluster.Apply(t, read(t, "base/namespace.yaml"))
	for name, rendered := range map[string]string{
		"base":       kustomize(t, "base"),
		"monitoring": kustomize(t, "monitoring"),
		"chart":      template(t, "{}"),
		"everything": template(t, everything),
	} {
		t.Run(name, func(t *testing.T) { require.NoError(t, cluster.DryRun(t.Context(), rendered)) })
	}
}

// TestPodsAreRestricted checks that pods as the Deployment makes them are let into a namespace for restricted ones. What
// the server says of the Deployment itself are warnings at most.
func TestPodsAreRestricted(t *testing.T) {
	installed(t, "kustomize")
	cluster := shared.Cluster(t)
	cluster.Apply(t, read(t, "base/namespace.yaml"))
	pod := func() *unstructured.Unstructured {
		o, _, err := unstructured.NestedMap(parse(t, kustomize(t, "base"))["Deployment meshscope"].Object, "spec", "template")
		require.NoError(t, err)
		p := &unstructured.Unstructured{Object: o}
		p.SetAPIVersion("v1")
		p.SetKind("Pod")
		p.SetName("meshscope")
		p.SetNamespace(namespace)
		return p
	}
	try := func(p *unstructured.Unstructured) error {
		return cluster.DryRun(t.Context(), objects{"pod": p}.text(t))
	}
	require.NoError(t, try(pod()))

	// The server does look.
	careless := pod()
	unstructured.RemoveNestedField(careless.Object, "spec", "securityContext", "seccompProfile")
	require.ErrorContains(t, try(careless), `violates PodSecurity "restricted`)
}

// TestFilesystemIsReadOnly checks what no policy of Kubernetes asks for.
func TestFilesystemIsReadOnly(t *testing.T) {
	for _, container := range as[appsv1.Deployment](t, parse(t, kustomize(t, "base")), "Deployment meshscope").Spec.Template.Spec.Containers {
		require.True(t, *container.SecurityContext.ReadOnlyRootFilesystem)
		for _, mount := range container.VolumeMounts {
			require.True(t, mount.ReadOnly, mount.Name)
		}
	}
}
