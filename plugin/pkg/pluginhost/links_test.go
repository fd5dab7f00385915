package pluginhost_test

import (
	"encoding/json"
	"testing"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/meshscope/meshscope/plugin/pkg/derived/derivedtest"
	"github.com/meshscope/meshscope/plugin/pkg/frames/framestest"
	stored "github.com/meshscope/meshscope/plugin/pkg/query"
)

// TestLinks: graphs have the links of the settings, tell the series that they
// were made from, and lead back to their own data source.
func TestLinks(t *testing.T) {
	store := derivedtest.Open(t)
	store.Publish(derivedtest.Mesh(10), 30)
	source := func(series string) backend.DataSourceInstanceSettings {
		return backend.DataSourceInstanceSettings{UID: "mesh", URL: store.URL, JSONData: []byte(`{"prometheusUid": "prom", "seriesSource": "` + series + `",
			"links": [{"title": "Kiali", "on": "node", "url": "https://kiali/${namespace}/${name}"}]}`)}
	}
	answer := ask(t, instance(t, source("derived")), store.Now, `{}`)
	require.NoError(t, answer.Error)
	framestest.CheckContract(t, answer.Frames, stored.TypeGraph.DefaultLimit())
	text, err := json.Marshal(answer.Frames)
	require.NoError(t, err)
	for _, want := range []string{
		`"internal":{"query":{"colorBy":"outcome"`, `"datasourceUid":"mesh"`, `"datasourceUid":"prom"`, "meshscope_edge_requests_total{",
		`"https://kiali/namespace-00/service-000-v1"`,
	} {
		assert.Contains(t, string(text), want)
	}
	raw := ask(t, instance(t, source("raw")), store.Now, `{}`)
	require.NoError(t, raw.Error)
	text, err = json.Marshal(raw.Frames)
	require.NoError(t, err)
	assert.NotContains(t, string(text), "meshscope_edge_requests_total{")

	// Lists are not linked: a table has data links of its own.
	table := ask(t, instance(t, source("derived")), store.Now, `{"queryType": "nodes"}`)
	require.NoError(t, table.Error)
	_, at := table.Frames[0].FieldByName("link_0")
	assert.Equal(t, -1, at)
}
