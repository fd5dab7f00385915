package series

import (
	"time"

	"github.com/meshscope/meshscope/exporter/promql/expr"
)

// Question is one query to a store that holds derived series.
type Question struct {
	Family *Family

	metric     string // the series that is asked for
	by         []string
	expression func(...expr.Matcher) expr.Expr
}

// Name tells the question from others: its family's name.
func (q Question) Name() string { return q.Family.Name }

// Expr is the question in PromQL, with matchers on the family's labels.
func (q Question) Expr(matchers ...expr.Matcher) (string, error) {
	return expr.Format(q.expression(matchers...))
}

// Growth asks what a counter or histogram family grew by over a window.
// Exporters' own labels (instance, job, …) are summed away.
func Growth(f *Family, window time.Duration) Question {
	if f.Type == Histogram {
		return growth(f, f.Name+"_bucket", append(f.labelNames(), upperBound), window)
	}
	return growth(f, f.Name, f.labelNames(), window)
}

// DurationSum asks for the sum that goes with EdgeDuration's buckets.
func DurationSum(window time.Duration) Question {
	return growth(EdgeDuration, EdgeDuration.Name+"_sum", EdgeDuration.labelNames(), window)
}

func growth(f *Family, metric string, by []string, window time.Duration) Question {
	return Question{Family: f, metric: metric, by: by, expression: func(matchers ...expr.Matcher) expr.Expr {
		x := expr.Selector{Name: metric, Matchers: matchers}
		return expr.Sum(by, expr.Func("increase", x.Range(window)))
	}}
}

// Presence asks for the info series that there were within a window.
func Presence(f *Family, window time.Duration) Question {
	return Question{Family: f, metric: f.Name, by: f.labelNames(), expression: func(matchers ...expr.Matcher) expr.Expr {
		x := expr.Selector{Name: f.Name, Matchers: matchers}
		return expr.Max(f.labelNames(), expr.Func("last_over_time", x.Range(window)))
	}}
}
