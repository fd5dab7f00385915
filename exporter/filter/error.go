package filter

import (
	"fmt"

	"github.com/expr-lang/expr/file"
)

// Error tells what is wrong with an expression, and where.
type Error struct {
	// Line and Column count from 1, in characters.
	Line, Column int
	Reason       string

	oneLine bool
}

// Error names the place and the reason.
func (e *Error) Error() string {
	if e.oneLine {
		return fmt.Sprintf("column %d: %s", e.Column, e.Reason)
	}
	return fmt.Sprintf("line %d, column %d: %s", e.Line, e.Column, e.Reason)
}

// errorAt is an error at a place in a text, which file.Location counts in
// characters from its beginning.
func errorAt(text string, at file.Location, format string, args ...any) *Error {
	e := &Error{Line: 1, Column: 1, Reason: fmt.Sprintf(format, args...), oneLine: true}
	n := 0
	for _, c := range text {
		before := n < at.From
		n++
		switch {
		case c == '\n':
			e.oneLine = false
			if before {
				e.Line++
				e.Column = 1
			}
		case before:
			e.Column++
		}
	}
	return e
}
