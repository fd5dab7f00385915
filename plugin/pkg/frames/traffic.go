package frames

import (
	"math"
	"strings"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/data"

	"github.com/meshscope/meshscope/exporter/topology"
	"github.com/meshscope/meshscope/plugin/pkg/query"
	"github.com/meshscope/meshscope/plugin/pkg/source"
)

// points are the values of a stat, instant by instant: NaN where it has none.
type points []float64

// Over tells at which instants traffic is told.
func (l *Lines) Over(span source.Span) { l.span, l.values = span, make([][]points, len(l.lines)) }

// Take takes the traffic of a line at one instant.
func (l *Lines) Take(entity, at int, by map[topology.Protocol]*topology.Traffic) {
	t := totalsOf(by, l.view.Query, l.span.Window.Seconds())
	for i, s := range l.view.Query.Stats {
		v, ok := t.stat(s)
		if !ok {
			continue
		}
		if l.values[entity] == nil {
			l.values[entity] = make([]points, len(l.view.Query.Stats))
		}
		if l.values[entity][i] == nil {
			l.values[entity][i] = none(l.span.Len())
		}
		l.values[entity][i][at] = v
	}
}

func none(n int) points {
	all := make(points, n)
	for i := range all {
		all[i] = math.NaN()
	}
	return all
}

// Traffic makes a time series of each stat of each line. Instants of which
// nothing is known are left out: a reducer of an alert must not see them, and a
// panel, which knows how far points are apart, draws a gap.
//
// Executed and told are of how the traffic was read, beside how lines were chosen.
func (l *Lines) Traffic(executed string, told []data.Notice) data.Frames {
	var all data.Frames
	for entity, byStat := range l.values {
		for i, values := range byStat {
			if values != nil {
				all = append(all, l.series(l.lines[entity], l.view.Query.Stats[i], values))
			}
		}
	}
	if len(all) == 0 {
		all = data.Frames{{Meta: timeSeriesMeta()}}
	}
	all[0].Meta.ExecutedQueryString = strings.TrimSpace(l.view.Executed + "\n" + executed)
	all[0].AppendNotices(l.view.Notices...)
	all[0].AppendNotices(told...)
	all[0].AppendNotices(l.notices()...)
	return all
}

func timeSeriesMeta() *data.FrameMeta {
	return &data.FrameMeta{Type: data.FrameTypeTimeSeriesMulti, TypeVersion: contractVersion, PreferredVisualization: data.VisTypeGraph}
}

func (l *Lines) series(one *line, stat query.Stat, values points) *data.Frame {
	times, known := make([]time.Time, 0, len(values)), make([]float64, 0, len(values))
	for at, v := range values {
		if !math.IsNaN(v) {
			times, known = append(times, l.span.At(at).UTC()), append(known, v)
		}
	}
	form := statForms[stat]
	title := one.title
	if len(l.view.Query.Stats) > 1 {
		title += ": " + form.label
	}
	at := data.NewField(data.TimeSeriesTimeFieldName, nil, times)
	at.Config = &data.FieldConfig{Interval: float64(l.span.Step.Milliseconds())}
	value := data.NewField(form.column, one.labels(stat), known)
	value.Config = &data.FieldConfig{DisplayNameFromDS: title, Unit: form.columnUnit}
	frame := data.NewFrame(title, at, value)
	frame.Meta = timeSeriesMeta()
	return frame
}
