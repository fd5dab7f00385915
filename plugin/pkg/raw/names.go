package raw

import (
	"context"

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
	names := source.Names{Asked: asker.asked(source.Query{At: iv.End}, tally)}
	seen := map[topology.Ref]bool{}
	for r := range reports.All() {
		if !q.Shows(r.Protocol) {
			continue
		}
		for _, ref := range source.RefsOf(r.Key, q.Of) {
			hop := source.MayBeWaypoints(q.Of) && isWaypoint(source.Namesake(ref))
			if !seen[ref] && source.IsWithin(ref, q) && (q.Waypoints || !hop) {
				names.All = append(names.All, ref)
			}
			seen[ref] = true
		}
	}
	return names, nil
}
