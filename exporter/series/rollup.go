package series

import (
	"strings"
	"time"

	"github.com/meshscope/meshscope/exporter/promql/expr"
)

// RollupEvery is the time that one sample of a rollup covers: up to its own
// time.
const RollupEvery = time.Hour

// RollupCount is the series that tells which samples of rollups there are: its
// value is how many series a rollup has at that time, its label RollupLabel
// the rollup's name.
const (
	RollupCount = "meshscope:rollup_series:count"
	RollupLabel = "rollup"
)

// Rollups are the questions that the mixin's rules have recorded the answers
// to, hour by hour: those for all that edges count, for who speaks on them, and
// for how unwell they were.
func Rollups() []Question {
	var all []Question
	for _, f := range Topology {
		if f.OfEdge && f.Type != Gauge {
			all = append(all, Growth(f, RollupEvery))
		}
	}
	return append(all, DurationSum(RollupEvery), Presence(EdgeInfo, RollupEvery), Worst(EdgeHealth, RollupEvery))
}

// Rollup is the name of the recording rule that holds the answers to q.
func (q Question) Rollup() string {
	name := strings.TrimSuffix(strings.TrimPrefix(q.metric, "meshscope_edge_"), "_total")
	switch {
	case q.overTime == greatest:
		return "edge:meshscope_" + name + ":max1h"
	case q.Family.Type == Gauge:
		return "edge:meshscope_" + name + ":last1h"
	}
	return "edge:meshscope_" + name + ":increase1h"
}

// Rolled is q asked of its rollup: over as many samples as there are hours,
// the last of them at the instant that it is asked for.
func (q Question) Rolled(hours int) Question {
	q.metric = q.Rollup()
	if q.overTime = "sum_over_time"; q.Family.Type == Gauge {
		q.overTime = greatest
	}
	// Half an hour more than lies between the first sample and the last, so
	// that it does not matter whether a window's ends are part of it.
	q.window = time.Duration(hours)*RollupEvery - RollupEvery/2
	return q
}

// RolledUp asks when the rollups have samples, within a window. Its answer has
// these themselves, a matrix.
func RolledUp(window time.Duration) (string, error) {
	return expr.Format(expr.Selector{Name: RollupCount}.Range(window))
}
