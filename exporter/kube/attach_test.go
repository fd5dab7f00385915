package kube_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/meshscope/meshscope/exporter/kube"
	"github.com/meshscope/meshscope/exporter/topology"
)

// shop is a namespace with a workload that calls another, one that has no
// traffic and one of which there are no pods.
var shop = `
{apiVersion: v1, kind: Namespace, metadata: {name: shop}}
---
{apiVersion: apps/v1, kind: Deployment, metadata: {name: web-v1, namespace: shop}, spec: {template: {metadata: {labels: {app: web, version: v1}}}}}
---
{apiVersion: apps/v1, kind: Deployment, metadata: {name: web-v2, namespace: shop}, spec: {template: {metadata: {labels: {app: web, version: v2}}}}}
---
{apiVersion: apps/v1, kind: Deployment, metadata: {name: db, namespace: shop}, spec: {template: {metadata: {labels: {app: db}}}}}
---
{apiVersion: apps/v1, kind: Deployment, metadata: {name: waypoint, namespace: shop}, spec: {template: {metadata: {labels: {app: way, gateway.istio.io/managed: istio.io-mesh-controller}}}}}
---
{apiVersion: v1, kind: Service, metadata: {name: web, namespace: shop}}
---
{apiVersion: v1, kind: Service, metadata: {name: db, namespace: shop}}
---` + pod("db-6d4-x", "ReplicaSet", "db-6d4", "  labels: {pod-template-hash: 6d4}")

func peer(namespace, workload, app, version string) topology.Peer {
	return topology.Peer{Cluster: cluster, Namespace: namespace, Workload: workload, CanonicalService: app, CanonicalRevision: version}
}

// call is a flow of n requests; of none, its edge is idle.
func call(source, destination topology.Peer, service string, n float64) topology.Flow {
	f := topology.Flow{
		Key:      topology.EdgeKey{Source: source, Destination: destination, Service: topology.Service{Host: service + ".shop.svc.cluster.local", Name: service, Namespace: "shop"}},
		Protocol: topology.HTTP, Traffic: &topology.Traffic{},
	}
	f.Traffic.AddRequests(topology.Response{Code: "200"}, n)
	return f
}

var (
	web  = peer("shop", "web-v1", "web", "v1")
	db   = peer("shop", "db", "db", "latest")
	gone = peer("shop", "gone", "gone", "v1")
)

func nodes(g *topology.Graph) []string {
	var ids []string
	for _, n := range g.Nodes {
		id := n.ID()
		if n.Object != nil && n.Object.Idle {
			id += " idle"
		}
		ids = append(ids, id)
	}
	return ids
}

func build(o topology.BuildOptions, flows ...topology.Flow) *topology.Graph {
	return topology.Build(topology.Interval{End: time.Unix(1e9, 0), Length: time.Minute}, flows, o)
}

func TestAttach(t *testing.T) {
	i := inventory(t, shop)
	g := build(topology.BuildOptions{ServiceNodes: true}, call(web, db, "db", 5))
	i.Attach(g, kube.AttachOptions{})
	require.Equal(t, []string{"service/east/shop/db", "workload/east/shop/db", "workload/east/shop/web-v1"}, nodes(g))
	require.Equal(t, "Service", g.Nodes[0].Object.Kind)
	require.Equal(t, "Deployment", g.Nodes[1].Object.Kind)
	require.True(t, g.Nodes[2].Object.NoPods)
	require.False(t, g.Nodes[2].Dead(), "it has traffic")

	var nothing *kube.Inventory
	nothing.Attach(g, kube.AttachOptions{Idle: true, DropGone: true})
	require.Len(t, g.Nodes, 3)
}

