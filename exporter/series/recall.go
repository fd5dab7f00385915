package series

import (
	"iter"
	"time"

	"github.com/meshscope/meshscope/exporter/promql/expr"
	"github.com/meshscope/meshscope/exporter/topology"
)

// FirstSeen asks since when edges are known that were published within window.
func FirstSeen(window time.Duration) Question {
	return Question{Family: EdgeFirstSeen, expression: func(matchers ...expr.Matcher) expr.Expr {
		x := expr.Selector{Name: EdgeFirstSeen.Name, Matchers: matchers}
		return expr.Aggregation{Op: "min", By: EdgeFirstSeen.labelNames(), Of: expr.Func("last_over_time", x.Range(window))}
	}}
}

// RefreshedThrough asks up to when published series held what was scraped.
func RefreshedThrough(window time.Duration) Question {
	return Question{Family: RefreshTimestamp, expression: func(matchers ...expr.Matcher) expr.Expr {
		x := expr.Selector{Name: RefreshTimestamp.Name, Matchers: matchers}
		return expr.Max(nil, expr.Func("last_over_time", x.Range(window)))
	}}
}

// Key is the edge that a series is of.
func (r *Reader) Key(labels iter.Seq2[[]byte, []byte]) topology.EdgeKey {
	return r.place(r.labels.Read(labels)).key
}

// AppendGauge appends one gauge without labels, its head included.
func AppendGauge(b []byte, f *Family, value float64) []byte {
	return appendSample(f.appendHead(b), f.Name, "", nil, nil, value)
}
