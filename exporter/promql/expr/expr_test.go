package expr_test

import (
	"fmt"
	"math"
	"testing"
	"time"

	"github.com/prometheus/prometheus/promql/parser"
	"github.com/stretchr/testify/require"

	"github.com/meshscope/meshscope/exporter/promql/expr"
)

const (
	step   = 15 * time.Second
	window = 5 * time.Minute
)

var grouping = []string{"source_workload", "response_code"}

// increments is INC of the exact counters: two points of a subquery.
func increments(x expr.Selector) expr.Expr {
	last := expr.Func("last_over_time", x.Range(window))
	twoPoints := expr.Subquery(last, step+time.Millisecond, step)
	return expr.Binary(expr.Mul, expr.Number(step.Seconds()), expr.Sum(grouping, expr.Func("irate", twoPoints)))
}

// births is BIRTHS of the exact counters: new series on targets watched before.
func births(x expr.Selector) expr.Expr {
	last := func(offset time.Duration) expr.Expr {
		return expr.Func("last_over_time", x.Range(window).Offset(offset))
	}
	up := expr.Selector{Name: "up"}
	target := expr.On("job", "instance")
	relabelled := expr.Binary(expr.Gt,
		expr.Func("max_over_time", expr.Selector{Name: "scrape_series_added"}.Range(step)),
		expr.Binary(expr.Mul, expr.Number(0.5), expr.Selector{Name: "scrape_samples_post_metric_relabeling"}))
	watched := expr.Binary(expr.And, up, expr.Binary(expr.Eq, up.Offset(step), expr.Number(1)))
	return expr.Sum(grouping, expr.Binary(expr.And,
		expr.Binary(expr.Unless, last(0), last(step)),
		expr.Binary(expr.Unless, watched, relabelled, target),
		target))
}

func TestFormat(t *testing.T) {
	x := expr.Selector{Name: "x"}
	calls := expr.Selector{
		Name:     "istio_requests_total",
		Matchers: []expr.Matcher{{"reporter", expr.Equal, "source"}, {"mesh_id", expr.NotEqual, `a"b`}},
	}
	for name, tc := range map[string]struct {
		expr expr.Expr
		want string
	}{
		"increments": {
			increments(calls),
			`15 * sum by (source_workload, response_code) (irate(last_over_time(istio_requests_total{reporter="source",mesh_id!="a\"b"}[5m])[15001ms:15s]))`,
		},
		"births": {
			births(x),
			`sum by (source_workload, response_code) ((last_over_time(x[5m]) unless last_over_time(x[5m] offset 15s))` +
				` and on (job, instance) ((up and ((up offset 15s) == 1)) unless on (job, instance)` +
				` (max_over_time(scrape_series_added[15s]) > (0.5 * scrape_samples_post_metric_relabeling))))`,
		},
		"name only":              {x, `x`},
		"matchers only":          {expr.Selector{Matchers: []expr.Matcher{{"a", expr.Regex, "b.+"}}}, `{a=~"b.+"}`},
		"matcher of a name":      {expr.Selector{Matchers: []expr.Matcher{{"__name__", expr.Regex, "a.+"}}}, `{__name__=~"a.+"}`},
		"name with colons":       {expr.Selector{Name: "workload:istio_requests_total"}, `workload:istio_requests_total`},
		"name that is a keyword": {expr.Selector{Name: "Inf"}, `{__name__="Inf"}`},
		"name beyond ASCII":      {expr.Selector{Name: "é.x", Matchers: []expr.Matcher{{"a", expr.Equal, ""}}}, `{__name__="é.x",a=""}`},
		"range and offset":       {x.Range(90 * time.Second).Offset(-time.Hour), `x[90s] offset -1h`},
		"subquery":               {expr.Subquery(x, time.Hour, 0).Offset(time.Minute), `x[1h:] offset 1m`},
		"subquery of binary":     {expr.Subquery(expr.Binary(expr.Sub, x, x), time.Hour, time.Minute), `(x - x)[1h:1m]`},
		"subquery of offset":     {expr.Subquery(x.Offset(time.Minute), time.Hour, time.Minute), `(x offset 1m)[1h:1m]`},
		"group_left": {
			expr.Binary(expr.Mul, x, x, expr.On("a").GroupLeft("b", "c")),
			`x * on (a) group_left (b, c) x`,
		},
		"group_right":   {expr.Binary(expr.Div, x, x, expr.Ignoring("a").GroupRight()), `x / ignoring (a) group_right () x`},
		"on nothing":    {expr.Binary(expr.Or, x, x, expr.On()), `x or on () x`},
		"bool":          {expr.Binary(expr.GtBool, x, expr.Number(0)), `x > bool 0`},
		"negative":      {expr.Binary(expr.Pow, expr.Number(-2), x), `(-2) ^ x`},
		"numbers":       {expr.Func("f", expr.Number(-1), expr.Number(math.NaN()), expr.Number(math.Inf(1)), expr.Number(1e300)), `f(-1, NaN, Inf, 1e+300)`},
		"no arguments":  {expr.Func("time"), `time()`},
		"label_replace": {expr.Func("label_replace", x, expr.String("a"), expr.String("$1"), expr.String("b"), expr.String("(.*)\n")), `label_replace(x, "a", "$1", "b", "(.*)\n")`},
		"parameter":     {expr.Aggregation{Op: "topk", By: []string{"on"}, Param: expr.Number(5), Of: x}, `topk by (on) (5, x)`},
		"without":       {expr.Aggregation{Op: "count", Without: []string{"a"}, Of: x}, `count without (a) (x)`},
		"max of all":    {expr.Max(nil, x), `max(x)`},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := expr.Format(tc.expr)
			require.NoError(t, err)
			require.Equal(t, tc.want, got)
			if name != "numbers" { // f is no function
				_, err = parser.NewParser(parser.Options{}).ParseExpr(got)
				require.NoError(t, err)
			}
		})
	}
}

