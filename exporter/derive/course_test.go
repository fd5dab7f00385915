package derive_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/meshscope/meshscope/exporter/demo/store/storetest"
	"github.com/meshscope/meshscope/exporter/derive"
	"github.com/meshscope/meshscope/exporter/istio"
	"github.com/meshscope/meshscope/exporter/istio/istiotest"
	"github.com/meshscope/meshscope/exporter/promql"
	"github.com/meshscope/meshscope/exporter/topology"
)

// TestCourse compares what is derived for several instants at once with what
// is derived for each of them by itself.
func TestCourse(t *testing.T) {
	begin := time.Date(2026, time.March, 1, 12, 0, 0, 0, time.UTC)
	s, _, client := storetest.Open(t)
	for i := range 41 {
		part := float64(i) / 40
		istiotest.Scrape(t, s, begin.Add(time.Duration(i)*15*time.Second), istiotest.Bookinfo(t), part*part) // faster and faster
	}
	o := derive.FlowOptions{
		Interval: topology.Interval{Length: 2 * time.Minute}, Metrics: istio.GraphMetrics(istio.LatencyHistogram), Waypoints: true,
	}
	asker := derive.NewAsker(derive.Options{Client: client})
	over := promql.Range{Start: begin.Add(-time.Minute), End: begin.Add(9 * time.Minute), Step: time.Minute}
	seen := 0
	tally, err := asker.Course(t.Context(), o, over, func(at int, flows []topology.Flow) {
		require.Equal(t, seen, at)
		seen++
		o := o
		o.Interval.End = over.Start.Add(time.Duration(at) * over.Step)
		want, _, err := derive.NewAsker(derive.Options{Client: client}).Flows(t.Context(), o)
		require.NoError(t, err)
		assert.Equal(t, want, flows, "at %d", at)
		assert.Equal(t, at < 2, len(flows) == 0, "at %d", at)
	})
	require.NoError(t, err)
	assert.Equal(t, 11, seen)
	assert.Empty(t, tally.Rejected)
	assert.Positive(t, tally.Samples["tcp_opened"])
}
