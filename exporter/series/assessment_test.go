package series

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/meshscope/meshscope/exporter/topology"
	"github.com/meshscope/meshscope/exporter/topology/topologytest"
)

func workloadRef(name string) topology.Ref {
	return topology.Ref{Kind: topology.KindWorkload, Cluster: "c", Namespace: "n", Name: name}
}

// everything is an assessment with all there can be, of workloads a and b.
func everything() Assessment {
	a, b := workloadRef("a"), workloadRef("b")
	app, service := a, b
	app.Kind, service.Kind = topology.KindApp, topology.KindService
	return Assessment{
		Edges: map[topology.EdgeKey]topology.Health{edge("a", "b"): topology.HealthFailure, edge("x", "y"): topology.HealthFailure},
		Nodes: map[topology.Ref]topology.Health{
			a: topology.HealthDegraded, b: topology.HealthNA, app: topology.HealthHealthy, service: topology.HealthNotReady,
			{Kind: topology.KindNamespace, Cluster: "c", Name: "n"}: topology.HealthFailure,
			{Kind: topology.KindCluster, Name: "c"}:                 topology.HealthFailure,
		},
		Ratios: map[topology.Ref][]topology.ErrorRatio{a: {
			{Direction: topology.Out, Protocol: topology.HTTP, Tolerance: "5XX", Errors: 1, Requests: 4},
			{Direction: topology.In, Protocol: topology.HTTP, Tolerance: "5XX"},
		}},
		Faults: map[topology.Ref]Fault{
			a: {Judged: true, Origin: true, Whose: a, Dependents: Reach{1, 2}, Dependencies: Reach{3, 4}},
			b: {Dependents: Reach{1, 1}},
		},
		Objects: topologytest.Objects{
			b:                   {Kind: "Deployment", CanonicalService: "b", CanonicalRevision: "v1", Dataplane: topology.Sidecar, Replicas: []topology.Replicas{{Desired: 3, Current: 2, Available: 1}}},
			workloadRef("idle"): {Kind: "CronJob", CanonicalService: "idle", CanonicalRevision: "latest", Dataplane: topology.NoDataplane},
			service:             {Kind: "Service"},
		},
		Statuses: []ObjectStatus{
			{Cluster: "c", Kind: "HTTPRoute", Namespace: "n", Name: "reviews", Condition: "Accepted"},
			{Cluster: "c", Kind: "VirtualService", Namespace: "n", Name: "reviews", Condition: "IST0101", Holds: true},
		},
	}
}

func TestAssessment(t *testing.T) {
	b := newBook(generous)
	b.Assess(everything())
	b.post(calls(edge("a", "b"), 1, ok200))
	b.Text() // counts gauges for the first time
	require.Equal(t, []string{`meshscope_edge_health{` + string(edgeLabels(keyOf("a", "b"))) + `} 3`}, b.lines(EdgeHealth), "that of an edge that is not published is not")
	const a = `workload_cluster="c",workload_namespace="n",workload_name="a"`
	const of = `workload_cluster="c",workload_namespace="n",workload_name="b"`
	for f, want := range map[*Family][]string{
		WorkloadHealth:       {`{` + a + `} 2`},
		AppHealth:            {`{app_cluster="c",app_namespace="n",app_name="a"} 0`},
		ServiceHealth:        {`{service_cluster="c",service_namespace="n",service_name="b"} 1`},
		NamespaceHealth:      {`{namespace_cluster="c",namespace_name="n"} 3`},
		WorkloadErrorRatio:   {`{` + a + `,direction="out",request_protocol="http",tolerance="5XX"} 0.25`},
		WorkloadFaultOrigin:  {`{` + a + `} 1`},
		WorkloadFaultInfo:    {`{` + a + `,origin_cluster="c",origin_namespace="n",origin_name="a"} 1`},
		WorkloadDependents:   {`{` + a + `,scope="all"} 2`, `{` + a + `,scope="direct"} 1`, `{` + of + `,scope="all"} 1`, `{` + of + `,scope="direct"} 1`},
		WorkloadDependencies: {`{` + a + `,scope="all"} 4`, `{` + a + `,scope="direct"} 3`, `{` + of + `,scope="all"} 0`, `{` + of + `,scope="direct"} 0`},
		WorkloadReplicas:     {`{` + of + `,state="available"} 1`, `{` + of + `,state="current"} 2`, `{` + of + `,state="desired"} 3`},
		IstioObjectStatus: {
			`{object_cluster="c",object_kind="HTTPRoute",object_namespace="n",object_name="reviews",condition="Accepted"} 0`,
			`{object_cluster="c",object_kind="VirtualService",object_namespace="n",object_name="reviews",condition="IST0101"} 1`,
		},
	} {
		for i := range want {
			want[i] = f.Name + want[i]
		}
		require.Equal(t, want, b.lines(f))
	}
	require.Contains(t, b.value(t, WorkloadInfo, `workload_name="idle",kind="CronJob",canonical_service="idle",canonical_revision="latest",dataplane="none"`), "1")
	require.Contains(t, b.value(t, WorkloadInfo, `workload_name="b",kind="Deployment"`, `dataplane="sidecar"`), "1")
	require.Contains(t, b.value(t, WorkloadInfo, `workload_name="a",canonical_service=`), "1", "no kind of what Kubernetes does not know")
	require.Len(t, b.lines(WorkloadInfo), 3)
}

