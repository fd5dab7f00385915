package frames

import (
	"github.com/meshscope/meshscope/exporter/topology"
	"github.com/meshscope/meshscope/plugin/pkg/compare"
	"github.com/meshscope/meshscope/plugin/pkg/query"
)

// ends are the names of what an edge is between: graphs of two ranges have no
// node in common but by name.
type ends struct{ source, target topology.Ref }

func endsOf(e *topology.Edge) ends { return ends{e.Source.Ref, e.Target.Ref} }

// past is the mesh of an earlier range, by names.
type past struct {
	nodes map[topology.Ref]*topology.Node
	pairs map[ends][]*topology.Edge // in the order of protocols
}

func newPast(then *topology.Graph) *past {
	if then == nil {
		return nil
	}
	p := &past{nodes: make(map[topology.Ref]*topology.Node, len(then.Nodes)), pairs: make(map[ends][]*topology.Edge, len(then.Edges))}
	for _, n := range then.Nodes {
		p.nodes[n.Ref] = n
	}
	for _, e := range then.Edges {
		p.pairs[endsOf(e)] = append(p.pairs[endsOf(e)], e)
	}
	return p
}

// nodeThen is a node as it was, without traffic if it was not there; nil where
// nothing is compared.
func (s *sight) nodeThen(n *topology.Node) *nodeRow {
	if s.past == nil {
		return nil
	}
	if was, ok := s.past.nodes[n.Ref]; ok {
		return s.rowAs(was)
	}
	return s.rowAs(&topology.Node{Ref: n.Ref})
}

// edgeThen is what a pair of nodes had to do with each other by the protocols
// that are shown of those given; nil where nothing is compared.
func (s *sight) edgeThen(of ends, by func(topology.Protocol) bool) *edgePast {
	if s.past == nil {
		return nil
	}
	was := &edgePast{totals: totals{seconds: s.seconds}}
	for _, e := range s.past.pairs[of] {
		if by(e.Protocol) {
			was.add(e.Protocol, &e.Traffic)
			if healthOf(e.Verdict) > healthOf(was.verdict) {
				was.verdict = e.Verdict
			}
		}
	}
	return was
}

// edgePast is an edge as it was.
type edgePast struct {
	totals

	verdict *topology.Verdict
}

// change is what has become of a node, by the traffic that its stats are of.
func (r *nodeRow) change() compare.Change {
	if r.then == nil {
		return compare.Unchanged
	}
	now, then := callsOf(r.own()), callsOf(r.ownThen())
	now.Active, then.Active = r.active(), r.then.active()
	return compare.Between(then, now)
}

// ownThen is the traffic of then that is to be compared with own: of the same
// direction, unless there is nothing of it any more.
func (r *nodeRow) ownThen() *totals {
	switch {
	case !r.active():
		return r.then.own()
	case r.in.empty():
		return &r.then.out
	}
	return &r.then.in
}

func (r *nodeRow) active() bool { return r.in.active() || r.out.active() }

func (t *totals) changeSince(then *edgePast) compare.Change {
	if then == nil {
		return compare.Unchanged
	}
	return compare.Between(callsOf(&then.totals), callsOf(t))
}

// active tells that there was any traffic, and not merely an edge.
func (t *totals) active() bool { return t.sum((*topology.Traffic).Activity) > 0 }

func callsOf(t *totals) compare.Calls {
	requests, errors := t.requests()
	return compare.Calls{
		Active: t.active(), Requests: requests, Errors: errors,
		Mean: t.latency().Mean(), Timed: t.latency().Count(),
	}
}

// withGone adds to what is chosen of the mesh what would have been chosen of it
// then, and is there no more. What is still there, and no longer chosen, has
// not gone.
func withGone(chosen, whole, before *topology.Graph, q query.Query) *topology.Graph {
	if len(before.Nodes) == 0 {
		return chosen
	}
	u := union{nodes: make(map[topology.Ref]*topology.Node, len(whole.Nodes)), in: make(map[*topology.Node]bool, len(chosen.Nodes))}
	for _, n := range whole.Nodes {
		u.nodes[n.Ref] = n
	}
	all := &topology.Graph{Level: chosen.Level, Interval: chosen.Interval}
	for _, n := range chosen.Nodes {
		u.take(all, n)
	}
	all.Edges = append(all.Edges, chosen.Edges...)
	for _, n := range before.Nodes {
		if u.nodes[n.Ref] == nil && len(n.In)+len(n.Out) > 0 {
			u.take(all, u.node(n))
		}
	}
	for _, e := range goneEdges(whole, before, q, pairLine) {
		gone := *e
		gone.Source, gone.Target = u.node(e.Source), u.node(e.Target)
		u.take(all, gone.Source)
		u.take(all, gone.Target)
		all.Edges = append(all.Edges, &gone)
	}
	sortGraph(all)
	return all
}

// lineKey is what an edge is known by: its ends and, where protocols are told
// apart, its protocol.
type lineKey struct {
	ends
	protocol topology.Protocol
}

// pairLine is the line of a graph, which has one for all protocols.
func pairLine(e *topology.Edge) lineKey { return lineKey{ends: endsOf(e)} }

// callLine is the line of a table.
func callLine(e *topology.Edge) lineKey { return lineKey{endsOf(e), e.Protocol} }

// goneEdges are those of before of whose line there is nothing in the whole, of
// what the query shows, without their traffic.
func goneEdges(whole, before *topology.Graph, q query.Query, of func(*topology.Edge) lineKey) (gone []*topology.Edge) {
	there := make(map[lineKey]bool, len(whole.Edges))
	for _, e := range whole.Edges {
		if q.Shows(e.Protocol) {
			there[of(e)] = true
		}
	}
	for _, e := range before.Edges {
		if !there[of(e)] && e.Traffic.Activity() > 0 {
			gone = append(gone, &topology.Edge{Source: e.Source, Target: e.Target, Protocol: e.Protocol, Services: e.Services})
		}
	}
	return gone
}

// union are the nodes of now, and those of then that are none of these.
type union struct {
	nodes map[topology.Ref]*topology.Node
	in    map[*topology.Node]bool
}

// node is the one of now that has the name of one of then: without traffic, if
// there is none.
func (u *union) node(was *topology.Node) *topology.Node {
	n, ok := u.nodes[was.Ref]
	if !ok {
		n = goneNode(was)
		u.nodes[was.Ref] = n
	}
	return n
}

func (u *union) take(into *topology.Graph, n *topology.Node) {
	if !u.in[n] {
		u.in[n] = true
		into.Nodes = append(into.Nodes, n)
	}
}

// goneNode is a node of which nothing but its names is left.
func goneNode(was *topology.Node) *topology.Node {
	return &topology.Node{
		Ref: was.Ref, Workload: was.Workload, App: was.App, Version: was.Version, Service: was.Service,
		Injected: was.Injected, Waypoint: was.Waypoint,
	}
}
