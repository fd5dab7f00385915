package layout

import (
	"math"
	"slices"
)

// picture is where nodes are.
type picture struct {
	*graph
	at []cell
	// columns are the nodes by x.
	columns map[int][]int
}

func newPicture(g *graph, at []cell) *picture {
	p := &picture{graph: g, at: slices.Clone(at), columns: map[int][]int{}}
	for v, c := range at {
		p.put(v, c)
	}
	return p
}

func (p *picture) put(v int, c cell) {
	p.at[v] = c
	p.columns[c.x] = append(p.columns[c.x], v)
}

// line is an edge as it is drawn, whoever calls.
type line struct{ a, b int }

func (p *picture) left(l line) int  { return min(p.at[l.a].x, p.at[l.b].x) }
func (p *picture) right(l line) int { return max(p.at[l.a].x, p.at[l.b].x) }

// cross tells that two edges of no common node meet.
func (p *picture) cross(l, m line) bool {
	if l.a == m.a || l.a == m.b || l.b == m.a || l.b == m.b {
		return false
	}
	a, b, c, d := p.at[l.a], p.at[l.b], p.at[m.a], p.at[m.b]
	return max(a.x, b.x) >= min(c.x, d.x) && max(c.x, d.x) >= min(a.x, b.x) &&
		max(a.y, b.y) >= min(c.y, d.y) && max(c.y, d.y) >= min(a.y, b.y) &&
		side(a, b, c)*side(a, b, d) <= 0 && side(c, d, a)*side(c, d, b) <= 0
}

// side is 1, -1 or 0 for where c is from the line through a and b.
func side(a, b, c cell) int {
	turn := (b.x-a.x)*(c.y-a.y) - (b.y-a.y)*(c.x-a.x)
	return min(1, max(-1, turn))
}

// hidden is before how many nodes an edge passes.
func (p *picture) hidden(l line) (n int) {
	for x := p.left(l) + 1; x < p.right(l); x++ {
		for _, v := range p.columns[x] {
			if p.hides(v, l) {
				n++
			}
		}
	}
	return n
}

// hides tells that a node stands before an edge.
func (p *picture) hides(v int, l line) bool {
	a, b, c := p.at[l.a], p.at[l.b], p.at[v]
	if c.x <= min(a.x, b.x) || c.x >= max(a.x, b.x) {
		return false
	}
	y := float64(a.y) + float64(b.y-a.y)*float64(c.x-a.x)/float64(b.x-a.x)
	return math.Abs(y-float64(c.y)) < behind
}
