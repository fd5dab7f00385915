package pluginhost

import (
	"context"

	"github.com/grafana/grafana-plugin-sdk-go/data"

	"github.com/meshscope/meshscope/plugin/pkg/frames"
)

// graph answers a query for a graph.
func (i *Instance) graph(ctx context.Context, ask question) (data.Frames, error) {
	m, err := i.mesh(ctx, ask)
	if err != nil {
		return nil, err
	}
	m.View.Lay = i.drawn.lay(ask.Query)
	return frames.Graph(m.Graph, m.View), nil
}
