package filter

import (
	"slices"
	"strings"

	"github.com/expr-lang/expr/ast"
)

// variable is a field of a subject as a running expression knows it.
type variable struct {
	name  string // such as "edge.p95"
	field int    // its place in edgeFields or nodeFields
	label string // of labels, which one
}

// of is the variable's value, given that of its field.
func (v variable) of(field any) any {
	if all, ok := field.(map[string]string); ok {
		return all[v.label]
	}
	return field
}

// flatten replaces fields of subjects by variables: edge.p95 by one that is
// called "edge.p95", and node.labels["team"] by "node.labels.team". So what an expression runs on is one map, which holds
// what it names and no more, and nothing is fetched by reflection.
func flatten(root *ast.Node) {
	ast.Walk(root, visitor(func(n *ast.Node) {
		m, ok := (*n).(*ast.MemberNode)
		if !ok {
			return
		}
		flat := &ast.IdentifierNode{Value: m.Node.(*ast.IdentifierNode).Value + "." + m.Property.(*ast.StringNode).Value}
		flat.SetNature(*m.Nature())
		ast.Patch(n, flat)
	}))
}

// namedIn is a condition without a program: the variables in a part of a
// flattened tree.
func namedIn(part ast.Node) (c condition) {
	ast.Walk(&part, visitor(func(n *ast.Node) {
		id, ok := (*n).(*ast.IdentifierNode)
		if !ok {
			return
		}
		of, name, isField := strings.Cut(id.Value, ".")
		if !isField {
			return // the function
		}
		name, label, _ := strings.Cut(name, ".")
		into := map[subject]*[]variable{ofEdge: &c.edge, ofSource: &c.source, ofTarget: &c.target, ofNode: &c.node}[subject(of)]
		_, field, _ := subject(of).lookUp(name)
		if v := (variable{id.Value, field, label}); !slices.Contains(*into, v) {
			*into = append(*into, v)
		}
	}))
	return c
}

// fieldsOf are the fields of variables, each once.
func fieldsOf(groups ...[]variable) (all []int) {
	for _, v := range slices.Concat(groups...) {
		if !slices.Contains(all, v.field) {
			all = append(all, v.field)
		}
	}
	return all
}

type visitor func(*ast.Node)

// Visit calls v.
func (v visitor) Visit(n *ast.Node) { v(n) }
