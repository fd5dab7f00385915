package pluginhost_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/meshscope/meshscope/exporter/topology"
	"github.com/meshscope/meshscope/plugin/pkg/derived/derivedtest"
	"github.com/meshscope/meshscope/plugin/pkg/frames/framestest"
	"github.com/meshscope/meshscope/plugin/pkg/pluginhost"
	stored "github.com/meshscope/meshscope/plugin/pkg/query"
)

// TestCompare has a store in which edges come, go, fail and become slow.
func TestCompare(t *testing.T) {
	flows := derivedtest.Mesh(40)
	store := derivedtest.Open(t)
	store.Settle(flows)
	store.Publish(flows[1:], 24) // the first is to come
	later := derivedtest.Mesh(40)
	later[2].Traffic.AddRequests(topology.Response{Code: "503"}, 100)
	slow := later[4].Traffic.Latency
	for i := range slow.Cumulative[:len(slow.Cumulative)-1] {
		slow.Cumulative[i] /= 10
	}
	slow.Sum *= 10
	later = append(later[:7], later[8:]...) // the eighth is gone
	store.Publish(later, 24)
	end := store.Now
	i := instanceAt(t, store.URL)
	id := func(f topology.Flow) string { return f.Key.SourceRef().ID() + ":" + f.Key.DestinationRef().ID() }

	for _, of := range []string{"graph", "edges"} {
		answer := ask(t, i, end, `{"compareOffset": "6m", "limit": 200, "queryType": "`+of+`"}`)
		require.NoError(t, answer.Error)
		edges := answer.Frames[len(answer.Frames)-1]
		if of == "graph" {
			framestest.CheckContract(t, answer.Frames, stored.TypeGraph.MaxLimit())
		} else {
			framestest.CheckEdgeTable(t, answer.Frames, maxList)
		}
		for n, want := range map[int]string{0: "new", 2: "failing more", 4: "slower", 7: "gone", 1: "", 5: ""} {
			row := framestest.Row(t, edges, id(flows[n])+map[string]string{"graph": "", "edges": ":" + string(flows[n].Protocol)}[of])
			require.NotNil(t, row, "%s: edge %d", of, n)
			assert.Equal(t, want, row[map[string]string{"graph": "detail__change", "edges": "change"}[of]], "%s: edge %d", of, n)
		}
		executed := answer.Frames[0].Meta.ExecutedQueryString
		assert.Contains(t, executed, "# at "+end.UTC().Format(time.RFC3339))
		assert.Contains(t, executed, "# at "+end.Add(-6*time.Minute).UTC().Format(time.RFC3339))
		assert.Empty(t, texts(answer.Frames))
	}

	overlapping := ask(t, i, end, `{"compareOffset": "1m"}`)
	require.NoError(t, overlapping.Error)
	assert.Contains(t, texts(overlapping.Frames), "The range of 5m and the one 1m before overlap")

	nothing := ask(t, i, end, `{"compareOffset": "1d"}`)
	require.NoError(t, nothing.Error)
	framestest.CheckContract(t, nothing.Frames, stored.TypeGraph.DefaultLimit())
	assert.Contains(t, texts(nothing.Frames), "Nothing is compared: there was no traffic in the range 1d before, from 2026-02-28T")
	assert.NotEmpty(t, framestest.IDs(t, nothing.Frames[0]))
	assert.NotContains(t, framestest.Row(t, nothing.Frames[0], flows[3].Key.SourceRef().ID()), "detail__change")
}

// TestCompareReadsBothFromTheSame: a range from before there was an exporter is
// compared with Istio's own series of now.
func TestCompareReadsBothFromTheSame(t *testing.T) {
	store := derivedtest.Open(t)
	for n := 1.0; n < 80; n++ {
		text := calls(20 * n)
		if n >= 40 {
			text += strings.ReplaceAll(calls(20*(n-39)), `response_code="200"`, `response_code="503"`)
		}
		if n < 40 {
			store.Now = store.Now.Add(derivedtest.Every)
		} else {
			store.Publish(derivedtest.Mesh(10), 1)
		}
		store.ScrapeRaw(text)
	}
	at := func(rawMaxRange, series string) *pluginhost.Instance {
		return instance(t, backend.DataSourceInstanceSettings{
			URL: store.URL, JSONData: fmt.Appendf(nil, `{"rawMaxRange": %q, "seriesSource": %q}`, rawMaxRange, series),
		})
	}
	answer := ask(t, at("1h", "auto"), store.Now, `{"compareOffset": "10m"}`)
	require.NoError(t, answer.Error)
	framestest.CheckContract(t, answer.Frames, stored.TypeGraph.DefaultLimit())
	assert.Contains(t, texts(answer.Frames), "Of the range 10m before: Drawn from Istio's own series")
	assert.Equal(t, []string{"workload/east/shop/api", "workload/east/shop/web"}, framestest.IDs(t, answer.Frames[0]), "none of the exporter's")
	api := framestest.Row(t, answer.Frames[0], "workload/east/shop/api")
	assert.Equal(t, "failing more", api["detail__change"])
	assert.Equal(t, "0 % → 50 %", api["detail__error_ratio_change"])
	assert.Equal(t, "Healthy → Failure", api["detail__health_change"])

	refused := ask(t, at("4m", "raw"), store.Now, `{"compareOffset": "10m"}`)
	require.ErrorContains(t, refused.Error, "comparing with 10m before (compareOffset): the range of 5m is too long for Istio's own series")
	assert.Equal(t, backend.StatusBadRequest, refused.Status)
	assert.Equal(t, backend.ErrorSourceDownstream, refused.ErrorSource)

	// Where there was nothing then, the range is drawn as it is by itself.
	alone := ask(t, at("1h", "auto"), store.Now, `{"compareOffset": "1w", "limit": 200}`)
	require.NoError(t, alone.Error)
	assert.Contains(t, texts(alone.Frames), "Nothing is compared")
	assert.NotContains(t, framestest.IDs(t, alone.Frames[0]), "workload/east/shop/api")
}
