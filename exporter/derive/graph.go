package derive

import (
	"context"

	"github.com/meshscope/meshscope/exporter/istio"
	"github.com/meshscope/meshscope/exporter/topology"
)

// GraphOptions say which graph is wanted.
type GraphOptions struct {
	Interval   topology.Interval
	Level      topology.Level
	Namespaces []string
	Latency    istio.LatencyMode
	// Waypoints shows the hops through waypoints as edges of their own.
	Waypoints bool
	// IsWaypoint tells waypoints from other workloads.
	IsWaypoint func(topology.Peer) bool
}

// Graph derives one graph from the raw metrics of an interval.
func (a *Asker) Graph(ctx context.Context, o GraphOptions) (*topology.Graph, istio.Tally, error) {
	questions := a.options.Dialect.GraphQuestions(o.Latency, o.Interval.Length)
	reports, tally, err := a.Ask(ctx, questions, At(o.Interval.End))
	if err != nil {
		return nil, tally, err
	}
	flows := topology.NewDedup(topology.DedupOptions{}).Resolve(o.Interval, reports).Flows
	if !o.Waypoints {
		flows = topology.FoldWaypoints(flows, o.IsWaypoint)
	}
	g := topology.Build(o.Interval, flows, o.Level, false)
	return g.Select(topology.Selection{Namespaces: o.Namespaces}), tally, nil
}

// Waypoints is a test for waypoints by globs on namespace/name.
func Waypoints(globs []string) func(topology.Peer) bool {
	return func(p topology.Peer) bool {
		for _, glob := range globs {
			if topology.MatchGlob(glob, p.Namespace+"/"+p.Workload) {
				return true
			}
		}
		return false
	}
}
