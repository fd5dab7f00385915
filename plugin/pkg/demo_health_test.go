package main_test

import (
	"testing"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/grafana/grafana-plugin-sdk-go/data"
	"github.com/stretchr/testify/require"

	"github.com/meshscope/meshscope/exporter/demo/mesh"
	"github.com/meshscope/meshscope/plugin/pkg/frames/framestest"
	"github.com/meshscope/meshscope/plugin/pkg/query"
)

// TestHealthAsGrafanaRunsIt lets the demo's ratings fail, and looks at it by
// the verdicts that the exporter published and by those of raw mode.
func TestHealthAsGrafanaRunsIt(t *testing.T) {
	skipInShort(t)
	storeURL, now := playDemo(t, 14*time.Minute, mesh.Fault{
		Kind: mesh.Errors, DestinationNamespace: "bookinfo", DestinationWorkload: "ratings-v1", Value: 0.9,
	})
	asked := func(t *testing.T, series, stored string) data.Frames {
		g := start(t, backend.DataSourceInstanceSettings{
			ID: 1, UID: "mesh", URL: storeURL, Updated: time.Now(), JSONData: []byte(`{"seriesSource": "` + series + `"}`),
		})
		response := g.query(t, backend.DataQuery{
			RefID: "A", TimeRange: backend.TimeRange{From: now.Add(-5 * time.Minute), To: now}, JSON: []byte(stored),
		})["A"]
		require.NoError(t, response.Error)
		framestest.CheckContract(t, response.Frames, query.TypeGraph.DefaultLimit())
		return response.Frames
	}
	const ratings = "workload/Kubernetes/bookinfo/ratings-v1"
	for _, series := range []string{"derived", "raw"} {
		t.Run(series, func(t *testing.T) {
			made := asked(t, series, `{"namespaces": ["bookinfo"], "colorBy": "health"}`)
			for _, n := range made[0].Meta.Notices {
				require.NotContains(t, n.Text, "no health series")
			}
			node := framestest.Row(t, made[0], ratings)
			require.NotNil(t, node)
			require.Contains(t, node["detail__health"], "Failure: ")
			require.Contains(t, node["detail__health"], "5XX (in http)")
			require.Equal(t, "#F2495C", framestest.ColorOf(t, made[0], ratings))
			if series == "derived" {
				require.Equal(t, "origin of the failure", node["detail__fault"])
			}
			details := framestest.Row(t, made[0], "workload/Kubernetes/bookinfo/details-v1")
			require.NotEmpty(t, details["detail__health"])
			require.NotContains(t, details["detail__health"], "Failure", "it has the odd error, as all of the demo has")
			require.NotEqual(t, "#F2495C", framestest.ColorOf(t, made[0], "workload/Kubernetes/bookinfo/details-v1"))

			made = asked(t, series, `{"namespaces": ["bookinfo"], "filter": "edge.health == 3 && target.name == \"ratings-v1\""}`)
			require.NotEmpty(t, framestest.IDs(t, made[1]))
			for _, id := range framestest.IDs(t, made[1]) {
				edge := framestest.Row(t, made[1], id)
				require.Equal(t, ratings, edge["target"])
				require.Equal(t, "#F2495C", edge["color"])
			}
		})
	}
}
