package query_test

import (
	"encoding/json"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/meshscope/meshscope/exporter/topology"
	"github.com/meshscope/meshscope/plugin/pkg/query"
)

func TestDefaults(t *testing.T) {
	for name, stored := range map[string]string{
		"nothing":      ``,
		"empty object": `{}`,
		"Explore":      `{"refId": "A", "datasource": {"type": "meshscope-topology-datasource", "uid": "m"}, "intervalMs": 15000, "maxDataPoints": 1000}`,
		"nulls":        `{"level": null, "namespaces": null, "focus": null, "limit": null, "layout": null}`,
		"zeros":        `{"queryType": "", "level": "", "namespaces": [], "protocols": [], "nodeStats": [], "focus": {}, "filter": "", "limit": 0}`,
		"spelt out": `{"schemaVersion": 1, "queryType": "graph", "level": "workload", "protocols": ["http", "grpc", "tcp"],
			"serviceNodes": false, "idle": false, "waypoints": false, "nodeStats": ["requestRate", "errorRatio"],
			"edgeStats": ["requestRate", "errorRatio"], "colorBy": "outcome", "compareOffset": "", "limit": 150, "layout": "panel"}`,
		"of other types": `{"entity": "edge", "stats": ["requestRate"], "of": "namespaces"}`,
	} {
		t.Run(name, func(t *testing.T) {
			q, err := query.Parse([]byte(stored))
			require.NoError(t, err)
			want := query.Default()
			if len(q.Namespaces) == 0 {
				q.Namespaces = nil
			}
			assert.Equal(t, want, q)
		})
	}
}

func TestParse(t *testing.T) {
	q, err := query.Parse([]byte(`{"level": "versionedApp", "namespaces": ["bookinfo", "shop-*"], "clusters": ["east"],
		"protocols": ["tcp", "http"], "serviceNodes": true, "idle": true, "waypoints": true, "nodeStats": ["p99"], "edgeStats": ["mtls", "tcpRate"],
		"colorBy": "latency", "limit": 200}`))
	require.NoError(t, err)
	assert.Equal(t, query.Query{
		Type:         query.TypeGraph,
		Level:        topology.ByVersionedApp,
		Namespaces:   []string{"bookinfo", "shop-*"},
		Clusters:     []string{"east"},
		Protocols:    []topology.Protocol{topology.TCP, topology.HTTP},
		ServiceNodes: true,
		Idle:         true,
		Waypoints:    true,
		NodeStats:    []query.Stat{query.P99},
		EdgeStats:    []query.Stat{query.MTLS, query.TCPRate},
		ColorBy:      query.ByLatency,
		Entity:       query.EntityNode,
		Stats:        []query.Stat{query.RequestRate},
		Of:           query.OfNamespaces,
		Limit:        200,
		Layout:       query.LayoutPanel,
	}, q)
}

// everything has all fields, none with its default.
const everything = `"schemaVersion": 1, "entity": "edge", "level": "workload", "namespaces": ["a"], "clusters": ["c"],
	"focus": {"name": "x"}, "protocols": ["http"], "serviceNodes": true, "idle": true, "waypoints": true,
	"filter": "edge.p50 > 1", "highlight": "edge.health > 2", "nodeStats": ["p95"], "edgeStats": ["p99"], "colorBy": "health",
	"stats": ["tcpRate", "mtls", "avg"], "of": "apps", "compareOffset": "1d12h", "limit": 7, "layout": "layered"`

