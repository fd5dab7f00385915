package layout

import (
	"cmp"
	"math"
	"slices"
)

const (
	// mostNew is the part of the nodes, and mostPlaced their number, that may be
	// new or have to move for the rest to stay. Where there are more, little is
	// left to recognise.
	mostNew, mostPlaced = 0.25, 40
	// nearby is how many cells from where it should be a newcomer may be placed.
	nearby = 4 * step
	// A crossing costs a newcomer as much as crossingCost cells of distance, and
	// a node that hides an edge hiddenCost.
	crossingCost, hiddenCost = 4, 3
)

// keeping is a drawing in which those stay that have been drawn before.
type keeping struct {
	*picture
	// fresh is the graph drawn anew: it tells which calls go to the right, and
	// where newcomers are from their neighbours.
	fresh []cell
	// part is which of the parts that hang together each is of, size how many
	// nodes that has.
	part, size []int

	placed []bool
	// known is where m knows each, if it does, and must which column who has to
	// move cannot be left of.
	known map[int]cell
	must  map[int]int
	taken occupancy
	// lines are the edges between those who are placed.
	lines []line
	// above tells which groups are above which others, in some column of a part.
	above map[order]bool
}

// order is which of two groups is above the other.
type order struct{ part, upper, lower int }

// keep places the graph's nodes where m knows them, and the others beside these.
// It is false where that cannot be, or would be worse than fresh.
func (g *graph) keep(m Memory, fresh []cell) ([]cell, bool) {
	k := &keeping{
		picture: &picture{graph: g, at: make([]cell, g.size()), columns: map[int][]int{}},
		fresh:   fresh, part: make([]int, g.size()),
		placed: make([]bool, g.size()), known: map[int]cell{}, must: map[int]int{},
		taken: occupancy{}, above: map[order]bool{},
	}
	for i, part := range g.components() {
		k.size = append(k.size, len(part))
		for _, v := range part {
			k.part[v] = i
		}
	}
	left := k.stay(m)

	if g.size() == 0 || len(left) > mostPlaced || float64(len(left)) > mostNew*float64(len(fresh)) {
		return nil, false
	}
	if !k.placeBeside(left) || !k.placeParts() {
		return nil, false
	}
	k.placeLone()
	return k.at, k.ordered() && k.quality().nearly(newPicture(g, fresh).quality())
}

// stay leaves those where they are that can stay there, callers before
// callees, and returns those that have edges and are new or must move.
func (k *keeping) stay(m Memory) (left []int) {
	for _, v := range k.fromLeft() {
		p, known := m.places[k.names[v]]
		known = known && p.linked == k.linked(v)
		least := k.least(v)
		if known && p.x >= least && k.taken.free(p.cell) && k.grouped(v, p.cell) {
			k.place(v, p.cell)
			continue
		}
		if known {
			k.known[v], k.must[v] = p.cell, max(p.x, least)
		}
		if k.linked(v) {
			left = append(left, v)
		}
	}
	return left
}

// fromLeft are the nodes, callers before callees.
func (k *keeping) fromLeft() []int {
	nodes := make([]int, len(k.fresh))
	for v := range nodes {
		nodes[v] = v
	}
	slices.SortStableFunc(nodes, func(a, b int) int { return cmp.Compare(k.fresh[a].x, k.fresh[b].x) })
	return nodes
}

// least is the column that v must not be left of, for its callers: for those
// that are placed, and those that have to move.
func (k *keeping) least(v int) int {
	least := math.MinInt
	for _, u := range k.near[v] {
		if k.fresh[u].x >= k.fresh[v].x {
			continue
		}
		if k.placed[u] {
			least = max(least, k.at[u].x+step)
		} else if x, must := k.must[u]; must {
			least = max(least, x+step)
		}
	}
	return least
}

// most is the column that v should not be right of, for its callees.
func (k *keeping) most(v int) int {
	most := math.MaxInt
	for _, w := range k.near[v] {
		if k.placed[w] && k.fresh[w].x > k.fresh[v].x {
			most = min(most, k.at[w].x-step)
		}
	}
	return most
}

// grouped tells that v in a cell would not bring its group to the other side of
// another one, nor into the midst of it.
func (k *keeping) grouped(v int, c cell) bool {
	own := map[order]bool{}
	for _, w := range k.columns[c.x] {
		if k.part[v] != k.part[w] || k.group[v] == k.group[w] {
			continue
		}
		o := k.order(w, k.at[w], v, c)
		if own[o] = true; own[o.turned()] || k.above[o.turned()] {
			return false
		}
	}
	return true
}

// order is which of the groups of two nodes is above the other.
func (k *keeping) order(v int, at cell, w int, c cell) order {
	if at.y > c.y {
		v, w = w, v
	}
	return order{k.part[v], k.group[v], k.group[w]}
}

func (o order) turned() order { return order{o.part, o.lower, o.upper} }

func (k *keeping) place(v int, c cell) {
	for _, w := range k.columns[c.x] {
		if k.part[v] == k.part[w] && k.group[v] != k.group[w] {
			k.above[k.order(w, k.at[w], v, c)] = true
		}
	}
	for _, u := range k.near[v] {
		if k.placed[u] {
			k.lines = append(k.lines, line{u, v})
		}
	}
	k.put(v, c)
	k.placed[v] = true
	k.taken[c] = true
}

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
	if was, known := k.known[v]; known {
		wanted = was.y
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
// in its; so nobody by more than a step.
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
	for part, size := range k.size {
		nodes := k.unplaced(part)
		if size == 1 || len(nodes) == 0 {
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

func (k *keeping) unplaced(part int) (nodes []int) {
	for v, p := range k.part {
		if p == part && !k.placed[v] {
			nodes = append(nodes, v)
		}
	}
	return nodes
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

// ordered tells that callers are left of callees, and nodes without edges below
// all others.
func (k *keeping) ordered() bool {
	_, to := k.extent()
	for v := range k.at {
		if k.at[v].x < k.least(v) || !k.linked(v) && k.at[v].y <= to.y {
			return false
		}
	}
	return true
}

// linked tells that a node has edges.
func (g *graph) linked(v int) bool { return len(g.near[v]) > 0 }
