package pluginhost_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/prometheus/prometheus/promql/parser"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/meshscope/meshscope/exporter/topology"
	"github.com/meshscope/meshscope/plugin/pkg/derived/derivedtest"
	"github.com/meshscope/meshscope/plugin/pkg/frames/framestest"
	"github.com/meshscope/meshscope/plugin/pkg/pluginhost"
	fields "github.com/meshscope/meshscope/plugin/pkg/query"
)

func askOver(t *testing.T, i *pluginhost.Instance, to time.Time, length time.Duration, stored string) backend.DataResponse {
	t.Helper()
	response, err := i.QueryData(t.Context(), &backend.QueryDataRequest{Queries: []backend.DataQuery{{
		RefID: "A", JSON: []byte(stored), TimeRange: backend.TimeRange{From: to.Add(-length), To: to}, Interval: 30 * time.Second, MaxDataPoints: 500,
	}}})
	require.NoError(t, err)
	return response.Responses["A"]
}

// oddNames are what labels may hold, and PromQL must not.
var oddNames = []string{`a"b`, `a\b`, "a\nb", "a{b}", "a|b", "a.*", "a) or vector(1", "ü", "$x", "a,b", "#", "${ns}", `"} or up{a="`}

// oddMesh is a mesh whose namespaces have such names.
func oddMesh() []topology.Flow {
	var flows []topology.Flow
	for i, name := range oddNames {
		f := topology.Flow{
			Key: topology.EdgeKey{
				Source:      topology.Peer{Cluster: "c", Namespace: name, Workload: fmt.Sprintf("w%d", i), CanonicalService: "app of " + name},
				Destination: topology.Peer{Cluster: "c", Namespace: "shop", Workload: "to " + name},
				Service:     topology.Service{Host: name + ".svc", Name: name, Namespace: "shop"},
			},
			Protocol: topology.HTTP, Traffic: new(topology.Traffic),
		}
		f.Traffic.AddRequests(topology.Response{Code: "200"}, 30)
		flows = append(flows, f)
	}
	return flows
}

// TestOddNames: names come through as they are, choose what they are the names
// of, and change no query.
func TestOddNames(t *testing.T) {
	store := derivedtest.Open(t)
	store.Settle(oddMesh())
	store.Publish(oddMesh(), 20)
	i := instanceAt(t, store.URL)
	ask := func(t *testing.T, stored string) backend.DataResponse {
		response := askOver(t, i, store.Now, 4*time.Minute, stored)
		require.NoError(t, response.Error)
		for line := range strings.Lines(response.Frames[0].Meta.ExecutedQueryString) {
			if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
				parsed, err := parser.NewParser(parser.Options{}).ParseExpr(line)
				require.NoError(t, err, line)
				parser.Inspect(parsed, func(n parser.Node, _ []parser.Node) error {
					if selector, ok := n.(*parser.VectorSelector); ok {
						assert.NotEqual(t, "up", selector.Name)
					}
					call, ok := n.(*parser.Call)
					assert.False(t, ok && call.Func.Name == "vector", line)
					return nil
				})
			}
		}
		return response
	}
	values := func(t *testing.T, stored string) []string {
		made := ask(t, stored)
		framestest.CheckValues(t, made.Frames, 10_000)
		return framestest.Values(t, made.Frames[0])
	}
	assert.ElementsMatch(t, append([]string{"shop"}, oddNames...), values(t, `{"queryType": "values"}`))
	assert.ElementsMatch(t, oddNames, values(t, `{"queryType": "values", "of": "services"}`))
	assert.Equal(t, []string{"c"}, values(t, `{"queryType": "values", "of": "clusters"}`))
	for n, name := range oddNames {
		t.Run(name, func(t *testing.T) {
			quoted := fmt.Sprintf("%q", name)
			if strings.Contains(name, "*") {
				quoted = `"a.?"` // an asterisk is one of a glob
			}
			assert.Equal(t, []string{fmt.Sprintf("w%d", n)}, values(t, `{"queryType": "values", "of": "workloads", "namespaces": [`+quoted+`]}`))
			assert.Equal(t, []string{"app of " + name}, values(t, `{"queryType": "values", "of": "apps", "namespaces": [`+quoted+`]}`))
			made := ask(t, `{"queryType": "traffic", "namespaces": [`+quoted+`]}`)
			framestest.CheckTimeSeries(t, made.Frames, 50)
			require.Len(t, made.Frames, 1)
			field := made.Frames[0].Fields[1]
			assert.Equal(t, name, field.Labels["source_namespace"])
			for at := 1; at < field.Len(); at++ {
				assert.InEpsilon(t, 2, field.At(at), 1e-6, "30 calls every 15 s")
			}
			made = ask(t, `{"queryType": "changes", "namespaces": [`+quoted+`]}`)
			framestest.CheckAnnotations(t, made.Frames, 200)
		})
	}
}

