package layout

// Node is a node to place.
type Node struct {
	// ID tells it from all others.
	ID string
	// Group is what it belongs to, such as a namespace, and "" for nothing.
	Group string
}

// Edge is a call from one node to another, by their indices.
type Edge struct{ From, To int }

// Point is where a node's centre is: x grows to the right, y downward.
type Point struct{ X, Y float64 }

// StepX and StepY are the steps of the grid, whose places are half a step apart: what a node's circle and the two lines
// of text below it take.
const (
	StepX = 180
	StepY = 150
)

// Layered places each node where a step of the grid is its alone, callers left
// of callees. Equal nodes and edges have equal places, in whichever order
// they are given. It panics where an edge has an index of no node.
func Layered(nodes []Node, edges []Edge) []Point {
	g := newGraph(nodes, edges)
	return g.points(g.layered())
}

// layered draws the whole graph.
func (g *graph) layered() []cell {
	var drawn []block
	var lone []int
	for _, part := range g.components() {
		if len(part) == 1 {
			lone = append(lone, part[0])
			continue
		}
		drawn = append(drawn, g.induced(part).draw(part))
	}
	cells := make([]cell, g.size())
	for _, b := range pack(drawn, lone) {
		for i, v := range b.nodes {
			cells[v] = b.cells[i]
		}
	}
	return cells
}

// points are the places of cells, in the order in which the nodes were given.
func (g *graph) points(cells []cell) []Point {
	points := make([]Point, len(cells))
	for v, c := range cells {
		points[g.given[v]] = Point{float64(c.x) * StepX / step, float64(c.y) * StepY / step}
	}
	return points
}

// draw lays out a graph that hangs together; part are its nodes' numbers in
// the whole.
func (g *graph) draw(part []int) block {
	layer := g.layers()
	d := newDrawing(g, layer)
	d.balance()
	d.bend()
	d.uncross()
	d.settle()
	// Bends stand for edges that are drawn straight. Now that it is known where
	// that is, they go there, and nodes out of their way.
	d.straighten()
	d.uncross()
	d.settle()
	rows := d.rows()
	d.giveWay(rows)
	return newBlock(part, layer, rows)
}
