package derived

import (
	"context"
	"time"

	"github.com/meshscope/meshscope/exporter/promql"
	"github.com/meshscope/meshscope/exporter/series"
	"github.com/meshscope/meshscope/exporter/topology"
)

// longRange is from when on it pays to look for rollups.
const longRange = 3 * time.Hour

// rollups are which hours of an interval the mixin's rollups have, by their
// names.
type rollups struct {
	hours map[string][]time.Time // the hours' ends
	notes []note
}

// rolledUp asks for the rollups of a long interval. Rules are evaluated at
// times of the store's own choice, and not while it is down: so it is asked
// when they were, not reckoned.
func (s *Source) rolledUp(ctx context.Context, iv topology.Interval) (*rollups, error) {
	found := &rollups{hours: map[string][]time.Time{}}
	if iv.Length < longRange {
		return found, nil
	}
	text, err := series.RolledUp(iv.Length)
	if err != nil {
		return nil, err
	}
	asked, err := s.query(ctx, text, iv.End, func(one *promql.Series) {
		name := string(one.Get(series.RollupLabel))
		for _, p := range one.Points {
			if p.Value > 0 {
				found.hours[name] = append(found.hours[name], time.UnixMilli(p.Time))
			}
		}
	})
	found.notes = append(found.notes, asked)
	return found, err
}
