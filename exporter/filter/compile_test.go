package filter_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/meshscope/meshscope/exporter/filter"
)

// TestErrors has the place and the reason of all that can be wrong.
func TestErrors(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{``, `column 1: the expression ends too early`},
		{` `, `column 2: the expression ends too early`},
		{`edge.p95 >`, `column 11: the expression ends too early`},
		{`edge.p95 > 1)`, `column 13: unexpected ")"`},
		{`(edge.p95 > 1`, `column 14: the expression ends too early`},
		{`edge.protocol == "tcp`, `column 22: literal not terminated`},
		{`edge.protocol = "tcp"`, `column 15: "=" is not an operator; equality is written ==`},
		{`edge.p95 > 1 AND edge.p95 < 2`, `column 14: operators are written in lower case: and`},
		{`NOT`, `column 1: operators are written in lower case: not`},
		{`edge.p95 > 1 & true`, `column 14: unexpected "&"`},
		{`edge.p95 > 99999999999999999999`, `column 31: the number cannot be read, or is too large`},

		// Names.
		{`rt > 1000`, `column 1: unknown name "rt", want a field of edge, source, target or node; text stands in quotes`},
		{`node.app == reviews`, `column 13: unknown name "reviews", want a field of edge, source, target or node; text stands in quotes`},
		{`p95 > 1`, `column 1: "p95" stands alone, write edge.p95; text stands in quotes`},
		{`namespace == "a"`, `column 1: "namespace" stands alone, write node.namespace; text stands in quotes`},
		{`edge > 1`, `column 1: edge needs a field, such as edge.protocol`},
		{`pod.name == "a"`, `column 1: unknown name "pod", want edge, source, target or node`},
		{`edge.erorRatio > 0.01`, `column 6: edge has no field "erorRatio"; did you mean errorRatio?`},
		{`target.Name == "a"`, `column 8: target has no field "Name"; did you mean name?`},
		{`edge.protocol.name == "a"`, `column 15: fields are of edge, source, target or node, and have none of their own`},
		{`edge?.p95 > 1`, `column 7: "?." is not part of the language`},
		{`$env.edge.p95 > 1`, `column 11: fields are of edge, source, target or node, and have none of their own`},
		{`source.labels == ""`, `column 8: source.labels needs the name of a label, such as source.labels["team"]`},
		{`known(node.labels)`, `column 12: node.labels needs the name of a label, such as node.labels["team"]`},
		{`"team" in node.labels`, `column 16: node.labels needs the name of a label, such as node.labels["team"]`},
		{`node.labels[node.name] == "a"`, `column 12: the name of a label stands in quotes`},
		{`node.labels[1] == "a"`, `column 12: the name of a label stands in quotes`},
		{`node.labels["a"]["b"] == "a"`, `column 17: fields are of edge, source, target or node, and have none of their own`},
		{`node.lables["a"] == "a"`, `column 6: node has no field "lables"; did you mean labels?`},
		{`edge.health["a"] == "a"`, `column 12: fields are of edge, source, target or node, and have none of their own`},
		{`node.labels?.team == "a"`, `column 14: "?." is not part of the language`},
		{`node.labels["a"]`, `column 12: the expression is text, want something that is true or false, such as a comparison`},

		// Types.
		{`edge.p95`, `column 6: the expression is a number, want something that is true or false, such as a comparison`},
		{`"a"`, `column 1: the expression is text, want something that is true or false, such as a comparison`},
		{`edge.services`, `column 6: the expression is a list of texts, want something that is true or false, such as a comparison`},
		{`edge.p95 > "1"`, `column 10: > takes a number on both sides, not text`},
		{`"a" < "b"`, `column 5: < takes a number on both sides, not text`},
		{`edge.protocol == 1`, `column 15: == takes two of a kind, not text and a number`},
		{`edge.services == edge.codes`, `column 15: a list can only stand after "in"`},
		{`edge.p95 && true`, `column 10: && takes true or false on both sides, not a number`},
		{`!edge.p95`, `column 1: ! takes true or false, not a number`},
		{`-edge.protocol == ""`, `column 1: - takes a number, not text`},
		{`true + true == true`, `column 6: + takes numbers or texts, not true or false`},
		{`edge.codes contains "503"`, `column 12: contains takes text on both sides, not a list of texts`},
		{`edge.protocol in "tcp"`, `column 15: in takes a list on its right side, such as [1, 2], not text`},
		{`true in [1]`, `column 6: in takes a number or text on its left side, not true or false`},
		{`503 in edge.codes`, `column 5: the list has texts, and a number is sought in it`},
		{`edge.protocol in ["tcp", 1]`, `column 26: text is sought in the list, and this is a number`},
		{`edge.protocol in ["tcp", -"http"]`, `column 26: text is sought in the list, and this is text`},
		{`edge.p95 in [edge.p50]`, `column 19: the items of a list are numbers or texts in quotes`},
		{`[1] == [1]`, `column 1: a list can only stand after "in"`},
		{`known(edge.services)`, `column 1: known takes a number or text, not a list of texts`},
		{`known(1)`, `column 1: known takes one field, such as edge.p95`},
		{`known(edge.p95, edge.p50)`, `column 1: known takes one field, not 2`},

		// Regular expressions.
		{`node.name matches "("`, `column 19: the regular expression is wrong: missing closing ): (`},
		{`node.name matches node.app`, `column 11: matches takes a regular expression in quotes`},
		{`edge.p95 matches "1"`, `column 10: matches takes text, not a number`},
		{`node.name matches "(a{100}){100}"`, `column 19: the regular expression is wrong: invalid repeat count: {100}`},
		{`node.name matches "a{900}" && node.name matches "b{200}"`, `column 49: the regular expressions are too large: of size 1102, want 1000 at most`},

		// What expr has and the language has not.
		{`len(node.name) > 1`, `column 1: there is no function len; the only one is known`},
		{`any([1], # > 0)`, `column 1: there is no function any; the only one is known`},
		{`edge.services | any(# == "a")`, `column 17: there is no function any; the only one is known`},
		{`node.name.upper() == "A"`, `column 11: fields have no methods`},
		{`let x = 1; x > 0`, `column 5: "let" is not part of the language`},
		{`true; false`, `column 1: ";" is not part of the language`},
		{`true ? true : false`, `column 19: "? :" is not part of the language`},
		{`nil == nil`, `column 1: nil is nothing here: to ask whether a value is known, write known(…)`},
		{`edge.p95 ?? 1`, `column 10: the operator ?? is not part of the language`},
		{`edge.p95 in 1..3`, `column 14: the operator .. is not part of the language`},
		{`edge.p95 % 2 == 0`, `column 10: the operator % is not part of the language`},
		{`node.name[0:1] == "a"`, `column 10: slices […:…] are not part of the language`},
		{`{} == {}`, `column 1: {…} is not part of the language`},
		{`b"a" == b"a"`, `column 1: bytes are not part of the language`},

		// Places.
		{"edge.p95 > 1 &&\n  edge.p96 > 1", `line 2, column 8: edge has no field "p96"; did you mean p95?`},
		{"edge.p96 > 1 &&\n  true", `line 1, column 6: edge has no field "p96"; did you mean p95?`},
		{`node.name == "ümläut" && x`, `column 26: unknown name "x", want a field of edge, source, target or node; text stands in quotes`},

		// Sizes.
		{strings.Repeat("(", 3000), `column 1: the expression has 3000 bytes, want 2048 at most`},
		{strings.Repeat("1+", 600) + "1 > 0", `column 502: the expression is too long: it has more than 500 names, values and operators`},
		{"\xff", `column 1: the expression is not UTF-8`},
		// The middle of each chain is in the tree twice: 2⁴⁰ nodes of a small text.
		{strings.Repeat("1<(", 40) + "1" + strings.Repeat(")<1", 40), `column 116: < takes a number on both sides, not true or false`},
	} {
		t.Run(c.text[:min(len(c.text), 40)], func(t *testing.T) {
			_, err := filter.Compile(c.text)
			require.EqualError(t, err, c.want)
			var place *filter.Error
			require.True(t, errors.As(err, &place))
			assert.Positive(t, place.Line)
			assert.Positive(t, place.Column)
			assert.NotEmpty(t, place.Reason)
		})
	}
}

// TestUnknownField lists the fields where no one is near.
func TestUnknownField(t *testing.T) {
	_, err := filter.Compile(`edge.colour == "red"`)
	require.ErrorContains(t, err, `column 6: edge has no field "colour", its fields are protocol, requestRate, errorRatio, `)
}
