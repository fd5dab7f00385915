package kube_test

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-kit/log"
	"github.com/stretchr/testify/require"
	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"

	"github.com/meshscope/meshscope/exporter/kube"
	"github.com/meshscope/meshscope/exporter/kube/kubetest"
	"github.com/meshscope/meshscope/exporter/topology"
)

var shared kubetest.Shared

func TestMain(m *testing.M) { os.Exit(shared.Run(m)) }

const (
	// soon is when a change of an object is to be seen.
	soon = 2 * time.Second
	// later is for what client-go tries again after a while.
	later = time.Minute
)

// rights are those that reading takes, without some.
func rights(without ...string) []rbacv1.PolicyRule {
	var rules []rbacv1.PolicyRule
	for _, r := range kube.Resources() {
		for _, resource := range r.Resources {
			if !slices.Contains(without, resource) {
				rules = append(rules, rbacv1.PolicyRule{APIGroups: r.APIGroups, Resources: []string{resource}, Verbs: r.Verbs})
			}
		}
	}
	return rules
}

// watch reads clusters until the test ends, and waits until they are read.
func watch(t *testing.T, clusters ...kube.ClusterOptions) *kube.Watcher {
	t.Helper()
	return watchLogging(t, nil, clusters...)
}

func watchLogging(t *testing.T, logger log.Logger, clusters ...kube.ClusterOptions) *kube.Watcher {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	w, err := kube.Watch(ctx, clusters, logger)
	require.NoError(t, err)
	t.Cleanup(func() {
		stop()
		select {
		case <-w.Done():
		case <-time.After(later): // a server that is away is asked again after up to 30 s, and client-go sleeps till then
			t.Error("it has not stopped")
		}
	})
	waiting, enough := context.WithTimeout(ctx, later)
	defer enough()
	require.NoError(t, w.Sync(waiting), "%v", w.Missing())
	return w
}

// shows waits until an object is as it should be.
func shows(t *testing.T, within time.Duration, w *kube.Watcher, ref topology.Ref, is func(*topology.Object) bool) {
	t.Helper()
	require.Eventually(t, func() bool { return is(w.Inventory().Object(ref)) }, within, 10*time.Millisecond, "%s %+v, missing %v", ref.ID(), w.Inventory().Object(ref), w.Missing())
}

func exists(o *topology.Object) bool   { return o != nil }
func isAbsent(o *topology.Object) bool { return o == nil }

// missing are the resources that are not read, by reason.
func missing(w *kube.Watcher) map[kube.Reason][]string {
	by := map[kube.Reason][]string{}
	for _, m := range w.Missing() {
		by[m.Reason] = append(by[m.Reason], m.Resource)
	}
	return by
}

const deployment = `
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: ${ns}}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template: {metadata: {labels: {app: web, version: v1}}, spec: {containers: [{name: app, image: app}]}}
status: {observedGeneration: 1, replicas: 2, readyReplicas: 1, availableReplicas: 1}
`

const webPod = `
apiVersion: v1
kind: Pod
metadata:
  name: web-6d4-x
  generateName: web-6d4-
  namespace: ${ns}
  labels: {app: web, version: v1, pod-template-hash: 6d4}
  annotations: {ambient.istio.io/redirection: enabled}
  ownerReferences: [{apiVersion: apps/v1, kind: ReplicaSet, name: web-6d4, uid: u, controller: true}]
spec: {containers: [{name: app, image: app}]}
`

const webRoute = `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: web, namespace: ${ns}}
spec: {hosts: [web], http: [{timeout: 1s, route: [{destination: {host: web}}]}]}
`

const webService = `
{apiVersion: v1, kind: Service, metadata: {name: web, namespace: ${ns}}, spec: {selector: {app: web}, ports: [{port: 80}]}}
`

func in(namespace, manifest string) string { return strings.ReplaceAll(manifest, "${ns}", namespace) }

