package topology

import (
	"cmp"
	"slices"
	"sync"
)

// BuildOptions say which graph is made from flows. The zero value is the
// graph of workloads.
type BuildOptions struct {
	Level Level
	// Idle makes edges of flows without traffic, too.
	Idle bool
	// ServiceNodes puts the service that was called between a caller and the
	// workload or app that it reached. The graph of services is that already.
	ServiceNodes bool
	// Operations puts what was asked of a service between a caller and it,
	// where flows know that. Such edges have requests alone; of all else the
	// nodes' sums tell.
	Operations bool
	// IsWaypoint tells waypoints from other workloads. A waypoint stays a
	// workload at all levels of workloads, apps and services, and no service
	// stands before it: what it is called by is meant for others. It may be nil.
	IsWaypoint func(Peer) bool
	// Fold gives the key under which a call is drawn, where that is another
	// than telemetry's: that of a ServiceEntry in place of its hosts. It may be nil.
	Fold func(EdgeKey) EdgeKey
}

// Build makes a graph from flows. The graph shares what it can with the flows:
// neither may be changed after.
func Build(iv Interval, flows []Flow, o BuildOptions) *Graph {
	o.Level = cmp.Or(o.Level, ByWorkload)
	if !slices.IsSortedFunc(flows, Flow.compare) {
		flows = slices.Clone(flows)
		SortFlows(flows) // sums must not depend on the order that flows came in (T4)
	}
	b := builder{
		BuildOptions: o,
		placer:       newPlacer(o, flows),
		nodes:        map[Ref]*nodeSum{},
		edges:        make(map[edgeID]*edgeSum, len(flows)),
		in:           make([]nodePart, 0, len(flows)),
		out:          make([]nodePart, 0, len(flows)),
	}
	for i := range flows {
		if !o.Idle && !(flows[i].Traffic.Activity() > 0) {
			continue
		}
		flow := flows[i : i+1 : i+1]
		if o.Fold != nil {
			if key := o.Fold(flows[i].Key); key != flows[i].Key {
				flow = []Flow{flows[i]}
				flow[0].Key = key
			}
		}
		b.add(flow)
	}
	return b.graph(iv)
}

type builder struct {
	BuildOptions
	placer placer
	nodes  map[Ref]*nodeSum
	edges  map[edgeID]*edgeSum
	// in and out are what goes into and comes out of nodes. It is added up at
	// the end, side by side.
	in, out []nodePart
}

// nodePart is one flow's part of a node's traffic.
type nodePart struct {
	node     *nodeSum
	protocol Protocol
	traffic  *Traffic
}

type edgeID struct {
	source, target *nodeSum
	protocol       Protocol
}

// nodeSum is a node whose traffic is being added up.
type nodeSum struct {
	Node
	described bool
	in, out   []protocolSum
}

// edgeSum is an edge whose traffic is being added up.
type edgeSum struct {
	Edge
	sum sharedSum
}

// add adds one flow on its way: from the source, through operations and the
// service, if these are shown, to the destination. It comes as a slice, for
// most edges have but one flow, and share it with the input.
func (b *builder) add(flow []Flow) {
	f := &flow[0]
	at := b.placer.place(f.Key)
	source, target := b.node(at.source), b.node(at.destination)
	b.describe(source, f.Key.Source)
	b.describe(target, f.Key.Destination)
	b.out = append(b.out, nodePart{source, f.Protocol, f.Traffic})
	b.in = append(b.in, nodePart{target, f.Protocol, f.Traffic})
	if at.service != (Ref{}) {
		service := b.node(at.service)
		service.Injected = true
		if service != target {
			b.in = append(b.in, nodePart{service, f.Protocol, f.Traffic})
			b.out = append(b.out, nodePart{service, f.Protocol, f.Traffic})
			b.edge(service, target, flow)
			target = service
		}
	}
	if b.Operations {
		var parts []operationPart
		parts, flow = f.byOperation()
		for _, part := range parts {
			operation := b.node(operationRef(f.Key, part.name))
			operation.Service = operation.Ref.Version
			b.in = append(b.in, nodePart{operation, f.Protocol, part.flow[0].Traffic})
			b.out = append(b.out, nodePart{operation, f.Protocol, part.flow[0].Traffic})
			b.edge(source, operation, part.flow)
			b.edge(operation, target, part.flow)
		}
	}
	if len(flow) > 0 {
		b.edge(source, target, flow)
	}
}

