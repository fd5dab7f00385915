package kube_test

import (
	"context"
	"fmt"
	"os"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"
	networking "istio.io/api/networking/v1alpha3"
	networkingv1 "istio.io/client-go/pkg/apis/networking/v1"
	istioclient "istio.io/client-go/pkg/clientset/versioned"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"

	"github.com/meshscope/meshscope/exporter/kube"
	"github.com/meshscope/meshscope/exporter/kube/kubetest"
	"github.com/meshscope/meshscope/exporter/topology"
)

// The size of the mesh that the memory and the time are measured of.
const (
	numPods        = 5000
	numServices    = 1000
	numIstio       = 2000
	namespaceCount = 50
)

// bigPod is as large as one that a Deployment makes and Istio injects.
func bigPod(n int) *corev1.Pod {
	of := n % numServices
	p := &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{
			Name: fmt.Sprintf("svc-%d-6d4b75cb6d-%05d", of, n), GenerateName: fmt.Sprintf("svc-%d-6d4b75cb6d-", of),
			Namespace: fmt.Sprintf("ns-%d", of%namespaceCount),
			Labels: map[string]string{
				"app": fmt.Sprintf("svc-%d", of), "version": "v1", "pod-template-hash": "6d4b75cb6d", "team": "shop",
				"service.istio.io/canonical-name": fmt.Sprintf("svc-%d", of), "service.istio.io/canonical-revision": "v1",
				"security.istio.io/tlsMode": "istio", "app.kubernetes.io/managed-by": "Helm",
			},
			Annotations: map[string]string{
				"sidecar.istio.io/status": `{"initContainers":["istio-init"],"containers":["istio-proxy"],"volumes":["workload-socket"],"revision":"default"}`,
				"prometheus.io/scrape":    "true", "prometheus.io/port": "15020", "kubectl.kubernetes.io/default-container": "app",
				"checksum/config": strings.Repeat("a", 64),
			},
			OwnerReferences: []metav1.OwnerReference{{APIVersion: "apps/v1", Kind: "ReplicaSet", Name: fmt.Sprintf("svc-%d-6d4b75cb6d", of), UID: "u", Controller: new(true)}},
		},
	}
	for _, name := range []string{"app", "istio-proxy"} {
		c := corev1.Container{Name: name, Image: "registry.example/" + name + ":1.2.3"}
		for i := range 20 {
			c.Env = append(c.Env, corev1.EnvVar{Name: fmt.Sprintf("SETTING_%d", i), Value: strings.Repeat("v", 30)})
		}
		p.Spec.Containers = append(p.Spec.Containers, c)
	}
	return p
}

func bigDeployment(n int) *appsv1.Deployment {
	labels := map[string]string{"app": fmt.Sprintf("svc-%d", n), "version": "v1", "team": "shop"}
	return &appsv1.Deployment{
		ObjectMeta: metav1.ObjectMeta{Name: fmt.Sprintf("svc-%d", n), Namespace: fmt.Sprintf("ns-%d", n%namespaceCount), Labels: labels},
		Spec: appsv1.DeploymentSpec{
			Selector: &metav1.LabelSelector{MatchLabels: map[string]string{"app": labels["app"]}},
			Template: corev1.PodTemplateSpec{ObjectMeta: metav1.ObjectMeta{Labels: labels}, Spec: bigPod(n).Spec},
		},
	}
}

func bigService(n int) *corev1.Service {
	return &corev1.Service{
		ObjectMeta: metav1.ObjectMeta{
			Name: fmt.Sprintf("svc-%d", n), Namespace: fmt.Sprintf("ns-%d", n%namespaceCount),
			Labels: map[string]string{"app": fmt.Sprintf("svc-%d", n), "team": "shop"},
		},
		Spec: corev1.ServiceSpec{
			ClusterIP: corev1.ClusterIPNone, Selector: map[string]string{"app": fmt.Sprintf("svc-%d", n)}, Ports: []corev1.ServicePort{{Port: 80}},
		},
	}
}

func bigVirtualService(n int) *networkingv1.VirtualService {
	v := &networkingv1.VirtualService{ObjectMeta: metav1.ObjectMeta{Name: fmt.Sprintf("svc-%d", n), Namespace: fmt.Sprintf("ns-%d", n%namespaceCount)}}
	host := fmt.Sprintf("svc-%d", n)
	v.Spec.Hosts = []string{host}
	for range 4 {
		v.Spec.Http = append(v.Spec.Http, &networking.HTTPRoute{Route: []*networking.HTTPRouteDestination{
			{Destination: &networking.Destination{Host: host, Subset: "v1"}, Weight: 90},
			{Destination: &networking.Destination{Host: host, Subset: "v2"}, Weight: 10},
		}})
	}
	return v
}

