package layout

import "slices"

// drawing is a component on its way to places. Its knots are its nodes, and
// after them the bends: where an edge passes a column, so that every link is
// between neighbouring columns.
type drawing struct {
	*graph
	nodes int
	// column is where each knot is, lane which of the groups' lanes it must keep
	// to, free for a bend.
	column, lane []int
	columns      [][]int
	// slot is which knot of its column each is, from top to bottom.
	slot  []int
	links [][]link
	// level is how high a knot would like to be, height how high it is.
	level, height []float64
	spans         []span
}

// link is a piece of an edge, as one of its ends sees it.
type link struct {
	to   int
	pull float64
}

// span is an edge, from its left node to its right one, whoever calls. Its
// bends follow each other from the first.
type span struct{ left, right, first int }

const free = -1

// newDrawing starts a drawing with the nodes alone. The first column is 0.
func newDrawing(g *graph, layer []int) *drawing {
	d := &drawing{graph: g, nodes: g.size(), column: make([]int, g.size()), lane: make([]int, g.size()), links: make([][]link, g.size())}
	first := slices.Min(layer)
	d.columns = make([][]int, slices.Max(layer)-first+1)
	lane := g.lanes()
	for v, l := range layer {
		d.column[v], d.lane[v] = l-first, lane[g.group[v]]
		d.columns[l-first] = append(d.columns[l-first], v)
	}
	for v := range g.size() {
		for _, w := range g.near[v] {
			if layer[w] > layer[v] {
				d.spans = append(d.spans, span{left: v, right: w})
			}
		}
	}
	return d
}

// stiffness is how much more an edge pulls at its bends than at its ends, for
// it is drawn straight.
const stiffness = 6

// bend puts a bend of each edge into the columns that it passes.
func (d *drawing) bend() {
	for i, s := range d.spans {
		d.spans[i].first = len(d.column)
		last, from, to := s.left, d.column[s.left], d.column[s.right]
		for x := from + 1; x < to; x++ {
			part := float64(x-from) / float64(to-from)
			knot := len(d.column)
			d.column, d.lane = append(d.column, x), append(d.lane, free)
			d.columns[x] = append(d.columns[x], knot)
			d.level = append(d.level, d.level[s.left]*(1-part)+d.level[s.right]*part)
			d.links = append(d.links, nil)
			d.join(last, knot)
			last = knot
		}
		d.join(last, s.right)
	}
	d.slot = make([]int, len(d.column))
	for _, column := range d.columns {
		d.arrange(column)
	}
}

func (d *drawing) join(a, b int) {
	pull := 1.0
	if a >= d.nodes && b >= d.nodes {
		pull = stiffness
	}
	d.links[a] = append(d.links[a], link{b, pull})
	d.links[b] = append(d.links[b], link{a, pull})
}
