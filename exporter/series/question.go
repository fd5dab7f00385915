package series

import (
	"slices"
	"time"

	"github.com/meshscope/meshscope/exporter/promql/expr"
)

// Question is one query to a store that holds derived series.
type Question struct {
	Family *Family

	metric   string // the series that is asked for
	overTime string // the function of what it did within a window
	window   time.Duration
	// Answers are told apart by these labels. What several exporters say of one
	// edge, one after the other, is put together by op: their own labels
	// (instance, job, …) go.
	by []string
	op string
	// positive asks only for answers above 0.
	positive bool
}

// Name tells the question from others: its family's name.
func (q Question) Name() string { return q.Family.Name }

// Expr is the question in PromQL, with matchers on the family's labels.
func (q Question) Expr(matchers ...expr.Matcher) (string, error) {
	return expr.Format(q.expression(matchers))
}

func (q Question) expression(matchers []expr.Matcher) expr.Expr {
	x := expr.Selector{Name: q.metric, Matchers: matchers}
	answers := expr.Expr(expr.Aggregation{Op: q.op, By: q.by, Of: expr.Func(q.overTime, x.Range(q.window))})
	if q.positive {
		answers = expr.Binary(expr.Gt, answers, expr.Number(0))
	}
	return answers
}

// Part is a question that is asked together with others, of the series that its
// matchers leave.
type Part struct {
	Question
	Matchers []expr.Matcher
}

// AnyOf asks several questions at once, whose answers are told apart by
// different labels.
func AnyOf(parts ...Part) (string, error) {
	var all expr.Expr
	for _, p := range parts {
		one := p.expression(p.Matchers)
		if all == nil {
			all = one
			continue
		}
		all = expr.Binary(expr.Or, all, one)
	}
	return expr.Format(all)
}

// Positive is the question without the answers that are 0.
func (q Question) Positive() Question {
	q.positive = true
	return q
}

// By is the question with answers told apart by these labels alone, and by
// those of the family beyond an edge's that are among them. A histogram's
// answers are told apart by their bounds, too.
func (q Question) By(labels ...string) Question {
	if q.Family.Type == Histogram && slices.Contains(q.by, upperBound) {
		labels = append(slices.Clone(labels), upperBound)
	}
	q.by = labels
	return q
}

// Growth asks what a counter or histogram family grew by over a window.
func Growth(f *Family, window time.Duration) Question {
	q := Question{Family: f, metric: f.Name, overTime: "increase", window: window, by: f.labelNames(), op: "sum"}
	if f.Type == Histogram {
		q.metric += "_bucket"
		q.by = append(q.by, upperBound)
	}
	return q
}

// DurationSum asks for the sum that goes with EdgeDuration's buckets.
func DurationSum(window time.Duration) Question {
	return Question{
		Family: EdgeDuration, metric: EdgeDuration.Name + "_sum", overTime: "increase", window: window,
		by: EdgeDuration.labelNames(), op: "sum",
	}
}

// Presence asks for the info series that there were within a window.
func Presence(f *Family, window time.Duration) Question {
	return last(f, window, "max")
}

// Worst asks for the greatest values of a gauge within a window.
func Worst(f *Family, window time.Duration) Question {
	return Question{Family: f, metric: f.Name, overTime: greatest, window: window, by: f.labelNames(), op: "max"}
}

const greatest = "max_over_time"

// last asks for the last values that there were within a window.
func last(f *Family, window time.Duration, op string) Question {
	return Question{Family: f, metric: f.Name, overTime: "last_over_time", window: window, by: f.labelNames(), op: op}
}
