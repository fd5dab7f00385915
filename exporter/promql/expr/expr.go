package expr

import (
	"fmt"
	"strings"
)

// Expr is an expression. It is immutable as long as the slices that it was
// built from are left alone, and parts can be used in several expressions.
type Expr interface {
	// write appends the expression to the text.
	write(*writer)
	// isOperand tells whether the expression can stand beside an operator or
	// before a range without parentheses.
	isOperand() bool
}

// Format returns the text of an expression. It fails on names, strings,
// durations and combinations that cannot be written in PromQL. Equal expressions
// have equal texts.
func Format(e Expr) (string, error) {
	var w writer
	w.expr(e)
	if w.err != nil {
		return "", fmt.Errorf("promql expression: %w", w.err)
	}
	return w.text.String(), nil
}

// writer collects the text of an expression and the first error in it.
type writer struct {
	text strings.Builder
	err  error
}

func (w *writer) fail(format string, args ...any) {
	if w.err == nil {
		w.err = fmt.Errorf(format, args...)
	}
}

func (w *writer) add(parts ...string) {
	for _, part := range parts {
		w.text.WriteString(part)
	}
}

func (w *writer) expr(e Expr) {
	if e == nil {
		w.fail("a part is missing")
		return
	}
	e.write(w)
}

// operand writes an expression, in parentheses if it needs them there.
func (w *writer) operand(e Expr) {
	if e == nil || e.isOperand() {
		w.expr(e)
		return
	}
	w.add("(")
	w.expr(e)
	w.add(")")
}

// labels writes a list of label names in parentheses.
func (w *writer) labels(names []string) {
	w.add("(")
	for i, name := range names {
		if i > 0 {
			w.add(", ")
		}
		w.label(name)
		if isNumberWord(name) {
			w.fail("the label %q cannot be in a list of labels, where it reads as a number", name)
		}
	}
	w.add(")")
}

// label writes the name of a label.
func (w *writer) label(name string) {
	if !isLabelName(name) {
		w.fail("%q is not a label name of letters, digits and underscores", name)
	}
	w.add(name)
}
