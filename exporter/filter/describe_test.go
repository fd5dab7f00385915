package filter_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/meshscope/meshscope/exporter/filter"
)

// TestFields: what is described is what there is, each with a sentence, and of
// the type that it has in an expression.
func TestFields(t *testing.T) {
	var described []string
	kinds := map[string]string{"number": "number", "text": "text", "boolean": "true or false", "list": "list", "labels": "labels"}
	comparisons := map[string]string{"number": " > 1", "text": ` == "a"`, "boolean": "", "list": "", "labels": `["a"] == "b"`}
	for _, f := range filter.Fields() {
		described = append(described, f.Of+"."+f.Name+" "+kinds[f.Type])
		assert.Regexp(t, `^[a-zA-Z0-9].+\.$`, f.Doc, f.Name)
		for _, of := range map[string][]string{"edge": {"edge"}, "node": {"node", "source", "target"}}[f.Of] {
			expression := of + "." + f.Name + comparisons[f.Type]
			if f.Type == "list" {
				expression = `"a" in ` + expression
			}
			_, err := filter.Compile(expression)
			assert.NoError(t, err, expression)
		}
	}
	assert.Equal(t, append(filter.EdgeFields(), filter.NodeFields()...), described)
	assert.Equal(t, len(described), filter.Docs(), "a sentence about what there is not")
}

func TestFunctionsAndOperators(t *testing.T) {
	require.Len(t, filter.Functions(), 1)
	_, err := filter.Compile(filter.Functions()[0].Name + "(edge.p95)")
	require.NoError(t, err)
	manual := section(t, "Language")
	for _, operator := range filter.Operators() {
		assert.NotEmpty(t, operator.Doc)
		assert.Regexp(t, "[` ]"+regexp.QuoteMeta(operator.Name)+"[` ]", strings.ReplaceAll(manual, `\|`, "|"))
		text, left, right := operator.Name, `edge.p95`, `1`
		switch {
		case regexp.MustCompile(`^[a-z]+[A-Z]?[a-z]*$`).MatchString(text) && text != "in":
			left, right = "node.name", `"a"`
		case text == "in":
			left, right = "node.name", `["a"]`
		case text == "&&" || text == "||":
			left, right = "node.root", "node.idle"
		case text == "!":
			left, right = "", "node.root"
		case strings.Contains("+ - * / **", text):
			right = "1 > 2"
		}
		_, err := filter.Compile(left + " " + text + " " + right)
		assert.NoError(t, err, text)
	}
}
