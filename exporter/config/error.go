package config

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// A Problem is one thing that is wrong with a configuration file.
type Problem struct {
	File string
	// Line and Column say where, counted from 1. They are 0 where that is not known.
	Line, Column int
	// Key is the path of the key, e.g. refresh.interval; it is empty for a problem of the file as a whole.
	Key string
	// Message says what was found and what is allowed. It never holds a secret.
	Message string
}

// String gives the problem in one line, e.g.
//
//	meshscope.yml:7: refresh.interval: not a duration: "15 parsecs" (want e.g. 15s, 5m)
func (p Problem) String() string {
	var b strings.Builder
	b.WriteString(p.File)
	if p.Line > 0 {
		fmt.Fprintf(&b, ":%d", p.Line)
	}
	b.WriteString(": ")
	if p.Key != "" {
		b.WriteString(p.Key + ": ")
	}
	b.WriteString(p.Message)
	return b.String()
}

// A ParseError holds all that is wrong with a configuration file.
type ParseError struct {
	// Problems is sorted by line and never empty.
	Problems []Problem
}

// Error gives one line for each problem.
func (e *ParseError) Error() string {
	lines := make([]string, len(e.Problems))
	for i, p := range e.Problems {
		lines[i] = p.String()
	}
	return strings.Join(lines, "\n")
}

// newParseError returns a ParseError, or nil without problems.
func newParseError(file string, problems []Problem) error {
	if len(problems) == 0 {
		return nil
	}
	for i := range problems {
		problems[i].File = file
	}
	slices.SortStableFunc(problems, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
	return &ParseError{Problems: problems}
}
