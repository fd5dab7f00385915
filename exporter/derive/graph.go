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
	// Ambient is how much is read of what ambient's proxies report.
	Ambient istio.Ambient
	// Operation is the label that requests are classified by, e.g.
	// request_operation; empty where operations are not wanted.
	Operation string
	// Nowhere takes calls of whose destination nothing is known, which are
	// rejected else: they end at a service without a name.
	Nowhere bool
	// NoSecurity leaves out mutual TLS and identities.
	NoSecurity bool
	// Waypoints shows the hops through waypoints as flows of their own.
	Waypoints bool
	// IsWaypoint tells waypoints from other workloads.
	IsWaypoint func(topology.Peer) bool
}

// Flows derives the traffic of an interval from the raw metrics, without a
// memory of earlier ones.
func (a *Asker) Flows(ctx context.Context, o FlowOptions) ([]topology.Flow, istio.Tally, error) {
	reports, tally, err := a.Ask(ctx, a.options.Dialect.Totals(istio.TotalsOptions{
		Window: o.Interval.Length, Ambient: o.Ambient, Operation: o.Operation, Nowhere: o.Nowhere, NoSecurity: o.NoSecurity,
	}, o.Metrics...), At(o.Interval.End))
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
	// Build is how it is made. Waypoints are told by FlowOptions' IsWaypoint.
	Build topology.BuildOptions
	// Complete gives the whole graph what is known beside its traffic, such as
	// verdicts, before the selection. Calls are all flows of the mesh, in order,
	// without the hops through waypoints, even where the graph shows these. It
	// may be nil.
	Complete func(whole *topology.Graph, calls []topology.Flow)
	// Selection is the part that is wanted.
	Selection topology.Selection
}

// Graph derives one graph from the raw metrics of an interval.
func (a *Asker) Graph(ctx context.Context, o GraphOptions) (*topology.Graph, istio.Tally, error) {
	flows, tally, err := a.Flows(ctx, o.FlowOptions)
	if err != nil {
		return nil, tally, err
	}
	o.Build.IsWaypoint = o.IsWaypoint
	whole := topology.Build(o.Interval, flows, o.Build)
	if o.Complete != nil {
		if o.Waypoints {
			flows = topology.FoldWaypoints(flows, o.IsWaypoint)
		}
		o.Complete(whole, flows)
	}
	return whole.Select(o.Selection), tally, nil
}