func TestIdle(t *testing.T) {
	i := inventory(t, shop+`
{apiVersion: apps/v1, kind: Deployment, metadata: {name: lone, namespace: other}}`)
	flows := []topology.Flow{call(web, db, "db", 5)}
	for _, tc := range []struct {
		level        topology.Level
		serviceNodes bool
		want         []string
	}{
		{topology.ByWorkload, false, []string{
			"workload/east/other/lone idle", "workload/east/shop/db", "workload/east/shop/waypoint idle",
			"workload/east/shop/web-v1", "workload/east/shop/web-v2 idle",
		}},
		{topology.ByWorkload, true, []string{
			"workload/east/other/lone idle", "service/east/shop/db", "workload/east/shop/db", "workload/east/shop/waypoint idle",
			"service/east/shop/web idle", "workload/east/shop/web-v1", "workload/east/shop/web-v2 idle",
		}},
		{topology.ByVersionedApp, false, []string{
			"app/east/other/lone/lone idle", "app/east/shop/db/db", "workload/east/shop/waypoint idle",
			"app/east/shop/web/web-v1", "app/east/shop/web/web-v2 idle",
		}},
		{topology.ByApp, false, []string{
			"app/east/other/lone idle", "app/east/shop/db", "workload/east/shop/waypoint idle", "app/east/shop/web",
		}},
		{topology.ByService, false, []string{"service/east/shop/db", "service/east/shop/web idle", "workload/east/shop/web-v1"}},
		{topology.ByNamespace, false, []string{"namespace/east/~/shop"}},
	} {
		g := build(topology.BuildOptions{Level: tc.level, ServiceNodes: tc.serviceNodes}, flows...)
		i.Attach(g, kube.AttachOptions{Idle: true, ServiceNodes: tc.serviceNodes})
		require.Equal(t, tc.want, nodes(g), tc.level)
	}
	for ref, o := range i.All() {
		require.False(t, o.Idle, "%s: what is known of it is another's too", ref.ID())
	}

	g := build(topology.BuildOptions{Level: topology.ByVersionedApp}, flows...)
	i.Attach(g, kube.AttachOptions{Idle: true})
	require.Equal(t, topology.Node{
		Ref: app("shop", "web", "web-v2"), Workload: "web-v2", App: "web", Version: "v2", Object: g.Nodes[4].Object,
	}, *g.Nodes[4])

	part := g.Select(topology.Selection{Namespaces: []string{"other"}})
	require.Equal(t, []string{"app/east/other/lone/lone idle"}, nodes(part), "they stay in a part")
	g = build(topology.BuildOptions{}, flows...)
	i.Attach(g, kube.AttachOptions{Idle: true, Selection: topology.Selection{Namespaces: []string{"other"}}})
	require.Equal(t, []string{"workload/east/other/lone idle", "workload/east/shop/db", "workload/east/shop/web-v1"}, nodes(g))
}

// Telemetry remembers what is gone: with edges without traffic its nodes would
// be there.
func TestDropGone(t *testing.T) {
	i := inventory(t, shop)
	elsewhere := peer("elsewhere", "x", "x", "v1")
	unknown := topology.Peer{Cluster: cluster}
	vm := peer("shop", "vm", "legacy", "v1")
	flows := []topology.Flow{
		call(web, db, "db", 0),
		call(gone, db, "db", 0),
		call(web, gone, "gone", 0),
		call(elsewhere, db, "db", 0),
		call(unknown, db, "db", 0),
		call(vm, db, "db", 0),
		call(web, topology.Peer{Cluster: cluster}, "old", 0),
		call(web, topology.Peer{Cluster: cluster}, "web", 0),
	}
	g := build(topology.BuildOptions{Idle: true}, flows...)
	require.Len(t, g.Nodes, 8)
	i.Attach(g, kube.AttachOptions{DropGone: true})
	require.Equal(t, []string{
		"workload/east/elsewhere/x", // of that namespace nothing is known
		"workload/east/shop/db", "service/east/shop/web", "workload/east/shop/web-v1",
	}, nodes(g))
	require.Len(t, g.Edges, 3)

	g = build(topology.BuildOptions{Idle: true}, append(flows, call(gone, db, "db", 1))...)
	i.Attach(g, kube.AttachOptions{DropGone: true})
	require.Contains(t, nodes(g), "workload/east/shop/gone", "it had traffic")

	i = inventory(t, shop+`
{apiVersion: networking.istio.io/v1, kind: WorkloadEntry, metadata: {name: vm-1, namespace: shop}, spec: {labels: {app: legacy, version: v1}}}`)
	g = build(topology.BuildOptions{Idle: true}, flows...)
	i.Attach(g, kube.AttachOptions{DropGone: true})
	require.Contains(t, nodes(g), "workload/east/shop/vm", "a WorkloadEntry backs it")
	for _, n := range g.Nodes {
		if n.Name == "vm" {
			require.Equal(t, []string{"vm-1"}, n.Object.WorkloadEntries)
		}
	}

	g = build(topology.BuildOptions{Idle: true, Level: topology.ByNamespace}, flows...)
	i.Attach(g, kube.AttachOptions{DropGone: true})
	require.NotContains(t, nodes(g), "namespace/east/~/elsewhere", "all namespaces are known")
}