// TestTypes: each type has its defaults, and what says nothing in it is
// forgotten, whatever the editor left behind.
func TestTypes(t *testing.T) {
	for _, typ := range query.Types {
		t.Run(string(typ), func(t *testing.T) {
			bare, err := query.Parse([]byte(`{"queryType": "` + string(typ) + `"}`))
			require.NoError(t, err)
			assert.Equal(t, query.DefaultOf(typ), bare)
			assert.Equal(t, typ.DefaultLimit(), bare.Limit)
			assert.LessOrEqual(t, typ.DefaultLimit(), typ.MaxLimit())
			byDefault := query.EntityNode
			if typ == query.TypeTraffic {
				byDefault = query.EntityEdge
			}
			assert.Equal(t, byDefault, bare.Entity)

			full, err := query.Parse([]byte(`{"queryType": "` + string(typ) + `", ` + everything + `}`))
			require.NoError(t, err)
			is := func(types ...query.Type) bool { return slices.Contains(types, typ) }
			assert.Equal(t, []string{"a"}, full.Namespaces)
			assert.Equal(t, []string{"c"}, full.Clusters)
			assert.Equal(t, "x", full.Focus.Name)
			assert.Equal(t, []topology.Protocol{topology.HTTP}, full.Protocols)
			assert.True(t, full.Waypoints)
			assert.Equal(t, "edge.p50 > 1", full.Filter.String())
			assert.Equal(t, 7, full.Limit)
			assert.Equal(t, !is(query.TypeHealth, query.TypeValues), full.ServiceNodes, "serviceNodes")
			assert.Equal(t, !is(query.TypeHealth), full.Idle, "idle")
			assert.Equal(t, is(query.TypeGraph), full.Highlight != nil, "highlight")
			assert.Equal(t, is(query.TypeGraph), full.ColorBy == query.ByHealth, "colorBy")
			assert.Equal(t, is(query.TypeGraph, query.TypeNodes), full.NodeStats[0] == query.P95, "nodeStats")
			assert.Equal(t, is(query.TypeGraph, query.TypeEdges), full.EdgeStats[0] == query.P99, "edgeStats")
			assert.Equal(t, is(query.TypeGraph, query.TypeNodes, query.TypeEdges), full.CompareOffset == 36*time.Hour, "compareOffset")
			assert.Equal(t, is(query.TypeHealth, query.TypeTraffic), full.Entity == query.EntityEdge, "entity")
			assert.Equal(t, is(query.TypeTraffic), full.Stats[0] == query.TCPRate, "stats")
			assert.Equal(t, is(query.TypeValues), full.Of == query.OfApps, "of")

			assert.Equal(t, is(query.TypeGraph), full.Layout == query.LayoutLayered, "layout")

			// Forgotten or not, what is wrong in form is told.
			for _, field := range []string{
				"entity", "namespaces", "clusters", "focus", "protocols", "serviceNodes", "idle", "waypoints", "filter",
				"highlight", "nodeStats", "edgeStats", "colorBy", "stats", "of", "compareOffset", "limit", "layout", "level",
			} {
				_, err := query.Parse([]byte(`{"queryType": "` + string(typ) + `", "` + field + `": {"of": "another form"}}`))
				assert.ErrorContains(t, err, "query field "+field+`: {"of": "another form"}`)
			}
		})
	}
}

func TestEachOf(t *testing.T) {
	for _, of := range query.Ofs {
		q, err := query.Parse([]byte(`{"queryType": "values", "of": "` + string(of) + `"}`))
		require.NoError(t, err)
		assert.Equal(t, of, q.Of)
	}
	for _, entity := range query.Entities {
		q, err := query.Parse([]byte(`{"queryType": "traffic", "entity": "` + string(entity) + `"}`))
		require.NoError(t, err)
		assert.Equal(t, entity, q.Entity)
	}
	// Verdicts are of the levels that they are published of.
	for _, level := range []topology.Level{topology.ByWorkload, topology.ByApp, topology.ByService, topology.ByNamespace} {
		q, err := query.Parse([]byte(`{"queryType": "health", "level": "` + string(level) + `"}`))
		require.NoError(t, err)
		assert.Equal(t, level, q.Level)
	}
}

// TestManyStats: tables and traffic have as many stats as there are.
func TestManyStats(t *testing.T) {
	all, err := json.Marshal(query.Stats)
	require.NoError(t, err)
	for typ, field := range map[query.Type]string{query.TypeNodes: "nodeStats", query.TypeEdges: "edgeStats", query.TypeTraffic: "stats"} {
		q, err := query.Parse([]byte(`{"queryType": "` + string(typ) + `", "` + field + `": ` + string(all) + `}`))
		require.NoError(t, err)
		for _, s := range query.Stats {
			assert.True(t, q.Needs(s), "%s of %s", s, typ)
		}
	}
	q, err := query.Parse([]byte(`{"queryType": "health", "nodeStats": ["p99", "p95", "p50"], "colorBy": "latency"}`))
	require.NoError(t, err)
	assert.False(t, q.NeedsQuantile(), "nobody sees the latency")
}