func TestObjectsComeAndGo(t *testing.T) {
	namespace := "comes-" + strconv.FormatInt(time.Now().UnixNano(), 36) // it must not be there yet, when the test runs again
	api := shared.Cluster(t)
	api.InstallCRDs(t, kubetest.Istio, kubetest.GatewayAPI)
	w := watch(t, kube.ClusterOptions{Name: cluster, Access: api.User(t, "reader", rights()...)})
	require.Empty(t, w.Missing())
	require.True(t, w.Inventory().Knows(topology.KindWorkload, cluster, namespace))
	require.False(t, w.Inventory().HasNamespace(cluster, namespace))

	web := workload(namespace, "web")
	api.Apply(t, in(namespace, deployment))
	shows(t, soon, w, web, exists)
	require.True(t, w.Inventory().HasNamespace(cluster, namespace))
	shows(t, soon, w, web, func(o *topology.Object) bool { return len(o.Replicas) == 1 })
	require.Equal(t, topology.Replicas{Workload: "web", Desired: 2, Current: 2, Available: 1}, w.Inventory().Object(web).Replicas[0])
	require.True(t, w.Inventory().Object(web).NoPods)

	api.Apply(t, in(namespace, webPod))
	shows(t, soon, w, web, func(o *topology.Object) bool { return o.Dataplane == topology.Ambient && !o.NoPods })

	api.Apply(t, in(namespace, webService))
	shows(t, soon, w, service(namespace, "web"), func(o *topology.Object) bool { return exists(o) && len(o.Workloads) == 1 })
	api.Apply(t, in(namespace, webRoute))
	shows(t, soon, w, service(namespace, "web"), func(o *topology.Object) bool { return o.RequestTimeout && o.RequestRouting })

	api.Apply(t, strings.ReplaceAll(in(namespace, webRoute), "timeout: 1s, ", ""))
	shows(t, soon, w, service(namespace, "web"), func(o *topology.Object) bool { return !o.RequestTimeout && o.RequestRouting })

	before := w.Inventory()
	api.Delete(t, in(namespace, webRoute))
	shows(t, soon, w, service(namespace, "web"), func(o *topology.Object) bool { return !o.RequestRouting })
	require.True(t, before.Object(service(namespace, "web")).RequestRouting, "an inventory does not change")

	api.Delete(t, in(namespace, webService))
	api.Delete(t, in(namespace, deployment))
	shows(t, soon, w, service(namespace, "web"), isAbsent)
}

