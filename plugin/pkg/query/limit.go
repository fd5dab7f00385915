package query

import (
	"encoding/json"
	"fmt"
)

// limits are how much of an answer a query of a type may have, and has where
// it does not say. The panel of graphs draws 200 nodes and no more. What is
// read by no human, verdicts and values, is all there unless it is asked to be
// less: nobody would see the notice of what was left out.
var limits = map[Type]struct{ byDefault, most int }{
	TypeGraph:   {150, 200}, // nodes
	TypeEdges:   {1_000, 10_000},
	TypeNodes:   {1_000, 10_000},
	TypeHealth:  {10_000, 10_000},
	TypeTraffic: {50, 500}, // series
	TypeChanges: {200, 1_000},
	TypeValues:  {10_000, 10_000},
}

// DefaultLimit is the limit of a query of this type that has none.
func (t Type) DefaultLimit() int { return limits[t].byDefault }

// MaxLimit is the greatest limit of a query of this type.
func (t Type) MaxLimit() int { return limits[t].most }

func readLimit(q *Query, raw json.RawMessage) error {
	n, err := decode[int](raw, "a whole number")
	if err != nil || n == 0 {
		return err
	}
	if most := q.Type.MaxLimit(); n < 1 || n > most {
		return fmt.Errorf("is out of range, want 1 to %d in a query of type %s", most, q.Type)
	}
	q.Limit = n
	return nil
}
