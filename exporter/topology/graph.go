package topology

import (
	"cmp"
	"slices"
	"strings"
)

// Graph is the map of a mesh over one interval, at one level. Its nodes are
// sorted by Ref, its edges by source, target and protocol.
type Graph struct {
	Level    Level
	Interval Interval
	Nodes    []*Node
	Edges    []*Edge
}

// Node is a workload, an app, a service, a namespace or a cluster.
type Node struct {
	Ref
	// Workload, App, Version and Service are what is known of the node beyond
	// its Ref; App and Version are the canonical service and revision.
	Workload, App, Version, Service string
	// In and Out are the sums of all edges into and out of the node, whichever
	// of these a view shows (T4). An edge from a node to itself is in both.
	In, Out map[Protocol]*Traffic
}

// Edge is what one node calls of another by one protocol.
type Edge struct {
	Source, Target *Node
	Protocol       Protocol
	// Reporters are whose reports the edge is made from, in order of preference.
	Reporters []Reporter
	// Services are the hosts that were called, sorted.
	Services []Service
	Traffic  Traffic

	places []place // that its calls come from and go to
}

// place is where an end of a call is.
type place struct{ cluster, namespace string }

type edgeID struct {
	source, target Ref
	protocol       Protocol
}

// Build makes the graph of a level from flows. Flows without traffic make no
// edge unless idle asks for them. The graph shares what it can with the flows:
// neither may be changed after.
func Build(iv Interval, flows []Flow, level Level, idle bool) *Graph {
	if !slices.IsSortedFunc(flows, Flow.compare) {
		flows = slices.Clone(flows)
		SortFlows(flows) // sums must not depend on the order that flows came in (T4)
	}
	b := builder{
		placer: newPlacer(level, flows),
		nodes:  map[Ref]*Node{},
		edges:  make(map[edgeID]*edgeSum, len(flows)),
	}
	for _, f := range flows {
		if idle || f.Traffic.Activity() > 0 {
			b.add(f)
		}
	}
	g := &Graph{Level: level, Interval: iv, Nodes: make([]*Node, 0, len(b.nodes)), Edges: make([]*Edge, 0, len(b.edges))}
	for _, n := range b.nodes {
		g.Nodes = append(g.Nodes, n)
	}
	slices.SortFunc(g.Nodes, func(a, b *Node) int { return a.Compare(b.Ref) })
	for _, e := range b.edges {
		slices.SortFunc(e.Services, Service.compare)
		slices.Sort(e.Reporters)
		e.Traffic = *e.sum.traffic
		g.Edges = append(g.Edges, &e.Edge)
	}
	slices.SortFunc(g.Edges, func(a, b *Edge) int {
		return cmp.Or(a.Source.Compare(b.Source.Ref), a.Target.Compare(b.Target.Ref), cmp.Compare(a.Protocol, b.Protocol))
	})
	g.sumNodes()
	return g
}

// sumNodes makes the sums of the edges into and out of each node.
func (g *Graph) sumNodes() {
	type side struct {
		node     *Node
		out      bool
		protocol Protocol
	}
	sums := make(map[side]*sharedSum, 2*len(g.Nodes))
	add := func(at side, t *Traffic) {
		s, ok := sums[at]
		if !ok {
			s = new(sharedSum)
			sums[at] = s
		}
		s.add(t)
	}
	for _, e := range g.Edges {
		add(side{e.Source, true, e.Protocol}, &e.Traffic)
		add(side{e.Target, false, e.Protocol}, &e.Traffic)
	}
	for at, s := range sums {
		by := &at.node.In
		if at.out {
			by = &at.node.Out
		}
		if *by == nil {
			*by = make(map[Protocol]*Traffic, 1)
		}
		(*by)[at.protocol] = s.traffic
	}
}

// sharedSum is a sum of traffic that is shared with its only part as long as
// there is but one: most edges have one flow, and many nodes one edge.
type sharedSum struct {
	traffic *Traffic
	own     bool
}

