package dashboards_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
)

// Panels have ids of their own, lie within Grafana's 24 columns, and leave no
// part of the grid to two of them, or to none.
func TestLayout(t *testing.T) {
	const columns = 24
	for _, d := range dashboards(t) {
		ids, taken, bottom := map[int]bool{}, map[string]string{}, 0
		for _, p := range d.Panels {
			assert.Positive(t, p.ID, p.Title)
			assert.False(t, ids[p.ID], "%s: two panels have the id %d", d.file, p.ID)
			ids[p.ID] = true

			at := p.GridPos
			assert.Positive(t, at.W, p.Title)
			assert.Positive(t, at.H, p.Title)
			assert.GreaterOrEqual(t, at.X, 0, p.Title)
			assert.GreaterOrEqual(t, at.Y, 0, p.Title)
			assert.LessOrEqual(t, at.X+at.W, columns, p.Title)
			bottom = max(bottom, at.Y+at.H)
			for x := at.X; x < at.X+at.W; x++ {
				for y := at.Y; y < at.Y+at.H; y++ {
					cell := fmt.Sprint(x, ",", y)
					assert.Empty(t, taken[cell], "%s lies on it at %s", p.Title, cell)
					taken[cell] = p.Title
				}
			}
		}
		assert.Len(t, taken, columns*bottom, "%s has gaps", d.file)
	}
}
