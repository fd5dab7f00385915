package topology

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
)

// Direction is a way along calls.
type Direction string

// The directions: to who calls, to who is called, and each of both.
const (
	Both Direction = "both"
	In   Direction = "in"
	Out  Direction = "out"
)

// ParseDirection reads a direction's name.
func ParseDirection(name string) (Direction, error) {
	if d := Direction(name); d == Both || d == In || d == Out {
		return d, nil
	}
	return "", fmt.Errorf("unknown direction %q, want one of both, in, out", name)
}

// Focus is what a view is about. Names are exact or globs, and empty for any.
type Focus struct {
	// Kind is what Name is the name of, at whatever level: the workload of a
	// node of an app's version, the app of a workload. Empty is any of a node's
	// names.
	Kind                              Kind
	Cluster, Namespace, Name, Version string
	// Depth is how many calls away a node may be; less than 1 is 1. Services
	// and operations that stand between a caller and a workload do not count.
	Depth int
	// Direction is In for callers, Out for what is called; empty is Both.
	Direction Direction
}

// Focus is the part of the graph around what f names: the calls into it, the
// calls into where these come from, and so on; and likewise out of it. Other
// calls between the nodes on the way are not shown, nor those that a caller
// makes elsewhere.
func (g *Graph) Focus(f Focus) *Graph {
	around := map[*Node]bool{}
	for _, n := range g.Nodes {
		if f.names(n) {
			around[n] = true
		}
	}
	depth := max(f.Depth, 1)
	edges, nodes := map[*Edge]bool{}, maps.Clone(around)
	for _, d := range [...]Direction{In, Out} {
		if cmp.Or(f.Direction, Both) != Both && f.Direction != d {
			continue
		}
		w := walk{graph: g, direction: d, ways: g.edgesBy(d), edges: edges, nodes: nodes}
		w.walk(around, depth)
		// Where the graph does not show a service as a node, its place is on
		// the way from callers to workloads.
		beyond := map[*Node]bool{}
		for _, e := range g.Edges {
			if f.calls(e) && !around[e.Source] && !around[e.Target] {
				beyond[w.take(e)] = true
			}
		}
		w.walk(beyond, depth-1)
	}
	return g.part(nodes, edges)
}

// names tells that the node is what f names.
func (f Focus) names(n *Node) bool {
	at := n.place()
	version := f.Version == "" || is(f.Version, n.Version) || is(f.Version, n.Ref.Version)
	if !version || !is(f.Cluster, at.cluster) || !is(f.Namespace, at.namespace) {
		return false
	}
	switch f.Kind {
	case "":
		return is(f.Name, n.Name) || slices.ContainsFunc([]string{n.Workload, n.App, n.Service}, func(name string) bool {
			return name != "" && is(f.Name, name)
		})
	case KindWorkload:
		return n.Workload != "" && is(f.Name, n.Workload)
	case KindApp:
		return n.App != "" && is(f.Name, n.App)
	default:
		return n.Kind == f.Kind && is(f.Name, n.Name)
	}
}

// calls tells that an edge's calls were addressed to the service that f names.
func (f Focus) calls(e *Edge) bool {
	return f.Kind == KindService && slices.ContainsFunc(e.Flows, func(flow Flow) bool {
		s := flow.Key.Service
		return s.isKnown() && is(f.Name, cmp.Or(s.Name, s.Host)) && is(f.Namespace, s.Namespace) && is(f.Cluster, flow.Key.Destination.Cluster)
	})
}

// is tells that a name is the wanted one; no wish is any.
func is(want, name string) bool { return want == "" || matches([]string{want}, name) }

// edgesBy are the edges by the node that one comes from, going in a direction.
func (g *Graph) edgesBy(d Direction) map[*Node][]*Edge {
	by := make(map[*Node][]*Edge, len(g.Nodes))
	for _, e := range g.Edges {
		from := e.Source
		if d == In {
			from = e.Target
		}
		by[from] = append(by[from], e)
	}
	return by
}

// walk goes along calls in one direction.
type walk struct {
	graph     *Graph
	direction Direction
	ways      map[*Node][]*Edge
	// What was met on the way:
	edges map[*Edge]bool
	nodes map[*Node]bool
}

// walk goes from nodes as many calls far as depth says.
func (w *walk) walk(from map[*Node]bool, depth int) {
	seen := maps.Clone(from)
	for ; depth > 0 && len(from) > 0; depth-- {
		next := map[*Node]bool{}
		for queue := slices.Collect(maps.Keys(from)); len(queue) > 0; queue = queue[1:] {
			for _, e := range w.ways[queue[0]] {
				to := w.take(e)
				switch {
				case seen[to]:
				case w.graph.between(to):
					queue = append(queue, to) // the same call goes on
				default:
					next[to] = true
				}
				seen[to] = true
			}
		}
		from = next
	}
}

// take keeps an edge, and returns where it leads.
func (w *walk) take(e *Edge) *Node {
	w.edges[e], w.nodes[e.Source], w.nodes[e.Target] = true, true, true
	if w.direction == In {
		return e.Source
	}
	return e.Target
}

// between tells that a node stands between a caller and what it calls.
func (g *Graph) between(n *Node) bool {
	return n.Kind == KindOperation || n.Injected && g.Level != ByService
}
