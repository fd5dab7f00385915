package pluginhost

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/meshscope/meshscope/exporter/topology"
)

func TestSpan(t *testing.T) {
	end := time.Date(2026, time.March, 1, 12, 34, 56, 789e6, time.UTC)
	const scrapes = 15 * time.Second
	for name, c := range map[string]struct {
		length, wish time.Duration
		points       int64

		step, window time.Duration
		first, last  string
	}{
		"as Grafana asks":       {time.Hour, 30 * time.Second, 1000, 30 * time.Second, time.Minute, "11:35:00", "12:34:30"},
		"below a scrape":        {time.Hour, time.Second, 43200, scrapes, time.Minute, "11:35:00", "12:34:45"},
		"no wish":               {time.Hour, 0, 0, scrapes, time.Minute, "11:35:00", "12:34:45"},
		"as many points as fit": {24 * time.Hour, 0, 100, 864 * time.Second, 879 * time.Second, "12:43:12", "12:28:48"},
		"steps of hours":        {30 * 24 * time.Hour, 100 * time.Minute, 1000, 2 * time.Hour, 2*time.Hour + scrapes, "14:00:00", "12:00:00"},
		"a range below a step":  {5 * time.Second, 0, 1000, scrapes, time.Minute, "12:34:45", "12:34:45"},
		"an odd wish":           {time.Hour, 20*time.Second + 300*time.Millisecond, 1000, 21 * time.Second, time.Minute, "11:35:09", "12:34:39"},
	} {
		t.Run(name, func(t *testing.T) {
			iv := topology.Interval{End: end, Length: c.length}
			span := spanOf(iv, c.wish, c.points, maxPoints, scrapes)
			assert.Equal(t, c.step, span.Step)
			assert.Equal(t, c.window, span.Window)
			assert.Zero(t, span.Start.UnixMilli()%span.Step.Milliseconds(), "aligned")
			assert.Zero(t, span.End.Sub(span.Start)%span.Step)
			assert.Equal(t, c.first, span.Start.UTC().Format(time.TimeOnly))
			assert.Equal(t, c.last, span.End.UTC().Format(time.TimeOnly))
			assert.False(t, span.End.After(end))
			assert.False(t, c.length > span.Step && span.Start.Before(end.Add(-c.length)))

			// A refresh a moment later has the same points, and perhaps one more.
			iv.End = iv.End.Add(7 * time.Second)
			later := spanOf(iv, c.wish, c.points, maxPoints, scrapes)
			assert.Zero(t, later.Start.Sub(span.Start)%span.Step)
			assert.Equal(t, span.Step, later.Step)
		})
	}
}
