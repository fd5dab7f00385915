package layout

import (
	"math/bits"
	"slices"
)

// exactLanes is up to how many groups each is tried in each lane again.
const exactLanes = 24

// lanes numbers the groups from top to bottom, so that those that call each
// other are near. How much they call counts by powers of two: a few edges more
// or less change nothing.
func (g *graph) lanes() []int {
	calls := make([]int, g.groups*g.groups)
	for v, callees := range g.out {
		for _, w := range callees {
			if a, b := g.group[v], g.group[w]; a != b {
				calls[a*g.groups+b]++
				calls[b*g.groups+a]++
			}
		}
	}
	for i, n := range calls {
		calls[i] = bits.Len(uint(n))
	}
	order := make([]int, 0, g.groups)
	for group := range g.groups {
		order = insertLane(order, group, calls, g.groups)
	}
	if g.groups <= exactLanes {
		for range 2 {
			for group := range g.groups {
				i := slices.Index(order, group)
				order = insertLane(slices.Delete(order, i, i+1), group, calls, g.groups)
			}
		}
	}
	lane := make([]int, g.groups)
	for i, group := range order {
		lane[group] = i
	}
	return lane
}

// insertLane puts a group where the lanes that calls pass are fewest.
func insertLane(order []int, group int, calls []int, groups int) []int {
	// Moved down past a lane, the group is nearer to all below that lane, and
	// farther from those above; and calls between those above and those below
	// pass it instead of going by it.
	own, across := 0, 0
	for i, other := range order {
		own += (i + 1) * calls[group*groups+other]
	}
	best, least := 0, own
	for i, other := range order {
		for j, third := range order {
			switch {
			case j < i:
				across -= calls[other*groups+third]
			case j > i:
				across += calls[other*groups+third]
			}
		}
		own = 0
		for j, third := range order {
			distance := j - i
			if j <= i {
				distance = i + 1 - j
			}
			own += distance * calls[group*groups+third]
		}
		if own+across < least {
			best, least = i+1, own+across
		}
	}
	return slices.Insert(order, best, group)
}