// All kinds are read from a real API server, as they are from files.
func TestManifestsAndServerAgree(t *testing.T) {
	api := shared.Cluster(t)
	api.InstallCRDs(t, kubetest.Istio, kubetest.GatewayAPI)
	manifests := strings.Join([]string{
		deployment, webPod, webService, webRoute,
		`{apiVersion: v1, kind: Namespace, metadata: {name: ${ns}, labels: {istio.io/use-waypoint: w, istio.io/ingress-use-waypoint: 'true'}}}`,
		`{apiVersion: apps/v1, kind: StatefulSet, metadata: {name: db, namespace: ${ns}}, spec: {serviceName: db, selector: {matchLabels: {app: db}}, template: {metadata: {labels: {app: db}}, spec: {containers: [{name: a, image: a}]}}}, status: {observedGeneration: 1, replicas: 1, readyReplicas: 1}}`,
		`{apiVersion: apps/v1, kind: DaemonSet, metadata: {name: agent, namespace: ${ns}}, spec: {selector: {matchLabels: {app: agent}}, template: {metadata: {labels: {app: agent, istio: ingressgateway}}, spec: {containers: [{name: a, image: a}]}}}}`,
		`{apiVersion: apps/v1, kind: ReplicaSet, metadata: {name: set, namespace: ${ns}}, spec: {selector: {matchLabels: {app: set}}, template: {metadata: {labels: {app: set}}, spec: {containers: [{name: a, image: a}]}}}}`,
		`{apiVersion: batch/v1, kind: Job, metadata: {name: job, namespace: ${ns}}, spec: {template: {metadata: {labels: {app: job}}, spec: {restartPolicy: Never, containers: [{name: a, image: a}]}}}}`,
		`{apiVersion: batch/v1, kind: CronJob, metadata: {name: cron, namespace: ${ns}}, spec: {schedule: '0 0 * * *', jobTemplate: {spec: {template: {metadata: {labels: {app: cron}}, spec: {restartPolicy: Never, containers: [{name: a, image: a}]}}}}}}`,
		`{apiVersion: networking.istio.io/v1, kind: DestinationRule, metadata: {name: web, namespace: ${ns}}, spec: {host: web, trafficPolicy: {outlierDetection: {consecutive5xxErrors: 3}}}}`,
		`{apiVersion: networking.istio.io/v1, kind: Gateway, metadata: {name: gw, namespace: ${ns}}, spec: {selector: {istio: ingressgateway}, servers: [{hosts: [a.example], port: {number: 80, name: http, protocol: HTTP}}]}}`,
		`{apiVersion: networking.istio.io/v1, kind: ServiceEntry, metadata: {name: pay, namespace: ${ns}}, spec: {hosts: [${ns}.pay.example], location: MESH_EXTERNAL, ports: [{number: 443, name: tls, protocol: TLS}], resolution: DNS}}`,
		`{apiVersion: networking.istio.io/v1, kind: WorkloadEntry, metadata: {name: vm, namespace: ${ns}}, spec: {address: 10.0.0.9, labels: {app: web, version: v1}}}`,
		`{apiVersion: security.istio.io/v1, kind: PeerAuthentication, metadata: {name: strict, namespace: ${ns}}, spec: {mtls: {mode: STRICT}}}`,
		`{apiVersion: gateway.networking.k8s.io/v1, kind: Gateway, metadata: {name: agent, namespace: ${ns}}, spec: {gatewayClassName: istio-waypoint, listeners: [{name: mesh, port: 15008, protocol: HBONE}]}}`,
		`{apiVersion: gateway.networking.k8s.io/v1, kind: HTTPRoute, metadata: {name: web, namespace: ${ns}}, spec: {hostnames: [b.example], rules: [{timeouts: {request: 1s}, backendRefs: [{name: web, port: 80}]}]},
 status: {parents: [{parentRef: {name: gw}, controllerName: istio.io/gateway-controller, conditions: [{type: Accepted, status: "False", reason: NoMatchingParent, message: none, lastTransitionTime: "2026-01-01T00:00:00Z"}]}]}}`,
		`{apiVersion: gateway.networking.k8s.io/v1, kind: GRPCRoute, metadata: {name: web, namespace: ${ns}}, spec: {rules: [{backendRefs: [{name: web, port: 80}, {name: web2, port: 80}]}]}}`,
		`{apiVersion: gateway.networking.k8s.io/v1, kind: TCPRoute, metadata: {name: web, namespace: ${ns}}, spec: {rules: [{backendRefs: [{name: web, port: 80}]}]}}`,
		`{apiVersion: gateway.networking.k8s.io/v1, kind: TLSRoute, metadata: {name: web, namespace: ${ns}}, spec: {hostnames: [c.example], rules: [{backendRefs: [{name: web, port: 80}, {name: web2, port: 80}]}]}}`,
	}, "\n---\n")
	manifests = in("agree", manifests)
	api.Apply(t, manifests)
	w := watch(t, kube.ClusterOptions{Name: cluster, Access: api.User(t, "reader", rights()...)})
	files := inventory(t, manifests)

	var compared int
	for ref, want := range files.All() {
		got := w.Inventory().Object(ref)
		require.NotNil(t, got, ref.ID())
		if ref.Name == "web" && ref.Kind == topology.KindService {
			require.Equal(t, []string{"breaker", "routing", "timeout", "shifting", "tcp shifting"}, configured(got))
		}
		wanted := *want
		wanted.NoPods = got.NoPods // of files it is known whose pods are among them
		require.Equal(t, &wanted, got, ref.ID())
		compared++
	}
	require.Equal(t, 7, compared)
	require.Equal(t, files.Object(service("agree", "pay")), w.Inventory().Object(service("agree", "pay")))
	require.Equal(t, files.Statuses(), statusesIn(w.Inventory(), "agree"))
	require.Len(t, files.Statuses(), 1)
	require.True(t, w.Inventory().IsWaypoint(func(topology.Peer) bool { return false })(peer("agree", "agent", "agent", "")))
}

