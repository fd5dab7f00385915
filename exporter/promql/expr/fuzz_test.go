package expr_test

import (
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql/parser"
	"github.com/stretchr/testify/require"

	"github.com/meshscope/meshscope/exporter/promql/expr"
)

var prometheus = parser.NewParser(parser.Options{})

// matchersOf returns the matchers of a selector as Prometheus reads it. The name
// comes first if it is written before the braces, where Prometheus has it last.
func matchersOf(t *testing.T, selector string) []expr.Matcher {
	t.Helper()
	parsed, err := prometheus.ParseExpr(selector)
	require.NoError(t, err, selector)
	require.IsType(t, &parser.VectorSelector{}, parsed)
	vector := parsed.(*parser.VectorSelector)
	list := vector.LabelMatchers
	if vector.Name != "" && !strings.HasPrefix(selector, "{") {
		last := len(list) - 1
		list = append([]*labels.Matcher{list[last]}, list[:last]...)
	}
	var matchers []expr.Matcher
	for _, m := range list {
		matchers = append(matchers, expr.Matcher{Label: m.Name, Op: expr.MatchOp(m.Type.String()), Value: m.Value})
	}
	return matchers
}

var matchOps = []expr.MatchOp{expr.Equal, expr.NotEqual, expr.Regex, expr.NotRegex}

// FuzzSelector checks that Prometheus reads a selector as it was meant, whatever
// is in it, and that nothing is refused that could be written.
func FuzzSelector(f *testing.F) {
	for _, name := range []string{"x", "", "a:b", "sum", "nan", "é", "a{b", "\xff", "9"} {
		f.Add(name, "label", uint8(0), "value", uint8(3), ".+")
	}
	f.Add("x", "__name__", uint8(0), "y", uint8(0), "")
	f.Add("", "on", uint8(2), `a"}) or (b`, uint8(1), "\\\n\t\x00\u2028\uFFFD😀")
	f.Fuzz(func(t *testing.T, name, label string, op1 uint8, value1 string, op2 uint8, value2 string) {
		matchers := []expr.Matcher{
			{Label: label, Op: matchOps[op1%4], Value: value1},
			{Label: "second", Op: matchOps[op2%4], Value: value2},
		}
		text, err := expr.Format(expr.Selector{Name: name, Matchers: matchers})
		if err != nil {
			require.Empty(t, text)
			require.False(t, writable(name, matchers), "refused: %v", err)
			return
		}
		want := matchers
		if name != "" {
			want = append([]expr.Matcher{{Label: "__name__", Op: expr.Equal, Value: name}}, matchers...)
		}
		require.Equal(t, want, matchersOf(t, text), text)
	})
}

// writable tells whether a selector can be written, as Prometheus sees it.
func writable(name string, matchers []expr.Matcher) bool {
	rejectsEmpty := name != ""
	for _, m := range matchers {
		kind := labels.MatchType(slices.Index(matchOps, m.Op))
		compiled, err := labels.NewMatcher(kind, m.Label, m.Value)
		if err != nil || !utf8.ValidString(m.Value) || !model.LegacyValidation.IsValidLabelName(m.Label) {
			return false
		}
		if m.Label == "__name__" && name != "" {
			return false
		}
		rejectsEmpty = rejectsEmpty || !compiled.Matches("")
	}
	return rejectsEmpty && utf8.ValidString(name)
}

// FuzzOneOf checks that exact names and globs match what they should, as
// Prometheus matches.
func FuzzOneOf(f *testing.F) {
	f.Add("a.b", "c|d", "a.b")
	f.Add("", "(", "x")
	f.Add("a*b?", "]\n", "axxbc")
	f.Fuzz(func(t *testing.T, first, second, candidate string) {
		if !utf8.ValidString(first) || !utf8.ValidString(second) || !utf8.ValidString(candidate) {
			t.Skip()
		}
		matches := func(m expr.Matcher, value string) bool {
			kind := labels.MatchType(slices.Index(matchOps, m.Op))
			return labels.MustNewMatcher(kind, m.Label, m.Value).Matches(value)
		}
		exact := expr.OneOf("l", first, second)
		require.Equal(t, candidate == first || candidate == second, matches(exact, candidate))
		require.True(t, matches(exact, first))
		require.True(t, matches(exact, second))
		globs := expr.OneLike("l", first, second)
		require.Equal(t, like(first, candidate) || like(second, candidate), matches(globs, candidate))
	})
}

