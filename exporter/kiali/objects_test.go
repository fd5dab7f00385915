package kiali_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/meshscope/meshscope/exporter/config"
)

// withObjects is a cluster east with the objects of a manifest.
func withObjects(t testing.TB, manifest string) func(*config.Config) {
	file := filepath.Join(t.TempDir(), "objects.yaml")
	require.NoError(t, os.WriteFile(file, []byte(manifest), 0o600))
	return func(c *config.Config) {
		c.Kubernetes.Clusters = append(c.Kubernetes.Clusters, config.KubernetesCluster{Name: "east", Manifests: []string{file}})
	}
}

// deployment is one with so many pods wanted, there, and available, of a
// workload NAMESPACE/APP-VERSION. What else stands in the metadata of its pods
// are labels.
func deployment(name string, wanted, there, available int, labels string) string {
	namespace, workload, _ := strings.Cut(name, "/")
	app, version, _ := strings.Cut(workload, "-")
	return fmt.Sprintf(`
apiVersion: apps/v1
kind: Deployment
metadata: {name: %s, namespace: %s}
spec: {replicas: %d, template: {metadata: {labels: {app: %s, version: %s, %s}}}}
status: {observedGeneration: 1, replicas: %d, availableReplicas: %d}
---`, workload, namespace, wanted, app, version, labels, there, available)
}

// pod is one of a deployment, with the container or the annotation of a data
// plane.
func pod(name, annotation, container string) string {
	namespace, workload, _ := strings.Cut(name, "/")
	return fmt.Sprintf(`
apiVersion: v1
kind: Pod
metadata:
  name: %[2]s-6d4-x
  generateName: %[2]s-6d4-
  namespace: %[1]s
  labels: {pod-template-hash: 6d4}
  annotations: {%[3]s}
  ownerReferences: [{apiVersion: apps/v1, kind: ReplicaSet, name: %[2]s-6d4, uid: u, controller: true}]
spec: {containers: [{name: app}%[4]s]}
---`, namespace, workload, annotation, container)
}

const withSidecar, withAmbient = ", {name: istio-proxy}", "ambient.istio.io/redirection: enabled"

// serviceObject is a Service with labels.
func serviceObject(name, labels, spec string) string {
	namespace, service, _ := strings.Cut(name, "/")
	return fmt.Sprintf("\n{apiVersion: v1, kind: Service, metadata: {name: %s, namespace: %s, labels: {%s}}, spec: {%s}}\n---", service, namespace, labels, spec)
}

// istioObject is one of Istio's.
func istioObject(kind, name, spec string) string {
	namespace, name, _ := strings.Cut(name, "/")
	return fmt.Sprintf("\n{apiVersion: networking.istio.io/v1, kind: %s, metadata: {name: %s, namespace: %s}, spec: %s}\n---", kind, name, namespace, spec)
}

const namespacesAB = `
{apiVersion: v1, kind: Namespace, metadata: {name: a}}
---
{apiVersion: v1, kind: Namespace, metadata: {name: b}}
---`

// shopObjects are those of shop, and of what has no traffic in it.
var shopObjects = namespacesAB + deployment("a/web-v1", 1, 1, 1, "") + deployment("a/web-v2", 0, 0, 0, "") +
	deployment("b/cart-v1", 2, 2, 1, "") + deployment("b/db-v1", 1, 1, 1, "tier: data") + deployment("b/lone-v1", 1, 1, 0, "") +
	serviceObject("b/checkout", "app: cart", "") + serviceObject("b/lone", "", "") + istioObject("ServiceEntry", "b/api", "{hosts: [api.example.com]}")

// told are the fields of a node that Kubernetes and Istio's configuration tell.
func (n *node) told(t testing.TB) []string {
	t.Helper()
	text, err := json.Marshal(n.objectData)
	require.NoError(t, err)
	var fields map[string]any
	require.NoError(t, json.Unmarshal(text, &fields))
	var told []string
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		switch value := fields[name].(type) {
		case nil:
		case bool:
			if value {
				told = append(told, name)
			}
		default:
			text, err := json.Marshal(value)
			require.NoError(t, err)
			told = append(told, name+" "+string(text))
		}
	}
	return told
}

