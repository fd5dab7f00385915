package derived

import (
	"slices"
	"time"

	"github.com/meshscope/meshscope/exporter/series"
	"github.com/meshscope/meshscope/exporter/topology"
)

// piece is a stretch of a range that one query reads.
type piece struct {
	end    time.Time
	length time.Duration
	rolled bool // from the rollups
}

// of is the question of this piece.
func (p piece) of(question func(time.Duration) series.Question) series.Question {
	if p.rolled {
		return question(series.RollupEvery).Rolled(int(p.length / series.RollupEvery))
	}
	return question(p.length)
}

// maxPieces is above what it pays to read a range in: rollups with so many
// gaps are left aside.
const maxPieces = 7

// pieces part an interval into whole hours that rollups have, and the rest.
// hours are the ends of those that they have. The pieces meet each other, and
// together are the interval. Hours that overlap, as where a rule was moved or
// two rulers write into one store, would be counted twice: then the interval
// is one piece.
func pieces(iv topology.Interval, hours []time.Time) []piece {
	begin := iv.End.Add(-iv.Length)
	whole := []piece{{end: iv.End, length: iv.Length}}
	var all []piece
	from := begin // up to where there are pieces
	direct := func(to time.Time) {
		if to.After(from) {
			all = append(all, piece{end: to, length: to.Sub(from)})
		}
	}
	for _, end := range slices.SortedFunc(slices.Values(hours), time.Time.Compare) {
		since := end.Add(-series.RollupEvery)
		if since.Before(begin) || end.After(iv.End) {
			continue
		}
		if since.Before(from) {
			return whole
		}
		if last := len(all) - 1; last >= 0 && all[last].rolled && since.Equal(from) {
			all[last].end, all[last].length = end, all[last].length+series.RollupEvery
		} else {
			direct(since)
			all = append(all, piece{end: end, length: series.RollupEvery, rolled: true})
		}
		from = end
	}
	direct(iv.End)
	if len(all) > maxPieces {
		return whole
	}
	return all
}
