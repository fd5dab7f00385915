package layout

import "math"

const (
	// sweeps is how often columns are settled beside each other.
	sweeps = 12
	// thin is how many rows a bend takes: less than a node, but some, for a
	// straight edge to pass by.
	thin = 0.2
)

// settle gives each knot a height near those that it is linked to, in the order
// of its column.
func (d *drawing) settle() {
	d.height = make([]float64, len(d.column))
	offsets := make([][]float64, len(d.columns))
	longest := 0
	for x, column := range d.columns {
		longest = max(longest, len(column))
		offsets[x] = make([]float64, len(column))
		for i := 1; i < len(column); i++ {
			offsets[x][i] = offsets[x][i-1] + d.half(column[i-1]) + d.half(column[i])
		}
		for i, v := range column {
			d.height[v] = offsets[x][i] - offsets[x][len(column)-1]/2
		}
	}
	wanted, pools := make([]float64, longest), make([]pool, 0, longest)
	for sweep := range sweeps {
		for x := range d.columns {
			if sweep%2 == 1 {
				x = len(d.columns) - 1 - x
			}
			column := d.columns[x]
			for i, v := range column {
				sum, pull := 0.0, 0.0
				for _, l := range d.links[v] {
					sum += l.pull * d.height[l.to]
					pull += l.pull
				}
				wanted[i] = sum/pull - offsets[x][i]
			}
			rise(wanted[:len(column)], pools)
			for i, v := range column {
				d.height[v] = wanted[i] + offsets[x][i]
			}
		}
	}
}

// rows are the heights of the nodes in cells, a step of which is a row.
func (d *drawing) rows() []int {
	rows := make([]int, d.nodes)
	for _, column := range d.columns {
		next := math.MinInt
		for _, v := range column {
			if v < d.nodes {
				rows[v] = max(next, round(d.height[v])*step)
				next = rows[v] + step
			}
		}
	}
	return rows
}

// half is the part of a row that a knot takes to each side.
func (d *drawing) half(v int) float64 {
	if v < d.nodes {
		return 0.5
	}
	return thin / 2
}

// round is the nearest whole number, and the one above for what is near to a
// half, from errors of floats.
func round(x float64) int { return int(math.Floor(x + 0.5 + 1e-6)) }

type pool struct {
	sum   float64
	count int
}

// rise makes numbers rise, by the least squares of what that changes (pool
// adjacent violators). None changes more than the one that differs most from
// what it was: small causes have small effects.
func rise(numbers []float64, pools []pool) {
	pools = pools[:0]
	for _, x := range numbers {
		p := pool{x, 1}
		for len(pools) > 0 {
			last := pools[len(pools)-1]
			if last.sum*float64(p.count) <= p.sum*float64(last.count) {
				break
			}
			p.sum += last.sum
			p.count += last.count
			pools = pools[:len(pools)-1]
		}
		pools = append(pools, p)
	}
	i := 0
	for _, p := range pools {
		for range p.count {
			numbers[i] = p.sum / float64(p.count)
			i++
		}
	}
}
