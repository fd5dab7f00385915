package raw

import (
	"context"
	"slices"

	"github.com/meshscope/meshscope/exporter/derive"
	"github.com/meshscope/meshscope/exporter/health"
	"github.com/meshscope/meshscope/exporter/istio"
	"github.com/meshscope/meshscope/exporter/topology"
	"github.com/meshscope/meshscope/plugin/pkg/query"
	"github.com/meshscope/meshscope/plugin/pkg/source"
)

// Flows derives the traffic of the interval, as much of it as q shows.
func (s *Source) Flows(ctx context.Context, iv topology.Interval, q query.Query) (source.Answer, error) {
	isWaypoint := istio.Waypoints(istio.DefaultWaypoints)
	asker, giveBack := s.askers.borrow()
	defer giveBack()
	unfolded, tally, err := asker.Flows(ctx, derive.FlowOptions{Interval: iv, Metrics: metrics(q), Waypoints: true})
	if err != nil {
		return source.Answer{}, err
	}
	calls := topology.FoldWaypoints(unfolded, isWaypoint)
	answer := source.Answer{
		Flows: calls, Unfolded: unfolded, IsWaypoint: isWaypoint, Asked: asker.asked(source.Query{At: iv.End}, tally),
		Health: health.DefaultRules().Judge(iv, calls, nil), // hops through waypoints are no calls, shown or not
	}
	if q.Waypoints {
		answer.Flows = unfolded
	}
	return answer, nil
}

// metrics are those that a view needs. Which reports count is decided by all
// protocols at once (T1, T9), so leaving one out saves nothing.
func metrics(q query.Query) []istio.Metric {
	needed := slices.Clone(istio.Counters)
	if !q.Needs(query.Throughput) {
		needed = slices.DeleteFunc(needed, func(m istio.Metric) bool {
			return m.Name == istio.RequestBytes.Name || m.Name == istio.ResponseBytes.Name
		})
	}
	switch {
	case q.NeedsQuantile():
		return append(needed, istio.Latency(istio.LatencyHistogram)...)
	case q.Needs(query.Avg):
		return append(needed, istio.Latency(istio.LatencySummary)...)
	}
	return needed
}
