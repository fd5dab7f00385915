package render_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/meshscope/meshscope/exporter/render"
	"github.com/meshscope/meshscope/exporter/topology"
)

// judged is Bookinfo with all that objects and verdicts can tell, as they
// would be where reviews-v3 gets errors of ratings-v1.
func judged(level topology.Level) *topology.Graph { return judge(bookinfo(level)) }

func judge(g *topology.Graph) *topology.Graph {
	failing := &topology.Verdict{Health: topology.HealthFailure, Ratios: []topology.ErrorRatio{
		{Direction: topology.In, Protocol: topology.HTTP, Tolerance: "5XX", Errors: 300, Requests: 2023, Health: topology.HealthFailure},
		{Direction: topology.In, Protocol: topology.HTTP, Tolerance: "^-$", Errors: 12, Requests: 2023, Health: topology.HealthDegraded},
	}}
	well := &topology.Verdict{Health: topology.HealthHealthy, Ratios: []topology.ErrorRatio{
		{Direction: topology.In, Protocol: topology.HTTP, Tolerance: "5XX", Requests: 1010, Health: topology.HealthHealthy},
	}}
	deployment := func(name string, desired, current, available int) *topology.Object {
		return &topology.Object{
			Kind: "Deployment", Labels: map[string]string{"app": name, "version": "v1"}, Dataplane: topology.Sidecar,
			Replicas: []topology.Replicas{{Workload: name + "-v1", Desired: desired, Current: current, Available: available}},
		}
	}
	objects := map[string]struct {
		verdict *topology.Verdict
		object  *topology.Object
	}{
		"ratings-v1": {failing, deployment("ratings", 1, 1, 1)},
		"reviews-v1": {well, deployment("reviews", 2, 2, 2)},
		"reviews-v2": {&topology.Verdict{Health: topology.HealthDegraded}, deployment("reviews", 3, 3, 1)},
		"details-v1": {&topology.Verdict{Health: topology.HealthNotReady}, deployment("details", 0, 0, 0)},
		"mongodb-v1": {&topology.Verdict{}, &topology.Object{Kind: "StatefulSet", Dataplane: topology.NoDataplane, WorkloadEntries: []string{"db-1"}}},
		"audit-v2":   {nil, &topology.Object{Kind: "Job", Dataplane: topology.Ambient, Idle: true, NoPods: true, MTLS: "STRICT"}},
		"reviews": {well, &topology.Object{
			Kind: "Service", Labels: map[string]string{"app": "reviews"}, VirtualServiceHosts: []string{"reviews"}, CircuitBreaker: true, FaultInjection: true,
			Mirroring: true, RequestRouting: true, RequestTimeout: true, TCPTrafficShifting: true, TrafficShifting: true, IngressWaypoint: true,
		}},
		"istio-ingressgateway": {well, &topology.Object{
			Kind: "Deployment", Dataplane: topology.GatewayProxy, Gateway: &topology.Gateway{Hosts: []string{"*.example.com"}},
		}},
		"api.example.com": {nil, &topology.Object{ServiceEntry: &topology.ServiceEntry{
			Namespace: "backoffice", Name: "api", Location: "MESH_EXTERNAL", Hosts: []string{"api.example.com"},
		}}},
		"bookinfo": {&topology.Verdict{
			Health: topology.HealthFailure, By: topology.Ref{Kind: topology.KindWorkload, Cluster: home, Namespace: "bookinfo", Name: "ratings-v1"},
		}, nil},
	}
	for _, n := range g.Nodes {
		known := objects[n.Name]
		n.Verdict, n.Object = known.verdict, known.object
	}
	for _, e := range g.Edges {
		n := e.Traffic.Total()
		errors := e.Traffic.Outcomes(e.Protocol)[topology.ServerError]
		ratio := topology.ErrorRatio{
			Direction: topology.In, Protocol: e.Protocol, Tolerance: "5XX", Errors: errors, Requests: n, Health: topology.HealthHealthy,
		}
		switch {
		case n == 0 && e.Traffic.Opened == 0:
			e.Verdict = &topology.Verdict{}
			continue
		case n == 0:
			e.Verdict = &topology.Verdict{Health: topology.HealthHealthy}
			continue
		case errors > 0.1*n:
			ratio.Health = topology.HealthFailure
		case errors > 0:
			ratio.Health = topology.HealthDegraded
		}
		e.Verdict = &topology.Verdict{Health: ratio.Health, Ratios: []topology.ErrorRatio{ratio}}
	}
	return g
}

