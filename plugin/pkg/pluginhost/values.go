package pluginhost

import (
	"context"

	"github.com/grafana/grafana-plugin-sdk-go/data"

	"github.com/meshscope/meshscope/plugin/pkg/frames"
)

// values answers a query for the values of a variable. What there is a name of
// is cheap to know; a filter or a focus looks at the traffic of the range.
func (i *Instance) values(ctx context.Context, ask question) (data.Frames, error) {
	if ask.Filter != nil || ask.Focus != nil {
		ask.Level = frames.LevelOf(ask.Query)
		m, err := i.mesh(ctx, ask)
		if err != nil {
			return nil, err
		}
		return frames.ValuesOf(m.Graph, m.View), nil
	}
	from, err := i.choose(ctx, ask.interval)
	if err != nil {
		return nil, err
	}
	names, err := from.Names(ctx, ask.interval, ask.Query)
	if err != nil {
		return nil, err
	}
	told := notices(data.NoticeSeverityInfo, ask.Remarks)
	if from.notice != "" {
		told = append(told, data.Notice{Severity: data.NoticeSeverityInfo, Text: from.notice})
	}
	told = append(told, remarks(names.Asked)...)
	if len(names.All) == 0 {
		told = append(told, i.whyEmpty(ctx, ask.interval, from.raw)...)
	}
	return frames.Values(names.All, frames.View{Query: ask.Query, Notices: told, Executed: executed(names.Queries)}), nil
}
