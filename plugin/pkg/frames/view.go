package frames

import (
	"github.com/grafana/grafana-plugin-sdk-go/data"

	"github.com/meshscope/meshscope/exporter/topology"
	"github.com/meshscope/meshscope/plugin/pkg/query"
)

// View is how a graph is shown.
type View struct {
	Query query.Query
	// History is what is known of health beyond what nodes and edges have.
	History History
	// Then is the whole graph of the range that the query compares with; nil
	// where there is nothing to compare with.
	Then *topology.Graph
	// Links are what nodes and edges are linked to.
	Links Links
	// Lay places the nodes where the query asks for that; nil is layout.Layered.
	Lay Lay
	// Notices are shown beside those of this package.
	Notices []data.Notice
	// Executed is the PromQL that the graph was made from, for the query inspector.
	Executed string
}

// Names of the frames. The panel finds them by these.
const (
	nodesFrame = "nodes"
	edgesFrame = "edges"
)

// Graph makes the nodes and the edges frame of what v shows of the whole graph.
func Graph(whole *topology.Graph, v View) data.Frames {
	chosen := choose(whole, v.Query)
	if v.Then != nil {
		chosen = withGone(chosen, whole, choose(v.Then, v.Query), v.Query)
	}
	sight := newSight(whole, v)
	// The panel's own cut drops whole parts of a graph, silently.
	shown := sight.cutTo(v.Query.Limit, chosen)
	scene := newScene(sight, whole, shown)
	scene.marked = mark(whole, shown, v.Query)
	scene.settle()
	scene.place(v.Lay)

	nodes := frame(nodesFrame, nodeColumns(scene), scene.nodes)
	edges := frame(edgesFrame, edgeColumns(scene), scene.edges)
	nodes.Meta, edges.Meta = v.meta(), v.meta()
	// The panel shows the notices of all frames: one of them has them.
	nodes.AppendNotices(v.Notices...)
	nodes.AppendNotices(scene.notices(chosen)...)
	return data.Frames{nodes, edges}
}

func (v View) meta() *data.FrameMeta {
	return &data.FrameMeta{
		PreferredVisualization: data.VisTypeNodeGraph,
		ExecutedQueryString:    v.Executed,
	}
}
