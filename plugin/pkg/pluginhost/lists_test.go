package pluginhost_test

import (
	"strings"
	"testing"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/grafana/grafana-plugin-sdk-go/data"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/meshscope/meshscope/exporter/series"
	"github.com/meshscope/meshscope/exporter/topology"
	"github.com/meshscope/meshscope/plugin/pkg/derived/derivedtest"
	"github.com/meshscope/meshscope/plugin/pkg/frames/framestest"
	"github.com/meshscope/meshscope/plugin/pkg/pluginhost"
)

const maxList = 10_000

// listed is the only frame of an answer, checked by its type.
func listed(t *testing.T, answer backend.DataResponse) *data.Frame {
	t.Helper()
	require.NoError(t, answer.Error)
	require.Equal(t, backend.StatusOK, answer.Status)
	require.Len(t, answer.Frames, 1)
	switch answer.Frames[0].Name {
	case "nodes":
		framestest.CheckNodeTable(t, answer.Frames, maxList)
	case "edges":
		framestest.CheckEdgeTable(t, answer.Frames, maxList)
	default:
		framestest.CheckVerdicts(t, answer.Frames, maxList)
	}
	return answer.Frames[0]
}

// verdicts are what a frame of health says, by names as "namespace/name".
func verdicts(t *testing.T, f *data.Frame) map[string]float64 {
	t.Helper()
	all := map[string]float64{}
	if f.Rows() == 0 {
		return all
	}
	prefixes := []string{""}
	if _, at := f.FieldByName("source_name"); at >= 0 {
		prefixes = []string{"source_", "target_"}
	}
	health, _ := f.FieldByName("health")
	for i := range f.Rows() {
		var names []string
		for _, prefix := range prefixes {
			namespace, _ := f.FieldByName(prefix + "namespace")
			name, _ := f.FieldByName(prefix + "name")
			names = append(names, namespace.At(i).(string)+"/"+name.At(i).(string))
		}
		value, ok := health.ConcreteAt(i)
		require.True(t, ok)
		all[strings.Join(names, " ")] = value.(float64)
	}
	return all
}

func at(ref topology.Ref) string { return ref.Namespace + "/" + ref.Name }

// TestTables compares the tables of a real store with the graph of the flows
// that it was filled with, over a range in the past.
func TestTables(t *testing.T) {
	flows := derivedtest.Mesh(100)
	store := derivedtest.Open(t)
	store.Settle(flows)
	store.Publish(flows, 20)
	end := store.Now
	store.Publish(derivedtest.Mesh(300), 8)
	i := instanceAt(t, store.URL)
	for _, level := range topology.Levels {
		t.Run(string(level), func(t *testing.T) {
			truth := topology.Build(topology.Interval{End: end, Length: derivedtest.Every}, flows, topology.BuildOptions{Level: level})
			nodes := listed(t, ask(t, i, end, `{"queryType": "nodes", "level": "`+string(level)+`"}`))
			ids := make([]string, 0, len(truth.Nodes))
			for _, n := range truth.Nodes {
				ids = append(ids, n.ID())
				row := framestest.Row(t, nodes, n.ID())
				require.NotNil(t, row, n.ID())
				if n.In[topology.HTTP] == nil && n.In[topology.GRPC] == nil {
					assert.NotContains(t, row, "request_rate_in")
					continue
				}
				want := 0.0
				for _, p := range []topology.Protocol{topology.HTTP, topology.GRPC} {
					if n.In[p] != nil {
						want += n.In[p].Total() / derivedtest.Every.Seconds()
					}
				}
				assert.InEpsilon(t, want, row["request_rate_in"], 1e-9, n.ID())
			}
			assert.ElementsMatch(t, ids, framestest.IDs(t, nodes))

			edges := listed(t, ask(t, i, end, `{"queryType": "edges", "edgeStats": ["p99", "messageRate"], "level": "`+string(level)+`"}`))
			require.Equal(t, len(truth.Edges), edges.Rows())
			for _, e := range truth.Edges {
				row := framestest.Row(t, edges, e.Source.ID()+":"+e.Target.ID()+":"+string(e.Protocol))
				require.NotNil(t, row)
				assert.Equal(t, string(e.Protocol), row["protocol"])
				if e.Protocol == topology.TCP {
					request, response := e.Traffic.TCPBytes()
					assert.InEpsilon(t, (request+response)/derivedtest.Every.Seconds(), row["tcp_rate"], 1e-9)
					assert.NotContains(t, row, "p99")
					continue
				}
				assert.InEpsilon(t, e.Traffic.Total()/derivedtest.Every.Seconds(), row["request_rate"], 1e-9)
				assert.InEpsilon(t, e.Traffic.Latency.Quantile(0.99), row["p99"], 1e-9, "in seconds")
			}
			assert.Contains(t, edges.Meta.ExecutedQueryString, "increase(meshscope_edge_requests_total[5m])")
			assert.Contains(t, edges.Meta.ExecutedQueryString, "# at 2026-03-01T12:06:00Z")
		})
	}
}

