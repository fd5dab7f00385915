package dashboards_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/meshscope/meshscope/exporter/topology"
	"github.com/meshscope/meshscope/plugin/pkg/query"
)

// What is asked of the Meshscope data source is what its backend reads, with
// the variables put in as its front end does it: in a list, all the values of a
// variable, and none for All.
func TestMeshscopeQueries(t *testing.T) {
	asked := 0
	eachPanel(t, func(t *testing.T, d dashboard, p panel) {
		for _, target := range p.Targets {
			if target.Datasource.Type != meshscope {
				continue
			}
			asked++
			for _, level := range topology.Levels {
				for _, chosen := range [][]string{{}, {"shop"}, {"shop", "bank"}, {`a "b" c`}} {
					text := withVariables(t, d, target.raw, string(level), chosen)
					assert.NotRegexp(t, reference, string(text), "a variable is where the front end does not look for one")
					q, err := query.Parse(text)
					require.NoError(t, err, string(text))
					assert.Empty(t, q.Remarks)
					if listOf(t, target, "namespaces") != nil {
						assert.Equal(t, []string{"$namespace"}, listOf(t, target, "namespaces"))
						assert.ElementsMatch(t, chosen, q.Namespaces)
					}
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
	if all[field] != nil {
		require.NoError(t, json.Unmarshal(all[field], &list))
	}
	if len(list) == 0 {
		return nil
	}
	return list
}

// withVariables is a query with values for variables: those chosen in lists, and else the first of them.
func withVariables(t *testing.T, d dashboard, raw json.RawMessage, level string, chosen []string) json.RawMessage {
	t.Helper()
	values := map[string]string{}
	for _, v := range d.Templating.List {
		if values[v.Name] = "any"; len(chosen) > 0 {
			values[v.Name] = chosen[0]
		}
	}
	values["level"], values["before"] = level, "1d"
	var all map[string]any
	require.NoError(t, json.Unmarshal(raw, &all))
	out, err := json.Marshal(put(t, all, values, chosen))
	require.NoError(t, err)
	return out
}

func put(t *testing.T, value any, values map[string]string, chosen []string) any {
	t.Helper()
	switch value := value.(type) {
	case map[string]any:
		for field, inner := range value {
			if text, ok := inner.(string); ok && (field == "filter" || field == "highlight") {
				value[field] = interpolate(t, text, escaped(values))
				continue
			}
			value[field] = put(t, inner, values, chosen)
		}
	case []any:
		list := []any{}
		for _, item := range value {
			if text, ok := item.(string); ok && strings.HasPrefix(text, "$") {
				for _, one := range chosen {
					list = append(list, one)
				}
				continue
			}
			list = append(list, put(t, item, values, chosen))
		}
		return list
	case string:
		return interpolate(t, value, values)
	}
	return value
}

// escaped are values as they stand in the quotes of an expression.
func escaped(values map[string]string) map[string]string {
	all := map[string]string{}
	for name, value := range values {
		all[name] = strings.ReplaceAll(value, `"`, `\"`)
	}
	return all
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