func (s *sharedSum) add(t *Traffic) {
	switch {
	case s.traffic == nil:
		s.traffic = t
		return
	case !s.own:
		mine := new(Traffic)
		mine.Merge(s.traffic)
		s.traffic, s.own = mine, true
	}
	s.traffic.Merge(t)
}

type builder struct {
	placer placer
	nodes  map[Ref]*Node
	edges  map[edgeID]*edgeSum
}

// edgeSum is an edge whose traffic is being added up.
type edgeSum struct {
	Edge
	sum sharedSum
}

func (b *builder) add(f Flow) {
	id := edgeID{b.placer.source(f.Key), b.placer.destination(f.Key), f.Protocol}
	e, ok := b.edges[id]
	if !ok {
		e = &edgeSum{Edge: Edge{Source: b.node(id.source), Target: b.node(id.target), Protocol: f.Protocol}}
		b.edges[id] = e
	}
	e.Source.describe(b.placer.level, f.Key.Source)
	e.Target.describe(b.placer.level, f.Key.Destination)
	e.sum.add(f.Traffic)
	for _, ref := range [...]Ref{f.Key.SourceRef(), f.Key.DestinationRef()} {
		if at := (place{ref.Cluster, ref.Namespace}); !slices.Contains(e.places, at) {
			e.places = append(e.places, at)
		}
	}
	if !slices.Contains(e.Reporters, f.Reporter) {
		e.Reporters = append(e.Reporters, f.Reporter)
	}
	if s := f.Key.Service; s != (Service{}) && !slices.Contains(e.Services, s) {
		e.Services = append(e.Services, s)
	}
}

func (b *builder) node(ref Ref) *Node {
	n, ok := b.nodes[ref]
	if !ok {
		n = &Node{Ref: ref}
		if ref.Kind == KindService {
			n.Service = ref.Name
		}
		b.nodes[ref] = n
	}
	return n
}

// describe notes what a level's nodes tell of the peers in them. Flows come
// sorted, and the first that knows a name gives it.
func (n *Node) describe(level Level, p Peer) {
	if n.Kind != KindWorkload && n.Kind != KindApp {
		return
	}
	n.App = cmp.Or(n.App, p.CanonicalService)
	if n.Kind == KindWorkload || level == ByVersionedApp {
		n.Workload = cmp.Or(n.Workload, p.Workload)
		n.Version = cmp.Or(n.Version, p.version())
	}
}

func (s Service) compare(o Service) int {
	return cmp.Or(strings.Compare(s.Namespace, o.Namespace), strings.Compare(s.Name, o.Name), strings.Compare(s.Host, o.Host))
}

// Selection names the part of a graph that a view shows. Empty lists are all.
type Selection struct {
	Namespaces []string
	Clusters   []string
}

// Select is the part of the graph with calls from or to the selection: these
// edges and their nodes, with the numbers that they have in the whole (T4).
func (g *Graph) Select(s Selection) *Graph {
	if len(s.Namespaces) == 0 && len(s.Clusters) == 0 {
		return g
	}
	part := &Graph{Level: g.Level, Interval: g.Interval}
	kept := map[*Node]bool{}
	for _, e := range g.Edges {
		if slices.ContainsFunc(e.places, s.has) {
			part.Edges = append(part.Edges, e)
			kept[e.Source], kept[e.Target] = true, true
		}
	}
	for _, n := range g.Nodes {
		if kept[n] {
			part.Nodes = append(part.Nodes, n)
		}
	}
	return part
}

func (s Selection) has(p place) bool {
	return matches(s.Namespaces, p.namespace) && matches(s.Clusters, p.cluster)
}

func matches(names []string, name string) bool {
	return len(names) == 0 || slices.ContainsFunc(names, func(pattern string) bool { return MatchGlob(pattern, cmp.Or(name, Unknown)) })
}
