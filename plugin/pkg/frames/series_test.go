package frames_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/grafana/grafana-plugin-sdk-go/data"
	"github.com/grafana/grafana-plugin-sdk-go/experimental"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/meshscope/meshscope/exporter/promql"
	"github.com/meshscope/meshscope/exporter/topology"
	"github.com/meshscope/meshscope/plugin/pkg/frames"
	"github.com/meshscope/meshscope/plugin/pkg/frames/framestest"
	"github.com/meshscope/meshscope/plugin/pkg/query"
	"github.com/meshscope/meshscope/plugin/pkg/source"
)

// course tells the same flows at each instant of a minute but one.
func course(flows []topology.Flow, q query.Query) data.Frames {
	whole := topology.Build(minute, flows, topology.BuildOptions{Level: q.Level, ServiceNodes: q.ServiceNodes})
	lines := frames.LinesOf(whole, frames.View{Query: q, Executed: "# over the range"})
	span := source.Span{Range: promql.Range{Start: minute.End.Add(-time.Minute), End: minute.End, Step: 15 * time.Second}, Window: time.Minute}
	lines.Over(span)
	for _, w := range lines.Wanted(whole, flows) {
		told := map[int]map[topology.Protocol]*topology.Traffic{}
		for _, f := range flows {
			for _, entity := range w.Of[source.Part{Key: f.Key, Protocol: f.Protocol}].Entities {
				if told[entity] == nil {
					told[entity] = map[topology.Protocol]*topology.Traffic{}
				}
				if told[entity][f.Protocol] == nil {
					told[entity][f.Protocol] = new(topology.Traffic)
				}
				told[entity][f.Protocol].Merge(f.Traffic)
			}
		}
		for entity, by := range told {
			for at := range span.Len() {
				if at != 2 {
					lines.Take(entity, at, by)
				}
			}
		}
	}
	return lines.Traffic("# instant by instant", nil)
}

// TestGoldenTraffic compares whole answers; see TestGolden.
func TestGoldenTraffic(t *testing.T) {
	for _, c := range []struct {
		name, query string
		flows       []topology.Flow
	}{
		{"empty", `}`, nil},
		{"edges", `}`, bookinfo()},
		{"nodes", `, "entity": "node", "stats": ["requestRate", "errorRatio"]}`, bookinfo()},
		{"latency", `, "stats": ["avg", "p50", "p95", "p99"]}`, bookinfo()},
		{"connections", `, "stats": ["tcpRate", "connectionRate"]}`, bookinfo()},
		{"grpc", `, "stats": ["messageRate", "throughput", "mtls"], "protocols": ["grpc"]}`, bookinfo()},
		{"apps", `, "level": "app"}`, bookinfo()},
		{"versions", `, "level": "versionedApp", "entity": "node"}`, bookinfo()},
		{"services", `, "level": "service", "stats": ["mtls"]}`, bookinfo()},
		{"service_nodes", `, "serviceNodes": true}`, bookinfo()},
		{"namespaces", `, "level": "namespace", "entity": "node"}`, bookinfo()},
		{"clusters", `, "level": "cluster"}`, bookinfo()},
		{"filtered", `, "filter": "edge.errorRatio > 0"}`, bookinfo()},
		{"focus", `, "focus": {"name": "ratings-v1"}}`, bookinfo()},
		{"cut", `, "limit": 2}`, bookinfo()},
		{"nothing_of_it", `, "namespaces": ["shop"]}`, bookinfo()},
	} {
		t.Run(c.name, func(t *testing.T) {
			q := ask(t, `{"schemaVersion": 1, "queryType": "traffic"`+c.query)
			made := course(c.flows, q)
			framestest.CheckTimeSeries(t, made, q.Limit)
			experimental.CheckGoldenJSONResponse(t, "testdata", "traffic_"+c.name, &backend.DataResponse{Frames: made}, *update)
		})
	}
}

