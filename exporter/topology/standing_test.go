package topology_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/meshscope/meshscope/exporter/topology"
)

func TestCause(t *testing.T) {
	few := topology.ErrorRatio{Tolerance: "4XX", Errors: 1, Requests: 10, Health: topology.HealthDegraded}
	many := topology.ErrorRatio{Tolerance: "5XX", Errors: 3, Requests: 10, Health: topology.HealthFailure}
	more := topology.ErrorRatio{Tolerance: "^-$", Errors: 4, Requests: 10, Health: topology.HealthFailure}
	fine := topology.ErrorRatio{Tolerance: "6XX", Errors: 9, Requests: 10, Health: topology.HealthHealthy}
	for _, c := range []struct {
		name    string
		verdict *topology.Verdict
		want    string // its tolerance
	}{
		{"nobody has judged", nil, ""},
		{"no data", &topology.Verdict{}, ""},
		{"what is well has no cause, whatever its ratios are", &topology.Verdict{Health: topology.HealthHealthy, Ratios: []topology.ErrorRatio{fine}}, ""},
		{"the one that comes to the verdict, not the greatest", &topology.Verdict{Health: topology.HealthDegraded, Ratios: []topology.ErrorRatio{few, fine}}, "4XX"},
		{"the worst of several", &topology.Verdict{Health: topology.HealthFailure, Ratios: []topology.ErrorRatio{few, many, more}}, "^-$"},
		{"the first of equals", &topology.Verdict{Health: topology.HealthFailure, Ratios: []topology.ErrorRatio{many, {Tolerance: "x", Errors: 3, Requests: 10, Health: topology.HealthFailure}}}, "5XX"},
		{"it was for lack of pods", &topology.Verdict{Health: topology.HealthFailure, Ratios: []topology.ErrorRatio{few}}, ""},
	} {
		got, ok := c.verdict.Cause()
		assert.Equal(t, c.want != "", ok, c.name)
		assert.Equal(t, c.want, got.Tolerance, c.name)
	}
}

func TestStanding(t *testing.T) {
	traffic := func(n float64) map[topology.Protocol]*topology.Traffic {
		t := new(topology.Traffic)
		t.AddRequests(topology.Response{Code: "200"}, n)
		return map[topology.Protocol]*topology.Traffic{topology.HTTP: t}
	}
	for _, c := range []struct {
		name            string
		node            topology.Node
		dead, outOfMesh bool
	}{
		{"nothing is known", topology.Node{}, false, false},
		{"not known to have no pods", topology.Node{Object: &topology.Object{}}, false, false},
		{"no pods", topology.Node{Object: &topology.Object{NoPods: true}}, true, false},
		{"no pods, and an idle edge", topology.Node{Object: &topology.Object{NoPods: true}, In: traffic(0)}, true, false},
		{"no pods any more", topology.Node{Object: &topology.Object{NoPods: true}, Out: traffic(1)}, false, false},
		{"without a proxy", topology.Node{Object: &topology.Object{Dataplane: topology.NoDataplane}}, false, true},
		{"ambient", topology.Node{Object: &topology.Object{Dataplane: topology.Ambient}}, false, false},
	} {
		assert.Equal(t, c.dead, c.node.Dead(), c.name)
		assert.Equal(t, c.outOfMesh, c.node.Object.OutOfMesh(), c.name)
	}
}

func TestActive(t *testing.T) {
	by := func(p topology.Protocol, traffic topology.Traffic) map[topology.Protocol]*topology.Traffic {
		return map[topology.Protocol]*topology.Traffic{topology.GRPC: new(topology.Traffic), p: &traffic}
	}
	called := topology.Traffic{}
	called.AddRequests(topology.Response{Code: "503"}, 1)
	for _, c := range []struct {
		name string
		node topology.Node
		want bool
	}{
		{"no edges", topology.Node{}, false},
		{"idle edges", topology.Node{In: by(topology.HTTP, topology.Traffic{}), Out: by(topology.TCP, topology.Traffic{})}, false},
		{"it is called, in vain", topology.Node{In: by(topology.HTTP, called)}, true},
		{"it calls", topology.Node{In: by(topology.HTTP, topology.Traffic{}), Out: by(topology.HTTP, called)}, true},
		{"connections", topology.Node{Out: by(topology.TCP, topology.Traffic{Opened: 1})}, true},
	} {
		assert.Equal(t, c.want, c.node.Active(), c.name)
	}
}