// TestServiceNodes: services stand between callers and workloads, in the graph
// and in tables.
func TestServiceNodes(t *testing.T) {
	flows := derivedtest.Mesh(10)
	store := derivedtest.Open(t)
	store.Settle(flows)
	store.Publish(flows, 20)
	i := instanceAt(t, store.URL)
	truth := topology.Build(topology.Interval{Length: derivedtest.Every}, flows, topology.BuildOptions{ServiceNodes: true})

	drawn := ask(t, i, store.Now, `{"serviceNodes": true}`)
	require.NoError(t, drawn.Error)
	framestest.CheckContract(t, drawn.Frames, 150)
	assert.Equal(t, len(truth.Nodes), drawn.Frames[0].Rows())
	assert.Equal(t, len(truth.Nodes), listed(t, ask(t, i, store.Now, `{"queryType": "nodes", "serviceNodes": true}`)).Rows())
	assert.Equal(t, len(truth.Edges), listed(t, ask(t, i, store.Now, `{"queryType": "edges", "serviceNodes": true}`)).Rows())
	assert.Greater(t, len(truth.Nodes), ask(t, i, store.Now, `{}`).Frames[0].Rows())
}

// assessed is a store with verdicts that change: until before, the first edge's
// destination is degraded, and from then on the second's has failed. Of one
// workload nothing is heard but that it is not ready. After now there are no
// calls any more, until quiet.
func assessed(t *testing.T) (i *pluginhost.Instance, flows []topology.Flow, silent topology.Ref, before, now, quiet time.Time) {
	t.Helper()
	flows = derivedtest.Mesh(10)
	silent = topology.Ref{Kind: topology.KindWorkload, Cluster: "Kubernetes", Namespace: "namespace-00", Name: "silent-v1"}
	first, second := flows[0].Key, flows[1].Key
	store := derivedtest.Open(t)
	store.Settle(flows)
	store.Assess(series.Assessment{
		Nodes: map[topology.Ref]topology.Health{
			first.SourceRef(): topology.HealthHealthy, first.DestinationRef(): topology.HealthDegraded,
			{Kind: topology.KindNamespace, Cluster: "Kubernetes", Name: "namespace-00"}: topology.HealthHealthy,
		},
		Edges: map[topology.EdgeKey]topology.Health{first: topology.HealthDegraded},
	})
	store.Publish(flows, 40)
	before = store.Now
	store.Assess(series.Assessment{
		Nodes: map[topology.Ref]topology.Health{
			first.SourceRef(): topology.HealthHealthy, first.DestinationRef(): topology.HealthHealthy, second.DestinationRef(): topology.HealthFailure,
			silent: topology.HealthNotReady,
			{Kind: topology.KindService, Cluster: "Kubernetes", Namespace: "namespace-01", Name: "service-001"}: topology.HealthDegraded,
			{Kind: topology.KindApp, Cluster: "Kubernetes", Namespace: "namespace-02", Name: "service-002"}:     topology.HealthFailure,
			{Kind: topology.KindNamespace, Cluster: "Kubernetes", Name: "namespace-02"}:                         topology.HealthFailure,
		},
		Edges: map[topology.EdgeKey]topology.Health{first: topology.HealthHealthy, second: topology.HealthFailure},
		Ratios: map[topology.Ref][]topology.ErrorRatio{
			second.DestinationRef(): {{Direction: topology.In, Protocol: topology.HTTP, Tolerance: "5XX", Errors: 1, Requests: 4}},
		},
		Faults: map[topology.Ref]series.Fault{second.DestinationRef(): {Judged: true, Origin: true}},
	})
	store.Publish(flows, 40)
	now = store.Now
	store.Publish(nil, 12)
	return instanceAt(t, store.URL), flows, silent, before, now, store.Now
}