func TestTrafficNumbers(t *testing.T) {
	made := course(bookinfo(), ask(t, `{"queryType": "traffic", "entity": "node", "stats": ["requestRate", "errorRatio"], "namespaces": ["bookinfo"]}`))
	of := map[string]float64{}
	for _, f := range made {
		require.Equal(t, 4, f.Rows(), "an instant of which nothing is known is not told")
		of[f.Fields[1].Labels["name"]+" "+f.Fields[1].Labels["stat"]] = f.Fields[1].At(3).(float64)
	}
	assert.Equal(t, 10.0, of["reviews-v2 requestRate"], "600 requests in a minute")
	assert.InDelta(t, 0.2, of["reviews-v2 errorRatio"], 1e-9, "120 of them failed")
	assert.NotContains(t, of, "mongodb-v1 requestRate", "it is of another namespace")
}

// TestTrafficContract checks the contract on random meshes and queries.
func TestTrafficContract(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		flows := rapid.SliceOfNDistinct(rapid.Custom(anyFlow).Filter(func(f topology.Flow) bool {
			for _, name := range f.Key.Fields() {
				if *name == topology.Unknown {
					return false // it is read as an absent one
				}
			}
			return true
		}), 0, 30, func(f topology.Flow) string { return fmt.Sprint(f.Key, f.Protocol) }).Draw(t, "flows")
		q := query.DefaultOf(query.TypeTraffic)
		q.Level = rapid.SampledFrom(topology.Levels).Draw(t, "level")
		q.Entity = rapid.SampledFrom(query.Entities).Draw(t, "entity")
		q.Stats = rapid.SliceOfNDistinct(rapid.SampledFrom(query.Stats), 1, 4, rapid.ID).Draw(t, "stats")
		q.Limit = rapid.IntRange(4, 40).Draw(t, "limit")
		framestest.CheckTimeSeries(t, course(flows, q), q.Limit)
	})
}

// livesOfMesh are those of Bookinfo's edges: some are there all the time, one
// came, one went, and one did so when an exporter began.
func livesOfMesh() source.Lives {
	lives := source.Lives{IsWaypoint: func(p topology.Peer) bool { return p.Workload == "waypoint" }, Step: 15 * time.Second}
	begin := minute.End.Add(-minute.Length)
	for i, f := range bookinfo() {
		life := source.Life{Key: f.Key, From: begin.Add(-time.Hour), Came: true}
		switch i {
		case 1:
			life.From = begin.Add(20 * time.Second)
		case 2:
			life.Until, life.Went = begin.Add(45*time.Second), true
		case 3:
			life.Until = begin.Add(30 * time.Second)
		}
		lives.All = append(lives.All, life)
	}
	return lives
}

func TestGoldenChanges(t *testing.T) {
	for name, stored := range map[string]string{
		"workloads": `{"queryType": "changes"}`, "apps": `{"queryType": "changes", "level": "app"}`,
		"namespaces": `{"queryType": "changes", "level": "namespace"}`, "cut": `{"queryType": "changes", "limit": 1}`,
		"nothing_of_it": `{"queryType": "changes", "namespaces": ["shop"]}`,
	} {
		t.Run(name, func(t *testing.T) {
			q := ask(t, stored)
			made := frames.Changes(frames.Known(minute, livesOfMesh(), q), livesOfMesh(), frames.View{Query: q})
			framestest.CheckAnnotations(t, made, q.Limit)
			experimental.CheckGoldenJSONResponse(t, "testdata", "changes_"+name, &backend.DataResponse{Frames: made}, *update)
		})
	}
}

