package frames_test

import (
	"encoding/json"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/grafana/grafana-plugin-sdk-go/data"
	"github.com/grafana/grafana-plugin-sdk-go/experimental"
	"github.com/prometheus/prometheus/promql/parser"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/meshscope/meshscope/exporter/topology"
	"github.com/meshscope/meshscope/plugin/pkg/frames"
	"github.com/meshscope/meshscope/plugin/pkg/frames/framestest"
	"github.com/meshscope/meshscope/plugin/pkg/link"
	"github.com/meshscope/meshscope/plugin/pkg/query"
)

// someLinks are to a page, a dashboard, traces and logs.
func someLinks(t testing.TB) []link.Template {
	t.Helper()
	all, err := link.Parse([]byte(`[
		{"title": "Kiali/Workload", "on": "node", "kinds": ["workload"], "url": "https://kiali/console/namespaces/${namespace}/workloads/${workload}?duration=${__range_s}"},
		{"title": "Dashboards/Workload", "on": "node", "url": "/d/meshscope-workload?var-namespace=${namespace}&var-workload=${workload}&${__url_time_range}"},
		{"title": "Logs", "on": "node", "internal": {"datasourceUid": "loki", "query": {"expr": "{namespace=\"${namespace}\", pod=~\"${workload:regex}-.*\"}"}}},
		{"title": "Traces", "on": "node", "internal": {"datasourceUid": "jaeger", "query": {"queryType": "search", "service": "${app}.${namespace}"}}},
		{"title": "Dashboards/Edge", "on": "edge", "url": "/d/meshscope-edge?var-source=${source.name}&var-target=${target.name}&${__url_time_range}"}
	]`))
	require.NoError(t, err)
	return all
}

func drawLinked(t framestest.TB, flows []topology.Flow, q query.Query, links frames.Links) data.Frames {
	t.Helper()
	whole := topology.Build(minute, flows, topology.BuildOptions{Level: q.Level, Idle: q.Idle, ServiceNodes: q.ServiceNodes})
	made := frames.Graph(whole, frames.View{Query: q, Links: links})
	framestest.CheckContract(t, made, q.Limit)
	return made
}

// followed is where the links of a row lead, as Grafana makes it of them: URLs,
// or queries as JSON; by title. Links whose value refers to itself are left out.
func followed(t framestest.TB, f *data.Frame, id string) map[string]string {
	t.Helper()
	row, all := framestest.Row(t, f, id), map[string]string{}
	for _, field := range f.Fields {
		if field.Config == nil || len(field.Config.Links) == 0 {
			continue
		}
		to := field.Config.Links[0]
		switch value := row[field.Name].(type) {
		case string:
			if value != to.URL {
				all[to.Title] = value
			}
		case json.RawMessage:
			var texts map[string]string
			if err := json.Unmarshal(value, &texts); err != nil {
				t.Fatalf("%s: %v", to.Title, err)
			}
			made, err := json.Marshal(to.Internal.Query)
			if err != nil {
				t.Fatalf("%s: %v", to.Title, err)
			}
			left := false
			made = regexp.MustCompile(`\$\{__value\.raw\.(t[0-9]+):raw\}`).ReplaceAllFunc(made, func(match []byte) []byte {
				text := texts[strings.TrimSuffix(strings.TrimPrefix(string(match), "${__value.raw."), ":raw}")]
				left = left || text == string(match)
				quoted, err := json.Marshal(text)
				if err != nil {
					t.Fatalf("%v", err)
				}
				return quoted[1 : len(quoted)-1]
			})
			if !left {
				all[to.Title] = string(made)
			}
		default:
			t.Fatalf("%s: %T is no link", to.Title, value)
		}
	}
	return all
}

// TestGoldenLinks has all links of nodes and edges.
//
//	go test ./plugin/pkg/frames -run TestGoldenLinks -update
func TestGoldenLinks(t *testing.T) {
	links := frames.Links{Templates: someLinks(t), Self: "mesh", Prometheus: "prom"}
	raw := links
	raw.Raw = true
	for name, c := range map[string]struct {
		query string
		links frames.Links
	}{
		"linked":            {`{}`, links},
		"linked_raw":        {`{"protocols": ["http", "grpc"], "idle": true}`, raw},
		"linked_namespaces": {`{"level": "namespace", "colorBy": "health"}`, links},
		"linked_apps":       {`{"level": "app", "compareOffset": "1h"}`, frames.Links{Self: "mesh"}},
	} {
		t.Run(name, func(t *testing.T) {
			made := drawLinked(t, bookinfo(), ask(t, c.query), c.links)
			experimental.CheckGoldenJSONResponse(t, "testdata", name, &backend.DataResponse{Frames: made}, *update)
		})
	}
}