// like is the plainest definition of what a glob matches.
func like(pattern, text string) bool {
	s := []rune(text)
	row := make([]bool, len(s)+1) // row[j]: the pattern so far matches s[:j]
	row[0] = true
	for _, c := range pattern {
		next := make([]bool, len(s)+1)
		next[0] = c == '*' && row[0]
		for j := 1; j <= len(s); j++ {
			if c == '*' {
				next[j] = row[j] || next[j-1]
			} else {
				next[j] = row[j-1] && (c == '?' || c == s[j-1])
			}
		}
		row = next
	}
	return row[len(s)]
}

// FuzzParseMatchers checks that what is accepted means the same to Prometheus,
// both as it was given and as it is written again, and that nothing is refused
// which Prometheus accepts, but for the stated reasons.
func FuzzParseMatchers(f *testing.F) {
	for _, text := range []string{
		``, `{}`, `mesh_id="m1"`, `a="b",c=~"d.*",`, ` { a != 'b' , c!~` + "`\\d`" + ` } `, `a="\x41\u00e9\U0001F600\101\"\'"`,
		`a='"\''`, `"quoted.name"="x"`, `a="b" # comment`, `a=~"("`, `a="` + "\n" + `"`, `a="\ud800"`, `a="b"}`, `{a="b"`, `a==b`, "a=\"\xff\"",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		matchers, err := expr.ParseMatchers(text)
		inner := strings.Trim(text, " \t\r\n")
		if strings.HasPrefix(inner, "{") && strings.HasSuffix(inner, "}") {
			inner = inner[1 : len(inner)-1]
		}
		asGiven := "x{" + inner + "}"
		if err != nil {
			var syntax *expr.SyntaxError
			require.ErrorAs(t, err, &syntax)
			require.True(t, 0 <= syntax.Offset && syntax.Offset <= len(text))
			require.Nil(t, matchers)
			require.False(t, parseable(asGiven), "refused: %v", err)
			return
		}
		isNamed := slices.ContainsFunc(matchers, func(m expr.Matcher) bool { return m.Label == "__name__" })
		if isNamed || strings.ContainsRune(text, utf8.RuneError) {
			return // Prometheus takes neither of them, the second for a bad byte
		}
		matchers = append([]expr.Matcher{}, matchers...) // never nil, like what it is compared with
		require.Equal(t, matchers, matchersOf(t, asGiven)[1:], asGiven)
		again, err := expr.Format(expr.Selector{Name: "x", Matchers: matchers})
		require.NoError(t, err)
		require.Equal(t, matchers, matchersOf(t, again)[1:], again)
		if len(matchers) > 0 {
			reparsed, err := expr.ParseMatchers(strings.TrimPrefix(again, "x"))
			require.NoError(t, err)
			require.Equal(t, matchers, reparsed)
		}
	})
}

// parseable tells whether Prometheus accepts a selector for which ParseMatchers
// has no reason to refuse: comments, names in quotes and bad bytes are ones.
func parseable(selector string) bool {
	parsed, err := prometheus.ParseExpr(selector)
	vector, ok := parsed.(*parser.VectorSelector)
	if err != nil || !ok || strings.Contains(selector, "#") || strings.HasPrefix(selector, "x{{") {
		return false
	}
	for _, m := range vector.LabelMatchers[:len(vector.LabelMatchers)-1] {
		quoted := strings.Contains(selector, `"`+m.Name+`"`) || strings.Contains(selector, `'`+m.Name+`'`) ||
			strings.Contains(selector, "`"+m.Name+"`") || !model.LegacyValidation.IsValidLabelName(m.Name)
		if quoted || !utf8.ValidString(m.Value) {
			return false
		}
	}
	return true
}

// FuzzFormat checks that Prometheus reads any composition of expressions as the
// tree that was meant.
func FuzzFormat(f *testing.F) {
	f.Add([]byte{0, 1, 2, 3, 4, 5, 6, 7, 8, 9})
	f.Add([]byte{5, 5, 3, 2, 1, 4, 4, 4, 0, 0, 9, 7, 5, 1})
	f.Add([]byte("a longer list of bytes makes a deeper expression, with more of each part"))
	f.Fuzz(func(t *testing.T, choices []byte) {
		g := generator{choices: choices}
		e, want := g.vector(6)
		text, err := expr.Format(e)
		require.NoError(t, err)
		parsed, err := prometheus.ParseExpr(text)
		require.NoError(t, err, text)
		require.Equal(t, want, outline(parsed), text)
	})
}

