package pluginhost

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/data"

	"github.com/meshscope/meshscope/exporter/derive"
	"github.com/meshscope/meshscope/plugin/pkg/frames"
	"github.com/meshscope/meshscope/plugin/pkg/source"
)

// traffic answers a query for traffic. Which nodes or edges is decided by the
// whole range; how it went, by a question for all instants.
func (i *Instance) traffic(ctx context.Context, ask question) (data.Frames, error) {
	over := ask
	over.Stats = nil // latency is read once, instant by instant
	m, err := i.mesh(ctx, over)
	if err != nil {
		return nil, err
	}
	m.Query = ask.Query
	most := int64(maxPoints)
	if m.from.raw {
		most = maxRawPoints
	}
	span := spanOf(ask.interval, ask.step, ask.points, most, i.settings.ScrapeInterval)
	lines := frames.LinesOf(m.Graph, m.View)
	wanted := lines.Wanted(m.Graph, m.unfolded)
	if !slices.ContainsFunc(wanted, func(w source.Wanted) bool { return len(w.Of) > 0 }) {
		return lines.Traffic("", nil), nil
	}
	asked, err := m.from.Courses(ctx, span, ask.Query, wanted, lines)
	if err != nil {
		if tooMany, ok := errors.AsType[*derive.TooManyPointsError](err); ok {
			return nil, invalid(fmt.Errorf("%w: choose a shorter range or a longer interval, or run the Meshscope exporter, whose series are far fewer", tooMany))
		}
		return nil, err
	}
	var told []data.Notice
	if finest := max(ask.step, i.settings.ScrapeInterval); m.from.raw && span.Step > finest+time.Second && ask.points > most {
		told = notices(data.NoticeSeverityInfo, []string{fmt.Sprintf("Points are %s apart: of Istio's own series, at most %d are derived.", span.Step, most)})
	}
	return lines.Traffic(executed(asked.Queries), append(told, remarks(asked)...)), nil
}