// toldOf is what is told of any node of a graph.
func toldOf(t testing.TB, g graph) map[string][]string {
	t.Helper()
	all := map[string][]string{}
	for name, n := range g.nodes {
		if told := n.told(t); len(told) > 0 {
			all[name] = told
		}
	}
	return all
}

// changes are the nodes that a graph has more (+) and less (-) than another.
func changes(before, after graph) (all []string) {
	for name := range before.nodes {
		if after.nodes[name] == nil {
			all = append(all, "- "+name)
		}
	}
	for name := range after.nodes {
		if before.nodes[name] == nil {
			all = append(all, "+ "+name)
		}
	}
	slices.Sort(all)
	return all
}

// everything is a mesh in which there is something for each appender to tell.
func everything() (p proxies, objects string) {
	p.requests(call("a/gateway-v1", "a/web-v1"), 5)
	p.requests(call("a/web-v1", "a/cart-v1"), 5)
	p.requests(call("a/web-v1", "b/db-v1"), 3)
	p.requests(call("a/web-v1", "a/gone-v1"), 0)
	p.requests(call("a/web-v1", "a/asleep-v1"), 0)
	p.counts("istio_requests_total", "source", call("a/web-v1", "x/x-x").toHost("api.example.com"), 2)
	p.counts("istio_requests_total", "source", call("a/web-v1", "x/x-x").toHost("www.example.com").ended("503", "UF"), 1)
	objects = namespacesAB +
		deployment("a/gateway-v1", 1, 1, 1, "istio: ingressgateway") + pod("a/gateway-v1", "", withSidecar) +
		deployment("a/web-v1", 1, 1, 1, "team: shop") + pod("a/web-v1", "", withSidecar) +
		deployment("a/cart-v1", 1, 1, 1, "") + pod("a/cart-v1", "", "") +
		deployment("b/db-v1", 1, 1, 1, "") + pod("b/db-v1", withAmbient, "") +
		deployment("a/asleep-v1", 0, 0, 0, "") +
		deployment("a/lone-v1", 1, 1, 1, "") + pod("a/lone-v1", "", withSidecar) +
		deployment("b/alone-v1", 1, 1, 1, "") + pod("b/alone-v1", "", withSidecar) +
		serviceObject("a/web", "", "") + serviceObject("a/asleep", "", "") + serviceObject("a/lone", "", "") + serviceObject("b/db", "", "") +
		serviceObject("a/cart", "app: cart, team: carts", "selector: {app: cart}") +
		istioObject("DestinationRule", "a/cart", "{host: cart, trafficPolicy: {outlierDetection: {consecutive5xxErrors: 1}}}") +
		istioObject("VirtualService", "a/cart", "{hosts: [cart, cart.example.com], "+
			"http: [{fault: {abort: {httpStatus: 500}}, mirror: {host: other}, timeout: 1s, route: [{destination: {host: cart}}, {destination: {host: other}}]}], "+
			"tcp: [{route: [{destination: {host: cart}}, {destination: {host: other}}]}]}") +
		istioObject("Gateway", "b/public", "{selector: {istio: ingressgateway}, servers: [{hosts: [shop.example.com]}]}") +
		istioObject("ServiceEntry", "b/outside", "{hosts: [api.example.com, www.example.com], location: MESH_EXTERNAL}") +
		istioObject("WorkloadEntry", "a/vm-1", "{labels: {app: web, version: v1}}")
	return p, objects
}

