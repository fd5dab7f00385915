package layout

import (
	"math/bits"
	"slices"
)

// step is how many cells there are in a step.
const step = 2

// glance is how many cells wide a panel shows at once.
const glance = 6 * step

// leastWide is how many cells wide a row of small blocks may always be.
const leastWide = 7 * step

type cell struct{ x, y int }

// block is a part of the picture that has been laid out.
type block struct {
	nodes []int
	cells []cell
}

// newBlock makes a block of nodes in columns and rows, whose mean height is
// about 0: a node more moves that seldom. Its middle is that of its columns.
func newBlock(nodes, layer, row []int) block {
	b := block{nodes: nodes}
	middle := (slices.Min(layer) + slices.Max(layer)) * step / 2
	sum := 0
	for _, y := range row {
		sum += y
	}
	mean := round(float64(sum)/float64(len(nodes)*step)) * step
	for v := range nodes {
		b.cells = append(b.cells, cell{layer[v]*step - middle, row[v] - mean})
	}
	return b
}

// bounds are the least and the greatest x and y.
func (b block) bounds() (from, to cell) {
	from, to = b.cells[0], b.cells[0]
	for _, c := range b.cells {
		from = cell{min(from.x, c.x), min(from.y, c.y)}
		to = cell{max(to.x, c.x), max(to.y, c.y)}
	}
	return from, to
}

// move moves a block so that a corner of it comes to a cell.
func (b block) move(from, to cell) {
	for i := range b.cells {
		b.cells[i].x += to.x - from.x
		b.cells[i].y += to.y - from.y
	}
}

// pack puts the biggest block first; the others beside it, below each other,
// while the picture is no longer than 2:1, which fills a panel better than one
// twice as high would; what has no place there in rows below; and below these the
// nodes without edges. What a panel shows first is what is about (0, 0): the
// middle of all, or of the biggest block, where all is too long to be seen at
// once. Blocks are ordered by size in powers of two, and by name, so that a node
// more changes no order.
func pack(blocks []block, lone []int) []block {
	class := func(b block) int { return bits.Len(uint(len(b.nodes))) }
	slices.SortStableFunc(blocks, func(a, b block) int { return class(b) - class(a) })
	from, to := cell{-leastWide / 2, 0}, cell{leastWide / 2, -step}
	if len(blocks) > 0 {
		from, to = blocks[0].bounds()
	}
	end := to
	if len(blocks) > 1 {
		rest, right := putBeside(blocks[1:], from, to)
		end = cell{right, putBelow(rest, from.x, max(right, from.x+leastWide), to.y)}
	}
	if len(lone) > 0 {
		b := snake(lone, cell{from.x, end.y + step}, max(to.x-from.x, leastWide)/step+1)
		blocks = append(blocks, b)
	}
	if end != to && end.x-from.x <= glance {
		for _, b := range blocks {
			b.move(cell{(from.x + end.x) / 2, (from.y + end.y) / 2}, cell{})
		}
	}
	return blocks
}

// putBeside moves blocks to the right of the first one, which reaches from one
// cell to another. It returns those that have no place there, and how far the
// others reach.
func putBeside(blocks []block, from, to cell) (rest []block, right int) {
	limit := from.x + (to.y-from.y+step)*StepY*2/StepX
	right = to.x
	x, y := to.x+step, from.y
	for _, b := range blocks {
		least, most := b.bounds()
		wide, high := most.x-least.x, most.y-least.y
		if y > from.y && y+high > to.y {
			x, y = right+step, from.y
		}
		if x+wide > limit || y+high > to.y {
			rest = append(rest, b)
			continue
		}
		b.move(least, cell{x, y})
		y += high + step
		right = max(right, x+wide)
	}
	return rest, right
}

// putBelow moves blocks below a row, beside each other from left to right, and
// returns the last row that they reach.
func putBelow(blocks []block, left, right, bottom int) int {
	x, y := left, bottom+step
	for _, b := range blocks {
		least, most := b.bounds()
		if wide := most.x - least.x; x > left && x+wide > right {
			x, y = left, bottom+step
		}
		b.move(least, cell{x, y})
		x += most.x - least.x + step
		bottom = max(bottom, y+most.y-least.y)
	}
	return bottom
}

// snake places nodes in rows, back and forth: one more moves each that comes
// after it by one step.
func snake(nodes []int, from cell, wide int) block {
	b := block{nodes: nodes}
	for i := range nodes {
		x, y := i%wide, i/wide
		if y%2 == 1 {
			x = wide - 1 - x
		}
		b.cells = append(b.cells, cell{from.x + x*step, from.y + y*step})
	}
	return b
}
