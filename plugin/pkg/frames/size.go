package frames

import "math"

// Sizes grow with the logarithm of the load, and depend on nothing else: the
// same traffic has the same size in every view.
const (
	minRadius, maxRadius, radiusPerDecade          = 30, 55, 7.5
	minThickness, maxThickness, thicknessPerDecade = 1, 6, 1.25
)

// radius is a node's, in pixels.
func (r *nodeRow) radius() float64 { return grown(minRadius, radiusPerDecade, maxRadius, r.load) }

// thickness is an edge's, in pixels.
func (e *edgeRow) thickness() float64 {
	load := e.load()
	if e.then != nil && !e.active() {
		load = e.then.load() // what is gone is as thick as it was
	}
	return grown(minThickness, thicknessPerDecade, maxThickness, load)
}

func grown(least, perDecade, most, load float64) float64 {
	// A hundredth of a pixel is more than enough, and keeps the answer small.
	return math.Round(100*min(most, least+perDecade*math.Log10(1+max(0, load)))) / 100
}
