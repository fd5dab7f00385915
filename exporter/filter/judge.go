package filter

import (
	"fmt"

	"github.com/expr-lang/expr/vm"

	"github.com/meshscope/meshscope/exporter/topology"
)

// Judge applies a program to the nodes and edges of one graph. It is not safe
// for concurrent use.
type Judge struct {
	program *Program
	scope   *scope
	machine vm.VM
	row     map[string]any // what the program's names mean for what is judged
	nodes   map[*topology.Node]*verdict
	// current is the edge whose fields values holds.
	current *topology.Edge
	values  []any
}

// verdict is what is remembered of a node, which may have many edges.
type verdict struct {
	values []any // by the place of the field, of those that are named
	// marked is what MarksNode said, once it was asked.
	asked, marked bool
}

// Over prepares to judge nodes and edges of g: the whole graph, for numbers do
// not depend on what is shown (T4). What is shown tells which nodes are outside.
func (p *Program) Over(g *topology.Graph, shown topology.Selection) *Judge {
	return &Judge{
		program: p,
		scope:   &scope{graph: g, selection: shown, seconds: g.Interval.Length.Seconds()},
		// Nothing that is let through takes memory beyond the stack.
		machine: vm.VM{MemoryBudget: maxNodes},
		row:     map[string]any{},
		nodes:   make(map[*topology.Node]*verdict, len(g.Nodes)),
		values:  make([]any, len(edgeFields)),
	}
}

// MatchEdge tells whether an edge stays: the expression holds for it, with
// either of its ends as the node.
func (j *Judge) MatchEdge(e *topology.Edge) bool {
	if j.program.whole.namesOnlyNode() {
		return j.MarksNode(e.Source) && j.MarksNode(e.Target) // its alternatives are all of it
	}
	return j.holds(&j.program.whole, e)
}

// MatchNode tells whether a node stays even without an edge: an alternative
// that names only nodes holds for it.
func (j *Judge) MatchNode(n *topology.Node) bool { return j.MarksNode(n) }

// MarksEdge tells whether an edge is to be highlighted: an alternative that
// names more than the node holds for it.
func (j *Judge) MarksEdge(e *topology.Edge) bool { return j.holds(&j.program.marksEdges, e) }

// MarksNode tells whether a node is to be highlighted: an alternative that
// names only the node holds for it.
func (j *Judge) MarksNode(n *topology.Node) bool {
	c, v := &j.program.marksNodes, j.verdictOf(n)
	if !v.asked && c.program != nil {
		j.put(c.node, v.values)
		v.marked = j.run(c)
	}
	v.asked = true
	return v.marked
}

// Apply is the part of g that the expression chooses: the edges that match,
// their nodes, and the nodes that match by themselves. What stays has the
// numbers that it had (T4).
func (p *Program) Apply(g *topology.Graph) *topology.Graph {
	return p.Over(g, topology.Selection{}).Apply(g)
}

// Apply is the part of g, itself a part of the graph that j is over.
func (j *Judge) Apply(g *topology.Graph) *topology.Graph {
	part := &topology.Graph{Level: g.Level, Interval: g.Interval}
	kept := make(map[*topology.Node]bool, len(g.Nodes))
	for _, e := range g.Edges {
		if j.MatchEdge(e) {
			part.Edges = append(part.Edges, e)
			kept[e.Source], kept[e.Target] = true, true
		}
	}
	for _, n := range g.Nodes {
		if kept[n] || j.MatchNode(n) {
			part.Nodes = append(part.Nodes, n)
		}
	}
	return part
}

func (j *Judge) holds(c *condition, e *topology.Edge) bool {
	if c.program == nil {
		return false
	}
	if j.current != e {
		for _, i := range j.program.edgeFields {
			j.values[i] = edgeFields[i].value(j.scope, e)
		}
		j.current = e
	}
	source, target := j.verdictOf(e.Source), j.verdictOf(e.Target)
	j.put(c.edge, j.values)
	j.put(c.source, source.values)
	j.put(c.target, target.values)
	if len(c.node) == 0 {
		return j.run(c)
	}
	for _, end := range [...]*verdict{source, target} {
		j.put(c.node, end.values)
		if !j.run(c) {
			return false
		}
	}
	return true
}

// put gives variables their values.
func (j *Judge) put(variables []variable, values []any) {
	for _, v := range variables {
		j.row[v.name] = v.of(values[v.field])
	}
}

func (j *Judge) verdictOf(n *topology.Node) *verdict {
	v, ok := j.nodes[n]
	if !ok {
		v = new(verdict)
		if len(j.program.nodeFields) > 0 {
			v.values = make([]any, len(nodeFields))
		}
		for _, i := range j.program.nodeFields {
			v.values[i] = nodeFields[i].value(j.scope, n)
		}
		j.nodes[n] = v
	}
	return v
}

func (j *Judge) run(c *condition) bool {
	value, err := j.machine.Run(c.program, j.row)
	if err != nil {
		// Every value has the type that it was compiled for.
		panic(fmt.Sprintf("filter %q: %v", j.program.text, err))
	}
	return value.(bool)
}
