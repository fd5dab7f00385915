package pluginhost

import (
	"fmt"

	"k8s.io/utils/lru"

	"github.com/meshscope/meshscope/plugin/pkg/frames"
	"github.com/meshscope/meshscope/plugin/pkg/layout"
	"github.com/meshscope/meshscope/plugin/pkg/query"
)

// maxDrawn is of how many views the last drawing is known: those of some
// dashboards with variables, for some viewers. One takes as much memory as its
// nodes have names.
const maxDrawn = 200

// drawn is where the nodes of graphs were when they were last drawn, so that
// they stay there at the next refresh. All who look at the same view share it,
// over whichever range, for ranges of one view have most nodes in common. It
// tells nobody any name, so those share it too whom the store gives different
// answers.
type drawn struct{ memories *lru.Cache }

func newDrawn() drawn { return drawn{lru.New(maxDrawn)} }

// lay goes on from the last drawing of what a query asks for. Of several that
// are drawn at once, the last one is remembered.
func (d drawn) lay(q query.Query) frames.Lay {
	return func(nodes []layout.Node, edges []layout.Edge) []layout.Point {
		view := viewOf(q)
		last, _ := d.memories.Get(view)
		memory, _ := last.(layout.Memory)
		points, memory := memory.Layered(nodes, edges)
		d.memories.Add(view, memory)
		return points
	}
}

// viewOf has all of a query that chooses what is drawn, and nothing of how.
func viewOf(q query.Query) string {
	var focus, filter string
	if q.Focus != nil {
		focus = fmt.Sprintf("%+v", *q.Focus)
	}
	if q.Filter != nil {
		filter = q.Filter.String()
	}
	return fmt.Sprintf("%s %q %q %q %q %t %t %t %q %s %d", q.Level, q.Namespaces, q.Clusters, focus, q.Protocols,
		q.ServiceNodes, q.Idle, q.Waypoints, filter, q.CompareOffset, q.Limit)
}
