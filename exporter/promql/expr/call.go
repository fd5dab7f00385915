package expr

// call is a function with its arguments.
type call struct {
	name string
	args []Expr
}

// Func calls a function. Its name is checked for its form only.
func Func(name string, args ...Expr) Expr { return call{name: name, args: args} }

func (c call) write(w *writer) {
	if !isLabelName(c.name) || isKeyword(c.name) {
		w.fail("%q is not the name of a function", c.name)
	}
	w.add(c.name, "(")
	for i, arg := range c.args {
		if i > 0 {
			w.add(", ")
		}
		w.expr(arg)
	}
	w.add(")")
}

func (c call) isOperand() bool { return true }