// TestRefusals has a message for all that is wrong, which names the field, the
// value and what is allowed.
func TestRefusals(t *testing.T) {
	for _, c := range []struct{ stored, want string }{
		{`[]`, `the query is not a JSON object`},
		{`{"level": "pod"}`, `query field level: "pod" is not allowed, allowed are workload, versionedApp, app, service, namespace, cluster`},
		{`{"level": 3}`, `query field level: 3 is not a text`},
		{`{"colorBy": "mood"}`, `query field colorBy: "mood" is not allowed, allowed are outcome, health, errorRatio, latency, mtls, namespace, change`},
		{`{"protocols": ["udp"]}`, `query field protocols: ["udp"] is not allowed, allowed are http, grpc, tcp`},
		{`{"protocols": ["http", "http"]}`, `query field protocols: ["http", "http"] names one twice`},
		{`{"namespaces": "bookinfo"}`, `query field namespaces: "bookinfo" is not a list of names or globs`},
		{`{"clusters": [""]}`, `query field clusters: [""] holds an empty name`},
		{`{"nodeStats": ["p42"]}`, `query field nodeStats: ["p42"] is not allowed, allowed are requestRate, errorRatio, avg, p50, p95, p99, throughput, messageRate, tcpRate, connectionRate, mtls`},
		{`{"edgeStats": ["p50", "p95", "p99"]}`, `query field edgeStats: ["p50", "p95", "p99"] are too many: the panel shows 2`},
		{`{"limit": 201}`, `query field limit: 201 is out of range, want 1 to 200 in a query of type graph`},
		{`{"limit": -1}`, `query field limit: -1 is out of range, want 1 to 200 in a query of type graph`},
		{`{"queryType": "health", "limit": 10001}`, `query field limit: 10001 is out of range, want 1 to 10000 in a query of type health`},
		{`{"queryType": "traffic", "limit": 501}`, `query field limit: 501 is out of range, want 1 to 500 in a query of type traffic`},
		{`{"queryType": "changes", "limit": 1001}`, `query field limit: 1001 is out of range, want 1 to 1000 in a query of type changes`},
		{`{"limit": 1.5}`, `query field limit: 1.5 is not a whole number`},
		{`{"compareOffset": "an hour"}`, `query field compareOffset: "an hour" is not a duration such as 1h or 7d`},
		{`{"compareOffset": "-1h"}`, `query field compareOffset: "-1h" is not a duration such as 1h or 7d`},
		{`{"queryType": "values", "compareOffset": 60}`, `query field compareOffset: 60 is not a duration such as 1h or 7d`},
		{`{"idle": "yes"}`, `query field idle: "yes" is not true or false`},
		{`{"serviceNodes": 1}`, `query field serviceNodes: 1 is not true or false`},
		{`{"queryType": 1}`, `query field queryType: 1 is not a text`},
		{`{"entity": "nodes"}`, `query field entity: "nodes" is not allowed, allowed are node, edge`},
		{`{"stats": ["errors"]}`, `query field stats: ["errors"] is not allowed, allowed are requestRate, errorRatio, avg, p50, p95, p99, throughput, messageRate, tcpRate, connectionRate, mtls`},
		{`{"stats": "p50"}`, `query field stats: "p50" is not a list of stats`},
		{`{"of": "pods"}`, `query field of: "pods" is not allowed, allowed are clusters, namespaces, workloads, apps, services`},
		{`{"layout": "fixed"}`, `query field layout: "fixed" is not allowed, allowed are panel, layered`},
		{`{"queryType": "health", "level": "versionedApp"}`, `query field level: "versionedApp" has no verdicts of its own: a version is as well as its workloads, ask for those; allowed are workload, app, service, namespace`},
		{`{"queryType": "health", "level": "cluster"}`, `query field level: "cluster" has no verdicts of its own: a cluster is as well as its namespaces, ask for those; allowed are workload, app, service, namespace`},
		{`{"level": "app", "entity": "edge", "queryType": "health"}`, `query field level: "app" has no verdicts of edges: only those between workloads are judged, allowed is workload`},
		{`{"schemaVersion": 2}`, `query field schemaVersion: 2 is not known to this version, which reads 1`},
		{`{"queryType": "graphs"}`, `query field queryType: "graphs" is not allowed, allowed are graph, edges, nodes, health, traffic, changes, values`},
		{`{"namespace": "a"}`, `query field namespace: "a" stands in an unknown field; did you mean namespaces?`},
		{`{"filter": "edge.erorRatio > 0.01"}`, `query field filter: "edge.erorRatio > 0.01" is not a filter: column 6: edge has no field "erorRatio"; did you mean errorRatio?`},
		{`{"highlight": "node.health = 2"}`, `query field highlight: "node.health = 2" is not a filter: column 13: "=" is not an operator; equality is written ==`},
		{`{"filter": 1}`, `query field filter: 1 is not a text`},
		{`{"focus": "reviews"}`, `query field focus: "reviews" is not an object of kind, cluster, namespace, name, version, depth and direction`},
		{`{"focus": {"nam": "reviews"}}`, `query field focus: {"nam": "reviews"} is not an object of kind, cluster, namespace, name, version, depth and direction`},
		{`{"focus": {"kind": "pod", "name": "a"}}`, `query field focus: {"kind": "pod", "name": "a"} has the kind "pod", allowed are workload, app, service, namespace, cluster, unknown`},
		{`{"focus": {"kind": "operation", "name": "a"}}`, `query field focus: {"kind": "operation", "name": "a"} is on an operation, and no series tells operations apart: focus on the service`},
		{`{"focus": {"kind": "app"}}`, `query field focus: {"kind": "app"} names nothing: want a name, a namespace or a cluster`},
		{`{"focus": {"name": "a", "depth": 101}}`, `query field focus: {"name": "a", "depth": 101} has the depth 101, want 1 to 100`},
		{`{"focus": {"name": "a", "direction": "up"}}`, `query field focus: {"name": "a", "direction": "up"} has an unknown direction "up", want one of both, in, out`},
		{`{"colorby": "mtls"}`, `query field colorby: "mtls" stands in an unknown field; did you mean colorBy?`},
	} {
		_, err := query.Parse([]byte(c.stored))
		assert.EqualError(t, err, c.want)
	}
}

