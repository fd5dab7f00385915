package health_test

import (
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/meshscope/meshscope/exporter/health"
	"github.com/meshscope/meshscope/exporter/topology"
)

// attached is the verdict on each node and edge of a graph.
func attached(v *health.Verdicts, g *topology.Graph) map[string]string {
	v.Attach(g)
	all := map[string]string{}
	tell := func(name string, verdict *topology.Verdict) {
		all[name] = "none"
		if verdict != nil {
			all[name] = verdict.Health.String()
		}
	}
	for _, n := range g.Nodes {
		name := text(n.Ref)
		if n.Ref.Version != "" {
			name += " " + n.Ref.Version
		}
		tell(name, n.Verdict)
	}
	for _, e := range g.Edges {
		tell(e.Source.Name+" > "+e.Target.Name+" "+string(e.Protocol), e.Verdict)
	}
	return all
}

func TestAttachAtEachLevel(t *testing.T) {
	flows := []topology.Flow{
		http("", "shop/web-v1", ends{"200": 300}),
		http("shop/web-v1", "shop/cart-v1", ends{"200": 100}),
		http("shop/web-v1", "shop/cart-v2", ends{"200": 20, "500": 12}),
		http("shop/web-v1", "(shop/cart)", ends{"503": 2}),
		tcp("shop/cart-v1", "data/mongodb-v1"),
	}
	v := judge(nil, flows...)
	for name, tc := range map[string]struct {
		options topology.BuildOptions
		want    map[string]string
	}{
		"workloads": {topology.BuildOptions{}, map[string]string{
			"unknown ": "none", " > web-v1 http": "Healthy",
			"workload shop/web-v1": "Failure", "workload shop/cart-v1": "Healthy", "workload shop/cart-v2": "Failure",
			"service shop/cart": "Failure", "workload data/mongodb-v1": "NA",
			"web-v1 > cart-v1 http": "Healthy", "web-v1 > cart-v2 http": "Failure", "cart-v1 > mongodb-v1 tcp": "Healthy",
			"web-v1 > cart http": "Healthy", // too few by themselves
		}},
		"apps": {topology.BuildOptions{Level: topology.ByApp}, map[string]string{
			"unknown ": "none", " > web http": "Healthy",
			"app shop/web": "Failure", "app shop/cart": "Degraded", "app data/mongodb": "NA", "service shop/cart": "Failure",
			"web > cart http": "Healthy", "cart > mongodb tcp": "Healthy",
		}},
		"versions": {topology.BuildOptions{Level: topology.ByVersionedApp}, map[string]string{
			"unknown ": "none", " > web http": "Healthy",
			"app shop/web web-v1": "Failure", "app shop/cart cart-v1": "Healthy", "app shop/cart cart-v2": "Failure",
			"app data/mongodb mongodb-v1": "NA", "service shop/cart": "Failure",
			"web > cart http": "Failure", "cart > mongodb tcp": "Healthy",
		}},
		"services": {topology.BuildOptions{Level: topology.ByService}, map[string]string{
			"unknown ": "none", " > web http": "Healthy",
			"service shop/web": "Healthy", "service shop/cart": "Failure", "service data/mongodb": "NA",
			"web > cart http": "Failure", "cart > mongodb tcp": "Healthy",
		}},
		"namespaces": {topology.BuildOptions{Level: topology.ByNamespace}, map[string]string{
			"namespace shop": "Failure", "namespace data": "NA",
			"shop > shop http": "Failure", "shop > data tcp": "Healthy",
		}},
		"clusters": {topology.BuildOptions{Level: topology.ByCluster}, map[string]string{
			"cluster Kubernetes": "Failure", "Kubernetes > Kubernetes http": "Degraded", "Kubernetes > Kubernetes tcp": "Healthy",
		}},
	} {
		t.Run(name, func(t *testing.T) {
			got := attached(v, topology.Build(window(), flows, tc.options))
			for node, want := range tc.want {
				require.Equal(t, want, got[node], node)
			}
		})
	}
}

