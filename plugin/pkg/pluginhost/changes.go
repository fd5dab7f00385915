package pluginhost

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/data"

	"github.com/meshscope/meshscope/exporter/topology"
	"github.com/meshscope/meshscope/plugin/pkg/frames"
	"github.com/meshscope/meshscope/plugin/pkg/query"
	"github.com/meshscope/meshscope/plugin/pkg/settings"
	"github.com/meshscope/meshscope/plugin/pkg/source"
)

// lifeSource tells when edges came and went.
type lifeSource interface {
	Lives(ctx context.Context, iv topology.Interval, q query.Query, scrapes time.Duration) (source.Lives, error)
}

// errNoLives refuses what Istio's series cannot tell: one of them ends with each
// pod, and begins with each response that there was not before.
var errNoLives = errors.New("changes are told by the series of the Meshscope exporter, which know since when an edge has been there; of Istio's own " +
	"they cannot be known, for these come and go with pods")

// changes answers a query for changes.
func (i *Instance) changes(ctx context.Context, ask question) (data.Frames, error) {
	if i.settings.SeriesSource == settings.SeriesRaw {
		return nil, invalid(fmt.Errorf("%w: run the exporter, and set this data source to its series (seriesSource: auto)", errNoLives))
	}
	lives, err := i.lives.Lives(ctx, ask.interval, ask.Query, i.settings.ScrapeInterval)
	if err != nil {
		return nil, err
	}
	told := notices(data.NoticeSeverityInfo, ask.Remarks)
	told = append(told, remarks(lives.Asked)...)
	begin := ask.interval.End.Add(-ask.interval.Length)
	switch {
	case lives.Since.IsZero():
		has, err := i.probe.HasRaw(ctx, ask.interval.End)
		switch {
		case err != nil:
			return nil, err
		case has:
			return nil, invalid(fmt.Errorf("%w: in this range there are none of the exporter's; run it", errNoLives))
		}
		told = append(told, i.whyEmpty(ctx, ask.interval, false)...)
	case lives.First && lives.Since.After(begin.Add(lives.Step)):
		told = append(told, notices(data.NoticeSeverityInfo, []string{fmt.Sprintf(
			"The exporter's series begin at %s: what changed before is not known, and what it found then is no change.", lives.Since.UTC().Format(time.RFC3339),
		)})...)
	}
	queries := executed(lives.Queries)
	whole := frames.Known(ask.interval, lives, ask.Query)
	if ask.Filter != nil { // which looks at the traffic of the range
		ask.Idle = true
		m, err := i.mesh(ctx, ask)
		if err != nil {
			return nil, err
		}
		whole, told, queries = m.Graph, append(told, m.Notices...), queries+"\n"+m.Executed
	}
	return frames.Changes(whole, lives, frames.View{Query: ask.Query, Notices: told, Executed: queries}), nil
}