func keyOf(source, destination string) *topology.EdgeKey {
	key := edge(source, destination)
	return &key
}

// Two names that are published alike make one series: a scrape with two would fail.
func TestAssessmentHasEachSeriesOnce(t *testing.T) {
	b := newBook(generous)
	named := workloadRef("a")
	named.Cluster = ""
	unknown := named
	unknown.Cluster = topology.Unknown
	b.Assess(Assessment{Nodes: map[topology.Ref]topology.Health{named: topology.HealthHealthy, unknown: topology.HealthFailure}})
	lines := b.lines(WorkloadHealth)
	require.Len(t, lines, 1)
	require.True(t, strings.HasSuffix(lines[0], " 3"), "the worse one")
}

// Names may be of any length, whatever memory is taken at a time.
func TestLongNames(t *testing.T) {
	all, want := map[topology.Ref]topology.Health{}, map[string]bool{}
	for n := range 400 {
		name := fmt.Sprint(n, strings.Repeat("x", n*n%1500))
		if n == 200 {
			name += strings.Repeat("y", 2*textSize)
		}
		all[workloadRef(name)] = topology.HealthHealthy
		want[`meshscope_workload_health{workload_cluster="c",workload_namespace="n",workload_name="`+name+`"} 0`] = true
	}
	b := newBook(generous)
	b.Assess(Assessment{Nodes: all})
	lines := b.lines(WorkloadHealth)
	require.Len(t, lines, len(want))
	for _, line := range lines {
		require.True(t, want[line], "%.200s", line)
	}
}

// Limits bound gauges and counters together. Verdicts go before what is less
// important, and in the long run before the series of the least busy edges.
func TestMaxSeriesBoundsGauges(t *testing.T) {
	limits := Limits{MaxEdges: 100, MaxSeries: 100, IdleTTL: time.Hour}
	b := newBook(limits)
	all := Assessment{Nodes: map[topology.Ref]topology.Health{}, Faults: map[topology.Ref]Fault{}}
	for n := range 20 {
		ref := workloadRef(fmt.Sprint("w", n))
		all.Nodes[ref], all.Faults[ref] = topology.HealthFailure, Fault{Judged: true, Origin: true}
	}
	var flows []topology.Flow
	for n := range 40 {
		flows = append(flows, calls(edge("a", fmt.Sprint("b", n)), float64(n+1), ok200))
	}
	b.post(flows...)
	total := func() (n int) {
		for _, f := range Topology {
			if f != TopologyChanges && f != Edges {
				n += len(b.lines(f))
			}
		}
		return n
	}
	b.Assess(all)
	for range 5 {
		require.LessOrEqual(t, total(), limits.MaxSeries)
		b.post(flows...)
	}
	require.Len(t, b.lines(WorkloadHealth), 20)
	require.Len(t, b.lines(WorkloadFaultOrigin), 20)
	require.NotEmpty(t, b.value(t, EdgeRequests, `destination_workload="b39"`))
	before := b.Edges()
	require.Less(t, before, 40)

	b.Assess(Assessment{})
	b.Text()
	b.post(flows...)
	require.Greater(t, b.Edges(), before, "there is room again")
}

func TestOmittedGaugesAreCounted(t *testing.T) {
	b := newBook(Limits{MaxEdges: 10, MaxSeries: 3, IdleTTL: time.Hour})
	a := Assessment{Nodes: map[topology.Ref]topology.Health{}, Statuses: []ObjectStatus{{Kind: "Gateway", Name: "g", Condition: "Programmed"}}}
	for n := range 5 {
		a.Nodes[workloadRef(fmt.Sprint("w", n))] = topology.HealthHealthy
	}
	b.Assess(a)
	s, err := b.Snapshot(b.now)
	require.NoError(t, err)
	require.Equal(t, 3, s.Omitted)
	require.Len(t, b.lines(WorkloadHealth), 3)
	require.Empty(t, b.lines(IstioObjectStatus))
}
