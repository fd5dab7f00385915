package filter

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"unicode/utf8"

	"github.com/expr-lang/expr"
	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/checker"
	"github.com/expr-lang/expr/compiler"
	"github.com/expr-lang/expr/conf"
	"github.com/expr-lang/expr/file"
	"github.com/expr-lang/expr/parser"
	"github.com/expr-lang/expr/types"
	"github.com/expr-lang/expr/vm"
)

// Limits of an expression.
const (
	// MaxLength is that of its text, in bytes.
	MaxLength = 2048
	// maxNodes is that of its syntax tree.
	maxNodes = 500
)

// Program is a compiled expression. It is safe for concurrent use.
type Program struct {
	text string
	// whole is all of the expression.
	whole condition
	// marksNodes and marksEdges are its alternatives, those that name only node
	// and the others. Either may be without a program.
	marksNodes, marksEdges condition
	// edgeFields and nodeFields are what any of these names, as places in the
	// lists of that name.
	edgeFields, nodeFields []int
}

// condition is an expression or a part of it.
type condition struct {
	program *vm.Program
	// edge, source, target and node are what it names.
	edge, source, target, node []variable
}

// namesOnlyNode tells that it can be judged by a node alone.
func (c *condition) namesOnlyNode() bool {
	return len(c.node) > 0 && len(c.edge)+len(c.source)+len(c.target) == 0
}

// namesNothing tells that it is true or false of anything.
func (c *condition) namesNothing() bool {
	return len(c.edge)+len(c.source)+len(c.target)+len(c.node) == 0
}

// Compile reads an expression. An error is an *Error.
func Compile(text string) (*Program, error) {
	switch {
	case len(text) > MaxLength:
		return nil, errorAt("", file.Location{}, "the expression has %d bytes, want %d at most", len(text), MaxLength)
	case !utf8.ValidString(text):
		return nil, errorAt("", file.Location{}, "the expression is not UTF-8")
	}
	config := newConfig()
	tree, err := parser.ParseWithConfig(text, config)
	if err != nil {
		return nil, syntaxError(text, err)
	}
	r := reader{text: text}
	k := r.read(&tree.Node)
	if r.err == nil && k != flag {
		r.fail(tree.Node, "the expression is %s, want something that is true or false, such as a comparison", k)
	}
	if r.err != nil {
		return nil, r.err
	}
	// The reader has seen to all that the library checks; it tells types to the compiler.
	if _, err := checker.Check(tree, config); err != nil {
		return nil, syntaxError(text, err)
	}
	p := &Program{text: text}
	if err := p.compile(tree, config); err != nil {
		return nil, syntaxError(text, err)
	}
	return p, nil
}

// String is the text that p was compiled from.
func (p *Program) String() string { return p.text }

// Names tells that the expression looks at one of these fields, of whatever:
// what it does not look at need not be read for it.
func (p *Program) Names(fields ...string) bool {
	return slices.ContainsFunc(fields, func(name string) bool {
		edge, node := find(edgeFields, name), find(nodeFields, name)
		return edge >= 0 && slices.Contains(p.edgeFields, edge) || node >= 0 && slices.Contains(p.nodeFields, node)
	})
}

func newConfig() *conf.Config {
	config := conf.CreateNew()
	for _, option := range []expr.Option{
		expr.Env(environment()),
		expr.AsBool(),
		expr.DisableAllBuiltins(),
		expr.DisableIfOperator(),
		expr.MaxNodes(maxNodes),
		expr.Function(knownName, known, new(func(float64) bool), new(func(string) bool)),
	} {
		option(config)
	}
	for name := range config.Disabled {
		delete(config.Builtins, name)
	}
	return config
}

// environment are the names of an expression, with their types.
func environment() types.Map {
	edge, node := types.Map{}, types.Map{}
	for _, f := range edgeFields {
		edge[f.name] = typeOf[f.kind]
	}
	for _, f := range nodeFields {
		node[f.name] = typeOf[f.kind]
	}
	return types.Map{string(ofEdge): edge, string(ofSource): node, string(ofTarget): node, string(ofNode): node}
}

var typeOf = map[kind]types.Type{
	number: types.Float64, text: types.String, flag: types.Bool, list: types.TypeOf([]string(nil)),
	labels: types.TypeOf(map[string]string(nil)),
}

// compile makes the program's conditions from a tree that was checked.
func (p *Program) compile(tree *parser.Tree, config *conf.Config) error {
	flatten(&tree.Node)
	var nodes, edges ast.Node
	for _, n := range alternatives(tree.Node, nil) {
		named := namedIn(n)
		if named.namesOnlyNode() || named.namesNothing() {
			nodes = either(nodes, n)
		}
		if !named.namesOnlyNode() {
			edges = either(edges, n)
		}
	}
	for _, part := range [...]struct {
		of   ast.Node
		into *condition
	}{{tree.Node, &p.whole}, {nodes, &p.marksNodes}, {edges, &p.marksEdges}} {
		if part.of == nil {
			continue
		}
		program, err := compiler.Compile(&parser.Tree{Node: part.of, Source: tree.Source}, config)
		if err != nil {
			return err
		}
		*part.into = namedIn(part.of)
		part.into.program = program
	}
	p.edgeFields = fieldsOf(p.whole.edge)
	p.nodeFields = fieldsOf(p.whole.source, p.whole.target, p.whole.node)
	return nil
}

// alternatives are the parts of an expression that "or" joins at its top.
func alternatives(n ast.Node, all []ast.Node) []ast.Node {
	if b, ok := n.(*ast.BinaryNode); ok && isOr(b.Operator) {
		return alternatives(b.Right, alternatives(b.Left, all))
	}
	return append(all, n)
}

func isOr(operator string) bool { return operator == "or" || operator == "||" }

func either(a, b ast.Node) ast.Node {
	if a == nil {
		return b
	}
	n := &ast.BinaryNode{Operator: "||", Left: a, Right: b}
	n.SetLocation(b.Location())
	n.SetType(reflect.TypeFor[bool]())
	return n
}

// syntaxError turns an error of the library into one of ours.
func syntaxError(text string, err error) *Error {
	if at := new(file.Error); errors.As(err, &at) {
		if at.Message == unexpectedEnd {
			at.From = utf8.RuneCountInString(text)
		}
		return errorAt(text, at.Location, "%s", inOurWords(at.Message))
	}
	return errorAt(text, file.Location{}, "%s", fmt.Sprint(err))
}