// Each appender adds what it is for, and only that.
func TestAppendersOfObjects(t *testing.T) {
	p, objects := everything()
	storeURL := fill(t, now, p.series)
	e, without := serveStore(t, storeURL, withObjects(t, objects)), serveStore(t, storeURL)
	const path = "namespaces/graph?namespaces=a&injectServiceNodes=true&includeIdleEdges=true"
	base := e.graph(t, path+"&appenders=")
	require.Empty(t, toldOf(t, base))
	require.Len(t, base.nodes, 13)

	dead := map[string][]string{"a/asleep-v1": {"isDead"}}
	idle := map[string][]string{"a/lone-v1": {"isIdle"}, "service a/lone": {"isIdle"}}
	istio := map[string][]string{
		"service a/cart": {
			"hasCB", "hasFaultInjection", "hasMirroring", "hasRequestRouting", "hasRequestTimeout", "hasTCPTrafficShifting",
			"hasTrafficShifting", `hasVS {"hostnames":["cart","cart.example.com"]}`,
		},
		"a/cart-v1":    {"hasCB"},
		"a/gateway-v1": {`isGateway {"egressInfo":{"hostnames":null},"gatewayAPIInfo":{"hostnames":null},"ingressInfo":{"hostnames":["shop.example.com"]}}`},
	}
	labels := map[string][]string{
		"a/gateway-v1": {`labels {"istio":"ingressgateway"}`}, "a/web-v1": {`labels {"team":"shop"}`}, "service a/cart": {`labels {"team":"carts"}`},
	}
	mesh := map[string][]string{"a/cart-v1": {"isOutOfMesh"}, "b/db-v1": {"isAmbient"}}
	entry := map[string][]string{
		"service b/outside": {`isServiceEntry {"hosts":["api.example.com","www.example.com"],"location":"MESH_EXTERNAL","namespace":"b"}`},
	}
	workload := map[string][]string{"a/web-v1": {`hasWorkloadEntry [{"name":"vm-1"}]`}}
	gone := []string{"- a/gone-v1", "- service a/gone"}
	added := []string{"+ a/lone-v1", "+ service a/lone"}
	folded := []string{"+ service b/outside", "- service unknown/api.example.com", "- service unknown/www.example.com"}
	for _, tc := range []struct {
		appenders string
		told      []map[string][]string
		changes   [][]string
	}{
		{"deadNode", []map[string][]string{dead}, [][]string{gone}},
		{"idleNode", []map[string][]string{idle}, [][]string{added}},
		{"istio", []map[string][]string{istio}, nil},
		{"labeler", []map[string][]string{labels}, nil},
		{"meshCheck", []map[string][]string{mesh}, nil},
		{"sidecarsCheck", []map[string][]string{mesh}, nil},
		{"serviceEntry", []map[string][]string{entry}, [][]string{folded}},
		{"workloadEntry", []map[string][]string{workload}, nil},
		{"health", nil, nil},
		{"deadNode,idleNode", []map[string][]string{dead, idle}, [][]string{added, gone}},
		{"istio,labeler,workloadEntry", []map[string][]string{istio, labels, workload}, nil},
		{
			"deadNode,health,idleNode,istio,labeler,meshCheck,serviceEntry,workloadEntry",
			[]map[string][]string{dead, idle, istio, labels, mesh, entry, workload},
			[][]string{added, folded, gone},
		},
		{"all", []map[string][]string{dead, idle, istio, labels, mesh, entry, workload}, [][]string{added, folded, gone}},
	} {
		t.Run(tc.appenders, func(t *testing.T) {
			ask := path + "&appenders=" + tc.appenders
			if tc.appenders == "all" {
				ask = path
			}
			want := map[string][]string{}
			for _, told := range tc.told {
				for name, fields := range told {
					want[name] = slices.Concat(want[name], fields)
				}
			}
			for _, fields := range want {
				slices.Sort(fields)
			}
			g := e.graph(t, ask)
			got := toldOf(t, g)
			for _, fields := range got {
				slices.Sort(fields)
			}
			require.Equal(t, want, got)
			var changed []string
			for _, some := range tc.changes {
				changed = append(changed, some...)
			}
			slices.Sort(changed)
			require.Equal(t, changed, changes(base, g))
			healthy := tc.appenders == "all" || strings.Contains(tc.appenders, "health")
			for name, n := range g.nodes {
				require.Equal(t, healthy, n.HealthData != nil, name)
			}

			// Without Kubernetes they have nothing to add.
			g = without.graph(t, ask)
			require.Empty(t, toldOf(t, g))
			require.Empty(t, changes(base, g))
		})
	}
}

