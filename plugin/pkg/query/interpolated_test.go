package query_test

import (
	"bytes"
	"encoding/json"
	"os"
	"testing"

	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/parser"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/meshscope/meshscope/plugin/pkg/query"
)

// TestInterpolated reads filters into which the front end has put odd values
// of variables. Each must be the comparison that was written, with the value
// and nothing but the value as its text. The front end's tests compare the file
// with what they put in.
func TestInterpolated(t *testing.T) {
	file, err := os.ReadFile("../../src/expression/testdata/interpolated.jsonl")
	require.NoError(t, err)
	require.NotEmpty(t, file)
	for line := range bytes.Lines(file) {
		var g struct {
			Value       string
			Expressions []string
		}
		require.NoError(t, json.Unmarshal(line, &g))
		require.NotEmpty(t, g.Expressions)
		for _, expression := range g.Expressions {
			stored, err := json.Marshal(map[string]string{"filter": expression})
			require.NoError(t, err)
			_, err = query.Parse(stored)
			require.NoError(t, err, expression)

			tree, err := parser.Parse(expression)
			require.NoError(t, err, expression)
			compared, ok := tree.Node.(*ast.BinaryNode)
			require.True(t, ok, expression)
			text := compared.Right
			if list, ok := text.(*ast.ArrayNode); ok {
				require.Len(t, list.Nodes, 1, expression)
				text = list.Nodes[0]
			}
			literal, ok := text.(*ast.StringNode)
			require.True(t, ok, expression)
			assert.Equal(t, g.Value, literal.Value, expression)
		}
	}
}
