package raw

import (
	"context"
	"slices"

	"github.com/meshscope/meshscope/exporter/derive"
	"github.com/meshscope/meshscope/exporter/istio"
	"github.com/meshscope/meshscope/exporter/topology"
	"github.com/meshscope/meshscope/plugin/pkg/query"
	"github.com/meshscope/meshscope/plugin/pkg/source"
)

// Names reads what reports of requests and connections there were in the
// interval, of whichever reporter, for what q asks for the names of.
func (s *Source) Names(ctx context.Context, iv topology.Interval, q query.Query) (source.Names, error) {
	isWaypoint := istio.Waypoints(istio.DefaultWaypoints)
	asker, giveBack := s.askers.borrow()
	defer giveBack()
	var metrics []istio.Metric
	if q.Shows(topology.HTTP) || q.Shows(topology.GRPC) {
		metrics = append(metrics, istio.Requests)
	}
	if q.Shows(topology.TCP) {
		metrics = append(metrics, istio.TCPOpened)
	}
	questions := istio.Dialect{}.Totals(istio.TotalsOptions{Window: iv.Length, NoSecurity: true}, metrics...)
	reports, tally, err := asker.Ask(ctx, questions, derive.At(iv.End))
	if err != nil {
		return source.Names{}, err
	}
	names := source.Names{Rejected: tally.Rejected}
	seen := map[topology.Ref]bool{}
	for r := range reports.All() {
		if !q.Shows(r.Protocol) {
			continue
		}
		for _, ref := range source.RefsOf(r.Key, q.Of) {
			hop := isWaypoint(topology.Peer{Cluster: ref.Cluster, Namespace: ref.Namespace, Workload: ref.Name})
			mayBeHop := slices.Contains([]query.Of{query.OfWorkloads, query.OfApps, query.OfServices}, q.Of)
			if !seen[ref] && source.IsWithin(ref, q) && (q.Waypoints || !mayBeHop || !hop) {
				names.All = append(names.All, ref)
			}
			seen[ref] = true
		}
	}
	for _, o := range asker.asked() {
		names.Queries = append(names.Queries, source.Query{Text: o.Text, At: iv.End})
		names.Warnings = append(names.Warnings, o.Warnings...)
	}
	return names, nil
}
