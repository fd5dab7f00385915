package objects

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	istio "istio.io/client-go/pkg/apis/networking/v1"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	"k8s.io/apimachinery/pkg/util/yaml"
	gateway "sigs.k8s.io/gateway-api/apis/v1"

	"github.com/meshscope/meshscope/exporter/demo/mesh"
	"github.com/meshscope/meshscope/exporter/kube"
	"github.com/meshscope/meshscope/exporter/topology"
)

var start = time.Date(2026, time.March, 1, 12, 0, 0, 0, time.UTC)

func newMesh(t *testing.T) *mesh.Mesh {
	t.Helper()
	m, err := mesh.New(mesh.Config{Seed: 1, Namespaces: 2, Workloads: 3, Start: start, Churn: true})
	require.NoError(t, err)
	return m
}

func set(t *testing.T, m *mesh.Mesh, text string) {
	t.Helper()
	f, err := mesh.ParseFault(text)
	require.NoError(t, err)
	require.NoError(t, m.Set(f))
}

// clusters are the two of a mesh.
func clusters(t *testing.T, m *mesh.Mesh) (home, west Cluster) {
	t.Helper()
	both := Of(m.Census())
	require.Len(t, both, 2)
	require.Equal(t, "Kubernetes", both[0].Name)
	require.Equal(t, "west", both[1].Name)
	return both[0], both[1]
}

func every[T runtime.Object](c Cluster) (found []T) {
	for _, o := range c.Objects {
		if typed, ok := o.(T); ok {
			found = append(found, typed)
		}
	}
	return found
}

// find is the object of a type and name, which must be there once.
func find[T interface {
	runtime.Object
	metav1.Object
}](t *testing.T, c Cluster, namespace, name string,
) T {
	t.Helper()
	var found []T
	for _, o := range every[T](c) {
		if o.GetNamespace() == namespace && o.GetName() == name {
			found = append(found, o)
		}
	}
	require.Len(t, found, 1, "%s/%s", namespace, name)
	return found[0]
}

// What is written is of the types of Kubernetes, Istio and the Gateway API,
// has no field that they do not know, loses nothing, and has each object once.
func TestManifests(t *testing.T) {
	scheme := runtime.NewScheme()
	for _, add := range []func(*runtime.Scheme) error{corev1.AddToScheme, appsv1.AddToScheme, istio.AddToScheme, gateway.Install} {
		require.NoError(t, add(scheme))
	}
	decoder := serializer.NewCodecFactory(scheme, serializer.EnableStrict).UniversalDeserializer()
	for _, c := range Of(newMesh(t).Census()) {
		var text bytes.Buffer
		require.NoError(t, c.Write(&text))
		names := map[string]bool{}
		reader := yaml.NewYAMLReader(bufio.NewReader(&text))
		for _, want := range c.Objects {
			document, err := reader.Read()
			require.NoError(t, err)
			got, kind, err := decoder.Decode(document, nil, nil)
			require.NoError(t, err, "%s", document)
			at := got.(metav1.Object)
			name := kind.String() + " " + at.GetNamespace() + "/" + at.GetName()
			require.False(t, names[name], "twice: %s", name)
			names[name] = true
			require.Equal(t, want.(metav1.Object).GetUID(), at.GetUID(), name)
			var again bytes.Buffer
			require.NoError(t, Cluster{Objects: []runtime.Object{got}}.Write(&again))
			require.Equal(t, string(bytes.TrimPrefix(document, []byte("---\n"))), string(bytes.TrimPrefix(again.Bytes(), []byte("---\n"))), name)
		}
		_, err := reader.Read()
		require.True(t, errors.Is(err, io.EOF))
	}
}

// The same mesh gives the same manifests, byte for byte.
func TestManifestsAreDeterministic(t *testing.T) {
	write := func() string {
		var text bytes.Buffer
		m := newMesh(t)
		m.Advance(start.Add(10 * time.Minute))
		for _, c := range Of(m.Census()) {
			require.NoError(t, c.Write(&text))
		}
		return text.String()
	}
	require.Equal(t, write(), write())
}

