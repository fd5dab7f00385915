package layout

import "slices"

// behind is within how many cells of a node an edge passes behind it.
const behind = 0.6

// giveWay moves nodes by half a step where that brings an edge to sight which
// would pass behind them: such an edge seems to end there, and another to begin.
// Who stands right above or below moves along. They move to the side of which
// rounding has taken them, so that none is farther from its height than half a
// step, which is what rounding may do to it too.
func (d *drawing) giveWay(rows []int) {
	for x, column := range d.columns {
		passing := d.passing(x, rows)
		if len(passing) == 0 {
			continue
		}
		nodes := slices.DeleteFunc(slices.Clone(column), func(v int) bool { return v >= d.nodes })
		for i, v := range nodes {
			if passing.hidden(rows[v]) == 0 {
				continue
			}
			by, along := -1, nodes[stackAbove(nodes[:i+1], rows):i+1]
			if d.height[v]*step > float64(rows[v]) {
				by, along = 1, nodes[i:i+stackBelow(nodes[i:], rows)]
			}
			hidden, after := 0, 0
			rounded := true
			for _, w := range along {
				hidden += passing.hidden(rows[w])
				after += passing.hidden(rows[w] + by)
				rounded = rounded && (d.height[w]*step-float64(rows[w]))*float64(by) > 0
			}
			if rounded && after < hidden {
				for _, w := range along {
					rows[w] += by
				}
			}
		}
	}
}

// stackAbove is where those begin that stand right above the last.
func stackAbove(nodes, rows []int) int {
	i := len(nodes) - 1
	for i > 0 && rows[nodes[i]]-rows[nodes[i-1]] == step {
		i--
	}
	return i
}

// stackBelow is where those end that stand right below the first.
func stackBelow(nodes, rows []int) int {
	i := 1
	for i < len(nodes) && rows[nodes[i]]-rows[nodes[i-1]] == step {
		i++
	}
	return i
}

// heights are those at which edges pass a column, in cells, in order.
type heights []float64

func (d *drawing) passing(x int, rows []int) (h heights) {
	for _, s := range d.spans {
		from, to := d.column[s.left], d.column[s.right]
		if from < x && x < to {
			part := float64(x-from) / float64(to-from)
			h = append(h, float64(rows[s.left])*(1-part)+float64(rows[s.right])*part)
		}
	}
	slices.Sort(h)
	return h
}

// hidden is how many edges pass behind a node of a row.
func (h heights) hidden(row int) int {
	low, _ := slices.BinarySearch(h, float64(row)-behind)
	high, _ := slices.BinarySearch(h, float64(row)+behind)
	return high - low
}
