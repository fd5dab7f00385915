package expr

import "slices"

// Aggregation combines the series of an expression into fewer. Without labels in
// By and Without it makes one series of all.
type Aggregation struct {
	// Op is the operator: sum, min, max, avg, count, group, topk, quantile, …
	Op string
	// By are the labels that are kept; Without those that are dropped. Only one of
	// both may be given.
	By, Without []string
	// Param is the parameter of operators that have one, such as the k of topk.
	Param Expr
	// Of is what is aggregated.
	Of Expr
}

// Sum adds up the series of an expression that agree in the labels of by.
func Sum(by []string, e Expr) Aggregation { return Aggregation{Op: "sum", By: by, Of: e} }

// Max takes the largest of the series of an expression that agree in the labels of by.
func Max(by []string, e Expr) Aggregation { return Aggregation{Op: "max", By: by, Of: e} }

var aggregationOps = []string{
	"avg", "bottomk", "count", "count_values", "group", "max", "min", "quantile", "stddev", "stdvar", "sum", "topk",
}

func (a Aggregation) write(w *writer) {
	if !slices.Contains(aggregationOps, a.Op) {
		w.fail("%q is not an aggregation", a.Op)
	}
	w.add(a.Op)
	switch {
	case len(a.By) > 0 && len(a.Without) > 0:
		w.fail("an aggregation is by labels or without labels, not both")
	case len(a.By) > 0:
		w.add(" by ")
		w.labels(a.By)
		w.add(" ")
	case len(a.Without) > 0:
		w.add(" without ")
		w.labels(a.Without)
		w.add(" ")
	}
	w.add("(")
	if a.Param != nil {
		w.expr(a.Param)
		w.add(", ")
	}
	w.expr(a.Of)
	w.add(")")
}

func (a Aggregation) isOperand() bool { return true }