// A service has its app by its own labels, and is in that one's box with what
// it leads to, as in Kiali.
func TestAppsOfServices(t *testing.T) {
	p, objects := everything()
	e := p.serve(t, withObjects(t, objects))
	const path = "namespaces/graph?namespaces=a&graphType=versionedApp&injectServiceNodes=true&appenders="
	service := func(g graph) *node {
		for _, n := range g.nodes {
			if n.Service == "cart" {
				return n
			}
		}
		return nil
	}
	g := e.graph(t, path+"istio")
	require.Equal(t, "cart", service(g).App)
	require.Equal(t, "box app east/a/cart", service(g).Parent)
	require.Equal(t, "box app east/a/cart", g.node(t, "app a/cart v1").Parent)
	require.False(t, g.node(t, "box app east/a/cart").IsOutOfMesh)
	g = e.graph(t, path+"istio,meshCheck")
	require.True(t, g.node(t, "box app east/a/cart").IsOutOfMesh, "as what is in it")
	g = e.graph(t, strings.Replace(path, "namespaces=a", "namespaces=b", 1)+"istio")
	require.NotContains(t, g.nodes, "box app east/a/cart")
	g = e.graph(t, path)
	require.Empty(t, service(g).App)
	boxes, _ := boxesOf(g)
	require.Empty(t, boxes)
}

// What has no traffic is there in the namespaces that are asked for, in the
// form that it would have with some.
func TestIdleNodes(t *testing.T) {
	p := shop()
	objects := shopObjects + deployment("b/proxy-v1", 1, 1, 1, "gateway.istio.io/managed: istio.io-mesh-controller")
	e := p.serve(t, withObjects(t, objects))
	for params, want := range map[string][]string{
		"namespaces=a":                                               nil,
		"namespaces=b":                                               {"b/lone-v1", "b/proxy-v1"},
		"namespaces=b&injectServiceNodes=true":                       {"b/lone-v1", "b/proxy-v1", "service b/lone"},
		"namespaces=b&graphType=app":                                 {"app b/lone", "b/proxy-v1"},
		"namespaces=b&graphType=versionedApp":                        {"app b/lone v1", "b/proxy-v1"},
		"namespaces=b&graphType=service":                             {"service b/lone"},
		"namespaces=b&waypoints=false":                               {"b/lone-v1"},
		"namespaces=b&appenders=idleNode":                            {"b/lone-v1", "b/proxy-v1"},
		"namespaces=b&appenders=deadNode":                            nil,
		"namespaces=a,b&duration=1m&appenders=idleNode&rateTcp=none": {"b/lone-v1", "b/proxy-v1"},
	} {
		t.Run(params, func(t *testing.T) {
			g := e.graph(t, "namespaces/graph?"+params)
			var idle []string
			for name, n := range g.nodes {
				if n.IsIdle {
					idle = append(idle, name)
					require.Empty(t, n.Traffic)
					require.False(t, n.IsOutside)
				}
			}
			slices.Sort(idle)
			require.Equal(t, want, idle)
		})
	}
	lone := e.graph(t, "namespaces/graph?namespaces=b").node(t, "b/lone-v1")
	require.Equal(t, []string{"lone-v1", "lone", "v1", "east"}, []string{lone.Workload, lone.App, lone.Version, lone.Cluster})
	for _, path := range []string{"namespaces/b/workloads/cart-v1/graph", "namespaces/b/services/checkout/graph?injectServiceNodes=true"} {
		for name, n := range e.graph(t, path).nodes {
			require.False(t, n.IsIdle, "%s: the graph of a node has what it calls and is called by: %s", path, name)
		}
	}
}

