package expr

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// MatchOp is how a matcher compares a label with its value.
type MatchOp string

// The operators of matchers.
const (
	Equal    MatchOp = "="
	NotEqual MatchOp = "!="
	Regex    MatchOp = "=~"
	NotRegex MatchOp = "!~"
)

// Matcher is a condition on a label. A label that a series lacks counts as
// empty. Regular expressions are RE2's and match whole values.
type Matcher struct {
	Label string
	Op    MatchOp
	Value string
}

// OneOf matches the label where its value is one of those given, literally.
// Order and repetitions do not matter. Of no values it is the Matcher without an
// operator, which Format refuses, since nothing in PromQL matches nothing.
func OneOf(label string, values ...string) Matcher {
	return anyOf(label, values, regexp.QuoteMeta)
}

// OneLike matches the label where its value is like one of the patterns of Glob.
// Otherwise it is like OneOf.
func OneLike(label string, patterns ...string) Matcher {
	return anyOf(label, patterns, Glob)
}

// anyOf joins what toRegex makes of the values. A single one that is the same
// as a regular expression and literally is compared literally, which is faster
// in every store.
func anyOf(label string, values []string, toRegex func(string) string) Matcher {
	values = slices.Compact(slices.Sorted(slices.Values(values)))
	switch {
	case len(values) == 0:
		return Matcher{Label: label}
	case len(values) == 1 && toRegex(values[0]) == regexp.QuoteMeta(values[0]):
		return Matcher{Label: label, Op: Equal, Value: values[0]}
	}
	parts := make([]string, len(values))
	for i, value := range values {
		parts[i] = toRegex(value)
	}
	return Matcher{Label: label, Op: Regex, Value: strings.Join(parts, "|")}
}

// Glob returns the regular expression of a pattern in which * stands for any
// characters, ? for any one, and all others for themselves. Nothing escapes the
// two, which are in no name of Kubernetes.
func Glob(pattern string) string {
	return strings.NewReplacer(`\*`, `.*`, `\?`, `.`).Replace(regexp.QuoteMeta(pattern))
}

// write appends the matcher and reports whether it rejects the empty value,
// which at least one matcher of a selector must.
func (m Matcher) write(w *writer) (rejectsEmpty bool) {
	w.label(m.Label)
	switch m.Op {
	case Equal:
		rejectsEmpty = m.Value != ""
	case NotEqual:
		rejectsEmpty = m.Value == ""
	case Regex, NotRegex:
		re, err := compile(m.Value)
		if err != nil {
			w.fail("label %s: %w", m.Label, err)
			return false
		}
		rejectsEmpty = re.MatchString("") == (m.Op == NotRegex)
	case "":
		w.fail("the matcher of label %s has no operator, or no values to match", m.Label)
	default:
		w.fail("%q is not an operator of matchers", string(m.Op))
	}
	w.add(string(m.Op))
	w.quoted(m.Value)
	return rejectsEmpty
}

// compile compiles a regular expression as PromQL uses it.
func compile(pattern string) (*regexp.Regexp, error) {
	// By itself first: something like a)|(b must not become good by the parentheses.
	_, err := regexp.Compile(pattern)
	if err != nil {
		return nil, fmt.Errorf("a bad regular expression: %w", err)
	}
	return regexp.Compile("^(?s:" + pattern + ")$")
}
