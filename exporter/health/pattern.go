package health

import (
	"errors"
	"fmt"
	"regexp"
	"regexp/syntax"
	"slices"
	"strings"
)

// pattern is a regular expression of a whole name. The zero value is like any.
type pattern struct{ expression *regexp.Regexp }

func (p pattern) is(name string) bool { return p.expression == nil || p.expression.MatchString(name) }

// compile anchors the expression as a whole, where Kiali anchors the first and
// the last of several alternatives: to it, "cart|checkout" is like "carts" too.
func compile(text string) (pattern, error) {
	if text == "" || text == ".*" {
		return pattern{}, nil
	}
	// By itself first, or what is between the anchors could reach beyond them.
	if _, err := regexp.Compile(text); err != nil {
		reason := err.Error()
		if broken := new(syntax.Error); errors.As(err, &broken) {
			reason = broken.Code.String()
		}
		return pattern{}, fmt.Errorf("not a regular expression: %q: %s", text, reason)
	}
	expression, err := regexp.Compile("^(?:" + text + ")$")
	if err != nil {
		return pattern{}, fmt.Errorf("not a regular expression: %q", text)
	}
	return pattern{expression}, nil
}

// compileCode compiles the pattern of a code, where an X is any one digit.
func compileCode(text string) (pattern, error) {
	if _, err := compile(text); err != nil {
		return pattern{}, err // in the words that it was written in
	}
	return compile(anyDigit.Replace(text))
}

var anyDigit = strings.NewReplacer("X", `\d`, "x", `\d`)

// The words that patterns are matched against.
const (
	inbound  = "inbound"
	outbound = "outbound"
)

var kinds = []string{"app", "service", "workload"}

// checkPattern says what is wrong with a pattern; of one that should be like
// some of a few names also that it is not.
func checkPattern(field, text string, names ...string) []FieldProblem {
	p, err := compile(text)
	if err != nil {
		return []FieldProblem{{Field: field, Text: err.Error()}}
	}
	if len(names) > 0 && !slices.ContainsFunc(names, p.is) {
		return []FieldProblem{{
			Field: field, Useless: true,
			Text: fmt.Sprintf("%q is like none of %s, so that it never holds", text, strings.Join(names, ", ")),
		}}
	}
	return nil
}
