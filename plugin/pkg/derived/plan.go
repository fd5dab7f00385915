package derived

import (
	"time"

	"github.com/meshscope/meshscope/exporter/promql/expr"
	"github.com/meshscope/meshscope/exporter/series"
	"github.com/meshscope/meshscope/exporter/topology"
	"github.com/meshscope/meshscope/plugin/pkg/query"
)

// step is one question of a plan.
type step struct {
	series.Question

	matchers []expr.Matcher
}

// plan are the questions that a view needs answered.
func plan(q query.Query, window time.Duration) []step {
	var steps []step
	ask := func(families ...*series.Family) {
		for _, f := range families {
			steps = append(steps, step{Question: series.Growth(f, window)})
		}
	}
	requests := q.Shows(topology.HTTP) || q.Shows(topology.GRPC)
	connections := q.Shows(topology.TCP)
	if q.Level == topology.ByService {
		// A caller is placed by the service that it is called by most, over
		// whatever protocol: that must not depend on what is shown (T4).
		requests, connections = true, true
	}
	if requests {
		ask(series.EdgeRequests)
	}
	if q.Shows(topology.GRPC) || q.Level == topology.ByService {
		ask(series.EdgeRequestMessages, series.EdgeResponseMessages)
	}
	if requests && q.Needs(query.Throughput) {
		ask(series.EdgeRequestBytes, series.EdgeResponseBytes)
	}
	if connections {
		ask(series.EdgeTCPRequestBytes, series.EdgeTCPResponseBytes, series.EdgeTCPOpened, series.EdgeTCPClosed)
	}
	ask(series.EdgeSecured)
	if requests {
		steps = append(steps, latency(q, window)...)
	}
	return steps
}

// latency asks for the histograms, which are most of all series: for all
// buckets only if there is a quantile to show.
func latency(q query.Query, window time.Duration) []step {
	mean := step{Question: series.DurationSum(window)}
	buckets := step{Question: series.Growth(series.EdgeDuration, window)}
	switch {
	case q.NeedsQuantile() && q.Needs(query.Avg):
		return []step{buckets, mean}
	case q.NeedsQuantile():
		return []step{buckets}
	case q.Needs(query.Avg):
		buckets.matchers = []expr.Matcher{{Label: "le", Op: expr.Equal, Value: "+Inf"}}
		return []step{buckets, mean}
	}
	return nil
}
