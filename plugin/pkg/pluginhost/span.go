package pluginhost

import (
	"time"

	"github.com/meshscope/meshscope/exporter/promql"
	"github.com/meshscope/meshscope/exporter/topology"
	"github.com/meshscope/meshscope/plugin/pkg/source"
)

const (
	// maxPoints is how many points Prometheus gives a series at most. In raw
	// mode each point is a derivation of its own.
	maxPoints, maxRawPoints = 11_000, 250
	// minScrapes is how many scrapes a window holds at least: as with Grafana's
	// $__rate_interval, growth is seen even where a scrape was missed.
	minScrapes = 4
)

// spanOf are the instants of an interval: as far apart as Grafana asks, at whole
// multiples of that, so that a panel that refreshes has the same points again,
// and one more. Each looks back to the last scrape before the instant before
// it: what grew between the two is missed by neither.
func spanOf(iv topology.Interval, wish time.Duration, points, most int64, scrapes time.Duration) source.Span {
	if points <= 0 || points > most {
		points = most
	}
	step := max(wish, scrapes, roundUp(iv.Length/time.Duration(points), time.Second))
	step = roundUp(step, time.Second)
	if step > time.Hour {
		step = roundUp(step, time.Hour) // as the mixin's rollups have it
	}
	begin := iv.End.Add(-iv.Length)
	span := source.Span{
		Range:  promql.Range{Start: ceil(begin, step), End: floor(iv.End, step), Step: step},
		Window: max(step+scrapes, minScrapes*scrapes),
	}
	if span.End.Before(span.Start) { // a range below a step
		span.Start = span.End
	}
	return span
}

func roundUp(d, to time.Duration) time.Duration { return (d + to - 1) / to * to }

func floor(t time.Time, to time.Duration) time.Time {
	return time.UnixMilli(t.UnixMilli() / to.Milliseconds() * to.Milliseconds())
}

func ceil(t time.Time, to time.Duration) time.Time {
	return floor(t.Add(to-time.Millisecond), to)
}