func bigDestinationRule(n int) *networkingv1.DestinationRule {
	d := &networkingv1.DestinationRule{ObjectMeta: metav1.ObjectMeta{Name: fmt.Sprintf("svc-%d", n), Namespace: fmt.Sprintf("ns-%d", n%namespaceCount)}}
	d.Spec.Host = fmt.Sprintf("svc-%d", n)
	d.Spec.TrafficPolicy = &networking.TrafficPolicy{OutlierDetection: &networking.OutlierDetection{MaxEjectionPercent: 10}}
	d.Spec.Subsets = []*networking.Subset{{Name: "v1", Labels: map[string]string{"version": "v1"}}, {Name: "v2", Labels: map[string]string{"version": "v2"}}}
	return d
}

// fill makes a large mesh.
func fill(ctx context.Context, access *rest.Config) error {
	core, err := kubernetes.NewForConfig(access)
	if err != nil {
		return err
	}
	istio, err := istioclient.NewForConfig(access)
	if err != nil {
		return err
	}
	for n := range namespaceCount {
		if _, err := core.CoreV1().Namespaces().Create(ctx, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: fmt.Sprintf("ns-%d", n)}}, metav1.CreateOptions{}); err != nil {
			return err
		}
	}
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(16)
	for n := range numPods {
		group.Go(func() error {
			p := bigPod(n)
			_, err := core.CoreV1().Pods(p.Namespace).Create(ctx, p, metav1.CreateOptions{})
			return err
		})
	}
	for n := range numServices {
		group.Go(func() error {
			s, d := bigService(n), bigDeployment(n)
			if _, err := core.CoreV1().Services(s.Namespace).Create(ctx, s, metav1.CreateOptions{}); err != nil {
				return err
			}
			_, err := core.AppsV1().Deployments(d.Namespace).Create(ctx, d, metav1.CreateOptions{})
			return err
		})
	}
	for n := range numIstio / 2 {
		group.Go(func() error {
			v, d := bigVirtualService(n), bigDestinationRule(n)
			if _, err := istio.NetworkingV1().VirtualServices(v.Namespace).Create(ctx, v, metav1.CreateOptions{}); err != nil {
				return err
			}
			_, err := istio.NetworkingV1().DestinationRules(d.Namespace).Create(ctx, d, metav1.CreateOptions{})
			return err
		})
	}
	return group.Wait()
}

// heap is the memory in use.
func heap() float64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return float64(m.HeapAlloc) / (1 << 20)
}

// TestCost reads a large mesh from a real API server: what it takes in memory,
// that it is listed once, and how long it takes to make an inventory of it.
func TestCost(t *testing.T) {
	if testing.Short() {
		t.Skip("it makes 8,000 objects, which takes a while")
	}
	api := kubetest.Start(t)
	api.InstallCRDs(t, kubetest.Istio)
	require.NoError(t, fill(t.Context(), api.Config()))

	before := heap()
	var asked requests
	start := time.Now()
	w := watch(t, kube.ClusterOptions{Name: cluster, Access: noting(api.User(t, "reader", rights()...), &asked)})
	synced := time.Since(start)
	for range 20 { // informers have buffers that are let go
		w.Make()
	}
	used := heap() - before
	const ofItsOwn = 1 // the API server's service
	require.Equal(t, 2*numServices+ofItsOwn, len(all(w.Inventory())))
	require.True(t, w.Inventory().Object(service("ns-7", "svc-7")).CircuitBreaker)
	require.Len(t, w.Inventory().Object(workload("ns-7", "svc-7")).Labels, 3)

	const times = 20
	start = time.Now()
	for range times {
		w.Make()
	}
	making := time.Since(start) / times
	t.Logf("%d pods, %d services, %d objects of Istio: %.1f MB, read in %s, an inventory made in %s", numPods, numServices, numIstio, used, synced, making)
	require.Less(t, used, 60.0, "MB for the inventory")

	asked.take()
	core, err := kubernetes.NewForConfig(api.Config())
	require.NoError(t, err)
	for n := range 100 {
		p := bigPod(n)
		p.Labels["changed"] = "true"
		_, err := core.CoreV1().Pods(p.Namespace).Update(t.Context(), p, metav1.UpdateOptions{})
		require.NoError(t, err)
	}
	for n := 0; n < numPods; n += numServices {
		p := bigPod(n)
		require.NoError(t, core.CoreV1().Pods(p.Namespace).Delete(t.Context(), p.Name, metav1.DeleteOptions{GracePeriodSeconds: new(int64)}))
	}
	shows(t, soon, w, workload("ns-0", "svc-0"), func(o *topology.Object) bool { return o.NoPods })
	for _, ask := range asked.take() {
		looks := strings.HasSuffix(ask, "timeout=10s") // which custom resources there are
		require.True(t, looks || strings.Contains(ask, "watch=true"), "nothing is listed again: %s", ask)
	}
}

