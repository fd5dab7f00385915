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

// Rollup is the name of the recording rule, of the mixin, that holds what an
// answer to q grew by within each hour.
func (q Question) Rollup() string {
	name := strings.TrimPrefix(q.metric, "meshscope_edge_")
	return "edge:meshscope_" + strings.TrimSuffix(name, "_total") + ":increase1h"
}

// Rolled is q asked of its rollup: the sum of as many samples as there are
// hours, the last of them at the instant that it is asked for. It is for
// questions of Growth and DurationSum.
func (q Question) Rolled(hours int) Question {
	// Half an hour more than lies between the first sample and the last, so
	// that it does not matter whether a window's ends are part of it.
	window := time.Duration(hours)*RollupEvery - RollupEvery/2
	rolled := q
	rolled.expression = func(matchers ...expr.Matcher) expr.Expr {
		x := expr.Selector{Name: q.Rollup(), Matchers: matchers}
		return expr.Sum(q.by, expr.Func("sum_over_time", x.Range(window)))
	}
	return rolled
}

// RolledUp asks when the rollups have samples, within a window. Its answer has
// these themselves, a matrix.
func RolledUp(window time.Duration) (string, error) {
	return expr.Format(expr.Selector{Name: RollupCount}.Range(window))
}

// Rollups are the questions that have rollups: those for all that edges count.
func Rollups() []Question {
	var all []Question
	for _, f := range Topology {
		if f.OfEdge && f.Type != Gauge {
			all = append(all, Growth(f, RollupEvery))
		}
	}
	return append(all, DurationSum(RollupEvery))
}