func TestSubject(t *testing.T) {
	of := func(kind topology.Kind, name, version string) topology.Ref {
		return topology.Ref{Kind: kind, Cluster: home, Namespace: "bookinfo", Name: name, Version: version}
	}
	for _, c := range []struct {
		name string
		node topology.Node
		want topology.Ref
	}{
		{
			"a version of an app that is a workload",
			topology.Node{Ref: of(topology.KindApp, "reviews", "reviews-v2"), Workload: "reviews-v2", App: "reviews", Version: "v2"},
			of(topology.KindWorkload, "reviews-v2", ""),
		},
		{
			"a version that no workload is known of",
			topology.Node{Ref: of(topology.KindApp, "reviews", "v2"), App: "reviews", Version: "v2"},
			of(topology.KindApp, "reviews", "v2"),
		},
		{
			"an app, of one workload or of many",
			topology.Node{Ref: of(topology.KindApp, "reviews", ""), Workload: "reviews-v2", App: "reviews"},
			of(topology.KindApp, "reviews", ""),
		},
		{
			"a workload",
			topology.Node{Ref: of(topology.KindWorkload, "reviews-v2", ""), Workload: "reviews-v2", App: "reviews", Version: "v2"},
			of(topology.KindWorkload, "reviews-v2", ""),
		},
		{
			"an operation, whose version is its service",
			topology.Node{Ref: of(topology.KindOperation, "list", "reviews"), Workload: "reviews-v2", Service: "reviews"},
			of(topology.KindOperation, "list", "reviews"),
		},
		{"who is not known", topology.Node{Ref: of(topology.KindUnknown, "", "")}, of(topology.KindUnknown, "", "")},
	} {
		assert.Equal(t, c.want, c.node.Subject(), c.name)
	}
}

// TestLimitGoesByVerdicts: what was judged to be ill is kept before what is
// busy, and its errors do not matter where a verdict says that they do not.
func TestLimitGoesByVerdicts(t *testing.T) {
	g := &topology.Graph{}
	node := func(name string, n, errors float64, v *topology.Verdict) {
		traffic := new(topology.Traffic)
		traffic.AddRequests(topology.Response{Code: "200"}, n)
		traffic.AddRequests(topology.Response{Code: "500"}, errors)
		target := &topology.Node{Ref: topology.Ref{Kind: topology.KindWorkload, Name: name}, Verdict: v}
		target.In = map[topology.Protocol]*topology.Traffic{topology.HTTP: traffic}
		g.Nodes = append(g.Nodes, target)
		g.Edges = append(g.Edges, &topology.Edge{Source: target, Target: target, Protocol: topology.HTTP, Traffic: *traffic})
	}
	node("busy", 1000, 0, &topology.Verdict{Health: topology.HealthHealthy})
	node("few errors", 100, 10, &topology.Verdict{Health: topology.HealthHealthy})
	node("ill", 1, 0, &topology.Verdict{Health: topology.HealthDegraded})
	node("not judged", 2, 1, nil)
	names := func(n int) (all []string) {
		part, _ := g.Limit(n)
		for _, node := range part.Nodes {
			all = append(all, node.Name)
		}
		return all
	}
	assert.Equal(t, []string{"not judged"}, names(1))
	assert.Equal(t, []string{"ill", "not judged"}, names(2))
	assert.Equal(t, []string{"busy", "ill", "not judged"}, names(3))
}