func statusesIn(i *kube.Inventory, namespace string) []kube.Status {
	var in []kube.Status
	for _, s := range i.Statuses() {
		if s.Namespace == namespace {
			in = append(in, s)
		}
	}
	return in
}

func TestCustomResourcesComeLater(t *testing.T) {
	api := kubetest.Start(t)
	api.Apply(t, in("later", webService))
	w := watch(t, kube.ClusterOptions{Name: cluster, Access: api.User(t, "reader", rights()...)})
	require.Equal(t, map[kube.Reason][]string{kube.NotInstalled: {
		"destinationrules.networking.istio.io", "gateways.gateway.networking.k8s.io", "gateways.networking.istio.io",
		"grpcroutes.gateway.networking.k8s.io", "httproutes.gateway.networking.k8s.io", "peerauthentications.security.istio.io",
		"serviceentries.networking.istio.io", "tcproutes.gateway.networking.k8s.io", "tlsroutes.gateway.networking.k8s.io",
		"virtualservices.networking.istio.io", "workloadentries.networking.istio.io",
	}}, missing(w))
	for _, m := range w.Missing() {
		require.NoError(t, m.Err, "it is no error")
	}
	require.NotNil(t, w.Inventory().Object(service("later", "web")), "the rest is read")

	api.InstallCRDs(t, kubetest.Istio)
	api.Apply(t, in("later", webRoute))
	shows(t, 10*time.Second, w, service("later", "web"), func(o *topology.Object) bool { return o.RequestTimeout })
	require.Eventually(t, func() bool { return len(missing(w)[kube.NotInstalled]) == 5 }, 10*time.Second, 50*time.Millisecond, "the Gateway API's")
	api.InstallCRDs(t, kubetest.GatewayAPI)
	require.Eventually(t, func() bool { return len(w.Missing()) == 0 }, 10*time.Second, 50*time.Millisecond)

	api.Delete(t, `{apiVersion: apiextensions.k8s.io/v1, kind: CustomResourceDefinition, metadata: {name: virtualservices.networking.istio.io}}`)
	shows(t, later, w, service("later", "web"), func(o *topology.Object) bool { return !o.RequestTimeout })
	require.Eventually(t, func() bool {
		return len(missing(w)[kube.NotInstalled]) == 1 && len(w.Missing()) == 1
	}, later, 50*time.Millisecond)
}

func TestServerGoesAndComesBack(t *testing.T) {
	api := kubetest.Start(t)
	api.Apply(t, in("away", deployment))
	w := watch(t, kube.ClusterOptions{Name: cluster, Access: api.User(t, "reader", rights()...)})
	require.NotNil(t, w.Inventory().Object(workload("away", "web")))

	api.Stop()
	require.Eventually(t, func() bool { return len(missing(w)[kube.Unreachable]) >= 9 }, later, 50*time.Millisecond)
	require.Eventually(t, func() bool { return !w.Inventory().Knows(topology.KindWorkload, cluster, "away") }, soon, 10*time.Millisecond,
		"what comes now is not seen: %v", w.Missing())
	require.NotNil(t, w.Inventory().Object(workload("away", "web")), "what was read stays")

	api.Restart(t)
	api.Apply(t, in("away", webService))
	shows(t, later, w, service("away", "web"), exists)
	require.Eventually(t, func() bool { return len(missing(w)) == 1 && len(missing(w)[kube.NotInstalled]) == 11 }, later, 50*time.Millisecond, "%v", w.Missing())
	require.Eventually(t, func() bool { return w.Inventory().Knows(topology.KindWorkload, cluster, "away") }, soon, 10*time.Millisecond)
}

func TestWatchesAreCut(t *testing.T) {
	api := shared.Cluster(t)
	w := watch(t, kube.ClusterOptions{Name: cluster, Access: api.User(t, "reader", rights()...)})
	client, err := kubernetes.NewForConfig(api.Config())
	require.NoError(t, err)
	for range 3 {
		api.CutWatches()
	}
	require.Eventually(t, func() bool { // the test's own connection was cut, too
		_, err := client.Discovery().ServerVersion()
		return err == nil
	}, soon, 10*time.Millisecond)
	api.Apply(t, in("cut", webService))
	shows(t, 10*time.Second, w, service("cut", "web"), exists)
}