// Nobody has judged: no word of health, in any form.
func TestUnjudgedGraphsSayNothingOfHealth(t *testing.T) {
	for _, f := range render.Formats {
		text := strings.ToLower(written(t, f, bookinfo(topology.ByWorkload), 0))
		for _, word := range []string{"health", "failure", "degraded", "idle", "replicas"} {
			require.NotContains(t, text, word, f.Name)
		}
	}
}

// What is wrong is said in words, and why.
func TestTroubleInWords(t *testing.T) {
	lines := tableOf(t, judged(topology.ByWorkload), 0)
	text := strings.Join(lines, "\n")
	require.Regexp(t, `(?m)^bookinfo/reviews-v3 +bookinfo/ratings-v1 .* Failure +29.6 % 5XX \(in http\)$`, text)
	require.Regexp(t, `(?m)^backoffice/audit-v2 +api.example.com \(service\) .* -$`, text, "no data")
	require.Contains(t, lines, "# bookinfo/ratings-v1: Failure: 14.8 % 5XX (in http)")
	require.Contains(t, lines, "# bookinfo/reviews-v2: Degraded: 1 of 3 pods available")
	require.Contains(t, lines, "# bookinfo/details-v1: Not Ready: 0 of 0 pods available")
	require.NotContains(t, text, "# bookinfo/reviews-v1")
	require.Contains(t, tableOf(t, judged(topology.ByNamespace), 0), "# bookinfo: Failure: by workload ratings-v1")
	require.Contains(t, string(jsonOf(t, judged(topology.ByNamespace))), `"health":"Failure","healthBy":"workload/Kubernetes/bookinfo/ratings-v1"`)
}

// The columns of health give way too, the word last.
func TestJudgedTableFits(t *testing.T) {
	for width := 55; width < 200; width++ {
		lines := tableOf(t, judged(topology.ByWorkload), width)
		for _, line := range lines {
			require.LessOrEqual(t, terminal.StringWidth(line), width, "%q", line)
		}
		if width >= 80 {
			require.Contains(t, lines[0], "HEALTH")
		}
	}
}

// Tolerances and labels are written by people, and may hold anything.
func TestHostileVerdicts(t *testing.T) {
	schema := graphSchema(t)
	rapid.Check(t, func(t *rapid.T) {
		g := hostileGraphs().Draw(t, "graph")
		health := rapid.SampledFrom([]topology.Health{
			topology.HealthNA, topology.HealthHealthy, topology.HealthNotReady, topology.HealthDegraded, topology.HealthFailure,
		})
		verdict := func() *topology.Verdict {
			v := &topology.Verdict{Health: health.Draw(t, "health")}
			v.Ratios = []topology.ErrorRatio{{
				Direction: topology.Out, Protocol: topology.GRPC, Tolerance: hostile().Draw(t, "tolerance"), Errors: 1, Requests: 3, Health: v.Health,
			}}
			return v
		}
		for _, n := range g.Nodes {
			n.Verdict = verdict()
			n.Object = &topology.Object{
				Kind: hostile().Draw(t, "kind"), Labels: map[string]string{hostile().Draw(t, "label"): hostile().Draw(t, "value")},
				Gateway:      &topology.Gateway{GatewayAPI: true, Egress: true, Hosts: []string{hostile().Draw(t, "host")}},
				ServiceEntry: &topology.ServiceEntry{Name: hostile().Draw(t, "entry")},
				Idle:         true,
			}
		}
		for _, e := range g.Edges {
			e.Verdict = verdict()
		}
		requireValid(t, schema, jsonOf(t, g))
		requireDOT(t, dotOf(t, g))
		requireMermaid(t, mermaidOf(t, g))
		var b bytes.Buffer
		require.NoError(t, render.Table(&b, g, 0))
	})
}
