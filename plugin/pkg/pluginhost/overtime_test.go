package pluginhost_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/meshscope/meshscope/exporter/topology"
	"github.com/meshscope/meshscope/plugin/pkg/derived/derivedtest"
	"github.com/meshscope/meshscope/plugin/pkg/frames/framestest"
)

// TestOverTime follows the links of nodes and edges to their time series: at
// each level they are those of that node or edge alone.
func TestOverTime(t *testing.T) {
	store := derivedtest.Open(t)
	store.Publish(derivedtest.Mesh(60), 30)
	i := instance(t, backend.DataSourceInstanceSettings{UID: "mesh", URL: store.URL})
	for _, level := range topology.Levels {
		answer := ask(t, i, store.Now, `{"level": "`+string(level)+`"}`)
		require.NoError(t, answer.Error)
		for _, f := range answer.Frames {
			ids := framestest.IDs(t, f)
			if len(ids) == 0 {
				continue // a cluster calls itself alone
			}
			for _, field := range f.Fields {
				if len(field.Config.Links) == 0 || field.Config.Links[0].Title != "Show/Over time" {
					continue
				}
				query, err := json.Marshal(field.Config.Links[0].Internal.Query)
				require.NoError(t, err)
				var texts map[string]string
				require.NoError(t, json.Unmarshal(field.At(len(ids)/2).(json.RawMessage), &texts))
				filter, err := json.Marshal(texts["t0"])
				require.NoError(t, err)
				followed := strings.Replace(string(query), `"${__value.raw.t0:raw}"`, string(filter), 1)
				series := ask(t, i, store.Now, followed)
				require.NoError(t, series.Error, followed)
				want := framestest.Row(t, f, ids[len(ids)/2])
				require.NotEmpty(t, series.Frames, followed)
				entities := map[string]bool{}
				for _, one := range series.Frames {
					require.Len(t, one.Fields, 2, followed)
					labels := one.Fields[1].Labels.Copy()
					delete(labels, "stat")
					entities[labels.String()] = true
				}
				assert.Len(t, entities, 1, "%s %v: %s", level, want["id"], followed)
			}
		}
	}
}