// TestCompare: what is compared is coloured by its changes, unless something
// else is asked for, and shows what is slower, which takes the mean duration.
func TestCompare(t *testing.T) {
	for _, c := range []struct {
		stored string
		offset time.Duration
		by     query.ColorBy
	}{
		{`{"compareOffset": "1h"}`, time.Hour, query.ByChange},
		{`{"colorBy": "", "compareOffset": "1w"}`, 7 * 24 * time.Hour, query.ByChange},
		{`{"colorBy": "change", "compareOffset": "90m"}`, 90 * time.Minute, query.ByChange},
		{`{"colorBy": "outcome", "compareOffset": "1d"}`, 24 * time.Hour, query.ByOutcome},
		{`{"compareOffset": "0"}`, 0, query.ByOutcome},
		{`{"compareOffset": "0s", "colorBy": "health"}`, 0, query.ByHealth},
		{`{"queryType": "nodes", "compareOffset": "1h"}`, time.Hour, query.ByOutcome},
	} {
		q, err := query.Parse([]byte(c.stored))
		require.NoError(t, err)
		assert.Equal(t, c.offset, q.CompareOffset, c.stored)
		assert.Equal(t, c.by, q.ColorBy, c.stored)
		assert.Equal(t, c.offset > 0, q.Needs(query.Avg), c.stored)
		assert.False(t, q.NeedsQuantile(), c.stored)
		assert.Empty(t, q.Remarks)
	}
	q, err := query.Parse([]byte(`{"colorBy": "change", "compareOffset": ""}`))
	require.NoError(t, err)
	assert.Equal(t, query.ByOutcome, q.ColorBy)
	require.Len(t, q.Remarks, 1)
	assert.Contains(t, q.Remarks[0], "compareOffset")
}

func TestParts(t *testing.T) {
	q, err := query.Parse([]byte(`{"filter": "edge.p95 > 1", "highlight": "node.root",
		"focus": {"kind": "workload", "cluster": "", "namespace": "bookinfo", "name": "reviews-v1", "depth": 2, "direction": "both"}}`))
	require.NoError(t, err)
	assert.Equal(t, "edge.p95 > 1", q.Filter.String())
	assert.Equal(t, "node.root", q.Highlight.String())
	assert.Equal(t, &topology.Focus{Kind: topology.KindWorkload, Namespace: "bookinfo", Name: "reviews-v1", Depth: 2, Direction: topology.Both}, q.Focus)
}