func TestLinks(t *testing.T) {
	links := frames.Links{Templates: someLinks(t), Self: "mesh", Prometheus: "prom"}
	made := drawLinked(t, bookinfo(), ask(t, `{}`), links)
	of := followed(t, made[0], reviews)
	assert.Equal(t, "https://kiali/console/namespaces/bookinfo/workloads/reviews-v2?duration=60", of["Kiali/Workload"])
	assert.Equal(t, "/d/meshscope-workload?var-namespace=bookinfo&var-workload=reviews-v2&from=1699999940000&to=1700000000000", of["Dashboards/Workload"])
	assert.JSONEq(t, `{"expr": "{namespace=\"bookinfo\", pod=~\"reviews-v2-.*\"}"}`, of["Logs"])
	assert.JSONEq(t, `{"queryType": "search", "service": "reviews.bookinfo"}`, of["Traces"])
	assert.JSONEq(t, `{"refId": "A", "range": true, "editorMode": "code", "expr": "sum by (response_code) (rate(meshscope_edge_requests_total`+
		`{destination_cluster=\"east\", destination_workload_namespace=\"bookinfo\", destination_workload=\"reviews-v2\"}[$__rate_interval]))"}`, of["PromQL: requests"])
	assert.NotContains(t, of, "PromQL: TCP bytes to the server", "it has none")
	assert.Contains(t, followed(t, made[0], mongodb), "PromQL: TCP bytes to the server")

	// Who is not known is linked to nothing, and what is no workload not as one.
	assert.Empty(t, followed(t, made[0], "unknown/east/~/~"))
	external := followed(t, made[0], "service/east/~/api.example.com")
	assert.NotContains(t, external, "Kiali/Workload")
	assert.NotContains(t, external, "Logs")
	assert.Contains(t, external["PromQL: requests"], `destination_service_name=\"api.example.com\"`)

	edge := followed(t, made[1], page+":"+reviews)
	assert.Equal(t, "/d/meshscope-edge?var-source=productpage-v1&var-target=reviews-v2&from=1699999940000&to=1700000000000", edge["Dashboards/Edge"])
	assert.Contains(t, edge["PromQL: requests"], `source_workload=\"productpage-v1\", destination_cluster=\"east\", destination_workload_namespace=\"bookinfo\", destination_workload=\"reviews-v2\"`)
	assert.NotContains(t, edge, "Kiali/Workload")
}

// TestWayDown follows the links of a data source to itself: each is a query that
// shows what its title says.
func TestWayDown(t *testing.T) {
	flows := bookinfo()
	follow := func(stored, id, title string) (query.Query, data.Frames) {
		t.Helper()
		to := followed(t, drawLinked(t, flows, ask(t, stored), frames.Links{Self: "mesh"})[0], id)
		require.Contains(t, to, title)
		q := ask(t, to[title])
		assert.Empty(t, q.Remarks)
		return q, drawLinked(t, flows, q, frames.Links{})
	}
	_, made := follow(`{"level": "namespace"}`, "namespace/east/~/data", "Show/Its workloads")
	assert.Equal(t, []string{ratings, mongodb}, framestest.IDs(t, made[0]), "and who calls them")
	_, made = follow(`{"level": "namespace"}`, "namespace/east/~/data", "Show/Its services")
	assert.Contains(t, framestest.IDs(t, made[0]), "service/east/data/mongodb")
	_, made = follow(`{"level": "cluster"}`, "cluster/~/~/east", "Show/Its namespaces")
	assert.Contains(t, framestest.IDs(t, made[0]), "namespace/east/~/data")
	_, made = follow(`{"level": "app"}`, "app/east/bookinfo/reviews", "Show/Its workloads")
	assert.Contains(t, framestest.IDs(t, made[0]), reviews)

	q, made := follow(`{"serviceNodes": false, "protocols": ["http", "grpc"], "nodeStats": ["p95"], "idle": true, "colorBy": "mtls"}`, reviews, "Show/Focus here")
	assert.Equal(t, []topology.Protocol{topology.HTTP, topology.GRPC}, q.Protocols)
	assert.True(t, q.Idle)
	assert.Equal(t, query.ByMTLS, q.ColorBy)
	assert.Equal(t, []string{page + ":" + reviews, reviews + ":service/east/~/api.example.com", reviews + ":" + ratings}, framestest.IDs(t, made[1]))
	_, made = follow(`{}`, ratings, "Show/Upstream: all that lead here")
	assert.Len(t, framestest.IDs(t, made[1]), 4)
	_, made = follow(`{}`, page, "Show/Downstream: all that it leads to")
	assert.Contains(t, framestest.IDs(t, made[1]), ratings+":"+mongodb)
	q, _ = follow(`{"level": "service", "compareOffset": "36h"}`, "service/east/bookinfo/reviews", "Show/Focus here")
	assert.Equal(t, "36h0m0s", q.CompareOffset.String())
	q, made = follow(`{"level": "namespace"}`, "namespace/east/~/data", "Show/Focus here")
	assert.Equal(t, topology.KindNamespace, q.Focus.Kind)
	assert.Contains(t, framestest.IDs(t, made[0]), "namespace/east/~/data")
	q, made = follow(`{"level": "versionedApp"}`, "app/east/bookinfo/reviews/reviews-v2", "Show/Focus here")
	assert.Contains(t, framestest.IDs(t, made[0]), "app/east/bookinfo/reviews/reviews-v2", "%+v", q.Focus)
}