// TestChangesOfSums: what is the sum of several edges comes with the first of
// them and goes with the last.
func TestChangesOfSums(t *testing.T) {
	begin := minute.End.Add(-minute.Length)
	at := func(seconds int) time.Time { return begin.Add(time.Duration(seconds) * time.Second) }
	life := func(from, to string, since, until int, went bool) source.Life {
		l := source.Life{
			Key:  topology.EdgeKey{Source: peer("shop", from), Destination: peer("shop", to), Service: service("shop", app(to))},
			From: at(since), Came: true, Went: went,
		}
		if until != 0 {
			l.Until = at(until)
		}
		return l
	}
	for _, c := range []struct {
		name, level string
		lives       []source.Life
		want        []string
	}{
		{"a second version of an app", "app", []source.Life{life("web", "cart-v1", -100, 0, false), life("web", "cart-v2", 10, 0, false)}, nil},
		{"that of workloads", "workload", []source.Life{life("web", "cart-v1", -100, 0, false), life("web", "cart-v2", 10, 0, false)}, []string{
			"10 Edge added: web → cart-v2", "10 Node added: cart-v2",
		}},
		{"a change of versions", "app", []source.Life{life("web", "cart-v1", -100, 30, true), life("web", "cart-v2", 10, 0, false)}, nil},
		{"of which the first went sooner", "app", []source.Life{life("web", "cart-v1", -100, 10, true), life("web", "cart-v2", 30, 0, false)}, []string{
			"10 Edge removed: web → cart", "10 Node removed: cart", "10 Node removed: web", "30 Edge added: web → cart", "30 Node added: cart", "30 Node added: web",
		}},
		{"one that ended with its exporter", "workload", []source.Life{life("web", "cart-v1", -100, 10, false), life("web", "stock-v1", -100, 0, false)}, nil},
		{"and was called again by another", "workload", []source.Life{life("web", "cart-v1", -100, 10, false), life("job", "cart-v1", 30, 0, false)}, []string{
			"30 Edge added: job → cart-v1", "30 Node added: job",
		}},
		{"before the range and after it", "workload", []source.Life{life("web", "cart-v1", -100, -50, true), life("web", "cart-v2", 61, 0, false)}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			q := ask(t, fmt.Sprintf(`{"queryType": "changes", "level": %q}`, c.level))
			lives := source.Lives{All: c.lives, IsWaypoint: func(topology.Peer) bool { return false }}
			made := frames.Changes(frames.Known(minute, lives, q), lives, frames.View{Query: q})
			framestest.CheckAnnotations(t, made, q.Limit)
			var got []string
			for i := range made[0].Rows() {
				title, _ := made[0].FieldByName("title")
				when, _ := made[0].FieldByName("time")
				got = append(got, fmt.Sprintf("%.0f %s", when.At(i).(time.Time).Sub(begin).Seconds(), title.At(i)))
			}
			assert.ElementsMatch(t, c.want, got)
		})
	}
}

func TestGoldenValues(t *testing.T) {
	odd := []topology.Ref{{Name: "b"}, {Name: `a"b`}, {Name: "a,b"}, {Name: "ü{}|$"}, {Name: "b"}, {Name: "line\nbreak"}}
	for name, c := range map[string]struct {
		refs  []topology.Ref
		query string
	}{
		"empty": {nil, `{"queryType": "values"}`}, "odd": {odd, `{"queryType": "values"}`}, "cut": {odd, `{"queryType": "values", "limit": 2}`},
	} {
		t.Run(name, func(t *testing.T) {
			q := ask(t, c.query)
			made := frames.Values(c.refs, frames.View{Query: q})
			framestest.CheckValues(t, made, q.Limit)
			experimental.CheckGoldenJSONResponse(t, "testdata", "values_"+name, &backend.DataResponse{Frames: made}, *update)
		})
	}
}

// TestValuesOf are the names of what a filter chooses.
func TestValuesOf(t *testing.T) {
	for _, c := range []struct {
		query string
		want  []string
	}{
		{`{"queryType": "values", "of": "workloads", "filter": "node.errorRatioIn > 0.1"}`, []string{"reviews-v2"}},
		{`{"queryType": "values", "of": "apps", "filter": "node.errorRatioIn > 0.1"}`, []string{"reviews"}},
		{`{"queryType": "values", "of": "services", "filter": "node.errorRatioIn > 0.1"}`, []string{"api.example.com", "reviews"}},
		{`{"queryType": "values", "of": "namespaces", "filter": "node.errorRatioIn > 0.1"}`, []string{"bookinfo"}},
		{`{"queryType": "values", "of": "clusters", "filter": "node.errorRatioIn > 0.1"}`, []string{"east"}},
		{`{"queryType": "values", "of": "workloads", "focus": {"name": "ratings-v1", "direction": "out"}}`, []string{"mongodb-v1", "ratings-v1"}},
		{`{"queryType": "values", "of": "workloads", "namespaces": ["d?ta"], "focus": {"name": "ratings-v1", "direction": "out"}}`, []string{"mongodb-v1"}},
	} {
		q := ask(t, c.query)
		whole := topology.Build(minute, bookinfo(), topology.BuildOptions{Level: frames.LevelOf(q)})
		made := frames.ValuesOf(whole, frames.View{Query: q})
		framestest.CheckValues(t, made, q.Limit)
		assert.Equal(t, c.want, framestest.Values(t, made[0]), c.query)
	}
}