// Hosts of a ServiceEntry are one node: outside the mesh by their names, and
// inside by their first labels, too.
func TestServiceEntries(t *testing.T) {
	var p proxies
	outside := func(from, host string) tags { return call(from, "x/x-x").toHost(host) }
	p.counts("istio_requests_total", "source", outside("a/web-v1", "api.pay.example"), 2)
	p.counts("istio_requests_total", "source", outside("a/web-v1", "*.bank.example").with("destination_service", "one.bank.example"), 1)
	p.counts("istio_requests_total", "source", outside("b/cart-v1", "api.pay.example").ended("503", "UF"), 3)
	p.counts("istio_requests_total", "source", outside("a/web-v1", "example.org"), 4)
	vm := call("a/web-v1", "x/x-x").toHost("billing.vms.svc.cluster.local").with("destination_service_name", "billing",
		"destination_service_namespace", "vms", "destination_cluster", "east")
	p.counts("istio_requests_total", "source", vm, 5)
	p.counts("istio_requests_total", "source", outside("a/web-v1", "secret.example"), 6)
	p.counts("istio_requests_total", "source", outside("b/cart-v1", "secret.example"), 7)
	e := p.serve(t, withObjects(t, namespacesAB+"\n{apiVersion: v1, kind: Namespace, metadata: {name: vms}}\n---"+
		istioObject("ServiceEntry", "b/payment", "{hosts: [api.pay.example, '*.bank.example'], location: MESH_EXTERNAL}")+
		istioObject("ServiceEntry", "vms/legacy", "{hosts: [billing.vms.corp], location: MESH_INTERNAL}")+
		istioObject("ServiceEntry", "b/secret", "{hosts: [secret.example], exportTo: ['.']}")))

	const path = "namespaces/graph?namespaces=a,b&appenders=health,serviceEntry"
	g := e.graph(t, path)
	require.Equal(t, map[string]string{
		"a/web-v1 -> service b/payment http": "3.00", "b/cart-v1 -> service b/payment http": "3.00",
		"a/web-v1 -> service vms/legacy http":             "5.00",
		"a/web-v1 -> service unknown/example.org http":    "4.00", // no entry
		"a/web-v1 -> service unknown/secret.example http": "6.00", // none for this namespace
		"b/cart-v1 -> service b/secret http":              "7.00",
	}, ratesOf(g, "http"))
	payment := g.node(t, "service b/payment")
	require.Equal(t, &serviceEntryData{Hosts: []string{"api.pay.example", "*.bank.example"}, Location: "MESH_EXTERNAL", Namespace: "b"}, payment.IsServiceEntry)
	require.Equal(t, map[string]string{"httpIn": "6.00", "httpIn5xx": "3.00"}, payment.rates())
	require.Equal(t, []map[string]string{
		{"cluster": "east", "namespace": "b", "name": "api.pay.example"}, {"cluster": "east", "namespace": "b", "name": "one.bank.example"},
	}, payment.DestServices)
	require.False(t, payment.IsInaccessible)
	hosts := g.edge(t, "a/web-v1 -> service b/payment http").Traffic.Responses["200"]["hosts"]
	require.Equal(t, map[string]string{"api.pay.example": "66.7", "one.bank.example": "33.3"}, hosts, "they stay apart in the edge")
	require.Equal(t, &serviceEntryData{Hosts: []string{"billing.vms.corp"}, Location: "MESH_INTERNAL", Namespace: "vms"}, g.node(t, "service vms/legacy").IsServiceEntry)

	for _, path := range []string{"namespaces/vms/services/legacy/graph", "namespaces/vms/services/billing/graph"} { // by each of its names
		require.Equal(t, map[string]string{"a/web-v1 -> service vms/legacy http": "5.00"}, ratesOf(e.graph(t, path), "http"), path)
	}

	// Half of the calls to its hosts fail, whoever is asked for.
	for _, ask := range []string{path, path + "&graphType=service", path + "&graphType=app&injectServiceNodes=true", strings.Replace(path, "a,b", "a", 1)} {
		g := e.graph(t, ask)
		health := g.node(t, "service b/payment").HealthData
		require.Equal(t, "Failure", health.Status.Status, ask)
		require.InDelta(t, 50, health.Status.ErrorRatio, 0.001)
		require.Equal(t, map[string]map[string]float64{"http": {"200": 3, "503": 3}}, health.Requests.Inbound)
	}
	require.Equal(t, "Healthy", g.edge(t, "a/web-v1 -> service b/payment http").HealthStatus)
	require.Equal(t, "Failure", g.edge(t, "b/cart-v1 -> service b/payment http").HealthStatus)

	g = e.graph(t, "namespaces/graph?namespaces=a,b&appenders=health")
	require.Equal(t, "Failure", g.node(t, "service unknown/api.pay.example").HealthData.Status.Status)
	require.Equal(t, "5.00", g.edge(t, "a/web-v1 -> service vms/billing http").Traffic.Rates["http"])
}

