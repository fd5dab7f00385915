package raw

import (
	"context"

	"github.com/meshscope/meshscope/exporter/derive"
	"github.com/meshscope/meshscope/exporter/topology"
	"github.com/meshscope/meshscope/plugin/pkg/query"
	"github.com/meshscope/meshscope/plugin/pkg/source"
)

// Courses derives the traffic of entities at each instant of a span, whatever
// else there was: whose reports count is decided for each instant by itself
// (T1). What is a hop through a waypoint is decided over the range, by the one
// who asks.
func (s *Source) Courses(ctx context.Context, span source.Span, q query.Query, wanted []source.Wanted, to source.Taker) (source.Asked, error) {
	asker, giveBack := s.askers.borrow()
	defer giveBack()
	to.Over(span)
	security := q.Needs(query.MTLS)
	tally, err := asker.Course(ctx, derive.FlowOptions{
		Interval: topology.Interval{Length: span.Window}, Metrics: metrics(q), NoSecurity: !security,
	}, span.Range, func(at int, flows []topology.Flow) {
		for entity, by := range entitiesOf(flows, q, wanted) {
			to.Take(entity, at, by)
		}
	})
	if err != nil {
		return source.Asked{}, err
	}
	return asker.asked(source.Query{At: span.End, Since: span.Start, Every: span.Step}, tally), nil
}

// entitiesOf adds up what entities have of these flows, which are sorted.
func entitiesOf(flows []topology.Flow, q query.Query, wanted []source.Wanted) map[int]map[topology.Protocol]*topology.Traffic {
	all := map[int]map[topology.Protocol]*topology.Traffic{}
	for _, w := range wanted {
		for _, f := range flows {
			share, ok := w.Of[source.Part{Key: f.Key, Protocol: f.Protocol}]
			if !ok || !q.Shows(f.Protocol) {
				continue
			}
			traffic := leftOf(f.Traffic, share.Left)
			for _, entity := range share.Entities {
				by, ok := all[entity]
				if !ok {
					by = map[topology.Protocol]*topology.Traffic{}
					all[entity] = by
				}
				if by[f.Protocol] == nil {
					by[f.Protocol] = new(topology.Traffic)
				}
				by[f.Protocol].Merge(traffic)
			}
		}
	}
	return all
}

func leftOf(t *topology.Traffic, l *source.Left) *topology.Traffic {
	if l == nil {
		return t
	}
	left := *t
	if l.RequestsOnly {
		left = topology.Traffic{}
	}
	left.Requests = nil
	for _, r := range t.Responses() {
		left.AddRequests(r, t.Requests[r]*l.Requests[r])
	}
	return &left
}
