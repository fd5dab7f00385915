package expr_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/meshscope/meshscope/exporter/promql/expr"
)

func TestParseMatchers(t *testing.T) {
	b := expr.Matcher{Label: "a", Op: expr.Equal, Value: "b"}
	for text, want := range map[string][]expr.Matcher{
		``:                         nil,
		` {} `:                     nil,
		`a="b"`:                    {b},
		`{a="b"}`:                  {b},
		` a = 'b' , `:              {b},
		"a=`b`,c=~`\\d+`":          {b, {"c", expr.Regex, `\d+`}},
		`a="b",c!="d",e!~"f.*"`:    {b, {"c", expr.NotEqual, "d"}, {"e", expr.NotRegex, "f.*"}},
		`a="\"\\\n\x41\101\u00e9"`: {{"a", expr.Equal, "\"\\\nAAé"}},
		`a='\''`:                   {{"a", expr.Equal, "'"}},
		`a="}"`:                    {{"a", expr.Equal, "}"}},
	} {
		t.Run(text, func(t *testing.T) {
			got, err := expr.ParseMatchers(text)
			require.NoError(t, err)
			require.Equal(t, want, got)
		})
	}
}

func TestParseMatchersRefuses(t *testing.T) {
	for text, want := range map[string]string{
		`a`:                     `matchers "a": column 2: one of =, !=, =~ and !~ is missing`,
		`a="b" c="d"`:           `matchers "a=\"b\" c=\"d\"": column 7: a comma is missing`,
		`a="é",b=c`:             `matchers "a=\"é\",b=c": column 9: a value in quotes is missing`,
		`,`:                     `matchers ",": column 1: a label name is missing`,
		`a.b="c"`:               `matchers "a.b=\"c\"": column 2: one of =, !=, =~ and !~ is missing`,
		`"a"="c"`:               `matchers "\"a\"=\"c\"": column 1: a label name is missing`,
		`a==b`:                  `matchers "a==b": column 3: a value in quotes is missing`,
		`a="b`:                  `matchers "a=\"b": column 3: the value has no closing quote`,
		"a=\"b\n\"":             `matchers "a=\"b\n\"": column 3: the value has no closing quote on its line`,
		`a="\q"`:                `matchers "a=\"\\q\"": column 4: a bad escape sequence`,
		`a="\xff"`:              `matchers "a=\"\\xff\"": column 3: the value is not valid UTF-8`,
		"a=\"\xff\"":            `matchers "a=\"\xff\"": column 1: the text is not valid UTF-8`,
		`a="b",c=~"("`:          "matchers \"a=\\\"b\\\",c=~\\\"(\\\"\": column 10: a bad regular expression: error parsing regexp: missing closing ): `(`",
		`{a="b"`:                `matchers "{a=\"b\"": column 7: the closing brace is missing`,
		`a="b"}`:                `matchers "a=\"b\"}": column 6: a comma is missing`,
		`{a="b"} or x{}`:        `matchers "{a=\"b\"} or x{}": column 9: unexpected text after the closing brace`,
		`x{a="b"}`:              `matchers "x{a=\"b\"}": column 2: one of =, !=, =~ and !~ is missing`,
		`a="b"} or vector(1) #`: `matchers "a=\"b\"} or vector(1) #": column 6: a comma is missing`,
	} {
		t.Run(text, func(t *testing.T) {
			got, err := expr.ParseMatchers(text)
			require.EqualError(t, err, want)
			require.Nil(t, got)
		})
	}
}
