package refresh_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/meshscope/meshscope/exporter/config"
	"github.com/meshscope/meshscope/exporter/demo/mesh"
)

const ratingsFail = "errors:bookinfo/reviews-v2->bookinfo/ratings-v1=0.5"

// health is the verdict that the store has on a workload of bookinfo, now.
func (b *bed) health(workload string) (value float64, ok bool) {
	b.t.Helper()
	for _, v := range b.query(`meshscope_workload_health{workload_namespace="bookinfo",workload_name="` + workload + `"}`) {
		return v, true
	}
	return 0, false
}

func TestVerdictsArePublished(t *testing.T) {
	b := newBed(t, mesh.Config{Seed: 1})
	b.play(3 * time.Minute)
	b.startExporter()
	b.play(4 * time.Minute)
	value, ok := b.health("ratings-v1")
	require.True(t, ok)
	require.Less(t, value, 3.0)
	require.NotEmpty(t, b.query(`meshscope_namespace_health{namespace_name="bookinfo"} < 3`))
	require.NotEmpty(t, b.query(`meshscope_workload_dependents{workload_name="ratings-v1",scope="all"} > 1`))

	b.fault(ratingsFail)
	b.play(30 * time.Second)
	value, _ = b.health("ratings-v1")
	require.Less(t, value, 3.0, "it has not lasted")
	b.play(4 * time.Minute)
	value, _ = b.health("ratings-v1")
	require.Equal(t, 3.0, value)
	require.NotEmpty(t, b.query(`meshscope_workload_fault_origin{workload_name="ratings-v1"} == 1`))
	require.Empty(t, b.query(`meshscope_workload_fault_origin{workload_name!="ratings-v1"} == 1`))
	require.NotEmpty(t, b.query(`meshscope_edge_health{source_workload="reviews-v2",destination_workload="ratings-v1"} == 3`))
	require.NotEmpty(t, b.query(`meshscope_workload_error_ratio{workload_name="ratings-v1",direction="in",tolerance="5XX"} > 0.1`))
	require.NotEmpty(t, b.query(`meshscope_app_health{app_name="ratings"} == 3`))
	require.NotEmpty(t, b.query(`meshscope_service_health{service_name="ratings"} == 3`))

	b.clear()
	b.play(time.Minute)
	value, _ = b.health("ratings-v1")
	require.Equal(t, 3.0, value, "nor has it lasted that it is over")
	b.play(5 * time.Minute)
	value, ok = b.health("ratings-v1")
	require.True(t, ok)
	require.Less(t, value, 3.0)

	b.away.Store(true)
	b.play(6 * time.Minute)
	_, ok = b.health("ratings-v1")
	require.False(t, ok, "absent, not frozen")
}

// A restart, and another leader, think of the mesh as the exporter before them.
func TestRestartKeepsVerdicts(t *testing.T) {
	b := newBed(t, mesh.Config{Seed: 1})
	b.play(3 * time.Minute)
	b.startExporter()
	b.play(2 * time.Minute)
	b.fault(ratingsFail)
	b.play(6 * time.Minute)
	const all = `min_over_time(meshscope_workload_health{workload_namespace="bookinfo",workload_name="ratings-v1"}[3m])`
	for _, restart := range []func(){
		func() { b.startExporter() },
		func() { b.loop = nil; b.play(40 * time.Second); b.startExporter() },
		func() { b.loop.StandBy(); b.loop.Lead(func() bool { return true }) },
	} {
		ratios := b.query(`meshscope_workload_error_ratio{workload_name="ratings-v1",direction="in",tolerance="5XX"}`)
		require.Len(t, ratios, 1)
		restart()
		b.play(30 * time.Second)
		for series, before := range ratios {
			require.InDelta(t, before, b.query(`meshscope_workload_error_ratio{workload_name="ratings-v1",direction="in",tolerance="5XX"}`)[series], 0.1*before)
		}
		b.play(150 * time.Second)
		for series, least := range b.query(all) {
			require.Equal(t, 3.0, least, series)
		}
		require.Empty(t, b.query(`changes(meshscope_workload_fault_origin[3m]) > 0`))
	}

	// One that was away for long starts anew.
	b.loop = nil
	b.clear()
	b.play(10 * time.Minute)
	b.startExporter()
	b.play(2 * time.Minute)
	value, ok := b.health("ratings-v1")
	require.True(t, ok)
	require.Less(t, value, 3.0)
}

func TestStandBy(t *testing.T) {
	b := newBed(t, mesh.Config{Seed: 2})
	b.play(2 * time.Minute)
	b.startExporter(func(c *config.Config) { c.Latency.Mode = config.LatencyOff })
	from := b.firstCounted()
	b.play(5 * time.Minute)
	require.Contains(t, b.metrics(), "meshscope_leader 1\n")

	b.loop.StandBy()
	text := b.metrics()
	require.Contains(t, text, "meshscope_leader 0\n")
	for line := range strings.Lines(text) {
		for _, prefix := range []string{"meshscope_edge", "meshscope_workload", "meshscope_topology", "meshscope_refresh_success", "meshscope_refresh_timestamp"} {
			require.False(t, strings.HasPrefix(line, prefix) && !strings.HasPrefix(line, "meshscope_edges_dropped"), line)
		}
	}
	require.True(t, b.loop.Tried())

	// A refresh that was under way publishes nothing.
	require.NoError(t, b.loop.Refresh(context.Background()))
	require.NotContains(t, b.metrics(), "meshscope_edges ")

	before := b.derived("last_over_time(meshscope_edge_requests_total[10m])", "istio_requests_total")
	loop := b.loop
	b.loop = nil
	b.play(time.Minute)
	b.loop = loop
	holds := true
	b.loop.Lead(func() bool { return holds })
	b.play(5 * time.Minute)
	want := b.oracle.totals(from, b.through())
	after := b.derived("meshscope_edge_requests_total", "istio_requests_total")
	for edge, total := range want {
		if edge.metric == "istio_requests_total" {
			require.InDelta(t, total, before[edge]+after[edge], exact(total), "%+v", edge)
		}
	}
	holds = false
	require.NotContains(t, b.metrics(), "meshscope_edges ", "the lease is over, and nobody has told")
	require.Contains(t, b.metrics(), "meshscope_leader 0\n")
}
