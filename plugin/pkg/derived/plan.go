package derived

import (
	"time"

	"github.com/meshscope/meshscope/exporter/promql/expr"
	"github.com/meshscope/meshscope/exporter/series"
	"github.com/meshscope/meshscope/exporter/topology"
	"github.com/meshscope/meshscope/plugin/pkg/query"
)

// step is one question of a plan, and when it is asked for.
type step struct {
	series.Question

	at       time.Time
	piece    int // which piece of the interval it reads
	matchers []expr.Matcher
}

// plan are the questions that a view needs answered, each for all pieces of
// the interval.
func plan(q query.Query, iv topology.Interval, rolled *rollups) []step {
	var steps []step
	for _, need := range needs(q) {
		steps = append(steps, need.over(iv, rolled)...)
	}
	return steps
}

// need is a question that a view needs answered, over whatever window.
type need struct {
	question func(window time.Duration) series.Question
	matchers []expr.Matcher
}

// over is the need for an interval.
func (n need) over(iv topology.Interval, rolled *rollups) []step {
	var steps []step
	for i, p := range pieces(iv, rolled.hours[n.question(iv.Length).Rollup()]) {
		steps = append(steps, step{Question: p.of(n.question), at: p.end, piece: i, matchers: n.matchers})
	}
	return steps
}

func growth(f *series.Family) need {
	return need{question: func(window time.Duration) series.Question { return series.Growth(f, window) }}
}

// presenceOf asks for the info series that there were.
func presenceOf(f *series.Family) func(time.Duration) series.Question {
	return func(window time.Duration) series.Question { return series.Presence(f, window) }
}

func needs(q query.Query) []need {
	var all []need
	ask := func(families ...*series.Family) {
		for _, f := range families {
			all = append(all, growth(f))
		}
	}
	requests := q.Shows(topology.HTTP) || q.Shows(topology.GRPC)
	connections := q.Shows(topology.TCP)
	if q.Level == topology.ByService || q.Judges() {
		// A caller is placed by the service that it is called by most, over
		// whatever protocol, and a filter may look at any: neither may depend
		// on what is shown (T4).
		requests, connections = true, true
	}
	if requests {
		ask(series.EdgeRequests)
	}
	if q.Shows(topology.GRPC) || q.Level == topology.ByService || q.Judges() {
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
		all = append(all, latency(q)...)
	}
	if q.NeedsInfo() {
		all = append(all, need{question: presenceOf(series.EdgeInfo)})
	}
	return all
}

// latency asks for the histograms, which are most of all series: for all
// buckets only if there is a quantile to show.
func latency(q query.Query) []need {
	mean := need{question: series.DurationSum}
	buckets := growth(series.EdgeDuration)
	switch {
	case q.NeedsQuantile() && q.Needs(query.Avg):
		return []need{buckets, mean}
	case q.NeedsQuantile():
		return []need{buckets}
	case q.Needs(query.Avg):
		buckets.matchers = []expr.Matcher{{Label: "le", Op: expr.Equal, Value: "+Inf"}}
		return []need{buckets, mean}
	}
	return nil
}
