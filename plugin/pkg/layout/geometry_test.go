package layout_test

import (
	"math"

	"github.com/meshscope/meshscope/plugin/pkg/layout"
)

// crossings counts the pairs of edges, of no common node, whose straight lines meet.
func crossings(edges []layout.Edge, at []layout.Point) int {
	n := 0
	for i, e := range edges {
		for _, f := range edges[:i] {
			if e.From == f.From || e.From == f.To || e.To == f.From || e.To == f.To {
				continue
			}
			if meet(at[e.From], at[e.To], at[f.From], at[f.To]) {
				n++
			}
		}
	}
	return n
}

func meet(a, b, c, d layout.Point) bool {
	return side(a, b, c)*side(a, b, d) <= 0 && side(c, d, a)*side(c, d, b) <= 0 &&
		max(a.X, b.X) >= min(c.X, d.X) && max(c.X, d.X) >= min(a.X, b.X) &&
		max(a.Y, b.Y) >= min(c.Y, d.Y) && max(c.Y, d.Y) >= min(a.Y, b.Y)
}

// side is 1, -1 or 0 for where p is from the line through a and b.
func side(a, b, p layout.Point) float64 {
	turn := (b.X-a.X)*(p.Y-a.Y) - (b.Y-a.Y)*(p.X-a.X)
	if math.Abs(turn) < 1e-3 {
		return 0
	}
	return math.Copysign(1, turn)
}

// through counts the pairs of an edge and a node, not an end of it, whose
// circle it passes.
func through(edges []layout.Edge, at []layout.Point) int {
	const radius = 40
	n := 0
	for _, e := range edges {
		for i, p := range at {
			if i != e.From && i != e.To && distance(p, at[e.From], at[e.To]) < radius {
				n++
			}
		}
	}
	return n
}

func distance(p, a, b layout.Point) float64 {
	dx, dy := b.X-a.X, b.Y-a.Y
	along := 0.0
	if length := dx*dx + dy*dy; length > 0 {
		along = min(1, max(0, ((p.X-a.X)*dx+(p.Y-a.Y)*dy)/length))
	}
	return math.Hypot(p.X-a.X-along*dx, p.Y-a.Y-along*dy)
}