// TestHealthOfEntities: alerts are made on what the exporter published at the
// range's end, of what had no traffic too.
func TestHealthOfEntities(t *testing.T) {
	i, flows, silent, before, now, _ := assessed(t)
	caller, first, second := at(flows[0].Key.SourceRef()), at(flows[0].Key.DestinationRef()), at(flows[1].Key.DestinationRef())
	for _, c := range []struct {
		stored string
		end    time.Time
		want   map[string]float64
	}{
		{`{"queryType": "health"}`, now, map[string]float64{caller: 0, first: 0, second: 3, at(silent): 1}},
		{`{"queryType": "health"}`, before, map[string]float64{caller: 0, first: 2}},
		{`{"queryType": "health", "namespaces": ["namespace-02"]}`, now, map[string]float64{second: 3}},
		{`{"queryType": "health", "namespaces": ["namespace-00"]}`, now, map[string]float64{caller: 0, at(silent): 1}},
		{`{"queryType": "health", "filter": "node.name == \"silent-v1\""}`, now, map[string]float64{at(silent): 1}},
		{`{"queryType": "health", "filter": "node.health == 1"}`, now, map[string]float64{at(silent): 1}},
		{`{"queryType": "health", "filter": "node.health >= 2"}`, now, map[string]float64{second: 3}},
		{`{"queryType": "health", "clusters": ["elsewhere"]}`, now, map[string]float64{}},
		{`{"queryType": "health", "level": "service"}`, now, map[string]float64{"namespace-01/service-001": 2}},
		{`{"queryType": "health", "level": "app"}`, now, map[string]float64{"namespace-02/service-002": 3}},
		{`{"queryType": "health", "level": "namespace"}`, now, map[string]float64{"namespace-02/namespace-02": 3}},
		{`{"queryType": "health", "level": "namespace"}`, before, map[string]float64{"namespace-00/namespace-00": 0}},
		{`{"queryType": "health", "entity": "edge"}`, now, map[string]float64{caller + " " + first: 0, caller + " " + second: 3}},
		{`{"queryType": "health", "entity": "edge"}`, before, map[string]float64{caller + " " + first: 2}},
	} {
		assert.Equal(t, c.want, verdicts(t, listed(t, ask(t, i, c.end, c.stored))), "%s at %s", c.stored, c.end)
	}

	nodes := listed(t, ask(t, i, now, `{"queryType": "nodes"}`))
	row := framestest.Row(t, nodes, flows[1].Key.DestinationRef().ID())
	assert.Equal(t, 3.0, row["health"])
	assert.Equal(t, "25 % 5XX (in http)", row["cause"])
	assert.Equal(t, "origin", row["fault"])
	asked := query("A", now, `{"queryType": "nodes"}`)
	asked.TimeRange.From = before.Add(-time.Minute)
	answer, err := i.QueryData(t.Context(), &backend.QueryDataRequest{Queries: []backend.DataQuery{asked}})
	require.NoError(t, err)
	row = framestest.Row(t, listed(t, answer.Responses["A"]), flows[0].Key.DestinationRef().ID())
	assert.Equal(t, 0.0, row["health"])
	assert.Equal(t, 2.0, row["worst_health"])
}

// TestHealthWithoutTraffic: a range in which no traffic is seen changes no
// verdict, and so lets no alert come and go.
func TestHealthWithoutTraffic(t *testing.T) {
	i, _, _, _, now, quiet := assessed(t)
	for _, stored := range []string{`{"queryType": "health"}`, `{"queryType": "health", "entity": "edge"}`} {
		short := query("A", quiet, stored)
		short.TimeRange.From = quiet.Add(-2 * time.Minute)
		answer, err := i.QueryData(t.Context(), &backend.QueryDataRequest{Queries: []backend.DataQuery{short}})
		require.NoError(t, err)
		want := verdicts(t, listed(t, ask(t, i, now, stored)))
		assert.NotEmpty(t, want)
		assert.Equal(t, want, verdicts(t, listed(t, answer.Responses["A"])))
	}
}

// TestNoDataIsNoError: to who alerts, a mesh without verdicts and a store that
// is not there are two things.
func TestNoDataIsNoError(t *testing.T) {
	store := derivedtest.Open(t)
	for _, stored := range []string{`{"queryType": "health"}`, `{"queryType": "health", "entity": "edge"}`, `{"queryType": "nodes"}`, `{"queryType": "edges"}`} {
		empty := listed(t, ask(t, instanceAt(t, store.URL), store.Now, stored))
		assert.Zero(t, empty.Rows())
		assert.Contains(t, texts(data.Frames{empty}), "neither meshscope_* nor istio_* series")

		gone := ask(t, instanceAt(t, unreachable(t)), store.Now, stored)
		require.Error(t, gone.Error)
		assert.Equal(t, backend.ErrorSourceDownstream, gone.ErrorSource)
		assert.Empty(t, gone.Frames)
	}
	// An exporter that publishes no verdicts is no healthy mesh.
	flows := derivedtest.Mesh(10)
	store.Settle(flows)
	store.Publish(flows, 20)
	unjudged := listed(t, ask(t, instanceAt(t, store.URL), store.Now, `{"queryType": "health"}`))
	assert.Empty(t, unjudged.Fields)
	assert.Contains(t, texts(data.Frames{unjudged}), "There are no health series: does the exporter publish them?")
}

// TestHealthOfEntitiesOfRaw judges the requests of the range, and says so.
func TestHealthOfEntitiesOfRaw(t *testing.T) {
	store := derivedtest.Open(t)
	for n := 1.0; n < 20; n++ {
		store.Now = store.Now.Add(derivedtest.Every)
		store.ScrapeRaw(calls(10*n) + strings.ReplaceAll(calls(3*n), `response_code="200"`, `response_code="503"`))
	}
	i := instance(t, backend.DataSourceInstanceSettings{URL: store.URL, JSONData: []byte(`{"seriesSource": "raw"}`)})
	for stored, want := range map[string]map[string]float64{
		`{"queryType": "health"}`:                       {"shop/web": 3, "shop/api": 3},
		`{"queryType": "health", "entity": "edge"}`:     {"shop/web shop/api": 3},
		`{"queryType": "health", "level": "service"}`:   {"shop/api": 3},
		`{"queryType": "health", "level": "namespace"}`: {"shop/shop": 3},
	} {
		made := listed(t, ask(t, i, store.Now, stored))
		assert.Equal(t, want, verdicts(t, made), stored)
		assert.Contains(t, texts(data.Frames{made}), "Health is judged here on the requests of this range")
	}
}
