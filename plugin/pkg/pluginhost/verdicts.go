package pluginhost

import (
	"context"
	"slices"

	"github.com/grafana/grafana-plugin-sdk-go/data"

	"github.com/meshscope/meshscope/exporter/topology"
	"github.com/meshscope/meshscope/plugin/pkg/frames"
	"github.com/meshscope/meshscope/plugin/pkg/source"
)

// verdicts answers a query for health.
func (i *Instance) verdicts(ctx context.Context, ask question) (data.Frames, error) {
	ask.Idle = true // verdicts are of a while: what they are on may have had no traffic in a range that is shorter
	m, err := i.mesh(ctx, ask)
	if err != nil {
		return nil, err
	}
	if m.health != nil {
		admit(m.Graph, m.health)
	}
	return frames.Verdicts(m.Graph, m.View), nil
}

// admit adds the nodes of the graph's level that were judged, and have no edge:
// a workload without pods is not well, and nobody calls it any more.
func admit(g *topology.Graph, health source.Health) {
	there := make(map[topology.Ref]bool, len(g.Nodes))
	for _, n := range g.Nodes {
		there[n.Ref] = true
	}
	added := &topology.Graph{Level: g.Level, Interval: g.Interval}
	for ref := range health.All() {
		if ref.Kind == g.Level.Kind() && !there[ref] {
			added.Nodes = append(added.Nodes, nodeOf(ref))
		}
	}
	health.Attach(added)
	for _, n := range added.Nodes {
		var object topology.Object
		if n.Object != nil {
			object = *n.Object
		}
		object.Idle = true
		n.Object = &object
	}
	g.Nodes = slices.SortedFunc(slices.Values(slices.Concat(g.Nodes, added.Nodes)), func(a, b *topology.Node) int { return a.Compare(b.Ref) })
}

// nodeOf is a node of which nothing but its name is known.
func nodeOf(ref topology.Ref) *topology.Node {
	n := &topology.Node{Ref: ref}
	switch ref.Kind {
	case topology.KindWorkload:
		n.Workload = ref.Name
	case topology.KindApp:
		n.App = ref.Name
	case topology.KindService:
		n.Service = ref.Name
	}
	return n
}
