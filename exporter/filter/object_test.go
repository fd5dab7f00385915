package filter_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/meshscope/meshscope/exporter/topology"
)

// judgedMesh is the mesh with verdicts and objects: of page nothing is known,
// prometheus was judged to be without data.
func judgedMesh() *topology.Graph {
	g := mesh()
	verdicts := map[string]topology.Health{
		"reviews": topology.HealthDegraded, "ratings": topology.HealthFailure, "details": topology.HealthHealthy,
		"db": topology.HealthNotReady, "prometheus": topology.HealthNA,
	}
	objects := map[string]*topology.Object{
		"reviews": {
			Kind: "Deployment", Dataplane: topology.Sidecar, Labels: map[string]string{"team": "shop", "app.kubernetes.io/name": "reviews", "empty": ""},
			Replicas: []topology.Replicas{{Desired: 3, Current: 3, Available: 1}, {Desired: 1, Current: 1, Available: 1}},
		},
		"ratings": {Kind: "Deployment", Dataplane: topology.NoDataplane, Labels: map[string]string{"team": "pay"}, CircuitBreaker: true},
		"details": {Kind: "Deployment", FaultInjection: true, Mirroring: true, RequestRouting: true},
		"db":      {Kind: "StatefulSet", NoPods: true, Replicas: []topology.Replicas{{}}, WorkloadEntries: []string{"db-1"}, RequestTimeout: true},
		"dead": {
			Kind: "Service", ServiceEntry: &topology.ServiceEntry{Name: "dead"}, VirtualServiceHosts: []string{"dead.shop"},
			TrafficShifting: true, TCPTrafficShifting: true, NoPods: true,
		},
		"prometheus": {Kind: "Pod", Gateway: &topology.Gateway{}},
	}
	for _, n := range g.Nodes {
		name := short(n)
		if health, judged := verdicts[name]; judged {
			n.Verdict = &topology.Verdict{Health: health}
		}
		n.Object = objects[name]
	}
	g.Nodes = append(g.Nodes, &topology.Node{
		Ref: topology.Ref{Kind: topology.KindWorkload, Name: "gone"}, Object: &topology.Object{Kind: "Job", NoPods: true},
	})
	for _, e := range g.Edges {
		if short(e.Target) == "ratings" {
			e.Verdict = &topology.Verdict{Health: topology.HealthFailure}
		}
	}
	return g
}

func TestObjectFields(t *testing.T) {
	g := judgedMesh()
	for _, c := range []struct{ expression, want string }{
		{`node.health == 0`, "details"},
		{`node.health == 1`, "db"},
		{`node.health == 2`, "reviews"},
		{`node.health >= 2`, "reviews ratings"},
		{`node.health < 2`, "details db"},
		{`!known(node.health)`, "page prometheus dead unknown gone"},
		{`node.healthy`, "details"},
		{`!node.healthy`, "reviews ratings db page prometheus dead unknown gone"},
		{`node.objectKind == "StatefulSet"`, "db"},
		{`!known(node.objectKind)`, "page unknown"},
		{`node.dataplane == "sidecar"`, "reviews"},
		{`node.labels["team"] == "shop"`, "reviews"},
		{`node.labels.team in ["shop", "pay"] && node.labels["team"] != "shop"`, "ratings"},
		{`node.labels["app.kubernetes.io/name"] startsWith "rev"`, "reviews"},
		{`known(node.labels["team"])`, "reviews ratings"},
		{`known(node.labels["empty"])`, ""},
		{`node.labels["team"] + node.labels["app.kubernetes.io/name"] == "shopreviews"`, "reviews"},
		{`node.replicasAvailable < node.replicasDesired`, "reviews"},
		{`node.replicasDesired == 4 && node.replicasAvailable == 2`, "reviews"},
		{`node.replicasDesired == 0`, "db"},
		{`node.dead`, "gone"},
		{`node.outOfMesh`, "ratings"},
		{`node.gateway`, "prometheus"},
		{`node.serviceEntry`, "dead"},
		{`node.workloadEntry`, "db"},
		{`node.virtualService`, "dead"},
		{`node.circuitBreaker`, "ratings"},
		{`node.faultInjection`, "details"},
		{`node.mirroring`, "details"},
		{`node.requestRouting`, "details"},
		{`node.requestTimeout`, "db"},
		{`node.trafficShifting`, "dead"},
		{`node.tcpTrafficShifting`, "dead"},
	} {
		t.Run(c.expression, func(t *testing.T) {
			j := compile(t, c.expression).Over(g, topology.Selection{})
			var got []string
			for _, n := range g.Nodes {
				if j.MatchNode(n) {
					got = append(got, short(n))
				}
			}
			assert.Equal(t, sorted(c.want), sorted(strings.Join(got, " ")))
		})
	}
	assert.Equal(t, sorted("reviews>ratings:grpc reviews>ratings:tcp"), sorted(shown(compile(t, `edge.health == 3`).Apply(g))))
	assert.Equal(t, sorted("reviews>ratings:grpc reviews>ratings:tcp"),
		sorted(shown(compile(t, `source.labels["team"] == "shop" && target.labels["team"] == "pay"`).Apply(g))))
}

// What nobody knows is not so, and no error.
func TestWhatNobodyKnowsIsNotSo(t *testing.T) {
	g := mesh()
	for _, expression := range []string{
		`node.health >= 0`, `node.health < 4`, `node.healthy`, `node.dead`, `node.outOfMesh`, `node.gateway`, `node.serviceEntry`,
		`node.workloadEntry`, `node.virtualService`, `node.circuitBreaker`, `node.faultInjection`, `node.mirroring`,
		`node.requestRouting`, `node.requestTimeout`, `node.trafficShifting`, `node.tcpTrafficShifting`,
		`known(node.labels["app"])`, `known(node.objectKind)`, `known(node.dataplane)`,
		`node.replicasDesired >= 0`, `node.replicasAvailable < 1`, `edge.health >= 0`,
	} {
		assert.Empty(t, compile(t, expression).Apply(g).Nodes, expression)
	}
}