// TestNeeds: what only a filter looks at is read too, and nothing else is.
func TestNeeds(t *testing.T) {
	for stored, want := range map[string][]query.Stat{
		`{}`:                                 {query.RequestRate, query.ErrorRatio},
		`{"filter": "edge.requestRate > 1"}`: {query.RequestRate, query.ErrorRatio},
		`{"filter": "target.p95In > 1"}`:     {query.RequestRate, query.ErrorRatio, query.P95},
		`{"highlight": "edge.avg > 1"}`:      {query.RequestRate, query.ErrorRatio, query.Avg},
		`{"filter": "edge.requestBytesRate > 1", "highlight": "known(edge.p50)"}`: {
			query.RequestRate, query.ErrorRatio, query.P50, query.Throughput,
		},
	} {
		q, err := query.Parse([]byte(stored))
		require.NoError(t, err)
		var got []query.Stat
		for _, s := range query.Stats {
			if q.Needs(s) {
				got = append(got, s)
			}
		}
		assert.Equal(t, want, got, stored)
		assert.Equal(t, stored != `{}`, q.Judges())
	}
}

func TestAllProblemsAreTold(t *testing.T) {
	_, err := query.Parse([]byte(`{"level": "pod", "limit": 1000}`))
	assert.ErrorContains(t, err, "query field level")
	assert.ErrorContains(t, err, "query field limit")
	var field *query.FieldError
	assert.ErrorAs(t, err, &field)
}

func TestForeignFieldsAreRemarked(t *testing.T) {
	q, err := query.Parse([]byte(`{"adhocFilters": []}`))
	require.NoError(t, err)
	assert.Equal(t, []string{`The query's field "adhocFilters" is not known to this version and was not used.`}, q.Remarks)
}

func FuzzParse(f *testing.F) {
	f.Add(`{"level": "app", "namespaces": ["a*"], "limit": 20}`)
	f.Add(`{"nodeStats": ["p50", "p50"], "focus": {"kind": 1}}`)
	f.Add(`{"queryType": "traffic", "entity": "edge", "stats": ["p50"], "of": "apps", "limit": 500}`)
	f.Add(`{"queryType": "health", "level": "cluster", "entity": "edge"}`)
	f.Fuzz(func(t *testing.T, stored string) {
		q, err := query.Parse(json.RawMessage(stored))
		if err != nil {
			return
		}
		if q.Limit < 1 || q.Limit > q.Type.MaxLimit() || len(q.Protocols)*len(q.NodeStats)*len(q.EdgeStats)*len(q.Stats) == 0 ||
			!slices.Contains(query.Entities, q.Entity) || !slices.Contains(query.Ofs, q.Of) || !slices.Contains(query.Types, q.Type) {
			t.Errorf("%s became %+v", stored, q)
		}
	})
}

// TestHealthFields: what a filter looks at tells what a viewer must be told of.
func TestHealthFields(t *testing.T) {
	for _, c := range []struct {
		stored             string
		health             bool
		derived, fromIstio []string
	}{
		{`{}`, false, nil, nil},
		{`{"filter": "edge.p95 > 1"}`, false, nil, nil},
		{`{"filter": "edge.health >= 2"}`, true, nil, nil},
		{`{"highlight": "!node.healthy"}`, true, nil, nil},
		{`{"filter": "source.dead || node.objectKind == \"Job\""}`, false, nil, []string{"objectKind", "dead"}},
		{
			`{"filter": "node.labels[\"team\"] == \"pay\"", "highlight": "target.circuitBreaker && target.outOfMesh"}`, false,
			[]string{"labels", "circuitBreaker"},
			[]string{"outOfMesh", "labels", "circuitBreaker"},
		},
	} {
		q, err := query.Parse([]byte(c.stored))
		require.NoError(t, err)
		assert.Equal(t, c.health, q.LooksAtHealth(), c.stored)
		assert.Equal(t, c.derived, q.NotInSeries(false), c.stored)
		assert.Equal(t, c.fromIstio, q.NotInSeries(true), c.stored)
	}
}
