package query_test

import (
	"encoding/json"
	"testing"

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
		"protocols": ["tcp", "http"], "idle": true, "waypoints": true, "nodeStats": ["p99"], "edgeStats": ["mtls", "tcpRate"],
		"colorBy": "latency", "limit": 200}`))
	require.NoError(t, err)
	assert.Equal(t, query.Query{
		Level:      topology.ByVersionedApp,
		Namespaces: []string{"bookinfo", "shop-*"},
		Clusters:   []string{"east"},
		Protocols:  []topology.Protocol{topology.TCP, topology.HTTP},
		Idle:       true,
		Waypoints:  true,
		NodeStats:  []query.Stat{query.P99},
		EdgeStats:  []query.Stat{query.MTLS, query.TCPRate},
		ColorBy:    query.ByLatency,
		Limit:      200,
	}, q)
}

// TestRefusals has a message for all that is wrong, which names the field, the
// value and what is allowed.
func TestRefusals(t *testing.T) {
	for _, c := range []struct{ stored, want string }{
		{`[]`, `the query is not a JSON object`},
		{`{"level": "pod"}`, `query field level: "pod" is not allowed, allowed are workload, versionedApp, app, service, namespace, cluster`},
		{`{"level": 3}`, `query field level: 3 is not a text`},
		{`{"colorBy": "mood"}`, `query field colorBy: "mood" is not allowed, allowed are outcome, health, errorRatio, latency, mtls, namespace`},
		{`{"protocols": ["udp"]}`, `query field protocols: ["udp"] is not allowed, allowed are http, grpc, tcp`},
		{`{"protocols": ["http", "http"]}`, `query field protocols: ["http", "http"] names one twice`},
		{`{"namespaces": "bookinfo"}`, `query field namespaces: "bookinfo" is not a list of names or globs`},
		{`{"clusters": [""]}`, `query field clusters: [""] holds an empty name`},
		{`{"nodeStats": ["p42"]}`, `query field nodeStats: ["p42"] is not allowed, allowed are requestRate, errorRatio, avg, p50, p95, p99, throughput, messageRate, tcpRate, connectionRate, mtls`},
		{`{"edgeStats": ["p50", "p95", "p99"]}`, `query field edgeStats: ["p50", "p95", "p99"] are too many: the panel shows 2`},
		{`{"limit": 201}`, `query field limit: 201 is out of range, want 1 to 200`},
		{`{"limit": -1}`, `query field limit: -1 is out of range, want 1 to 200`},
		{`{"limit": 1.5}`, `query field limit: 1.5 is not a whole number`},
		{`{"idle": "yes"}`, `query field idle: "yes" is not true or false`},
		{`{"schemaVersion": 2}`, `query field schemaVersion: 2 is not known to this version, which reads 1`},
		{`{"queryType": "graphs"}`, `query field queryType: "graphs" is not allowed, allowed are graph, edges, nodes, health, traffic, changes, values`},
		{`{"namespace": "a"}`, `query field namespace: "a" stands in an unknown field; did you mean namespaces?`},
		{`{"filter": "edge.erorRatio > 0.01"}`, `query field filter: "edge.erorRatio > 0.01" is not a filter: column 6: edge has no field "erorRatio"; did you mean errorRatio?`},
		{`{"highlight": "node.health = 2"}`, `query field highlight: "node.health = 2" is not a filter: column 13: "=" is not an operator; equality is written ==`},
		{`{"filter": 1}`, `query field filter: 1 is not a text`},
		{`{"focus": "reviews"}`, `query field focus: "reviews" is not an object of kind, cluster, namespace, name, version, depth and direction`},
		{`{"focus": {"nam": "reviews"}}`, `query field focus: {"nam": "reviews"} is not an object of kind, cluster, namespace, name, version, depth and direction`},
		{`{"focus": {"kind": "pod", "name": "a"}}`, `query field focus: {"kind": "pod", "name": "a"} has the kind "pod", allowed are workload, app, service, namespace, cluster, unknown`},
		{`{"focus": {"kind": "app"}}`, `query field focus: {"kind": "app"} names nothing: want a name, a namespace or a cluster`},
		{`{"focus": {"name": "a", "depth": 101}}`, `query field focus: {"name": "a", "depth": 101} has the depth 101, want 1 to 100`},
		{`{"focus": {"name": "a", "direction": "up"}}`, `query field focus: {"name": "a", "direction": "up"} has an unknown direction "up", want one of both, in, out`},
		{`{"colorby": "mtls"}`, `query field colorby: "mtls" stands in an unknown field; did you mean colorBy?`},
	} {
		_, err := query.Parse([]byte(c.stored))
		assert.EqualError(t, err, c.want)
	}
}

// TestNotYet has what is documented and served by later versions.
func TestNotYet(t *testing.T) {
	for field, value := range map[string]string{
		"serviceNodes":  `true`,
		"compareOffset": `"1h"`,
		"layout":        `"fixed"`,
		"queryType":     `"health"`,
	} {
		_, err := query.Parse([]byte(`{"` + field + `": ` + value + `}`))
		assert.EqualError(t, err, "query field "+field+": "+value+" is not supported by this version yet")
	}
	for _, typ := range query.Types[1:] {
		_, err := query.Parse([]byte(`{"queryType": "` + string(typ) + `"}`))
		assert.ErrorContains(t, err, "not supported by this version yet")
	}
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
	f.Fuzz(func(t *testing.T, stored string) {
		q, err := query.Parse(json.RawMessage(stored))
		if err != nil {
			return
		}
		if q.Limit < 1 || q.Limit > query.MaxLimit || len(q.Protocols) == 0 || len(q.NodeStats) == 0 || len(q.EdgeStats) == 0 {
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