// largeMesh is a file of 5,000 pods, 1,000 services and 2,000 objects of Istio.
func largeMesh(b *testing.B) []kube.Cluster {
	b.Helper()
	var text strings.Builder
	for n := range numPods {
		fmt.Fprintf(&text, `
apiVersion: v1
kind: Pod
metadata:
  name: svc-%[1]d-6d4-%[2]d
  generateName: svc-%[1]d-6d4-
  namespace: ns-%[3]d
  labels: {app: svc-%[1]d, version: v1, pod-template-hash: 6d4}
  annotations: {sidecar.istio.io/status: '{"containers":["istio-proxy"]}'}
  ownerReferences: [{apiVersion: apps/v1, kind: ReplicaSet, name: svc-%[1]d-6d4, uid: u, controller: true}]
---`, n%numServices, n, n%numServices%namespaceCount)
	}
	for n := range numServices {
		fmt.Fprintf(&text, `
{apiVersion: apps/v1, kind: Deployment, metadata: {name: svc-%[1]d, namespace: ns-%[2]d}, spec: {template: {metadata: {labels: {app: svc-%[1]d, version: v1}}}}}
---
{apiVersion: v1, kind: Service, metadata: {name: svc-%[1]d, namespace: ns-%[2]d}, spec: {selector: {app: svc-%[1]d}}}
---
{apiVersion: networking.istio.io/v1, kind: VirtualService, metadata: {name: svc-%[1]d, namespace: ns-%[2]d}, spec: {hosts: [svc-%[1]d], http: [{route: [{destination: {host: svc-%[1]d}}]}]}}
---
{apiVersion: networking.istio.io/v1, kind: DestinationRule, metadata: {name: svc-%[1]d, namespace: ns-%[2]d}, spec: {host: svc-%[1]d, trafficPolicy: {connectionPool: {}}}}
---`, n, n%namespaceCount)
	}
	file := b.TempDir() + "/mesh.yaml"
	require.NoError(b, os.WriteFile(file, []byte(text.String()), 0o600))
	return []kube.Cluster{{Name: cluster, Manifests: []string{file}}}
}

// BenchmarkInventory makes an inventory anew. That happens beside refreshes,
// which take what there is.
func BenchmarkInventory(b *testing.B) {
	remake, err := kube.Remake(largeMesh(b))
	require.NoError(b, err)
	b.ReportAllocs()
	for b.Loop() {
		remake()
	}
}

// BenchmarkAttach puts objects onto the graph of half of the mesh, and adds the
// other half as idle nodes: what a graph costs beyond one without Kubernetes.
func BenchmarkAttach(b *testing.B) {
	i, err := kube.Read(largeMesh(b))
	require.NoError(b, err)
	of := func(n int) topology.Peer {
		name := fmt.Sprintf("svc-%d", n)
		return peer(fmt.Sprintf("ns-%d", n%namespaceCount), name, name, "v1")
	}
	var flows []topology.Flow
	for n := range numServices / 2 {
		for k := range 5 {
			flows = append(flows, call(of(n), of((n+k+1)%(numServices/2)), "x", 1))
		}
	}
	topology.SortFlows(flows)
	whole := build(topology.BuildOptions{}, flows...)
	b.ReportAllocs()
	for b.Loop() {
		g := *whole
		g.Nodes, g.Edges = slices.Clone(whole.Nodes), slices.Clone(whole.Edges)
		i.Attach(&g, kube.AttachOptions{DropGone: true, Idle: true})
		if len(g.Nodes) != numServices {
			b.Fatal(len(g.Nodes))
		}
	}
}
