package layout

import (
	"cmp"
	"math"
	"slices"
)

const (
	// nearby is how many cells from where it should be a newcomer may be placed.
	nearby = 4 * step
	// A crossing costs a newcomer as much as crossingCost cells of distance, and
	// a node that hides an edge hiddenCost.
	crossingCost, hiddenCost = 4, 3
)

// placeBeside places those that hang together with somebody who stayed.
func (k *keeping) placeBeside(left []int) bool {
	for {
		later := slices.DeleteFunc(slices.Clone(left), func(v int) bool {
			beside, ok := k.beside(v)
			if ok {
				k.place(v, beside)
			}
			return ok
		})
		if len(later) == len(left) {
			break
		}
		left = later
	}
	// What is left is of parts in which nobody stayed.
	return !slices.ContainsFunc(left, func(v int) bool {
		return slices.ContainsFunc(k.near[v], func(u int) bool { return k.placed[u] })
	})
}

// beside is the best free cell for v: near where it would be if it were drawn
// anew, and moved as its neighbours are; for who has to move, in its row.
func (k *keeping) beside(v int) (best cell, ok bool) {
	nearest, by := -1, []int{}
	away := func(u int) int { return max(k.fresh[u].x-k.fresh[v].x, k.fresh[v].x-k.fresh[u].x) }
	for _, u := range k.near[v] {
		if !k.placed[u] {
			continue
		}
		by = append(by, k.at[u].y-k.fresh[u].y)
		if nearest < 0 || away(u) < away(nearest) {
			nearest = u
		}
	}
	if nearest < 0 {
		return cell{}, false
	}
	slices.Sort(by)
	x := k.at[nearest].x + k.fresh[v].x - k.fresh[nearest].x
	x = max(min(x, k.most(v)), k.least(v))
	wanted, least := k.fresh[v].y+by[len(by)/2], math.MaxInt
	if c, must := k.must[v]; must {
		wanted = c.y
	}
	for _, c := range around(cell{x, wanted}) {
		if !k.taken.free(c) || !k.grouped(v, c) {
			continue
		}
		if cost := max(c.y-wanted, wanted-c.y) + k.cost(v, c); cost < least {
			best, least = c, cost
		}
	}
	if least < math.MaxInt {
		return best, true
	}
	for _, c := range around(cell{x, wanted}) {
		if k.grouped(v, c) {
			k.makeRoom(c)
			return c, true
		}
	}
	return cell{}, false
}

// around are the cells of a column near one, the nearest first.
func around(c cell) []cell {
	cells := []cell{c}
	for far := 1; far <= nearby; far++ {
		cells = append(cells, cell{c.x, c.y - far}, cell{c.x, c.y + far})
	}
	return cells
}

// makeRoom moves those away that are in a cell, or too near to it: up who is
// above or in it, and down who is below it, and who is in their way as they are
// in its: where all stand in one column, nobody by more than a step.
func (k *keeping) makeRoom(c cell) {
	var column []int
	for x := c.x - step + 1; x < c.x+step; x++ {
		column = append(column, k.columns[x]...)
	}
	slices.SortFunc(column, func(a, b int) int { return cmp.Or(cmp.Compare(k.at[a].y, k.at[b].y), cmp.Compare(a, b)) })
	below := slices.IndexFunc(column, func(v int) bool { return k.at[v].y > c.y })
	if below < 0 {
		below = len(column)
	}
	next := c.y
	for _, v := range slices.Backward(column[:below]) {
		next = min(next-step, k.at[v].y)
		k.at[v].y = next
	}
	next = c.y
	for _, v := range column[below:] {
		next = max(next+step, k.at[v].y)
		k.at[v].y = next
	}
	clear(k.taken)
	for v, placed := range k.placed {
		if placed {
			k.taken[k.at[v]] = true
		}
	}
}

// cost is what it costs the picture to have v in a cell.
func (k *keeping) cost(v int, c cell) int {
	k.at[v] = c
	cost := 0
	for _, u := range k.near[v] {
		if !k.placed[u] {
			continue
		}
		own := line{u, v}
		for _, l := range k.lines {
			if k.cross(own, l) {
				cost += crossingCost
			}
		}
		cost += hiddenCost * k.hidden(own)
	}
	for _, l := range k.lines {
		if k.hides(v, l) {
			cost += hiddenCost
		}
	}
	return cost
}

// placeParts places the parts that are wholly new: as drawn anew, or below all.
func (k *keeping) placeParts() bool {
	for _, nodes := range k.parts {
		if len(nodes) == 1 || k.placed[nodes[0]] { // and so all of it is
			continue
		}
		b := block{nodes: nodes}
		for _, v := range nodes {
			b.cells = append(b.cells, k.fresh[v])
		}
		if from, to := b.bounds(); !k.empty(from, to) {
			least, most := k.extent()
			b.move(from, cell{least.x, most.y + step})
		}
		if from, to := b.bounds(); !k.empty(from, to) {
			return false // there are nodes without edges
		}
		for i, v := range nodes {
			k.place(v, b.cells[i])
		}
	}
	return true
}

// empty tells that nobody stands in a rectangle, or half a step around it.
func (k *keeping) empty(from, to cell) bool {
	for x := from.x - step + 1; x < to.x+step; x++ {
		for _, v := range k.columns[x] {
			if k.at[v].y > from.y-step && k.at[v].y < to.y+step {
				return false
			}
		}
	}
	return true
}

// extent are the least and the greatest x and y of those that have edges.
func (k *keeping) extent() (from, to cell) {
	b := block{}
	for v, placed := range k.placed {
		if placed && k.linked(v) {
			b.cells = append(b.cells, k.at[v])
		}
	}
	if len(b.cells) == 0 {
		return cell{}, cell{0, -step}
	}
	return b.bounds()
}

// placeLone places the nodes without edges below the others.
func (k *keeping) placeLone() {
	from, to := k.extent()
	to.x = max(to.x, from.x+leastWide)
	next := cell{from.x, to.y + step}
	for v, placed := range k.placed {
		if placed {
			continue
		}
		for !k.taken.free(next) {
			if next.x += step; next.x > to.x {
				next = cell{from.x, next.y + step}
			}
		}
		k.place(v, next)
	}
}