// Whatever an object names is there: owners, namespaces, the pods that
// services select, the services that routes lead to.
func TestObjectsFitTogether(t *testing.T) {
	m := newMesh(t)
	m.Advance(start.Add(10 * time.Minute))
	home, west := clusters(t, m)
	allPods := append(every[*corev1.Pod](home), every[*corev1.Pod](west)...)
	for _, c := range []Cluster{home, west} {
		namespaces := map[string]bool{}
		for _, n := range every[*corev1.Namespace](c) {
			namespaces[n.Name] = true
		}
		uids := map[string]bool{}
		for _, o := range c.Objects {
			at := o.(metav1.Object)
			require.True(t, at.GetNamespace() == "" || namespaces[at.GetNamespace()], at)
			require.False(t, uids[string(at.GetUID())], at)
			uids[string(at.GetUID())] = true
		}
		for _, o := range c.Objects {
			for _, owner := range o.(metav1.Object).GetOwnerReferences() {
				require.True(t, uids[string(owner.UID)], owner)
			}
		}
		for _, s := range every[*corev1.Service](c) {
			selected := 0
			for _, p := range allPods {
				if p.Namespace == s.Namespace && labels.SelectorFromSet(s.Spec.Selector).Matches(labels.Set(p.Labels)) {
					selected++
				}
			}
			require.Positive(t, selected, "service %s/%s", s.Namespace, s.Name)
		}
		for _, v := range every[*istio.VirtualService](c) {
			for _, route := range v.Spec.GetHttp() {
				for _, to := range route.GetRoute() {
					find[*corev1.Service](t, c, v.Namespace, to.GetDestination().GetHost())
				}
			}
		}
		for _, d := range every[*appsv1.Deployment](c) {
			selector := labels.SelectorFromSet(d.Spec.Selector.MatchLabels)
			pods := 0
			for _, p := range every[*corev1.Pod](c) {
				if p.Namespace == d.Namespace && selector.Matches(labels.Set(p.Labels)) {
					pods++
				}
			}
			require.Equal(t, int(*d.Spec.Replicas), pods, "pods of %s/%s", d.Namespace, d.Name)
		}
	}
}

// What the mesh simulates is what the objects tell: each pod that is scraped
// is among them, in its namespace.
func TestPodsAreTheMeshs(t *testing.T) {
	m := newMesh(t)
	m.Advance(start.Add(10 * time.Minute))
	home, west := clusters(t, m)
	pods := map[[2]string]*corev1.Pod{}
	for _, p := range append(every[*corev1.Pod](home), every[*corev1.Pod](west)...) {
		pods[[2]string{p.Namespace, p.Name}] = p
	}
	targets := m.Targets()
	require.NotEmpty(t, targets)
	for _, target := range targets {
		p := pods[[2]string{target.Namespace, target.Pod}]
		require.NotNil(t, p, target.Pod)
		require.Equal(t, target.Instance, p.Status.PodIP+":15020")
		require.Equal(t, target.App, p.Labels["app"])
	}
}

// Pods tell of each container what kubectl counts as READY, and since when it runs.
func TestContainers(t *testing.T) {
	m := newMesh(t)
	m.Advance(start.Add(10 * time.Minute))
	set(t, m, "restart:bookinfo/productpage-v1")
	set(t, m, "no-endpoints:bookinfo/reviews-v2")
	home, west := clusters(t, m)
	type counts struct{ ready, all int }
	seen := map[string]counts{}
	for _, p := range append(every[*corev1.Pod](home), every[*corev1.Pod](west)...) {
		require.Len(t, p.Status.ContainerStatuses, len(p.Spec.Containers), p.Name)
		count := counts{all: len(p.Spec.Containers)}
		for i, c := range p.Status.ContainerStatuses {
			require.Equal(t, p.Spec.Containers[i].Name, c.Name, p.Name)
			require.Equal(t, *p.Status.StartTime, c.State.Running.StartedAt, p.Name)
			if c.Ready {
				count.ready++
			}
		}
		workload := p.Labels["app"] + " " + p.Labels["version"]
		seen[workload] = count
		if workload != "reviews v2" {
			require.Equal(t, count.all, count.ready, p.Name)
		}
		switch workload {
		case "productpage v1":
			require.Equal(t, m.Now(), p.Status.StartTime.Time)
		case "ztunnel ":
			require.Equal(t, start, p.Status.StartTime.Time)
		}
	}
	require.Equal(t, counts{2, 2}, seen["productpage v1"])
	require.Equal(t, counts{1, 2}, seen["reviews v2"], "the app is not, and its sidecar is")
	require.Equal(t, counts{1, 1}, seen["ztunnel "])
}

// The ztunnel has the labels of Istio's chart, and an exporter finds its pods.
func TestZtunnel(t *testing.T) {
	home, _ := clusters(t, newMesh(t))
	z := find[*appsv1.DaemonSet](t, home, "istio-system", "ztunnel")
	require.Equal(t, map[string]string{"app": "ztunnel"}, z.Spec.Selector.MatchLabels)
	pods := 0
	for _, p := range every[*corev1.Pod](home) {
		if p.Labels["app"] == "ztunnel" {
			require.Equal(t, "ztunnel", p.Labels["app.kubernetes.io/name"])
			pods++
		}
	}
	require.Equal(t, int(z.Status.CurrentNumberScheduled), pods)
	for _, labels := range []map[string]string{z.Labels, z.Spec.Template.Labels} {
		require.Equal(t, "ztunnel", labels["app.kubernetes.io/name"])
	}

	file := filepath.Join(t.TempDir(), "home.yaml")
	var text bytes.Buffer
	require.NoError(t, home.Write(&text))
	require.NoError(t, os.WriteFile(file, text.Bytes(), 0o600))
	inventory, err := kube.Read([]kube.Cluster{{Name: home.Name, Manifests: []string{file}}})
	require.NoError(t, err)
	var found []string
	for ref, o := range inventory.All() {
		if ref.Kind == topology.KindWorkload && ref.Namespace == "istio-system" {
			found = append(found, fmt.Sprintf("%s %s %s %t", o.Kind, ref.Name, o.Dataplane, o.NoPods))
		}
	}
	require.ElementsMatch(t, []string{"DaemonSet ztunnel ambient false", "Deployment istio-ingressgateway gateway false"}, found)
}

