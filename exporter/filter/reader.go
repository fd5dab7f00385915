package filter

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/file"
)

// reader goes through a syntax tree before the library does. It lets through
// what the language has, with types that fit, and refuses the rest of expr's,
// such as loops, variables and functions, with a reason in our words. It also
// rewrites the tree: whole numbers become floating-point ones, which do not
// overflow; lists become sets.
type reader struct {
	text string
	err  *Error
	// patterns is the size of all regular expressions.
	patterns int
}

// fail notes the first error, at a node.
func (r *reader) fail(at ast.Node, format string, args ...any) kind {
	return r.failAt(at.Location(), format, args...)
}

func (r *reader) failAt(at file.Location, format string, args ...any) kind {
	if r.err == nil {
		r.err = errorAt(r.text, at, format, args...)
	}
	return ""
}

// read checks and rewrites a node, and returns what its value is. After an
// error that does not matter, but that it ends at once does: the library puts
// the middle of a < b < c into the tree twice, and a small nest of such chains
// is a huge tree.
func (r *reader) read(n *ast.Node) kind {
	if r.err != nil {
		return ""
	}
	switch at := (*n).(type) {
	case *ast.IntegerNode:
		float := &ast.FloatNode{Value: float64(at.Value)}
		ast.Patch(n, float)
		return number
	case *ast.FloatNode:
		return number
	case *ast.StringNode:
		return text
	case *ast.BoolNode:
		return flag
	case *ast.MemberNode:
		return r.member(at)
	case *ast.UnaryNode:
		return r.unary(at)
	case *ast.BinaryNode:
		return r.binary(at)
	case *ast.CallNode:
		return r.call(at)
	case *ast.IdentifierNode:
		return r.name(at)
	case *ast.ArrayNode:
		return r.fail(at, `a list can only stand after "in"`)
	case *ast.NilNode:
		return r.fail(at, "nil is nothing here: to ask whether a value is known, write known(…)")
	case *ast.BuiltinNode:
		return r.failAt(at.Location(), "there is no function %s; the only one is %s", at.Name, knownName)
	}
	return r.fail(*n, "%s not part of the language", foreign(*n))
}

// foreign says what a node is that expr has and this language has not.
func foreign(n ast.Node) string {
	switch n.(type) {
	case *ast.ConditionalNode:
		return `"? :" is`
	case *ast.VariableDeclaratorNode:
		return `"let" is`
	case *ast.SequenceNode:
		return `";" is`
	case *ast.MapNode:
		return "{…} is"
	case *ast.SliceNode:
		return "slices […:…] are"
	case *ast.ChainNode:
		return `"?." is`
	case *ast.PredicateNode, *ast.PointerNode:
		return "predicates are"
	case *ast.BytesNode:
		return "bytes are"
	}
	return "this is"
}

// name is a name that stands alone.
func (r *reader) name(at *ast.IdentifierNode) kind {
	if s := subject(at.Value); slices.Contains(subjects, s) {
		return r.fail(at, "%s needs a field, such as %s.%s", s, s, s.fields()[0])
	}
	if word := strings.ToLower(at.Value); word == "and" || word == "or" || word == "not" || word == "in" {
		return r.fail(at, "operators are written in lower case: %s", word)
	}
	for _, s := range [...]subject{ofEdge, ofNode} {
		if _, _, ok := s.lookUp(at.Value); ok {
			return r.fail(at, "%q stands alone, write %s.%s; text stands in quotes", at.Value, s, at.Value)
		}
	}
	return r.fail(at, "unknown name %q, want a field of edge, source, target or node; text stands in quotes", at.Value)
}

