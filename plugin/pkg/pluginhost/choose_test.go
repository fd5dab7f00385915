package pluginhost_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/grafana/grafana-plugin-sdk-go/data"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/meshscope/meshscope/plugin/pkg/derived/derivedtest"
	"github.com/meshscope/meshscope/plugin/pkg/frames/framestest"
	stored "github.com/meshscope/meshscope/plugin/pkg/query"
)

// calls is what a proxy exposes after n calls from web to api.
func calls(n float64) string {
	return fmt.Sprintf("istio_requests_total{reporter=\"source\",source_workload=\"web\",source_workload_namespace=\"shop\",source_cluster=\"east\","+
		"destination_workload=\"api\",destination_workload_namespace=\"shop\",destination_cluster=\"east\",destination_service=\"api.shop.svc.cluster.local\","+
		"destination_service_name=\"api\",destination_service_namespace=\"shop\",request_protocol=\"http\",response_code=\"200\"} %g\n", n)
}

// TestChoice goes through a history: nothing until 12:00, Istio's series from
// then on, those of an exporter from 12:30 on, until 13:00.
func TestChoice(t *testing.T) {
	store := derivedtest.Open(t)
	clock := func(minutes int) time.Time { return derivedtest.Start.Add(time.Duration(minutes) * time.Minute) }
	mesh := derivedtest.Mesh(10)
	for n := 1.0; store.Now.Before(clock(60)); n++ {
		if store.Now.Before(clock(30)) {
			store.Now = store.Now.Add(derivedtest.Every)
		} else {
			store.Publish(mesh, 1)
		}
		store.ScrapeRaw(calls(n))
	}

	const fromRaw, fromDerived, nothing = "raw", "derived", ""
	for _, c := range []struct {
		name, series string
		from, to     time.Time
		want         string // where the edges are from
		says         string
		err          string
	}{
		{name: "both at the start", from: clock(40), to: clock(55), want: fromDerived},
		{name: "an exporter since", from: clock(20), to: clock(50), want: fromRaw, says: "at the start of this range there were none of the exporter's"},
		{name: "no exporter at all", from: clock(5), to: clock(20), want: fromRaw, says: "at the start of this range there were none of the exporter's"},
		{name: "nothing at the start", from: clock(-10), to: clock(50), want: fromDerived},
		{name: "nothing at the start, no exporter", from: clock(-10), to: clock(20), want: fromRaw, says: "none of the exporter's"},
		{name: "nothing", from: clock(-60), to: clock(-30), want: nothing, says: "neither meshscope_* nor istio_* series"},
		{name: "too long for raw, an exporter since", from: clock(-60), to: clock(50), want: fromDerived, says: "The exporter's series begin within this range"},
		{
			name: "too long for raw, no exporter", from: clock(-75), to: clock(20),
			err: "the range of 1h35m is too long for Istio's own series, which are read for at most 1h (setting rawMaxRange), and there are none of the exporter's: choose a shorter range, or run the Meshscope exporter",
		},
		{name: "derived by setting", series: "derived", from: clock(20), to: clock(50), want: fromDerived},
		{name: "derived by setting, none", series: "derived", from: clock(5), to: clock(20), want: nothing, says: "no meshscope_* series, only Istio's own"},
		{name: "raw by setting", series: "raw", from: clock(40), to: clock(55), want: fromRaw, says: "Health is judged here on the requests of this range"},
		{name: "raw by setting, none", series: "raw", from: clock(-40), to: clock(-30), want: nothing, says: "no istio_* series"},
		{
			name: "raw by setting, too long", series: "raw", from: clock(-20), to: clock(55),
			err: "the range of 1h15m is too long for Istio's own series, which are read for at most 1h (setting rawMaxRange), and this data source is set to them",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			source := instance(t, backend.DataSourceInstanceSettings{URL: store.URL, JSONData: []byte(`{"seriesSource": "` + c.series + `", "rawMaxRange": "1h"}`)})
			asked := query("A", c.to, `{}`)
			asked.TimeRange.From = c.from
			response, err := source.QueryData(t.Context(), &backend.QueryDataRequest{Queries: []backend.DataQuery{asked}})
			require.NoError(t, err)
			answer := response.Responses["A"]
			if c.err != "" {
				require.ErrorContains(t, answer.Error, c.err)
				assert.Equal(t, backend.StatusBadRequest, answer.Status)
				assert.Equal(t, backend.ErrorSourceDownstream, answer.ErrorSource)
				return
			}
			require.NoError(t, answer.Error)
			framestest.CheckContract(t, answer.Frames, stored.TypeGraph.DefaultLimit())
			switch edges := answer.Frames[1].Rows(); c.want {
			case fromRaw:
				assert.Equal(t, 1, edges)
				assert.Contains(t, answer.Frames[0].Meta.ExecutedQueryString, "istio_requests_total")
			case fromDerived:
				assert.Equal(t, len(mesh), edges)
				assert.Contains(t, answer.Frames[0].Meta.ExecutedQueryString, "meshscope_edge_requests_total")
			default:
				assert.Zero(t, edges)
			}
			if c.says == "" {
				assert.Empty(t, texts(answer.Frames))
			} else {
				assert.Contains(t, texts(answer.Frames), c.says)
			}
		})
	}
}

// texts are all notices of an answer.
func texts(frames data.Frames) string {
	var all strings.Builder
	for _, frame := range frames {
		for _, n := range frame.Meta.Notices {
			all.WriteString(n.Text + "\n")
		}
	}
	return all.String()
}
