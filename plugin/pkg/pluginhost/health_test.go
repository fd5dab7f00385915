package pluginhost_test

import (
	"strings"
	"testing"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/meshscope/meshscope/exporter/series"
	"github.com/meshscope/meshscope/exporter/topology"
	"github.com/meshscope/meshscope/plugin/pkg/derived/derivedtest"
	"github.com/meshscope/meshscope/plugin/pkg/frames/framestest"
	stored "github.com/meshscope/meshscope/plugin/pkg/query"
)

const (
	healthy = "#73BF69"
	muted   = "#86A888" // as an edge that is well
	failing = "#F2495C"
)

// TestHealthOfSeries: what the exporter published is what is shown, whatever
// the calls of the range look like.
func TestHealthOfSeries(t *testing.T) {
	flows := derivedtest.Mesh(10) // the first of its edges has many errors
	store := derivedtest.Open(t)
	store.Settle(flows)
	store.Publish(flows, 8)
	before := store.Now
	first := flows[0].Key
	store.Assess(series.Assessment{
		Nodes: map[topology.Ref]topology.Health{
			first.SourceRef(): topology.HealthHealthy, first.DestinationRef(): topology.HealthHealthy, flows[1].Key.DestinationRef(): topology.HealthFailure,
		},
		Edges: map[topology.EdgeKey]topology.Health{first: topology.HealthHealthy, flows[1].Key: topology.HealthFailure},
	})
	store.Publish(flows, 8)
	i := instanceAt(t, store.URL)

	answer := ask(t, i, store.Now, `{"colorBy": "health"}`)
	require.NoError(t, answer.Error)
	framestest.CheckContract(t, answer.Frames, stored.TypeGraph.DefaultLimit())
	nodes, edges := answer.Frames[0], answer.Frames[1]
	id := func(f int) string { return flows[f].Key.SourceRef().ID() + ":" + flows[f].Key.DestinationRef().ID() }
	assert.Equal(t, healthy, framestest.ColorOf(t, nodes, first.DestinationRef().ID()))
	assert.Equal(t, failing, framestest.ColorOf(t, nodes, flows[1].Key.DestinationRef().ID()))
	assert.Equal(t, true, framestest.Row(t, nodes, flows[1].Key.DestinationRef().ID())["highlighted"])
	assert.Equal(t, muted, framestest.ColorOf(t, edges, id(0)))
	assert.Equal(t, failing, framestest.ColorOf(t, edges, id(1)))
	assert.Empty(t, texts(answer.Frames))

	answer = ask(t, i, store.Now, `{"filter": "edge.health == 3"}`)
	require.NoError(t, answer.Error)
	assert.Equal(t, []string{id(1)}, framestest.IDs(t, answer.Frames[1]))

	answer = ask(t, i, store.Now, `{"filter": "edge.health == 3 && !source.circuitBreaker"}`)
	require.NoError(t, answer.Error)
	assert.Contains(t, texts(answer.Frames), "looks at circuitBreaker, which no series tells of")

	// Before, nobody had judged.
	answer = ask(t, i, before, `{"colorBy": "health", "filter": "edge.health >= 0"}`)
	require.NoError(t, answer.Error)
	assert.Empty(t, framestest.IDs(t, answer.Frames[1]))
	assert.Contains(t, texts(answer.Frames), "colours tell the error ratio instead")
	assert.Contains(t, texts(answer.Frames), "asks of health is not known")
}

// TestHealthOfRaw judges the calls of the range.
func TestHealthOfRaw(t *testing.T) {
	store := derivedtest.Open(t)
	for n := 1.0; n < 20; n++ {
		store.Now = store.Now.Add(derivedtest.Every)
		store.ScrapeRaw(calls(10*n) + strings.ReplaceAll(calls(3*n), `response_code="200"`, `response_code="503"`))
	}
	i := instance(t, backend.DataSourceInstanceSettings{URL: store.URL, JSONData: []byte(`{"seriesSource": "raw"}`)})
	asked := query("A", store.Now, `{"colorBy": "health", "filter": "node.health == 3 && !node.dead"}`)
	asked.TimeRange.From = store.Now.Add(-4 * time.Minute)
	response, err := i.QueryData(t.Context(), &backend.QueryDataRequest{Queries: []backend.DataQuery{asked}})
	require.NoError(t, err)
	answer := response.Responses["A"]
	require.NoError(t, answer.Error)
	framestest.CheckContract(t, answer.Frames, stored.TypeGraph.DefaultLimit())
	api := framestest.Row(t, answer.Frames[0], "workload/east/shop/api")
	require.NotNil(t, api)
	assert.Equal(t, "Failure: 23.1 % 5XX (in http)", api["detail__health"])
	assert.Equal(t, failing, framestest.ColorOf(t, answer.Frames[0], "workload/east/shop/api"))
	assert.Equal(t, failing, framestest.ColorOf(t, answer.Frames[1], "workload/east/shop/web:workload/east/shop/api"))
	said := texts(answer.Frames)
	assert.Contains(t, said, "Health is judged here on the requests of this range")
	assert.Contains(t, said, "looks at dead, which no series tells of")
	assert.NotContains(t, said, "colours tell the error ratio")
}