// edge adds a flow to the edge from one node to another.
func (b *builder) edge(source, target *nodeSum, flow []Flow) {
	f := &flow[0]
	id := edgeID{source, target, f.Protocol}
	e, ok := b.edges[id]
	if !ok {
		e = &edgeSum{Edge: Edge{Source: &source.Node, Target: &target.Node, Protocol: f.Protocol}}
		b.edges[id] = e
	}
	e.sum.add(f.Traffic)
	if len(e.Flows) == 0 {
		e.Flows = flow
	} else {
		e.Flows = append(e.Flows, *f)
	}
	if !slices.Contains(e.Reporters, f.Reporter) {
		e.Reporters = append(e.Reporters, f.Reporter)
	}
	if s := f.Key.Service; s != (Service{}) && !slices.Contains(e.Services, s) {
		e.Services = append(e.Services, s)
	}
}

func (b *builder) node(ref Ref) *nodeSum {
	n, ok := b.nodes[ref]
	if !ok {
		n = &nodeSum{Node: Node{Ref: ref}}
		if ref.Kind == KindService {
			n.Service = ref.Name
		}
		b.nodes[ref] = n
	}
	return n
}

// describe notes what a level's nodes tell of the peers in them. Flows come
// sorted, and the first that knows a name gives it.
func (b *builder) describe(n *nodeSum, p Peer) {
	if n.Kind != KindWorkload && n.Kind != KindApp {
		return
	}
	n.App = cmp.Or(n.App, p.CanonicalService)
	if n.Kind == KindWorkload || b.Level == ByVersionedApp {
		n.Workload = cmp.Or(n.Workload, p.Workload)
		n.Version = cmp.Or(n.Version, p.version())
	}
	if !n.described && n.Kind == KindWorkload { // of which all peers have the same name
		n.Waypoint = b.placer.isWaypoint(p)
	}
	n.described = true
}

// graph is what has been added, in order.
func (b *builder) graph(iv Interval) *Graph {
	g := &Graph{Level: b.Level, Interval: iv, Nodes: make([]*Node, 0, len(b.nodes)), Edges: make([]*Edge, 0, len(b.edges))}
	var sums sync.WaitGroup
	sums.Go(b.sumIn)
	sums.Go(b.sumOut)
	defer sums.Wait()
	for _, n := range b.nodes {
		g.Nodes = append(g.Nodes, &n.Node)
	}
	slices.SortFunc(g.Nodes, func(a, b *Node) int { return a.Compare(b.Ref) })
	rank := make(map[*Node]int, len(g.Nodes)) // for sorting the edges, of which there are more
	for i, n := range g.Nodes {
		rank[n] = i
	}
	ranked := make([]rankedEdge, 0, len(b.edges))
	for _, e := range b.edges {
		slices.SortFunc(e.Services, Service.compare)
		slices.Sort(e.Reporters)
		e.Traffic = *e.sum.traffic
		ranked = append(ranked, rankedEdge{&e.Edge, rank[e.Source], rank[e.Target]})
	}
	slices.SortFunc(ranked, func(a, b rankedEdge) int {
		return cmp.Or(a.source-b.source, a.target-b.target, cmp.Compare(a.Protocol, b.Protocol))
	})
	for _, e := range ranked {
		g.Edges = append(g.Edges, e.Edge)
	}
	return g
}

func (b *builder) sumIn() {
	for _, part := range b.in {
		part.node.in = addTo(part.node.in, part.protocol, part.traffic)
	}
	for _, n := range b.nodes {
		n.In = byProtocol(n.in)
	}
}

func (b *builder) sumOut() {
	for _, part := range b.out {
		part.node.out = addTo(part.node.out, part.protocol, part.traffic)
	}
	for _, n := range b.nodes {
		n.Out = byProtocol(n.out)
	}
}

// rankedEdge is an edge with the places of its ends among the nodes.
type rankedEdge struct {
	*Edge
	source, target int
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

// protocolSum is a sharedSum of one protocol. A node speaks few.
type protocolSum struct {
	protocol Protocol
	sharedSum
}

func addTo(sums []protocolSum, p Protocol, t *Traffic) []protocolSum {
	i := slices.IndexFunc(sums, func(s protocolSum) bool { return s.protocol == p })
	if i < 0 {
		i = len(sums)
		sums = append(sums, protocolSum{protocol: p})
	}
	sums[i].add(t)
	return sums
}

func byProtocol(sums []protocolSum) map[Protocol]*Traffic {
	if len(sums) == 0 {
		return nil
	}
	by := make(map[Protocol]*Traffic, len(sums))
	for _, s := range sums {
		by[s.protocol] = s.traffic
	}
	return by
}
