package derived

import (
	"context"
	"slices"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/meshscope/meshscope/exporter/promql"
	"github.com/meshscope/meshscope/exporter/promql/expr"
	"github.com/meshscope/meshscope/exporter/series"
	"github.com/meshscope/meshscope/exporter/topology"
	"github.com/meshscope/meshscope/plugin/pkg/query"
	"github.com/meshscope/meshscope/plugin/pkg/source"
)

// Names reads what there was in the interval, with traffic or without, of what
// q asks for the names of. The store sends each name once.
func (s *Source) Names(ctx context.Context, iv topology.Interval, q query.Query) (source.Names, error) {
	rolled, err := s.rolledUp(ctx, iv)
	if err != nil {
		return source.Names{}, err
	}
	presence := need{question: presenceOf(series.EdgeInfo)}
	steps := presence.over(iv, rolled)
	notes := make([]note, len(steps))
	refs := map[topology.Ref]bool{}
	var mu sync.Mutex
	waypoints := &waypoints{}
	group, inGroup := errgroup.WithContext(ctx)
	for i, step := range steps {
		group.Go(func() error {
			text, err := series.AnyOf(endsOf(step.Question, q)...)
			if err != nil {
				return err
			}
			reader, giveBack := s.readers.borrow(series.EdgeInfo)
			defer giveBack()
			reader.Begin(nil)
			defer reader.End()
			notes[i], err = s.query(inGroup, text, step.at, func(one *promql.Series) {
				mu.Lock()
				defer mu.Unlock()
				for _, ref := range source.RefsOf(reader.Place(one.All()).Key(), q.Of) {
					refs[ref] = source.IsWithin(ref, q)
				}
			})
			return err
		})
	}
	if !q.Waypoints && source.MayBeWaypoints(q.Of) {
		group.Go(func() (err error) {
			waypoints, err = s.waypoints(inGroup, iv, false, rolled, nil)
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return source.Names{}, err
	}
	var names source.Names
	for ref, within := range refs {
		if within && !waypoints.has(source.Namesake(ref)) {
			names.All = append(names.All, ref)
		}
	}
	names.Asked = asked(rolled.notes, notes, waypoints.notes)
	return names, nil
}

// namedEnd is an end of edges: the labels of its place, and of its names.
type namedEnd struct {
	cluster, namespace string
	names              []string
	matchers           []expr.Matcher
}

// ends are where names of a kind are.
var ends = map[query.Of][]namedEnd{
	query.OfClusters: {{cluster: "source_cluster"}, {cluster: "destination_cluster"}},
	query.OfNamespaces: {
		{cluster: "source_cluster", namespace: "source_workload_namespace"},
		{cluster: "destination_cluster", namespace: "destination_workload_namespace"},
		{
			cluster: "destination_cluster", namespace: "destination_service_namespace",
			matchers: []expr.Matcher{expr.OneOf("destination_workload", topology.Unknown, "")},
		},
	},
	query.OfWorkloads: {
		{cluster: "source_cluster", namespace: "source_workload_namespace", names: []string{"source_workload"}},
		{cluster: "destination_cluster", namespace: "destination_workload_namespace", names: []string{"destination_workload"}},
	},
	query.OfApps: {
		{cluster: "source_cluster", namespace: "source_workload_namespace", names: []string{"source_canonical_service"}},
		{cluster: "destination_cluster", namespace: "destination_workload_namespace", names: []string{"destination_canonical_service"}},
	},
	query.OfServices: {{
		cluster: "destination_cluster", namespace: "destination_service_namespace",
		names: []string{"destination_service_name", "destination_service"},
	}},
}

// endsOf asks for each end of the edges that are of the query's places.
func endsOf(presence series.Question, q query.Query) (parts []series.Part) {
	for _, end := range ends[q.Of] {
		labels := append([]string{end.cluster}, end.names...)
		matchers := slices.Clone(end.matchers)
		if end.namespace != "" {
			labels = append(labels, end.namespace)
			if len(q.Namespaces) > 0 {
				matchers = append(matchers, expr.OneLike(end.namespace, q.Namespaces...))
			}
		}
		if len(q.Clusters) > 0 {
			matchers = append(matchers, expr.OneLike(end.cluster, q.Clusters...))
		}
		matchers = append(matchers, protocolsOf(q, []string{"request_protocol"})...)
		parts = append(parts, series.Part{Question: presence.By(labels...), Matchers: matchers})
	}
	return parts
}
