package expr

import "time"

// Subqueried is an expression evaluated at several times. See Subquery.
type Subqueried struct {
	expr                 Expr
	window, step, offset time.Duration
}

// Subquery evaluates an expression over a duration at each multiple of the
// step, which gives a range vector. The step 0 leaves it to the store.
func Subquery(e Expr, window, step time.Duration) Subqueried {
	return Subqueried{expr: e, window: window, step: step}
}

// Offset returns the subquery moved into the past by a duration, or into the
// future by a negative one. An offset of 0 is none.
func (s Subqueried) Offset(d time.Duration) Subqueried {
	s.offset = d
	return s
}

func (s Subqueried) write(w *writer) {
	w.operand(s.expr)
	w.add("[")
	w.duration(s.window)
	w.add(":")
	if s.step != 0 {
		w.duration(s.step)
	}
	w.add("]")
	w.offset(s.offset)
}

func (s Subqueried) isOperand() bool { return false }