// TestValuesOfBothSeries: a variable lists the same from either series.
func TestValuesOfBothSeries(t *testing.T) {
	store := derivedtest.Open(t)
	mesh := derivedtest.Mesh(30)
	store.Settle(mesh)
	for i := range 20 {
		store.Publish(mesh, 1)
		var text strings.Builder
		text.WriteString("# TYPE istio_requests_total counter\n# TYPE istio_tcp_connections_opened_total counter\n")
		for _, f := range mesh {
			name, protocol := "istio_requests_total", string(f.Protocol)
			if f.Protocol == topology.TCP {
				name = "istio_tcp_connections_opened_total"
			}
			fmt.Fprintf(&text, `%s{reporter="source",request_protocol=%q`, name, protocol)
			for l, value := range f.Key.Fields() {
				fmt.Fprintf(&text, ",%s=%q", topology.EdgeLabels[l], *value)
			}
			fmt.Fprintf(&text, "} %d\n", 100*i)
		}
		store.ScrapeRaw(text.String())
	}
	for _, of := range fields.Ofs {
		for _, more := range []string{"", `, "namespaces": ["namespace-0*"]`, `, "protocols": ["tcp"]`, `, "clusters": ["other"]`, `, "waypoints": true`} {
			stored := fmt.Sprintf(`{"queryType": "values", "of": %q%s}`, of, more)
			listed := map[string][]string{}
			for _, series := range []string{"derived", "raw"} {
				i := instance(t, backend.DataSourceInstanceSettings{URL: store.URL, JSONData: []byte(`{"seriesSource": "` + series + `"}`)})
				made := askOver(t, i, store.Now, 4*time.Minute, stored)
				require.NoError(t, made.Error)
				framestest.CheckValues(t, made.Frames, 10_000)
				listed[series] = framestest.Values(t, made.Frames[0])
			}
			assert.Equal(t, listed["derived"], listed["raw"], stored)
			assert.Equal(t, strings.Contains(more, "other"), len(listed["raw"]) == 0, stored)
		}
	}
}

// TestSeriesOfNothing: what is empty says why.
func TestSeriesOfNothing(t *testing.T) {
	i := instanceAt(t, derivedtest.Open(t).URL)
	for _, typ := range []string{"traffic", "changes", "values"} {
		made := askOver(t, i, derivedtest.Start, time.Hour, `{"queryType": "`+typ+`"}`)
		require.NoError(t, made.Error)
		require.Len(t, made.Frames, 1)
		require.NotEmpty(t, made.Frames[0].Meta.Notices, typ)
		assert.Contains(t, made.Frames[0].Meta.Notices[0].Text, "neither meshscope_* nor istio_* series", typ)
		assert.NotEmpty(t, made.Frames[0].Meta.ExecutedQueryString, typ)
	}
}

// TestRawTrafficHasFewerPoints, for each of them is derived by itself.
func TestRawTrafficHasFewerPoints(t *testing.T) {
	store := derivedtest.Open(t)
	for i := range 60 {
		store.Now = store.Now.Add(15 * time.Second)
		store.ScrapeRaw(fmt.Sprintf(`istio_requests_total{reporter="source",request_protocol="http",source_workload="a",destination_workload="b",destination_service_name="b"} %d`+"\n", 150*i))
	}
	i := instance(t, backend.DataSourceInstanceSettings{URL: store.URL, JSONData: []byte(`{"seriesSource": "raw", "timeInterval": "1s"}`)})
	response, err := i.QueryData(t.Context(), &backend.QueryDataRequest{Queries: []backend.DataQuery{{
		RefID: "A", JSON: []byte(`{"queryType": "traffic"}`), TimeRange: backend.TimeRange{From: store.Now.Add(-10 * time.Minute), To: store.Now},
		Interval: time.Second, MaxDataPoints: 600,
	}}})
	require.NoError(t, err)
	made := response.Responses["A"]
	require.NoError(t, made.Error)
	framestest.CheckTimeSeries(t, made.Frames, 50)
	assert.Less(t, made.Frames[0].Rows(), 251)
	assert.Contains(t, fmt.Sprint(made.Frames[0].Meta.Notices), "Points are 3s apart")
}
