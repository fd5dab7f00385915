package pluginhost

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/grafana/grafana-plugin-sdk-go/data"

	"github.com/meshscope/meshscope/exporter/istio"
	"github.com/meshscope/meshscope/exporter/topology"
	"github.com/meshscope/meshscope/plugin/pkg/frames"
	"github.com/meshscope/meshscope/plugin/pkg/query"
	"github.com/meshscope/meshscope/plugin/pkg/source"
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
	from, err := i.choose(ctx, iv)
	if err != nil {
		return nil, err
	}
	answer, err := from.Flows(ctx, iv, q)
	if err != nil {
		return nil, err
	}
	whole := topology.Build(iv, answer.Flows, topology.BuildOptions{Level: q.Level, Idle: q.Idle, IsWaypoint: answer.IsWaypoint})
	if answer.Health != nil {
		answer.Health.Attach(whole)
	}
	notices := notices(data.NoticeSeverityInfo, slices.Concat(q.Remarks, unseen(q, whole, from.raw)))
	if from.notice != "" {
		notices = append(notices, data.Notice{Severity: data.NoticeSeverityInfo, Text: from.notice})
	}
	notices = append(notices, warnings(answer.Warnings)...)
	notices = append(notices, rejected(answer.Rejected)...)
	if len(whole.Edges) == 0 {
		notices = append(notices, i.whyEmpty(ctx, iv, from.raw)...)
	}
	made := frames.Graph(whole, frames.View{
		Query:    q,
		History:  answer.History,
		Notices:  notices,
		Executed: executed(answer.Queries),
	})
	backend.Logger.FromContext(ctx).Debug("A graph was made",
		"refId", asked.RefID, "raw", from.raw, "flows", len(answer.Flows), "nodes", made[0].Rows(), "edges", made[1].Rows(), "queries", len(answer.Queries))
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

// unseen tells what a viewer could else take health and filters wrongly for.
func unseen(q query.Query, whole *topology.Graph, raw bool) (texts []string) {
	if raw && len(whole.Edges) > 0 {
		texts = append(texts, "Health is judged here on the requests of this range, by the default tolerances: the exporter's verdicts are not among Istio's own series.")
	}
	if names := q.NotInSeries(raw); len(names) > 0 {
		texts = append(texts, fmt.Sprintf("The query's filter or highlight looks at %s, which no series tells of: it is not known here, and so false or empty.", strings.Join(names, ", ")))
	}
	return texts
}

// executed is what the query inspector shows.
func executed(queries []source.Query) string {
	var text strings.Builder
	var at time.Time
	for _, q := range queries {
		if !q.At.Equal(at) {
			at = q.At
			fmt.Fprintf(&text, "# at %s\n", at.UTC().Format(time.RFC3339Nano))
		}
		text.WriteString(q.Text + "\n")
	}
	return strings.TrimSuffix(text.String(), "\n")
}

func notices(severity data.NoticeSeverity, texts []string) []data.Notice {
	var all []data.Notice
	for _, text := range texts {
		all = append(all, data.Notice{Severity: severity, Text: text})
	}
	return all
}

// rejected tells of samples that are in no edge, by reason.
func rejected(by map[istio.Reason]int) []data.Notice {
	var texts []string
	for _, reason := range slices.Sorted(maps.Keys(by)) {
		texts = append(texts, fmt.Sprintf("%s could not be placed: %s.", count(by[reason], "sample"), reason))
	}
	return notices(data.NoticeSeverityWarning, texts)
}

// warnings are the store's, each once.
func warnings(texts []string) []data.Notice {
	texts = slices.Compact(slices.Sorted(slices.Values(texts)))
	for at := range texts {
		texts[at] = "The store warns: " + texts[at]
	}
	return notices(data.NoticeSeverityWarning, texts)
}
