package pluginhost

import (
	"context"

	"github.com/grafana/grafana-plugin-sdk-go/data"

	"github.com/meshscope/meshscope/plugin/pkg/frames"
	"github.com/meshscope/meshscope/plugin/pkg/query"
)

// table answers a query for a table of nodes or edges.
func (i *Instance) table(ctx context.Context, ask question) (data.Frames, error) {
	m, err := i.mesh(ctx, ask)
	if err != nil {
		return nil, err
	}
	if ask.Type == query.TypeNodes {
		return frames.NodeTable(m.Graph, m.View), nil
	}
	return frames.EdgeTable(m.Graph, m.View), nil
}