func TestForbidden(t *testing.T) {
	api := shared.Cluster(t)
	api.InstallCRDs(t, kubetest.Istio, kubetest.GatewayAPI)
	api.Apply(t, in("forbidden", deployment+"---"+webPod+"---"+webService+"---"+webRoute))
	w := watch(t, kube.ClusterOptions{Name: cluster, Access: api.User(t, "half", rights("pods", "virtualservices")...)})
	require.Equal(t, map[kube.Reason][]string{kube.Forbidden: {"pods", "virtualservices.networking.istio.io"}}, missing(w))
	require.ErrorContains(t, w.Missing()[0].Err, `User "half" cannot`)

	i := w.Inventory()
	web := i.Object(workload("forbidden", "web"))
	require.NotNil(t, web, "the rest is read")
	require.NotEmpty(t, web.Replicas)
	require.False(t, web.NoPods, "that is not known")
	require.Empty(t, web.Dataplane, "nor that")
	require.False(t, i.Knows(topology.KindWorkload, cluster, "forbidden"))
	require.True(t, i.Knows(topology.KindService, cluster, "forbidden"))

	api.User(t, "half", rights()...)
	shows(t, later, w, workload("forbidden", "web"), func(o *topology.Object) bool { return o.Dataplane == topology.Ambient })
	shows(t, later, w, service("forbidden", "web"), func(o *topology.Object) bool { return o.RequestTimeout })
	require.Eventually(t, func() bool { return len(w.Missing()) == 0 }, later, 50*time.Millisecond)
}

// requests notes what is asked of an API server.
type requests struct {
	mu   sync.Mutex
	asks []string
}

func (r *requests) note(q *http.Request) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.asks = append(r.asks, q.Method+" "+q.URL.RequestURI())
}

// take are the requests since it was asked last.
func (r *requests) take() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	taken := r.asks
	r.asks = nil
	return taken
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(q *http.Request) (*http.Response, error) { return f(q) }

// noting is access of which all requests are noted.
func noting(access *rest.Config, r *requests) *rest.Config {
	access = rest.CopyConfig(access)
	access.Wrap(func(next http.RoundTripper) http.RoundTripper {
		return roundTripper(func(q *http.Request) (*http.Response, error) {
			r.note(q)
			return next.RoundTrip(q)
		})
	})
	return access
}

func TestNoListAfterStart(t *testing.T) {
	api := shared.Cluster(t)
	api.InstallCRDs(t, kubetest.Istio, kubetest.GatewayAPI)
	var asked requests
	w := watch(t, kube.ClusterOptions{Name: cluster, Access: noting(api.User(t, "reader", rights()...), &asked)})
	require.Empty(t, w.Missing())
	time.Sleep(time.Second) // watches begin after the first list
	atStart := asked.take()
	for _, resource := range []string{"pods", "services", "virtualservices"} {
		n := 0
		for _, ask := range atStart {
			require.True(t, strings.HasPrefix(ask, "GET "), ask)
			if path, _, _ := strings.Cut(ask, "?"); strings.HasSuffix(path, "/"+resource) {
				n++
			}
		}
		require.LessOrEqual(t, n, 2, "a list and a watch, or one watch that begins with all: %s", atStart)
		require.Positive(t, n, resource)
	}
	api.Apply(t, in("listed", deployment+"---"+webPod+"---"+webService))
	shows(t, soon, w, service("listed", "web"), exists)
	for range 50 {
		w.Inventory()
		w.Make()
	}
	require.Empty(t, asked.take(), "watches tell everything")
}

