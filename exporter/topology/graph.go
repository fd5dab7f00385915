package topology

// Graph is the map of a mesh over one interval, at one level. Its nodes are
// sorted by Ref, its edges by source, target and protocol.
type Graph struct {
	Level    Level
	Interval Interval
	Nodes    []*Node
	Edges    []*Edge
	// Rest is what Limit has left out.
	Rest Rest
}

// Node is a workload, an app, a service, an operation, a namespace or a cluster.
type Node struct {
	Ref
	// Workload, App, Version and Service are what is known of the node beyond
	// its Ref; App and Version are the canonical service and revision.
	Workload, App, Version, Service string
	// Injected tells of a service that calls go through on their way to its
	// workloads: its traffic is that of edges beside it, seen once more.
	Injected bool
	// Waypoint tells of a waypoint, where BuildOptions know these.
	Waypoint bool
	// In and Out are the sums of all that goes into and comes out of the node,
	// whichever of its edges a view shows (T4). Calls from a node to itself
	// are in both.
	In, Out map[Protocol]*Traffic
	// Object is what Kubernetes tells of the node, nil where it tells nothing.
	Object *Object
	// Verdict is how well the node is, judged on all of its traffic (T6); nil where nobody has judged.
	Verdict *Verdict
}

// Subject is what series and verdicts know the node by: a version of an app that
// is a workload has that one's.
func (n *Node) Subject() Ref {
	if n.Kind == KindApp && n.Ref.Version != "" && n.Workload != "" {
		return Ref{Kind: KindWorkload, Cluster: n.Cluster, Namespace: n.Namespace, Name: n.Workload}
	}
	return n.Ref
}

// Edge is what one node calls of another by one protocol.
type Edge struct {
	Source, Target *Node
	Protocol       Protocol
	// Flows are what the edge is the sum of, sorted. They tell apart what
	// Traffic has added up, as responses by the host that was called.
	Flows []Flow
	// Reporters are whose reports the edge is made from, in order of preference.
	Reporters []Reporter
	// Services are the hosts that were called, sorted.
	Services []Service
	Traffic  Traffic
	// Verdict is how well the edge is; nil where nobody has judged.
	Verdict *Verdict
}

// Part is the part of the graph that has the edges that keep says, and their
// nodes, with the numbers that they have in the whole (T4). Nodes that are
// there without traffic stay.
func (g *Graph) Part(keep func(*Edge) bool) *Graph {
	return g.partWith(keep, func(*Node) bool { return true })
}

// partWith is Part with those of the nodes without traffic that keepIdle says.
func (g *Graph) partWith(keep func(*Edge) bool, keepIdle func(*Node) bool) *Graph {
	kept, nodes := make([]*Edge, 0, len(g.Edges)), make(map[*Node]bool, len(g.Nodes))
	for _, n := range g.Nodes {
		if n.Object != nil && n.Object.Idle && keepIdle(n) {
			nodes[n] = true
		}
	}
	for _, e := range g.Edges {
		if keep(e) {
			kept = append(kept, e)
			nodes[e.Source], nodes[e.Target] = true, true
		}
	}
	return &Graph{Level: g.Level, Interval: g.Interval, Nodes: among(g.Nodes, nodes), Edges: kept}
}

// part is the part of the graph that has these nodes and edges.
func (g *Graph) part(nodes map[*Node]bool, edges map[*Edge]bool) *Graph {
	return &Graph{
		Level: g.Level, Interval: g.Interval,
		Nodes: among(g.Nodes, nodes),
		Edges: among(g.Edges, edges),
	}
}

// among are those of all that were chosen, in their order.
func among[T comparable](all []T, chosen map[T]bool) []T {
	kept := make([]T, 0, len(chosen))
	for _, x := range all {
		if chosen[x] {
			kept = append(kept, x)
		}
	}
	return kept
}