func TestFormatRefuses(t *testing.T) {
	x := expr.Selector{Name: "x"}
	with := func(m ...expr.Matcher) expr.Expr { return expr.Selector{Name: "x", Matchers: m} }
	for name, tc := range map[string]struct {
		expr expr.Expr
		want string
	}{
		"nothing":                {nil, "a part is missing"},
		"no argument":            {expr.Func("rate", nil), "a part is missing"},
		"no operand":             {expr.Binary(expr.Add, x, nil), "a part is missing"},
		"empty selector":         {expr.Selector{}, "must have a matcher"},
		"selector of everything": {expr.Selector{Matchers: []expr.Matcher{{"a", expr.Regex, ".*"}, {"b", expr.NotEqual, "c"}}}, "must have a matcher"},
		"two names":              {with(expr.Matcher{"__name__", expr.Equal, "y"}), "another name"},
		"label with a dot":       {with(expr.Matcher{"a.b", expr.Equal, "y"}), `"a.b" is not a label name`},
		"label that breaks out":  {with(expr.Matcher{`a="b"} or vector(1) #`, expr.Equal, ""}), "is not a label name"},
		"empty label":            {expr.Sum([]string{""}, x), `"" is not a label name`},
		"label that is a number": {expr.Sum([]string{"NaN"}, x), "reads as a number"},
		"value not UTF-8":        {with(expr.Matcher{"a", expr.Equal, "\xff"}), "not valid UTF-8"},
		"name not UTF-8":         {expr.Selector{Name: "a\xff"}, "not valid UTF-8"},
		"bad regex":              {with(expr.Matcher{"a", expr.Regex, "("}), "label a: a bad regular expression"},
		"unbalanced regex":       {with(expr.Matcher{"a", expr.NotRegex, "a)|(b"}), "a bad regular expression"},
		"no operator":            {with(expr.Matcher{Label: "a"}), "no operator"},
		"unknown operator":       {with(expr.Matcher{"a", "==", "b"}), "not an operator of matchers"},
		"one of none":            {with(expr.OneOf("a")), "no values to match"},
		"range of 0":             {x.Range(0), "not a positive number of milliseconds"},
		"range below 1ms":        {x.Range(time.Microsecond), "not a positive number of milliseconds"},
		"subquery of 0":          {expr.Subquery(x, 0, step), "not a positive number of milliseconds"},
		"negative step":          {expr.Subquery(x, window, -step), "not a positive number of milliseconds"},
		"smallest offset":        {x.Offset(math.MinInt64), "not a positive number of milliseconds"},
		"function name":          {expr.Func("f(x) or g"), "not the name of a function"},
		"aggregation as call":    {expr.Func("sum", x), "not the name of a function"},
		"aggregation":            {expr.Aggregation{Op: "rate", Of: x}, "not an aggregation"},
		"by and without":         {expr.Aggregation{Op: "sum", By: []string{"a"}, Without: []string{"b"}, Of: x}, "not both"},
		"operator":               {expr.Binary("; drop", x, x), "is not an operator"},
		"two matchings":          {expr.Binary(expr.Add, x, x, expr.On("a"), expr.On("b")), "more than one matching"},
		"zero matching":          {expr.Binary(expr.Add, x, x, expr.Matching{}), "made by On or Ignoring"},
		"set with group_left":    {expr.Binary(expr.And, x, x, expr.On("a").GroupLeft()), "cannot have group_left"},
		"on and included":        {expr.Binary(expr.Mul, x, x, expr.On("a").GroupLeft("a")), "cannot be included"},
	} {
		t.Run(name, func(t *testing.T) {
			text, err := expr.Format(tc.expr)
			require.ErrorContains(t, err, tc.want)
			require.Empty(t, text)
		})
	}
}

