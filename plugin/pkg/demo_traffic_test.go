package main_test

import (
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/grafana/grafana-plugin-sdk-go/data"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/meshscope/meshscope/exporter/topology"
	"github.com/meshscope/meshscope/plugin/pkg/pluginhost"
	"github.com/meshscope/meshscope/plugin/pkg/query"
)

// dataSource is a data source of a store, in this process.
func dataSource(t *testing.T, storeURL, series string) *pluginhost.Instance {
	t.Helper()
	made, err := pluginhost.New(t.Context(), backend.DataSourceInstanceSettings{
		URL: storeURL, JSONData: []byte(`{"seriesSource": "` + series + `"}`),
	})
	require.NoError(t, err)
	i := made.(*pluginhost.Instance)
	t.Cleanup(i.Dispose)
	return i
}

func framesOf(t *testing.T, i *pluginhost.Instance, q backend.DataQuery) data.Frames {
	t.Helper()
	q.RefID = "A"
	response, err := i.QueryData(t.Context(), &backend.QueryDataRequest{Queries: []backend.DataQuery{q}})
	require.NoError(t, err)
	require.NoError(t, response.Responses["A"].Error)
	return response.Responses["A"].Frames
}

// means are the means of time series, and how many points these have.
func means(frames data.Frames) (of map[string]float64, points map[string]int) {
	of, points = map[string]float64{}, map[string]int{}
	for _, f := range frames {
		if len(f.Fields) == 0 {
			continue
		}
		values := f.Fields[1]
		name := values.Labels.String()
		for i := range values.Len() {
			of[name] += values.At(i).(float64) / float64(values.Len())
		}
		points[name] = values.Len()
	}
	return of, points
}

// TestTrafficOfBothSeries lets the derived series and Istio's own tell the
// demo's traffic over a past range, at each level. Of what is rare they cannot
// agree: increase() of a raw counter misses its first call, and a quantile or
// a ratio of few calls hangs on each of them.
func TestTrafficOfBothSeries(t *testing.T) {
	skipInShort(t)
	storeURL, now := playDemo(t, 14*time.Minute)
	derived, raw := dataSource(t, storeURL, "derived"), dataSource(t, storeURL, "raw")
	const length = 6 * time.Minute
	ask := func(i *pluginhost.Instance, to time.Time, stored string) data.Frames {
		return framesOf(t, i, backend.DataQuery{
			TimeRange: backend.TimeRange{From: to.Add(-length), To: to}, Interval: scrapeInterval, MaxDataPoints: 1000, JSON: []byte(stored),
		})
	}
	past := now.Add(-3 * time.Minute)
	const (
		rare = 3 / (6 * 60.0) // some calls in the range, per second
		busy = 1.0            // calls per second, above which a ratio says something
		many = 5.0            // and above which a quantile does
	)
	for _, c := range []struct {
		stat               string
		relative, absolute float64
	}{
		{"requestRate", 0.02, rare},
		{"throughput", 0.02, rare * 5000},
		{"messageRate", 0.02, rare},
		{"tcpRate", 0.02, rare * 5000},
		{"connectionRate", 0.02, rare},
		{"errorRatio", 0.02, 0.001 / busy},
		{"mtls", 0.02, 0},
		{"avg", 0.02, 0},
		{"p95", 0.03, 0}, // of the exporter's series, points look back further
	} {
		for _, level := range topology.Levels {
			for _, entity := range query.Entities {
				stored := fmt.Sprintf(`{"queryType": "traffic", "level": %q, "entity": %q, "stats": ["requestRate", %q], "limit": 500}`, level, entity, c.stat)
				if c.stat == "requestRate" {
					stored = strings.Replace(stored, `"requestRate", `, "", 1)
				}
				want, points := means(ask(derived, past, stored))
				// The exporter is an interval behind what it reads.
				got, _ := means(ask(raw, past.Add(-scrapeInterval), stored))
				compared := 0
				for name, value := range want {
					rate := want[strings.Replace(name, "stat="+c.stat, "stat=requestRate", 1)]
					ofLatency := c.stat == "avg" || c.stat == "p95"
					if c.stat == "errorRatio" && rate < busy || ofLatency && rate < many {
						continue
					}
					if ofLatency {
						assert.Greater(t, points[name], 20, "without gaps: %s", name)
					}
					if assert.Contains(t, got, name) {
						assert.InDelta(t, value, got[name], c.relative*math.Abs(value)+c.absolute, "%s %s %s of %d points", level, c.stat, name, points[name])
						compared++
					}
				}
				assert.Positive(t, compared, stored)
			}
		}
	}
}