func TestFoldHosts(t *testing.T) {
	i := inventory(t, shop+`
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: payment, namespace: shop}
spec: {hosts: [api.pay.example, '*.bank.example'], location: MESH_EXTERNAL}
---
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: legacy, namespace: vms}
spec: {hosts: [billing.vms.svc.cluster.local, db.vms.corp, far.shop.global], location: MESH_INTERNAL}
---
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: private, namespace: other}
spec: {hosts: [private.example, shared.example], exportTo: ["."]}
---
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: shared, namespace: shop}
spec: {hosts: [shared.example]}
---
{apiVersion: networking.istio.io/v1, kind: ServiceEntry, metadata: {name: web, namespace: shop}, spec: {hosts: [www.example]}}
`)
	external := topology.Peer{} // telemetry does not know where it is
	key := func(source topology.Peer, host, name, namespace string) topology.EdgeKey {
		return topology.EdgeKey{Source: source, Destination: external, Service: topology.Service{Host: host, Name: name, Namespace: namespace}}
	}
	for _, tc := range []struct {
		name string
		key  topology.EdgeKey
		want string
	}{
		{"by its host", key(web, "api.pay.example", "api.pay.example", ""), "service/east/shop/payment"},
		{"by the host with a star, which telemetry has for a name", key(web, "one.bank.example", "*.bank.example", ""), "service/east/shop/payment"},
		{"from another namespace", key(peer("other", "x", "x", ""), "api.pay.example", "api.pay.example", ""), "service/east/shop/payment"},
		{"inside the mesh, by the first label", key(web, "billing.vms.svc.cluster.local", "billing", "vms"), "service/east/vms/legacy"},
		{"a global host, by its whole name alone", key(web, "far.shop.svc.cluster.local", "far", "shop"), "service/~/shop/far"},
		{"a global host", key(web, "far.shop.global", "far.shop.global", ""), "service/east/vms/legacy"},
		{"a service goes before a first label", key(web, "db.shop.svc.cluster.local", "db", "shop"), "service/~/shop/db"},
		{"not exported", key(web, "private.example", "private.example", ""), "service/~/~/private.example"},
		{"exported to its own", key(peer("other", "x", "x", ""), "private.example", "private.example", ""), "service/east/other/private"},
		{"the caller's own first", key(peer("other", "x", "x", ""), "shared.example", "shared.example", ""), "service/east/other/private"},
		{"else another", key(web, "shared.example", "shared.example", ""), "service/east/shop/shared"},
		{"the name is a service's", key(web, "www.example", "www.example", ""), "service/~/~/www.example"},
		{"no entry", key(web, "example.org", "example.org", ""), "service/~/~/example.org"},
		{"what the mesh does not know", key(web, "PassthroughCluster", "PassthroughCluster", ""), "service/~/~/PassthroughCluster"},
		{"from another cluster", key(topology.Peer{Cluster: "west", Workload: "w"}, "api.pay.example", "api.pay.example", ""), "service/~/~/api.pay.example"},
	} {
		folded := i.FoldHosts(tc.key)
		require.Equal(t, tc.want, folded.DestinationRef().ID(), tc.name)
		require.Equal(t, tc.key.Service.Host, folded.Service.Host, tc.name)
	}
	reached := topology.EdgeKey{Source: web, Destination: db, Service: topology.Service{Host: "api.pay.example", Name: "api.pay.example"}}
	require.Equal(t, reached, i.FoldHosts(reached), "a workload has answered")
	var nothing *kube.Inventory
	require.Equal(t, reached, nothing.FoldHosts(reached))

	outbound := func(host string, n float64) topology.Flow {
		f := call(web, external, "x", n)
		f.Key = key(web, host, host, "")
		return f
	}
	g := build(topology.BuildOptions{Fold: i.FoldHosts}, outbound("api.pay.example", 2), outbound("*.bank.example", 3), outbound("example.org", 1))
	i.Attach(g, kube.AttachOptions{DropGone: true})
	require.Equal(t, []string{"service/~/~/example.org", "service/east/shop/payment", "workload/east/shop/web-v1"}, nodes(g))
	entry := g.Nodes[1]
	require.Equal(t, &topology.ServiceEntry{Namespace: "shop", Name: "payment", Location: "MESH_EXTERNAL", Hosts: []string{"api.pay.example", "*.bank.example"}}, entry.Object.ServiceEntry)
	require.InDelta(t, 5, entry.In[topology.HTTP].Total(), 0)
	require.Len(t, g.Edges, 2)
	require.Len(t, g.Edges[1].Flows, 2, "the hosts stay apart beneath the edge")

	g = build(topology.BuildOptions{}, outbound("api.pay.example", 2))
	i.Attach(g, kube.AttachOptions{})
	require.Nil(t, g.Nodes[0].Object, "telemetry does not say which cluster's it is")
	require.NotNil(t, i.Object(service("shop", "api.pay.example")).ServiceEntry)
}
