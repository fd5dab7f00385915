package framestest

import (
	"math"

	"github.com/grafana/grafana-plugin-sdk-go/data"
)

// checkPlaces looks at where nodes are, if it is told at all: of both
// coordinates, of all nodes, and so that circles and the two lines of text
// below them keep clear of each other.
func checkPlaces(t TB, nodes *data.Frame) {
	t.Helper()
	x, _ := nodes.FieldByName("fixedx")
	y, _ := nodes.FieldByName("fixedy")
	if x == nil || y == nil {
		if x != y {
			t.Errorf("nodes: one of fixedx and fixedy without the other")
		}
		return
	}
	if x.Type() != data.FieldTypeFloat64 || y.Type() != data.FieldTypeFloat64 {
		t.Fatalf("nodes: fixedx and fixedy are %v and %v, want numbers, none of them null", x.Type(), y.Type())
	}
	radius := fieldOf(t, nodes, "noderadius")
	const text = 40 // below a circle
	for i := range x.Len() {
		xi, yi := x.At(i).(float64), y.At(i).(float64)
		if math.IsNaN(xi+yi) || math.IsInf(xi+yi, 0) {
			t.Fatalf("nodes: row %d is at %v, %v", i, xi, yi)
		}
		for j := range i {
			dx, dy := math.Abs(xi-x.At(j).(float64)), math.Abs(yi-y.At(j).(float64))
			if clear := radius.At(i).(float64) + radius.At(j).(float64); dx < clear && dy < clear+text {
				t.Errorf("nodes: rows %d and %d lie on each other, %v by %v apart", i, j, dx, dy)
			}
		}
	}
}
