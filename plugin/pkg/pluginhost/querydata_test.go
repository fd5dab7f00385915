package pluginhost_test

import (
	"context"
	"testing"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/meshscope/meshscope/exporter/topology"
	"github.com/meshscope/meshscope/plugin/pkg/derived/derivedtest"
	"github.com/meshscope/meshscope/plugin/pkg/frames/framestest"
	stored "github.com/meshscope/meshscope/plugin/pkg/query"
)

// TestGraph compares the frames of a real store with the graph of the flows
// that it was filled with.
func TestGraph(t *testing.T) {
	flows := derivedtest.Mesh(100)
	store := derivedtest.Open(t)
	store.Settle(flows)
	store.Publish(flows, 20)
	end := store.Now
	store.Publish(flows, 8)
	data := instanceAt(t, store.URL)

	for _, level := range topology.Levels {
		t.Run(string(level), func(t *testing.T) {
			response := ask(t, data, end, `{"level": "`+string(level)+`"}`)
			require.NoError(t, response.Error)
			framestest.CheckContract(t, response.Frames, stored.TypeGraph.DefaultLimit())

			one := topology.Build(topology.Interval{End: end, Length: derivedtest.Every}, flows, topology.BuildOptions{Level: level})
			ids := make([]string, 0, len(one.Nodes))
			for _, n := range one.Nodes {
				ids = append(ids, n.ID())
			}
			assert.ElementsMatch(t, ids, framestest.IDs(t, response.Frames[0]))
			for _, e := range one.Edges {
				if e.Source == e.Target || e.Protocol == topology.TCP {
					continue
				}
				row := framestest.Row(t, response.Frames[1], e.Source.ID()+":"+e.Target.ID())
				require.NotNil(t, row, "%s to %s", e.Source.ID(), e.Target.ID())
				assert.InEpsilon(t, requestsBetween(one, e)/derivedtest.Every.Seconds(), row["mainstat"], 1e-9)
			}
			assert.Contains(t, response.Frames[0].Meta.ExecutedQueryString, "increase(meshscope_edge_requests_total[5m])")
			assert.Contains(t, response.Frames[0].Meta.ExecutedQueryString, "# at 2026-03-01T12:06:00Z")
		})
	}
}

// requestsBetween is what all protocols of an edge's pair sum up to.
func requestsBetween(g *topology.Graph, pair *topology.Edge) (n float64) {
	for _, e := range g.Edges {
		if e.Source == pair.Source && e.Target == pair.Target {
			n += e.Traffic.Total()
		}
	}
	return n
}

func TestQueriesAnswerByThemselves(t *testing.T) {
	store := derivedtest.Open(t)
	store.Publish(derivedtest.Mesh(20), 10)
	response, err := instanceAt(t, store.URL).QueryData(context.Background(), &backend.QueryDataRequest{Queries: []backend.DataQuery{
		query("A", store.Now, `{}`),
		query("B", store.Now, `{"level": "pod"}`),
		query("C", store.Now, `{"queryType": "health", "level": "cluster"}`),
		{RefID: "D", JSON: []byte(`{}`)},
	}})
	require.NoError(t, err)
	require.Len(t, response.Responses, 4)
	assert.NoError(t, response.Responses["A"].Error)
	assert.Len(t, response.Responses["A"].Frames, 2)
	assert.ErrorContains(t, response.Responses["B"].Error, `query field level: "pod" is not allowed`)
	assert.ErrorContains(t, response.Responses["C"].Error, `query field level: "cluster" has no verdicts of its own`)
	assert.ErrorContains(t, response.Responses["D"].Error, `the time range is empty`)
	for _, refID := range []string{"B", "C", "D"} {
		assert.Equal(t, backend.StatusBadRequest, response.Responses[refID].Status)
		assert.Equal(t, backend.ErrorSourceDownstream, response.Responses[refID].ErrorSource)
		assert.Empty(t, response.Responses[refID].Frames)
	}
}

// TestEmpty says why there is nothing to see, and still has both frames.
func TestEmpty(t *testing.T) {
	store := derivedtest.Open(t)
	// Of derived series alone: how auto chooses is TestChoice's.
	data := instance(t, backend.DataSourceInstanceSettings{URL: store.URL, JSONData: []byte(`{"seriesSource": "derived"}`)})
	notice := func(query string) string {
		response := ask(t, data, store.Now, query)
		require.NoError(t, response.Error)
		framestest.CheckContract(t, response.Frames, stored.TypeGraph.DefaultLimit())
		require.Len(t, response.Frames[0].Meta.Notices, 1)
		require.Empty(t, response.Frames[1].Meta.Notices)
		return response.Frames[0].Meta.Notices[0].Text
	}
	assert.Contains(t, notice(`{}`), "neither meshscope_* nor istio_* series")
	store.ScrapeRaw(calls(1))
	assert.Contains(t, notice(`{}`), "no meshscope_* series, only Istio's own")
	store.Publish(nil, 2)
	assert.Contains(t, notice(`{}`), "knew of no edge")
	store.Publish(derivedtest.Mesh(10), 1)
	assert.Contains(t, notice(`{}`), "There was no such traffic in this range")
	store.Publish(derivedtest.Mesh(10), 20)
	assert.Equal(t, "Of the mesh's 10 edges none is of the namespaces nowhere.", notice(`{"namespaces": ["nowhere"]}`))
	assert.Contains(t, notice(`{"custom": 1}`), `"custom" is not known`)
}

func TestBrokenSettings(t *testing.T) {
	data := instance(t, backend.DataSourceInstanceSettings{URL: "http://prometheus:9090", JSONData: []byte(`{"httpMethod": "PUT"}`)})
	now := time.Now()
	response, err := data.QueryData(context.Background(), &backend.QueryDataRequest{Queries: []backend.DataQuery{query("A", now, `{}`), query("B", now, `{}`)}})
	require.NoError(t, err)
	for _, refID := range []string{"A", "B"} {
		assert.ErrorContains(t, response.Responses[refID].Error, `setting httpMethod: "PUT" is not allowed`)
		assert.Equal(t, backend.ErrorSourceDownstream, response.Responses[refID].ErrorSource)
	}
}
