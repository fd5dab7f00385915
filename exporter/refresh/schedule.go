package refresh

import "time"

// schedule says which instants a refresh asks for. Instants are multiples of
// the step: so are those of every query, and the increments between them add
// up without a gap or an overlap.
type schedule struct {
	step    time.Duration
	lag     time.Duration // how long after its scrape a sample is sure to be there
	catchUp time.Duration // the longest absence that is made up for
}

// span is the stretch (from, to] that one refresh counts.
type span struct{ from, to time.Time }

func (s span) length() time.Duration { return s.to.Sub(s.from) }

// maxInstants is the most that one query asks for. Stores refuse above 11,000
// points a series, and long before that a catch-up would take long and much
// memory: a longer one is done in several spans.
const maxInstants = 240

// newest is the latest instant of which all samples are there.
func (s schedule) newest(now time.Time) time.Time {
	return now.Add(-s.lag).Truncate(s.step)
}

// due is what has to be counted after last: spans, oldest first, and the time
// before them that is skipped because it is too long ago. Without a last (the
// zero time) it is the newest step alone.
func (s schedule) due(last, now time.Time) (spans []span, skipped time.Duration) {
	newest := s.newest(now)
	switch {
	case last.IsZero(), last.Sub(newest) > s.catchUp:
		// Never before; or the clock was set back further than it is worth
		// to wait for.
		last = newest.Add(-s.step)
	case newest.Sub(last) > s.catchUp:
		oldest := newest.Add(-s.catchUp).Truncate(s.step)
		skipped = oldest.Sub(last)
		last = oldest
	}
	for last.Before(newest) {
		to := last.Add(maxInstants * s.step)
		if to.After(newest) {
			to = newest
		}
		spans = append(spans, span{last, to})
		last = to
	}
	return spans, skipped
}

// parted are spans of which the last time, of a length, is on its own: what is
// judged by that alone is not to be averaged with what came long before.
func parted(spans []span, length, step time.Duration) []span {
	i := len(spans) - 1
	if i < 0 {
		return spans
	}
	at := spans[i].to.Add(-length).Truncate(step)
	if !at.After(spans[i].from) {
		return spans
	}
	return append(spans[:i:i], span{spans[i].from, at}, span{at, spans[i].to})
}
