package app

import (
	"github.com/meshscope/meshscope/exporter/health"
	"github.com/meshscope/meshscope/exporter/kube"
	"github.com/meshscope/meshscope/exporter/topology"
)

// complete gives a whole graph its objects and its verdicts. Both are of the whole mesh, whichever part of the graph
// is shown (T4, T6): of the clusters' objects as they are now, and of all calls of the graph's interval.
func (s *graphSettings) complete(o kube.AttachOptions) func(whole *topology.Graph, calls []topology.Flow) {
	return func(whole *topology.Graph, calls []topology.Flow) {
		s.kubernetes.Attach(whole, o)
		s.judge(whole, calls)
	}
}

// judge gives a whole graph its verdicts, which are reached on all calls of its interval.
func (s *graphSettings) judge(whole *topology.Graph, calls []topology.Flow) *health.Verdicts {
	verdicts := s.health.Judge(whole.Interval, calls, s.kubernetes.Objects())
	verdicts.Attach(whole)
	return verdicts
}