// A range does not change the selector that it was made of.
func TestSelectorIsAValue(t *testing.T) {
	x := expr.Selector{Name: "x"}
	_ = x.Range(time.Minute).Offset(time.Minute)
	text, err := expr.Format(x)
	require.NoError(t, err)
	require.Equal(t, "x", text)
}

func TestOneOfAndOneLike(t *testing.T) {
	for name, tc := range map[string]struct {
		got, want expr.Matcher
	}{
		"one name":         {expr.OneOf("a", "b.c"), expr.Matcher{"a", expr.Equal, "b.c"}},
		"names":            {expr.OneOf("a", "c*", "b.c", "c*"), expr.Matcher{"a", expr.Regex, `b\.c|c\*`}},
		"an empty name":    {expr.OneOf("a", "", "b"), expr.Matcher{"a", expr.Regex, `|b`}},
		"none":             {expr.OneOf("a"), expr.Matcher{Label: "a"}},
		"one glob":         {expr.OneLike("a", "x-*"), expr.Matcher{"a", expr.Regex, `x-.*`}},
		"a glob of none":   {expr.OneLike("a", "x.y"), expr.Matcher{"a", expr.Equal, "x.y"}},
		"globs and a name": {expr.OneLike("a", "y", "*/w?", "(x)"), expr.Matcher{"a", expr.Regex, `\(x\)|.*/w.|y`}},
	} {
		t.Run(name, func(t *testing.T) { require.Equal(t, tc.want, tc.got) })
	}
}

func ExampleFormat() {
	rate := expr.Func("rate", expr.Selector{
		Name:     "istio_requests_total",
		Matchers: []expr.Matcher{expr.OneOf("reporter", "source", "waypoint")},
	}.Range(5*time.Minute))
	fmt.Println(expr.Format(expr.Sum([]string{"destination_service"}, rate)))
	// Output: sum by (destination_service) (rate(istio_requests_total{reporter=~"source|waypoint"}[5m])) <nil>
}