// generator makes expressions of the right types, each with its outline.
type generator struct{ choices []byte }

func (g *generator) choose(n int) int {
	if len(g.choices) == 0 {
		return 0
	}
	c := int(g.choices[0])
	g.choices = g.choices[1:]
	return c % n
}

var durations = []time.Duration{time.Millisecond, 15001 * time.Millisecond, 15 * time.Second, 90 * time.Minute, 48 * time.Hour}

func (g *generator) duration() time.Duration { return durations[g.choose(len(durations))] }

func (g *generator) vector(depth int) (expr.Expr, string) {
	kinds := 6
	if depth == 0 {
		kinds = 2
	}
	switch g.choose(kinds) {
	case 0:
		return expr.Selector{Name: "x"}, "x"
	case 1:
		d := g.duration()
		return expr.Selector{Name: "x"}.Offset(d), "x@" + d.String()
	case 2:
		of, outline := g.matrix(depth - 1)
		return expr.Func("rate", of), "rate(" + outline + ")"
	case 3:
		of, outline := g.vector(depth - 1)
		if g.choose(2) == 0 {
			return expr.Aggregation{Op: "topk", Without: []string{"b"}, Param: expr.Number(-2), Of: of}, "topk-[b](" + outline + ")"
		}
		return expr.Sum([]string{"a", "by"}, of), "sum[a by](" + outline + ")"
	case 4:
		left, l := g.number(depth - 1)
		right, r := g.vector(depth - 1)
		op := []expr.BinaryOp{expr.Add, expr.Sub, expr.Mul, expr.Div, expr.Mod, expr.Pow, expr.GtBool}[g.choose(7)]
		return expr.Binary(op, left, right), "(" + l + " " + string(op) + " " + r + ")"
	default:
		left, l := g.vector(depth - 1)
		right, r := g.vector(depth - 1)
		op := []expr.BinaryOp{expr.And, expr.Or, expr.Unless, expr.Sub, expr.Eq, expr.LtBool}[g.choose(6)]
		return expr.Binary(op, left, right, expr.On("c")), "(" + l + " " + string(op) + " " + r + ")"
	}
}

func (g *generator) number(depth int) (expr.Expr, string) {
	switch n := g.choose(3); {
	case n == 0 || depth <= 0:
		return expr.Number(2), "2"
	case n == 1:
		return expr.Number(-2), "-2"
	default:
		left, l := g.number(depth - 1)
		right, r := g.number(depth - 1)
		return expr.Binary(expr.Pow, left, right), "(" + l + " ^ " + r + ")"
	}
}

func (g *generator) matrix(depth int) (expr.Expr, string) {
	d := g.duration()
	if depth <= 0 || g.choose(2) == 0 {
		return expr.Selector{Name: "x"}.Range(d).Offset(d), "x[" + d.String() + "]@" + d.String()
	}
	of, outline := g.vector(depth - 1)
	return expr.Subquery(of, d, time.Minute).Offset(-d), outline + "[" + d.String() + ":1m0s]@-" + d.String()
}

// outline tells the structure of an expression as Prometheus has read it.
func outline(e parser.Expr) string {
	at := func(offset time.Duration) string {
		if offset == 0 {
			return ""
		}
		return "@" + offset.String()
	}
	switch e := e.(type) {
	case *parser.ParenExpr:
		return outline(e.Expr)
	case *parser.NumberLiteral:
		return strconv.FormatFloat(e.Val, 'g', -1, 64)
	case *parser.VectorSelector:
		return e.Name + at(e.OriginalOffset)
	case *parser.MatrixSelector:
		vector := e.VectorSelector.(*parser.VectorSelector)
		return vector.Name + "[" + e.Range.String() + "]" + at(vector.OriginalOffset)
	case *parser.SubqueryExpr:
		return outline(e.Expr) + "[" + e.Range.String() + ":" + e.Step.String() + "]" + at(e.OriginalOffset)
	case *parser.Call:
		return e.Func.Name + "(" + outline(e.Args[0]) + ")"
	case *parser.AggregateExpr:
		op := e.Op.String()
		if e.Without {
			op += "-"
		}
		return op + "[" + strings.Join(e.Grouping, " ") + "](" + outline(e.Expr) + ")"
	case *parser.BinaryExpr:
		op := e.Op.String()
		if e.ReturnBool {
			op += " bool"
		}
		return "(" + outline(e.LHS) + " " + op + " " + outline(e.RHS) + ")"
	default:
		return e.String()
	}
}
