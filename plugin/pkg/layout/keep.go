package layout

import (
	"cmp"
	"math"
	"slices"
)

// mostNew is the part of the nodes, and mostPlaced their number, that may be
// new or have to move for the rest to stay. Where there are more, little is
// left to recognise.
const mostNew, mostPlaced = 0.25, 40

// keeping is a drawing in which those stay that have been drawn before.
type keeping struct {
	*picture
	// fresh is the graph drawn anew: it tells which calls go to the right, and
	// where newcomers are from their neighbours.
	fresh []cell
	// parts are those that hang together, part is which of them each is of.
	parts [][]int
	part  []int

	placed []bool
	// must is where who has to move would stay in its row: it cannot be left of
	// that.
	must  map[int]cell
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
	if g.size() == 0 {
		return nil, true // and all may come back
	}
	k := &keeping{
		picture: &picture{graph: g, at: make([]cell, g.size()), columns: map[int][]int{}},
		fresh:   fresh, parts: g.components(), part: make([]int, g.size()),
		placed: make([]bool, g.size()), must: map[int]cell{}, taken: occupancy{}, above: map[order]bool{},
	}
	for i, part := range k.parts {
		for _, v := range part {
			k.part[v] = i
		}
	}
	left := k.stay(m)
	if len(left) > mostPlaced || float64(len(left)) > mostNew*float64(len(fresh)) {
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
			k.must[v] = cell{max(p.x, least), p.y}
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
		} else if c, must := k.must[u]; must {
			least = max(least, c.x+step)
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