func (r *reader) member(at *ast.MemberNode) kind {
	if of, ok := at.Node.(*ast.MemberNode); ok {
		if s, name, ok := fieldIn(of); ok {
			k, _, known := s.lookUp(name)
			switch {
			case k == labels:
				return r.label(at)
			case !known:
				return r.member(of) // which says so
			}
		}
	}
	of, isName := at.Node.(*ast.IdentifierNode)
	field, isField := at.Property.(*ast.StringNode)
	switch {
	case !isName || !isField || at.Optional:
		return r.fail(at, "fields are of edge, source, target or node, and have none of their own")
	case !slices.Contains(subjects, subject(of.Value)):
		return r.fail(of, "unknown name %q, want edge, source, target or node", of.Value)
	}
	s := subject(of.Value)
	k, _, ok := s.lookUp(field.Value)
	if k == labels {
		return r.fail(at, "%[1]s.%[2]s needs the name of a label, such as %[1]s.%[2]s[\"team\"]", s, field.Value)
	}
	if ok {
		return k
	}
	if meant := nearest(field.Value, s.fields()); meant != "" {
		return r.fail(at, "%s has no field %q; did you mean %s?", s, field.Value, meant)
	}
	return r.fail(at, "%s has no field %q, its fields are %s", s, field.Value, strings.Join(s.fields(), ", "))
}

// fieldIn is the field that a node names.
func fieldIn(at *ast.MemberNode) (of subject, name string, ok bool) {
	id, isName := at.Node.(*ast.IdentifierNode)
	field, isField := at.Property.(*ast.StringNode)
	if !isName || !isField || at.Optional || !slices.Contains(subjects, subject(id.Value)) {
		return "", "", false
	}
	return subject(id.Value), field.Value, true
}

// label reads the look-up of one label: node.labels["team"].
func (r *reader) label(at *ast.MemberNode) kind {
	if _, ok := at.Property.(*ast.StringNode); !ok || at.Optional {
		return r.fail(at, "the name of a label stands in quotes")
	}
	return text
}

func (r *reader) unary(at *ast.UnaryNode) kind {
	want := number
	if at.Operator == "!" || at.Operator == "not" {
		want = flag
	}
	if got := r.read(&at.Node); r.err == nil && got != want {
		return r.fail(at, "%s takes %s, not %s", at.Operator, want, got)
	}
	return want
}

func (r *reader) binary(at *ast.BinaryNode) kind {
	switch op := at.Operator; op {
	case "and", "&&", "or", "||":
		return r.both(at, flag, flag)
	case "<", "<=", ">", ">=":
		return r.both(at, number, flag)
	case "-", "*", "/", "**":
		return r.both(at, number, number)
	case "contains", "startsWith", "endsWith":
		return r.both(at, text, flag)
	case "matches":
		return r.matches(at)
	case "in":
		return r.in(at)
	case "==", "!=", "+":
		left, right := r.read(&at.Left), r.read(&at.Right)
		switch {
		case r.err != nil:
			return ""
		case left != right:
			return r.fail(at, "%s takes two of a kind, not %s and %s", op, left, right)
		case left == list:
			return r.fail(at, `a list can only stand after "in"`)
		case op != "+":
			return flag
		case left == flag:
			return r.fail(at, "+ takes numbers or texts, not %s", left)
		}
		return left
	default:
		return r.fail(at, "the operator %s is not part of the language", op)
	}
}

// both checks that both sides are of a kind, and returns the result's.
func (r *reader) both(at *ast.BinaryNode, want, result kind) kind {
	for _, side := range [...]*ast.Node{&at.Left, &at.Right} {
		if got := r.read(side); r.err == nil && got != want {
			return r.fail(at, "%s takes %s on both sides, not %s", at.Operator, want, got)
		}
	}
	return result
}

func (r *reader) matches(at *ast.BinaryNode) kind {
	got := r.read(&at.Left)
	pattern, ok := at.Right.(*ast.StringNode)
	switch {
	case r.err != nil:
		return ""
	case got != text:
		return r.fail(at, "matches takes text, not %s", got)
	case !ok:
		return r.fail(at, "matches takes a regular expression in quotes")
	}
	size, err := patternSize(pattern.Value)
	if err != nil {
		return r.fail(pattern, "%v", err)
	}
	if r.patterns += size; r.patterns > maxPatterns {
		return r.fail(pattern, "the regular expressions are too large: of size %d, want %d at most", r.patterns, maxPatterns)
	}
	return flag
}