// What is drawn on an edge is judged by what its ends tolerate, whatever they are.
func TestAttachWithServicesAndOperations(t *testing.T) {
	f := http("shop/web-v1", "shop/cart-v1", ends{"200": 90, "500": 10})
	f.Traffic.AddOperation("list", topology.Response{Code: "200"}, 90)
	f.Traffic.AddOperation("add", topology.Response{Code: "500"}, 10)
	v := judge(objects{"service shop/cart": annotated("5xx,50,50,http,.*")}, f)
	got := attached(v, topology.Build(window(), []topology.Flow{f}, topology.BuildOptions{ServiceNodes: true}))
	require.Equal(t, "Healthy", got["service shop/cart"])
	require.Equal(t, "Failure", got["web-v1 > cart http"], "as the caller sees it")
	require.Equal(t, "Failure", got["cart > cart-v1 http"], "as the workload sees it")

	v = judge(objects{"service shop/cart": annotated("5xx,50,50,http,.*"), "workload shop/web-v1": annotated("5xx,50,50,http,.*")}, f)
	got = attached(v, topology.Build(window(), []topology.Flow{f}, topology.BuildOptions{ServiceNodes: true}))
	require.Equal(t, "Healthy", got["web-v1 > cart http"])

	f.Traffic.AddRequests(topology.Response{Code: "500"}, 20)
	f.Traffic.AddOperation("add", topology.Response{Code: "500"}, 20)
	v = judge(objects{"service shop/cart": annotated("5xx,50,50,http,.*")}, f)
	got = attached(v, topology.Build(window(), []topology.Flow{f}, topology.BuildOptions{Operations: true}))
	require.Equal(t, "Healthy", got["operation shop/list cart"])
	require.Equal(t, "Failure", got["operation shop/add cart"], "by what its service tolerates")
	require.Equal(t, "Failure", got["add > cart-v1 http"])
}

// A version that only its app is known of is judged by what is tolerated of that.
func TestAttachToAVersionWithoutWorkload(t *testing.T) {
	f := http("shop/web-v1", "shop/cart-v2", ends{"200": 50, "500": 50})
	f.Key.Destination.Workload = ""
	f.Key.Service = topology.Service{}
	other := grpc("shop/web-v1", "shop/cart-v2", ends{"0": 100})
	other.Key = f.Key
	g := topology.Build(window(), []topology.Flow{f, other}, topology.BuildOptions{Level: topology.ByVersionedApp})

	v := judge(nil, f, other, http("shop/web-v1", "shop/cart-v1", ends{"200": 1000}))
	require.Equal(t, "Failure", attached(v, g)["app shop/cart v2"])
	require.Equal(t, degraded, of(t, v, "app shop/cart"))
	for _, n := range g.Nodes {
		if n.Ref.Version == "v2" {
			require.Equal(t, []string{
				"in grpc ^-$ 0/100 Healthy", "in grpc ^[1-9]$|^1[0-6]$ 0/100 Healthy",
				"in http 4XX 0/100 Healthy", "in http 5XX 50/100 Failure", "in http ^-$ 0/100 Healthy",
			}, ratios(n.Verdict))
		}
	}
	v = judge(objects{"app shop/cart": annotated("5xx,60,60,http,.*")}, f, other)
	require.Equal(t, "Healthy", attached(v, g)["app shop/cart v2"])
}

// A version that is a workload is as well as that: it has its pods.
func TestAttachToAVersion(t *testing.T) {
	f := http("shop/web-v1", "shop/cart-v2", ends{"200": 100})
	v := judge(objects{"workload shop/cart-v2": pods(2, 2, 1)}, f)
	g := topology.Build(window(), []topology.Flow{f}, topology.BuildOptions{Level: topology.ByVersionedApp})
	require.Equal(t, "Degraded", attached(v, g)["app shop/cart cart-v2"])
}

// Views of several users are judged by one.
func TestAttachFromSeveral(t *testing.T) {
	flows := []topology.Flow{http("shop/web-v1", "shop/cart-v1", ends{"200": 100}), grpc("shop/web-v1", "shop/cart-v1", ends{"14": 100})}
	v := judge(nil, flows...)
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			g := topology.Build(window(), flows, topology.BuildOptions{Level: topology.ByNamespace})
			v.Attach(g)
			v.Faults()
			if len(g.Edges) != 2 || g.Edges[0].Verdict.Health != failure || g.Edges[1].Verdict.Health != healthy {
				t.Errorf("%+v", attached(v, g))
			}
		})
	}
	all.Wait()
}