// Gateways of each kind, and a waypoint that is one by its label alone.
func TestGateways(t *testing.T) {
	p := ambientCalls() // through a workload that is called waypoint, and is none
	p.requests(call("a/in-v1", "a/web-v1"), 1)
	p.requests(call("a/web-v1", "a/out-v1"), 1)
	p.requests(call("a/edge-v1", "a/web-v1"), 1)
	p.requests(call("a/far-v1", "a/web-v1"), 1)
	for _, from := range []string{"a/edge-v1", "a/web-v1"} {
		hop := call(from, "a/hop-v1").to("web", "a")
		p.counts("istio_requests_total", "source", hop, 1)
	}
	gatewayAPI := func(name, spec string) string {
		return fmt.Sprintf("\n{apiVersion: gateway.networking.k8s.io/v1, kind: Gateway, metadata: {name: %s, namespace: a}, spec: {%s}}\n---", name, spec)
	}
	e := p.serve(t, withObjects(t, namespacesAB+
		deployment("a/waypoint", 1, 1, 1, "")+deployment("a/web-v1", 1, 1, 1, "")+
		deployment("a/hop-v1", 1, 1, 1, "gateway.istio.io/managed: istio.io-mesh-controller")+
		deployment("a/in-v1", 1, 1, 1, "istio: ingressgateway")+deployment("a/out-v1", 1, 1, 1, "operator.istio.io/component: EgressGateways")+
		deployment("a/edge-v1", 1, 1, 1, "gateway.networking.k8s.io/gateway-name: edge")+deployment("a/far-v1", 1, 1, 1, "gateway.networking.k8s.io/gateway-name: far")+
		serviceObject("a/web", "istio.io/use-waypoint: hop, istio.io/ingress-use-waypoint: 'true'", "")+
		istioObject("Gateway", "a/public", "{selector: {istio: ingressgateway}, servers: [{hosts: [shop.example, '*.test']}, {hosts: [admin.example]}]}")+
		istioObject("Gateway", "a/outward", "{selector: {operator.istio.io/component: EgressGateways}, servers: [{hosts: [api.example]}]}")+
		gatewayAPI("edge", "gatewayClassName: istio, listeners: [{name: x, hostname: edge.example}]")+
		gatewayAPI("far", "gatewayClassName: istio, listeners: [{name: x}]")))
	hosts := func(all ...string) hostnames { return hostnames{all} }
	for _, waypoints := range []string{"true", "false"} {
		g := e.graph(t, "namespaces/graph?namespaces=a&appenders=istio,meshCheck&injectServiceNodes=true&waypoints="+waypoints)
		require.Equal(t, &gatewayData{IngressInfo: hosts("*.test", "admin.example", "shop.example")}, g.node(t, "a/in-v1").IsGateway)
		require.Equal(t, &gatewayData{EgressInfo: hosts("api.example")}, g.node(t, "a/out-v1").IsGateway)
		require.Equal(t, &gatewayData{GatewayAPIInfo: hosts("edge.example")}, g.node(t, "a/edge-v1").IsGateway)
		require.Equal(t, &gatewayData{GatewayAPIInfo: hosts("*")}, g.node(t, "a/far-v1").IsGateway)
		var api, ingress []string
		for name, n := range g.nodes {
			if n.IsK8sGatewayAPI {
				api = append(api, name)
			}
			if n.HasIngressWaypoint {
				ingress = append(ingress, name)
			}
		}
		require.ElementsMatch(t, []string{"a/edge-v1", "a/far-v1"}, api)
		require.ElementsMatch(t, []string{"a/edge-v1", "service a/web"}, ingress, "who calls a waypoint, and what is behind one: waypoints=%s", waypoints)

		require.False(t, g.node(t, "a/waypoint").IsWaypoint, "whatever it is called")
		require.Equal(t, waypoints == "true", g.nodes["a/hop-v1"] != nil)
		if waypoints == "true" {
			hop := g.node(t, "a/hop-v1")
			require.True(t, hop.IsWaypoint)
			require.True(t, hop.IsAmbient)
			require.False(t, hop.IsOutOfMesh)
		}
	}
}