// TestLinksOfAnything, on random meshes with odd names: each link is a URL with
// the parts of its template, or a query that can be read, and none has a variable.
func TestLinksOfAnything(t *testing.T) {
	links := frames.Links{Templates: someLinks(t), Self: "mesh", Prometheus: "prom"}
	read := parser.NewParser(parser.Options{})
	odd := rapid.OneOf(anyName, rapid.SampledFrom([]string{`"} or vector(1) #`, "${__org}", "$x", "a*", "..", "\n", "[[x]]"}))
	rapid.Check(t, func(t *rapid.T) {
		flows := rapid.SliceOfN(rapid.Custom(anyFlow), 1, 10).Draw(t, "flows")
		for i := range flows {
			flows[i].Key.Destination.Workload = odd.Draw(t, "workload")
			flows[i].Key.Destination.Namespace = odd.Draw(t, "namespace")
		}
		q := rapid.Custom(anyQuery).Draw(t, "query")
		links.Raw = rapid.Bool().Draw(t, "raw")
		whole := topology.Build(minute, flows, topology.BuildOptions{Level: q.Level, Idle: true})
		for _, f := range drawLinked(t, flows, q, links) {
			for _, id := range framestest.IDs(t, f) {
				for title, to := range followed(t, f, id) {
					var asked struct{ Expr string }
					switch {
					case strings.HasPrefix(title, "PromQL"):
						if err := json.Unmarshal([]byte(to), &asked); err != nil {
							t.Fatalf("%s: %s: %v", title, to, err)
						}
						text := strings.ReplaceAll(asked.Expr, "$__rate_interval", "5m")
						if _, err := read.ParseExpr(text); err != nil || strings.Contains(text, "$") {
							t.Errorf("%s: %s: %v", title, text, err)
						}
					case strings.HasPrefix(title, "Show"):
						q, err := query.Parse([]byte(to))
						if err != nil || strings.Contains(to, "$") || q.Filter == nil && strings.Contains(to, "*") {
							t.Fatalf("%s: %s: %v", title, to, err)
						}
						if f.Name == "nodes" && q.Filter != nil {
							checkNames(t, whole, q, id)
						}
					case strings.HasPrefix(title, "Dashboards"), strings.HasPrefix(title, "Kiali"):
						u, err := url.Parse(to)
						if err != nil || strings.Contains(u.Path, "..") || u.Fragment != "" || strings.Contains(to, "$") {
							t.Errorf("%s: %s: %v", title, to, err)
						}
					}
				}
			}
		}
	})
}

// checkNames checks that the filter of a link names the node that the link is
// on, and no node of another name.
func checkNames(t *rapid.T, whole *topology.Graph, q query.Query, id string) {
	judge := q.Filter.Over(whole, topology.Selection{})
	var on *topology.Node
	for _, n := range whole.Nodes {
		if n.ID() == id {
			on = n
		}
	}
	for _, n := range whole.Nodes {
		if n.ID() == id && !judge.MatchNode(n) {
			t.Errorf("%s does not let %s through", q.Filter, id)
		}
		// No name is "unknown", which filters call what has none.
		if judge.MatchNode(n) && on.Name != topology.Unknown && (n.Name != on.Name || n.Kind != on.Kind) {
			t.Errorf("%s lets %s through", q.Filter, n.ID())
		}
	}
}
