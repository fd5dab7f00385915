package derive

import (
	"context"

	"github.com/meshscope/meshscope/exporter/istio"
	"github.com/meshscope/meshscope/exporter/topology"
)

// FlowOptions say which flows are wanted.
type FlowOptions struct {
	Interval topology.Interval
	// Metrics are read. Requests and TCP must be among them, whatever is shown
	// of them: which reports count is decided by these (T1, T9).
	Metrics []istio.Metric
	// Waypoints shows the hops through waypoints as flows of their own.
	Waypoints bool
	// IsWaypoint tells waypoints from other workloads.
	IsWaypoint func(topology.Peer) bool
}

// Flows derives the traffic of an interval from the raw metrics, without a
// memory of earlier ones.
func (a *Asker) Flows(ctx context.Context, o FlowOptions) ([]topology.Flow, istio.Tally, error) {
	reports, tally, err := a.Ask(ctx, a.options.Dialect.Totals(o.Interval.Length, o.Metrics...), At(o.Interval.End))
	if err != nil {
		return nil, tally, err
	}
	flows := topology.NewDedup(topology.DedupOptions{}).Resolve(o.Interval, reports).Flows
	if !o.Waypoints {
		flows = topology.FoldWaypoints(flows, o.IsWaypoint)
	}
	return flows, tally, nil
}

// GraphOptions say which graph is wanted.
type GraphOptions struct {
	FlowOptions

	Level      topology.Level
	Namespaces []string
}

// Graph derives one graph from the raw metrics of an interval.
func (a *Asker) Graph(ctx context.Context, o GraphOptions) (*topology.Graph, istio.Tally, error) {
	flows, tally, err := a.Flows(ctx, o.FlowOptions)
	if err != nil {
		return nil, tally, err
	}
	g := topology.Build(o.Interval, flows, o.Level, false)
	return g.Select(topology.Selection{Namespaces: o.Namespaces}), tally, nil
}
