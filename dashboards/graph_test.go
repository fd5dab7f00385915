package dashboards_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/meshscope/meshscope/exporter/topology"
	"github.com/meshscope/meshscope/plugin/pkg/query"
)

// What is asked of the Meshscope data source is what its backend reads, with
// the variables put in as its front end does it: a list of the values, and
// none for All.
func TestGraphQueries(t *testing.T) {
	asked := 0
	eachPanel(t, func(t *testing.T, d dashboard, p panel) {
		for _, target := range p.Targets {
			if target.Datasource.Type != meshscope {
				continue
			}
			asked++
			assert.Equal(t, []string{"$namespace"}, listOf(t, target, "namespaces"))
			assert.Equal(t, []string{"$cluster"}, listOf(t, target, "clusters"))
			for _, level := range topology.Levels {
				for _, chosen := range [][]string{{}, {"shop"}, {"shop", "bank"}} {
					q, err := query.Parse(withVariables(t, target.raw, string(level), chosen))
					require.NoError(t, err)
					assert.Empty(t, q.Remarks)
					assert.Equal(t, level, q.Level)
					assert.ElementsMatch(t, chosen, q.Namespaces)
				}
			}
		}
	})
	assert.Positive(t, asked)
}

func listOf(t *testing.T, target target, field string) []string {
	t.Helper()
	var all map[string]json.RawMessage
	require.NoError(t, json.Unmarshal(target.raw, &all))
	var list []string
	require.NoError(t, json.Unmarshal(all[field], &list))
	return list
}

func withVariables(t *testing.T, raw json.RawMessage, level string, namespaces []string) json.RawMessage {
	t.Helper()
	var all map[string]any
	require.NoError(t, json.Unmarshal(raw, &all))
	all["namespaces"], all["clusters"] = namespaces, []string{}
	if all["level"] == "$level" {
		all["level"] = level
	}
	out, err := json.Marshal(all)
	require.NoError(t, err)
	return out
}

// The levels that can be chosen are those that the data source has.
func TestLevels(t *testing.T) {
	for _, d := range dashboards(t) {
		for _, v := range d.Templating.List {
			if v.Name != "level" {
				continue
			}
			var listed string
			require.NoError(t, json.Unmarshal(v.Query, &listed))
			var want []string
			for _, level := range topology.Levels {
				want = append(want, string(level))
			}
			assert.ElementsMatch(t, want, customValues(listed))
		}
	}
}
