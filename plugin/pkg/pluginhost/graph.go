package pluginhost

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/grafana/grafana-plugin-sdk-go/data"

	"github.com/meshscope/meshscope/exporter/topology"
	"github.com/meshscope/meshscope/plugin/pkg/frames"
	"github.com/meshscope/meshscope/plugin/pkg/query"
)

// graph answers a query for a graph.
func (i *Instance) graph(ctx context.Context, asked backend.DataQuery) (data.Frames, error) {
	if i.broken != nil {
		return nil, invalid(i.broken)
	}
	q, err := query.Parse(asked.JSON)
	if err != nil {
		return nil, invalid(err)
	}
	iv, err := interval(asked.TimeRange)
	if err != nil {
		return nil, invalid(err)
	}
	answer, err := i.source.Flows(ctx, iv, q)
	if err != nil {
		return nil, err
	}
	whole := topology.Build(iv, answer.Flows, q.Level, q.Idle)
	notices := notices(data.NoticeSeverityInfo, q.Remarks)
	notices = append(notices, warnings(answer.Warnings)...)
	if len(whole.Edges) == 0 {
		notices = append(notices, i.whyEmpty(ctx, iv)...)
	}
	made := frames.Graph(whole, frames.View{
		Query:    q,
		Notices:  notices,
		Executed: executed(iv, answer.Queries),
	})
	backend.Logger.FromContext(ctx).Debug("A graph was made",
		"refId", asked.RefID, "flows", len(answer.Flows), "nodes", made[0].Rows(), "edges", made[1].Rows(), "queries", len(answer.Queries))
	return made, nil
}

// interval is the range asked, whatever time it is now.
func interval(r backend.TimeRange) (topology.Interval, error) {
	end := r.To.Truncate(time.Millisecond) // what stores and dashboards count in
	length := end.Sub(r.From.Truncate(time.Millisecond))
	if length <= 0 {
		return topology.Interval{}, fmt.Errorf("the time range is empty: from %s to %s", r.From.UTC().Format(time.RFC3339), r.To.UTC().Format(time.RFC3339))
	}
	return topology.Interval{End: end, Length: length}, nil
}

// executed is what the query inspector shows.
func executed(iv topology.Interval, queries []string) string {
	return fmt.Sprintf("# at %s\n%s", iv.End.UTC().Format(time.RFC3339Nano), strings.Join(queries, "\n"))
}

func notices(severity data.NoticeSeverity, texts []string) []data.Notice {
	var all []data.Notice
	for _, text := range texts {
		all = append(all, data.Notice{Severity: severity, Text: text})
	}
	return all
}

// warnings are the store's, each once.
func warnings(texts []string) []data.Notice {
	texts = slices.Compact(slices.Sorted(slices.Values(texts)))
	for at := range texts {
		texts[at] = "The store warns: " + texts[at]
	}
	return notices(data.NoticeSeverityWarning, texts)
}
