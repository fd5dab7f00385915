package kube_test

import (
	"context"
	"fmt"
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

// large is the mesh that memory and time are measured of.
var large = kubetest.Large

// bigPod is as large as one that a Deployment makes and Istio injects.
func bigPod(n int) *corev1.Pod {
	namespace, of := large.Service(n % large.Services)
	p := &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{
			Name: fmt.Sprintf("%s-6d4b75cb6d-%05d", of, n), GenerateName: of + "-6d4b75cb6d-", Namespace: namespace,
			Labels: map[string]string{
				"app": of, "version": "v1", "pod-template-hash": "6d4b75cb6d", "team": "shop",
				"service.istio.io/canonical-name": of, "service.istio.io/canonical-revision": "v1",
				"security.istio.io/tlsMode": "istio", "app.kubernetes.io/managed-by": "Helm",
			},
			Annotations: map[string]string{
				"sidecar.istio.io/status": `{"initContainers":["istio-init"],"containers":["istio-proxy"],"volumes":["workload-socket"],"revision":"default"}`,
				"prometheus.io/scrape":    "true", "prometheus.io/port": "15020", "kubectl.kubernetes.io/default-container": "app",
				"checksum/config": strings.Repeat("a", 64),
			},
			OwnerReferences: []metav1.OwnerReference{{APIVersion: "apps/v1", Kind: "ReplicaSet", Name: of + "-6d4b75cb6d", UID: "u", Controller: new(true)}},
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
	namespace, name := large.Service(n)
	labels := map[string]string{"app": name, "version": "v1", "team": "shop"}
	return &appsv1.Deployment{
		ObjectMeta: metav1.ObjectMeta{Name: name, Namespace: namespace, Labels: labels},
		Spec: appsv1.DeploymentSpec{
			Selector: &metav1.LabelSelector{MatchLabels: map[string]string{"app": labels["app"]}},
			Template: corev1.PodTemplateSpec{ObjectMeta: metav1.ObjectMeta{Labels: labels}, Spec: bigPod(n).Spec},
		},
	}
}

func bigService(n int) *corev1.Service {
	namespace, name := large.Service(n)
	return &corev1.Service{
		ObjectMeta: metav1.ObjectMeta{
			Name: name, Namespace: namespace, Labels: map[string]string{"app": name, "team": "shop"},
		},
		Spec: corev1.ServiceSpec{
			ClusterIP: corev1.ClusterIPNone, Selector: map[string]string{"app": name}, Ports: []corev1.ServicePort{{Port: 80}},
		},
	}
}

func bigVirtualService(n int) *networkingv1.VirtualService {
	namespace, host := large.Service(n)
	v := &networkingv1.VirtualService{ObjectMeta: metav1.ObjectMeta{Name: host, Namespace: namespace}}
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
	namespace, host := large.Service(n)
	d := &networkingv1.DestinationRule{ObjectMeta: metav1.ObjectMeta{Name: host, Namespace: namespace}}
	d.Spec.Host = host
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
	for n := range large.Namespaces {
		namespace, _ := large.Service(n)
		if _, err := core.CoreV1().Namespaces().Create(ctx, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: namespace}}, metav1.CreateOptions{}); err != nil {
			return err
		}
	}
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(16)
	for n := range large.Pods {
		group.Go(func() error {
			p := bigPod(n)
			_, err := core.CoreV1().Pods(p.Namespace).Create(ctx, p, metav1.CreateOptions{})
			return err
		})
	}
	for n := range large.Services {
		group.Go(func() error {
			s, d := bigService(n), bigDeployment(n)
			if _, err := core.CoreV1().Services(s.Namespace).Create(ctx, s, metav1.CreateOptions{}); err != nil {
				return err
			}
			_, err := core.AppsV1().Deployments(d.Namespace).Create(ctx, d, metav1.CreateOptions{})
			return err
		})
	}
	for n := range large.IstioObjects / 2 {
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
	require.Equal(t, 2*large.Services+ofItsOwn, len(all(w.Inventory())))
	require.True(t, w.Inventory().Object(service("ns-7", "svc-7")).CircuitBreaker)
	require.Len(t, w.Inventory().Object(workload("ns-7", "svc-7")).Labels, 3)

	const times = 20
	start = time.Now()
	for range times {
		w.Make()
	}
	making := time.Since(start) / times
	t.Logf("%d pods, %d services, %d objects of Istio: %.1f MB, read in %s, an inventory made in %s", large.Pods, large.Services, large.IstioObjects, used, synced, making)
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
	for n := 0; n < large.Pods; n += large.Services {
		p := bigPod(n)
		require.NoError(t, core.CoreV1().Pods(p.Namespace).Delete(t.Context(), p.Name, metav1.DeleteOptions{GracePeriodSeconds: new(int64)}))
	}
	shows(t, soon, w, workload("ns-0", "svc-0"), func(o *topology.Object) bool { return o.NoPods })
	for _, ask := range asked.take() {
		looks := strings.HasSuffix(ask, "timeout=10s") // which custom resources there are
		require.True(t, looks || strings.Contains(ask, "watch=true"), "nothing is listed again: %s", ask)
	}
}

// largeMesh is a cluster that is read from a file.
func largeMesh(b *testing.B) []kube.Cluster {
	b.Helper()
	return []kube.Cluster{{Name: cluster, Manifests: []string{large.Manifest(b)}}}
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
		namespace, name := large.Service(n)
		return peer(namespace, name, name, "v1")
	}
	var flows []topology.Flow
	for n := range large.Services / 2 {
		for k := range 5 {
			flows = append(flows, call(of(n), of((n+k+1)%(large.Services/2)), "x", 1))
		}
	}
	topology.SortFlows(flows)
	whole := build(topology.BuildOptions{}, flows...)
	b.ReportAllocs()
	for b.Loop() {
		g := *whole
		g.Nodes, g.Edges = slices.Clone(whole.Nodes), slices.Clone(whole.Edges)
		i.Attach(&g, kube.AttachOptions{DropGone: true, Idle: true})
		if len(g.Nodes) != large.Services {
			b.Fatal(len(g.Nodes))
		}
	}
}
