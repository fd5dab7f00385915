package dashboards_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

// A table of several queries of a store that has no row shows its noValue.
// One of a single query does so by itself.
func TestTablesSayThatTheyAreEmpty(t *testing.T) {
	asked := 0
	eachPanel(t, func(t *testing.T, _ dashboard, p panel) {
		if p.Type != "table" || p.Datasource.Type != prometheus || len(p.Targets) == 1 {
			return
		}
		asked++
		var ids []string
		for _, one := range p.Transformations {
			ids = append(ids, one.ID)
		}
		assert.Equal(t, []string{"merge", "partitionByValues", "merge", "organize"}, ids)
	})
	assert.Positive(t, asked)
}