// in reads `x in [a, b]` and `x in edge.codes`.
func (r *reader) in(at *ast.BinaryNode) kind {
	left := r.read(&at.Left)
	if r.err != nil {
		return ""
	}
	if left != text && left != number {
		return r.fail(at, "in takes a number or text on its left side, not %s", left)
	}
	if literal, ok := at.Right.(*ast.ArrayNode); ok {
		return r.literal(literal, left, &at.Right)
	}
	switch right := r.read(&at.Right); {
	case r.err != nil:
		return ""
	case right != list:
		return r.fail(at, "in takes a list on its right side, such as [1, 2], not %s", right)
	case left != text:
		return r.fail(at, "the list has texts, and %s is sought in it", left)
	}
	return flag
}

// literal replaces a list in brackets by the set of its items.
func (r *reader) literal(items *ast.ArrayNode, want kind, in *ast.Node) kind {
	texts, numbers := map[string]struct{}{}, map[float64]struct{}{}
	for i := range items.Nodes {
		item, sign := &items.Nodes[i], 1.0
		if minus, ok := (*item).(*ast.UnaryNode); ok && minus.Operator == "-" {
			item, sign = &minus.Node, -1
		}
		got := r.read(item)
		switch value := (*item).(type) {
		case *ast.StringNode:
			texts[value.Value] = struct{}{}
		case *ast.FloatNode:
			numbers[sign*value.Value] = struct{}{}
		default:
			return r.fail(items.Nodes[i], "the items of a list are numbers or texts in quotes")
		}
		if r.err == nil && got != want || sign < 0 && got != number {
			return r.fail(items.Nodes[i], "%s is sought in the list, and this is %s", want, got)
		}
	}
	var set any = texts
	if want == number {
		set = numbers
	}
	constant := &ast.ConstantNode{Value: set}
	constant.SetType(reflect.TypeOf(set))
	ast.Patch(in, constant)
	return flag
}

// call reads known(x).
func (r *reader) call(at *ast.CallNode) kind {
	callee, ok := at.Callee.(*ast.IdentifierNode)
	if !ok {
		return r.fail(at, "fields have no methods")
	}
	if callee.Value != knownName {
		return r.fail(at, "there is no function %s; the only one is %s", callee.Value, knownName)
	}
	if len(at.Arguments) != 1 {
		return r.fail(at, "%s takes one field, not %d", knownName, len(at.Arguments))
	}
	if _, ok := at.Arguments[0].(*ast.MemberNode); !ok {
		return r.fail(at, "%s takes one field, such as edge.p95", knownName)
	}
	got := r.read(&at.Arguments[0])
	if r.err == nil && got != number && got != text {
		return r.fail(at, "%s takes a number or text, not %s", knownName, got)
	}
	return flag
}

// unexpectedEnd is how the library says that there should be more.
const unexpectedEnd = "unexpected token EOF"

// inOurWords puts an error of the library's parser into words.
func inOurWords(message string) string {
	switch {
	case message == unexpectedEnd:
		return "the expression ends too early"
	case strings.Contains(message, "maximum allowed nodes"):
		return fmt.Sprintf("the expression is too long: it has more than %d names, values and operators", maxNodes)
	case strings.HasPrefix(message, "invalid integer literal"), strings.HasPrefix(message, "invalid float literal"):
		return "the number cannot be read, or is too large"
	}
	token, ok := strings.CutPrefix(message, "unexpected token ")
	if !ok {
		return message
	}
	kind, value, quoted := strings.Cut(strings.TrimSuffix(token, ")"), "(")
	if !quoted {
		return message
	}
	switch {
	case value == `"="`:
		return `"=" is not an operator; equality is written ==`
	case kind == "Identifier" && strings.Contains(`"AND" "OR" "NOT" "IN"`, value):
		return fmt.Sprintf("operators are written in lower case: %s", strings.ToLower(strings.Trim(value, `"`)))
	}
	return fmt.Sprintf("unexpected %s", value)
}