// One cluster that is away takes nothing of the others.
func TestSeveralClusters(t *testing.T) {
	api := shared.Cluster(t)
	api.Apply(t, in("several", webService))
	reader := api.User(t, "reader", rights()...)
	away := rest.CopyConfig(reader)
	away.Host = "https://127.0.0.1:1"
	stranger := rest.CopyConfig(reader)
	stranger.CertData, stranger.KeyData, stranger.BearerToken = nil, nil, "nobody's"
	kubeconfig := kubetest.Kubeconfig(t, map[string]*rest.Config{"a": away, "b": reader, "c": stranger})
	file := t.TempDir() + "/objects.yaml"
	require.NoError(t, os.WriteFile(file, []byte(in("files", webService)), 0o600))

	var said lines
	w := watchLogging(
		t, &said,
		kube.ClusterOptions{Name: "away", Kubeconfig: kubeconfig}, // the current context
		kube.ClusterOptions{Name: cluster, Kubeconfig: kubeconfig, Context: "b"},
		kube.ClusterOptions{Name: "stranger", Kubeconfig: kubeconfig, Context: "c"},
		kube.ClusterOptions{Name: "files", Manifests: []string{file}},
	)
	i := w.Inventory()
	require.NotNil(t, i.Object(service("several", "web")))
	require.NotNil(t, i.Object(topology.Ref{Kind: topology.KindService, Cluster: "files", Namespace: "files", Name: "web"}))
	require.True(t, i.HasNamespace("away", "any"), "it may be there")
	require.False(t, i.RulesOut("any"))
	for _, m := range w.Missing() {
		switch m.Cluster {
		case "away":
			require.Equal(t, kube.Unreachable, m.Reason, m.Resource)
			require.ErrorContains(t, m.Err, "127.0.0.1:1")
		case "stranger":
			require.Equal(t, kube.Unauthorized, m.Reason, m.Resource)
		default:
			require.Equal(t, kube.NotInstalled, m.Reason, m)
		}
		require.WithinDuration(t, time.Now(), m.Since, time.Minute)
	}
	// A line for a cluster and reason, however many resources it is of. On a busy machine these may fail in two or three
	// bursts, with a line for each.
	for _, name := range []string{"away", "stranger"} {
		told := func() []string {
			return slices.DeleteFunc(said.with("cannot read a part of a cluster"), func(line string) bool { return !strings.Contains(line, name) })
		}
		require.Eventually(t, func() bool {
			all := strings.Join(told(), " ")
			return strings.Contains(all, "deployments.apps") && strings.Contains(all, "pods")
		}, later, 50*time.Millisecond, name)
		require.LessOrEqual(t, len(told()), 3, "%s", told())
	}
}

// lines are what was logged.
type lines struct {
	mu  sync.Mutex
	all []string
}

func (l *lines) Log(pairs ...any) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.all = append(l.all, fmt.Sprint(pairs...))
	return nil
}

func (l *lines) with(text string) []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(l.all), func(line string) bool { return !strings.Contains(line, text) })
}

func TestOptionsThatCannotBe(t *testing.T) {
	empty := t.TempDir() + "/kubeconfig"
	require.NoError(t, os.WriteFile(empty, []byte("{apiVersion: v1, kind: Config}"), 0o600))
	for _, tc := range []struct {
		name string
		of   kube.ClusterOptions
		want string
	}{
		{"no file", kube.ClusterOptions{Name: "east", Kubeconfig: "testdata/none"}, "cluster east: kubeconfig testdata/none: "},
		{"no context", kube.ClusterOptions{Name: "east", Kubeconfig: empty, Context: "other"}, `context "other" does not exist`},
		{"no manifests", kube.ClusterOptions{Name: "east", Manifests: []string{"testdata/none.yaml"}}, "testdata/none.yaml"},
	} {
		require.ErrorContains(t, kube.Check([]kube.ClusterOptions{tc.of}), tc.want, tc.name)
		_, err := kube.Watch(t.Context(), []kube.ClusterOptions{tc.of}, nil)
		require.ErrorContains(t, err, tc.want, tc.name)
	}
	t.Setenv("KUBERNETES_SERVICE_HOST", "")
	_, err := kube.Watch(t.Context(), []kube.ClusterOptions{{Name: "east"}}, nil)
	require.EqualError(t, err, "cluster east: no kubeconfig, and the exporter does not run in a cluster")
	require.NoError(t, kube.Check([]kube.ClusterOptions{{Name: "east"}}), "it may run in one")
}