func TestDataplanes(t *testing.T) {
	home, west := clusters(t, newMesh(t))
	for _, tc := range []struct {
		namespace string
		want      map[string]string
	}{
		{"bookinfo", map[string]string{injectionLabel: "enabled"}},
		{"sock-shop", map[string]string{dataplaneLabel: "ambient", useWaypointLabel: "waypoint"}},
		{"team-01", map[string]string{injectionLabel: "enabled"}},
	} {
		got := find[*corev1.Namespace](t, home, "", tc.namespace).Labels
		delete(got, "kubernetes.io/metadata.name")
		require.Equal(t, tc.want, got, tc.namespace)
	}
	require.Equal(t, gateway.ObjectName("istio-waypoint"), find[*gateway.Gateway](t, home, "sock-shop", "waypoint").Spec.GatewayClassName)
	require.Equal(t, []string{"bookinfo.example.com", "sock-shop.example.com", "team-01.example.com", "team-02.example.com"},
		find[*istio.Gateway](t, home, "istio-system", "public").Spec.GetServers()[0].GetHosts())
	require.Equal(t, "false", find[*appsv1.Deployment](t, home, "online-boutique", "loadgenerator").Spec.Template.Labels["sidecar.istio.io/inject"])
	require.NotNil(t, find[*istio.DestinationRule](t, home, "bookinfo", "reviews").Spec.GetTrafficPolicy().GetOutlierDetection())
	require.Equal(t, []string{"api.stripe.com"}, find[*istio.ServiceEntry](t, home, "online-boutique", "stripe").Spec.GetHosts())

	require.Equal(t, int32(2), *find[*appsv1.Deployment](t, west, "online-boutique", "currencyservice").Spec.Replicas)
	find[*corev1.Service](t, home, "online-boutique", "currencyservice") // its name is known where it is called from
	require.Len(t, every[*appsv1.Deployment](west), 1)
}

// Nobody calls one workload, and another has no pods.
func TestUncalled(t *testing.T) {
	m := newMesh(t)
	m.Advance(start.Add(10 * time.Minute))
	home, _ := clusters(t, m)
	find[*corev1.Service](t, home, "online-boutique", "shoppingassistantservice")
	for _, e := range m.Edges() {
		require.NotContains(t, []string{e.SourceWorkload, e.DestinationWorkload}, "shoppingassistantservice")
	}
	asleep := find[*appsv1.Deployment](t, home, "sock-shop", "load-test")
	require.Zero(t, *asleep.Spec.Replicas)
	require.Zero(t, asleep.Status.Replicas)
}

func TestFaultsShow(t *testing.T) {
	m := newMesh(t)
	revision := m.Revision()
	replicas := func(name string) [3]int32 {
		home, _ := clusters(t, m)
		d := find[*appsv1.Deployment](t, home, "bookinfo", name)
		return [3]int32{*d.Spec.Replicas, d.Status.Replicas, d.Status.AvailableReplicas}
	}
	for _, tc := range []struct {
		fault, workload string
		want            [3]int32 // wanted, there, available
	}{
		{"scale:bookinfo/ratings-v1=4", "ratings-v1", [3]int32{4, 4, 4}},
		{"scale:bookinfo/details-v1=0", "details-v1", [3]int32{0, 0, 0}},
		{"no-endpoints:bookinfo/reviews-v2", "reviews-v2", [3]int32{1, 1, 0}},
		{"no-endpoints:bookinfo/productpage-v1->bookinfo/reviews-v3", "reviews-v3", [3]int32{1, 1, 1}}, // others find it
		{"restart:bookinfo/productpage-v1", "productpage-v1", [3]int32{2, 2, 2}},
	} {
		set(t, m, tc.fault)
		require.Equal(t, tc.want, replicas(tc.workload), tc.fault)
		require.Greater(t, m.Revision(), revision, tc.fault)
		revision = m.Revision()
	}
	m.Advance(start.Add(time.Minute))
	require.Equal(t, revision, m.Revision(), "nothing has changed")
	require.NoError(t, m.Clear())
	require.Equal(t, [3]int32{2, 2, 2}, replicas("ratings-v1"))
	require.Equal(t, [3]int32{1, 1, 1}, replicas("reviews-v2"))
	require.Greater(t, m.Revision(), revision)
}

// BenchmarkWriteLarge is what a change costs in a large mesh.
func BenchmarkWriteLarge(b *testing.B) {
	m, err := mesh.New(mesh.Config{Seed: 1, Namespaces: 50, Workloads: 20, Start: start})
	require.NoError(b, err)
	for b.Loop() {
		for _, c := range Of(m.Census()) {
			require.NoError(b, c.Write(io.Discard))
		}
	}
}
