package pluginhost

import (
	"context"
	"slices"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/grafana/grafana-plugin-sdk-go/data"

	"github.com/meshscope/meshscope/exporter/topology"
	"github.com/meshscope/meshscope/plugin/pkg/frames"
	"github.com/meshscope/meshscope/plugin/pkg/source"
)

// mesh is the whole mesh over the interval of a question, judged, and how it is
// to be shown. Graphs, tables and verdicts are all parts of such a one.
type mesh struct {
	*topology.Graph
	frames.View

	health   source.Health // nil where nothing is known of it
	from     choice
	unfolded []topology.Flow // with the hops through waypoints
	lacks    []data.Notice   // what the store has not told of it
}

// mesh reads the mesh that ask is about, from where its series are, and what it
// is compared with.
func (i *Instance) mesh(ctx context.Context, ask question) (mesh, error) {
	if ask.Compares() {
		return i.compared(ctx, ask)
	}
	from, err := i.choose(ctx, ask.interval)
	if err != nil {
		return mesh{}, err
	}
	return i.meshFrom(ctx, ask, from)
}

// meshFrom reads a mesh from a source that was chosen.
func (i *Instance) meshFrom(ctx context.Context, ask question, from choice) (mesh, error) {
	answer, err := from.Flows(ctx, ask.interval, ask.Query)
	if err != nil {
		return mesh{}, err
	}
	whole := topology.Build(ask.interval, answer.Flows, topology.BuildOptions{
		Level:        ask.Level,
		Idle:         ask.Idle,
		ServiceNodes: ask.ServiceNodes,
		IsWaypoint:   answer.IsWaypoint,
	})
	if answer.Health != nil {
		answer.Health.Attach(whole)
	}
	told := notices(data.NoticeSeverityInfo, slices.Concat(ask.Remarks, unseen(ask.Query, whole, from.raw)))
	if from.notice != "" {
		told = append(told, data.Notice{Severity: data.NoticeSeverityInfo, Text: from.notice})
	}
	lacks := remarks(answer.Asked)
	told = append(told, lacks...)
	if len(whole.Edges) == 0 {
		told = append(told, i.whyEmpty(ctx, ask.interval, from.raw)...)
	}
	backend.Logger.FromContext(ctx).Debug("A mesh was read",
		"raw", from.raw, "flows", len(answer.Flows), "nodes", len(whole.Nodes), "edges", len(whole.Edges), "queries", len(answer.Queries))
	return mesh{
		Graph:    whole,
		View:     frames.View{Query: ask.Query, History: answer.History, Links: i.links(from.raw), Notices: told, Executed: executed(answer.Queries)},
		health:   answer.Health,
		from:     from,
		unfolded: answer.Unfolded,
		lacks:    lacks,
	}, nil
}

// links are what graphs lead to.
func (i *Instance) links(raw bool) frames.Links {
	return frames.Links{Templates: i.settings.Links, Self: i.uid, Prometheus: i.settings.PrometheusUID, Raw: raw}
}
