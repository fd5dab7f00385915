package layout

import (
	"cmp"
	"slices"
)

// tries is how often all knots are gone through.
const tries = 4

// reach is how many slots a knot may move at once.
const reach = 25

// arrange sorts a column: nodes by lanes and levels, and the bends by levels
// among them. Lanes may have nodes out of the order of levels; a bend goes where
// it is out of order with the fewest.
func (d *drawing) arrange(column []int) {
	bends := slices.IndexFunc(column, func(v int) bool { return v >= d.nodes })
	if bends < 0 {
		bends = len(column)
	}
	nodes, passing := slices.Clone(column[:bends]), slices.Clone(column[bends:])
	byLevel := func(a, b int) int { return cmp.Or(cmp.Compare(d.level[a], d.level[b]), a-b) }
	slices.SortFunc(nodes, func(a, b int) int { return cmp.Or(d.lane[a]-d.lane[b], byLevel(a, b)) })
	slices.SortFunc(passing, byLevel)
	column = column[:0]
	done := 0
	for _, b := range passing {
		best, wrong, least := done, 0, 0
		for i := done; i < len(nodes); i++ {
			if d.level[nodes[i]] < d.level[b] {
				wrong--
			} else {
				wrong++
			}
			if wrong < least {
				best, least = i+1, wrong
			}
		}
		column = append(append(column, nodes[done:best]...), b)
		done = best
	}
	column = append(column, nodes[done:]...)
	for i, v := range column {
		d.slot[v] = i
	}
}

// uncross moves knots within their columns, each to where it makes the fewest
// crossings, as far as nodes of other lanes let it. What each compares are
// orders in neighbouring columns, not heights: so what comes elsewhere seldom
// changes what is best here.
func (d *drawing) uncross() {
	for range tries {
		moved := false
		for x := range d.columns {
			for _, v := range slices.Clone(d.columns[x]) {
				if slot := d.best(v); slot != d.slot[v] {
					d.shift(v, slot)
					moved = true
				}
			}
		}
		if !moved {
			return
		}
	}
}

// best is the slot where a knot crosses least, and of equal ones its own.
func (d *drawing) best(v int) int {
	column, from := d.columns[d.column[v]], d.slot[v]
	best, most, spared := from, 0, 0
	for i := from - 1; i >= max(0, from-reach) && !d.apart(column[i], v); i-- {
		if spared += d.spares(column[i], v); spared > most {
			best, most = i, spared
		}
	}
	spared = 0
	for i := from + 1; i < min(len(column), from+reach+1) && !d.apart(column[i], v); i++ {
		if spared += d.spares(v, column[i]); spared > most {
			best, most = i, spared
		}
	}
	return best
}

// apart tells that two are nodes of different lanes, which keep their order.
func (d *drawing) apart(a, b int) bool {
	return d.lane[a] != d.lane[b] && d.lane[a] != free && d.lane[b] != free
}

// spares is how many crossings fewer there are when b goes above a.
func (d *drawing) spares(a, b int) int {
	n := 0
	for _, l := range d.links[a] {
		for _, k := range d.links[b] {
			if d.column[l.to] == d.column[k.to] {
				n += cmp.Compare(d.slot[l.to], d.slot[k.to])
			}
		}
	}
	return n
}

// shift moves a knot to another slot.
func (d *drawing) shift(v, to int) {
	column, from := d.columns[d.column[v]], d.slot[v]
	if from < to {
		copy(column[from:to], column[from+1:to+1])
	} else {
		copy(column[to+1:from+1], column[to:from])
	}
	column[to] = v
	for i := min(from, to); i <= max(from, to); i++ {
		d.slot[column[i]] = i
	}
}

// straighten moves bends to where straight edges pass, between the heights of
// the nodes.
func (d *drawing) straighten() {
	copy(d.level, d.height)
	for _, s := range d.spans {
		from, to := d.column[s.left], d.column[s.right]
		for x := from + 1; x < to; x++ {
			part := float64(x-from) / float64(to-from)
			d.level[s.first+x-from-1] = d.height[s.left]*(1-part) + d.height[s.right]*part
		}
	}
	for _, column := range d.columns {
		slices.Sort(column)
		d.arrange(column)
	}
}
