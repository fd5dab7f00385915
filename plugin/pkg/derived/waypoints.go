package derived

import (
	"context"

	"github.com/meshscope/meshscope/exporter/promql"
	"github.com/meshscope/meshscope/exporter/promql/expr"
	"github.com/meshscope/meshscope/exporter/series"
	"github.com/meshscope/meshscope/exporter/topology"
)

// waypoints are which workloads were waypoints, and which calls went by one.
type waypoints struct {
	known map[workload]bool
	notes []note // of the questions that this is known from
}

type workload struct{ cluster, namespace, name string }

// waypoints asks for the mesh's waypoints and, if there is one and hops are to
// be folded, for the calls that waypoints reported: without these a hop cannot
// be told from other TCP.
func (s *Source) waypoints(ctx context.Context, iv topology.Interval, fold bool, rolled *rollups, into *collection) (*waypoints, error) {
	w := &waypoints{known: map[workload]bool{}}
	infos := step{
		Question: series.Presence(series.WorkloadInfo, iv.Length), at: iv.End,
		matchers: []expr.Matcher{{Label: "dataplane", Op: expr.Equal, Value: series.Waypoint}},
	}
	asked, err := s.ask(ctx, infos, func(one *promql.Series) {
		w.known[workload{
			cluster:   string(one.Get("workload_cluster")),
			namespace: string(one.Get("workload_namespace")),
			name:      string(one.Get("workload_name")),
		}] = true
	})
	w.notes = append(w.notes, asked)
	if err != nil || len(w.known) == 0 || !fold {
		return w, err
	}
	reported := need{
		question: presenceOf(series.EdgeInfo),
		matchers: []expr.Matcher{{Label: "reporter", Op: expr.Equal, Value: topology.ByWaypoint.String()}},
	}
	for _, step := range reported.over(iv, rolled) {
		asked, err = s.read(ctx, step, into)
		w.notes = append(w.notes, asked)
		if err != nil {
			return w, err
		}
	}
	return w, nil
}

func (w *waypoints) has(p topology.Peer) bool {
	published := func(name string) string {
		if name == "" {
			return topology.Unknown
		}
		return name
	}
	return w.known[workload{published(p.Cluster), published(p.Namespace), published(p.Workload)}]
}
