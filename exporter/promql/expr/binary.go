package expr

import "slices"

// BinaryOp is an operator between two expressions.
type BinaryOp string

// The operators. Comparisons keep the left samples for which they hold; with
// Bool in their name they give 0 or 1 for each instead.
const (
	Add BinaryOp = "+"
	Sub BinaryOp = "-"
	Mul BinaryOp = "*"
	Div BinaryOp = "/"
	Mod BinaryOp = "%"
	Pow BinaryOp = "^"

	Eq BinaryOp = "=="
	Ne BinaryOp = "!="
	Gt BinaryOp = ">"
	Lt BinaryOp = "<"
	Ge BinaryOp = ">="
	Le BinaryOp = "<="

	EqBool BinaryOp = "== bool"
	NeBool BinaryOp = "!= bool"
	GtBool BinaryOp = "> bool"
	LtBool BinaryOp = "< bool"
	GeBool BinaryOp = ">= bool"
	LeBool BinaryOp = "<= bool"

	And    BinaryOp = "and"
	Or     BinaryOp = "or"
	Unless BinaryOp = "unless"
)

var (
	valueOps = []BinaryOp{
		Add, Sub, Mul, Div, Mod, Pow, Eq, Ne, Gt, Lt, Ge, Le, EqBool, NeBool, GtBool, LtBool, GeBool, LeBool,
	}
	setOps = []BinaryOp{And, Or, Unless}
)

// Matching says which series of two sides belong together.
type Matching struct {
	by      string // on or ignoring
	labels  []string
	group   string // group_left, group_right or empty
	include []string
}

// On matches series that agree in the labels. On no labels it matches all.
func On(labels ...string) Matching { return Matching{by: "on", labels: labels} }

// Ignoring matches series that agree in all labels but those.
func Ignoring(labels ...string) Matching { return Matching{by: "ignoring", labels: labels} }

// GroupLeft lets several series of the left side match one of the right, whose
// labels named by include go into the result.
func (m Matching) GroupLeft(include ...string) Matching {
	m.group, m.include = "group_left", include
	return m
}

// GroupRight lets several series of the right side match one of the left, whose
// labels named by include go into the result.
func (m Matching) GroupRight(include ...string) Matching {
	m.group, m.include = "group_right", include
	return m
}

func (m Matching) write(w *writer) {
	if m.by == "" {
		w.fail("a matching must be made by On or Ignoring")
	}
	w.add(" ", m.by, " ")
	w.labels(m.labels)
	if m.group == "" {
		return
	}
	w.add(" ", m.group, " ")
	w.labels(m.include)
	for _, label := range m.include {
		if m.by == "on" && slices.Contains(m.labels, label) {
			w.fail("the label %q is matched on and cannot be included from one side", label)
		}
	}
}

// binary is two expressions with an operator between them.
type binary struct {
	op          BinaryOp
	left, right Expr
	matching    []Matching
}

// Binary puts an operator between two expressions, with at most one matching.
// Without one, series match that agree in all labels. Operands that are binary
// themselves are put in parentheses, so precedence never matters.
func Binary(op BinaryOp, left, right Expr, matching ...Matching) Expr {
	return binary{op: op, left: left, right: right, matching: matching}
}

func (b binary) write(w *writer) {
	isSet := slices.Contains(setOps, b.op)
	if !isSet && !slices.Contains(valueOps, b.op) {
		w.fail("%q is not an operator", string(b.op))
	}
	w.operand(b.left)
	w.add(" ", string(b.op))
	if len(b.matching) > 1 {
		w.fail("more than one matching for %s", b.op)
	}
	for _, m := range b.matching {
		if isSet && m.group != "" {
			w.fail("%s cannot have %s", b.op, m.group)
		}
		m.write(w)
	}
	w.add(" ")
	w.operand(b.right)
}

func (b binary) isOperand() bool { return false }
