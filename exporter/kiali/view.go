package kiali

import (
	"cmp"
	"slices"
	"strings"

	"github.com/meshscope/meshscope/exporter/topology"
)

// view is one graph that is being written. Once it is made, it is only read.
type view struct {
	View

	graph *topology.Graph
	nodes map[*topology.Node]*shown
	boxes []box
	// edges are those that are drawn as such, and back those that are drawn as
	// part of another: the edge from a waypoint, by the one to it.
	edges []*topology.Edge
	back  map[*topology.Edge]*topology.Edge

	namespaces map[string]bool            // whether they were asked for
	ingress    map[*topology.Node]bool    // gateways that call waypoints
	requests   map[topology.Ref]*requests // by which there are verdicts
}

// shown is what there is to say of a node beside its own.
type shown struct {
	id, parent string
	outside    bool
	// What the edges that are shown tell of it: the services that it was called
	// by, its revision as Istio says it, "latest" and all, and whether it calls
	// and is called.
	services        []service
	revision        string
	calls, isCalled bool
}

// service is one by which a node was called.
type service struct{ cluster, namespace, name string }

func (s service) compare(o service) int {
	return cmp.Or(strings.Compare(s.cluster, o.cluster), strings.Compare(s.namespace, o.namespace), strings.Compare(s.name, o.name))
}

func newView(o View, g *topology.Graph) *view {
	v := &view{View: o, namespaces: map[string]bool{}}
	v.graph = v.show(g)
	v.findIngress(g)
	v.nodes = make(map[*topology.Node]*shown, len(v.graph.Nodes))
	for _, n := range v.graph.Nodes {
		v.nodes[n] = &shown{id: hash(nodeName(n, o.Aggregate)), outside: v.outside(n)}
	}
	v.foldBack()
	v.look()
	v.putInBoxes()
	if v.Health != nil {
		v.countRequests()
	}
	return v
}

// outside tells that a node is not in the namespaces that were asked for.
func (v *view) outside(n *topology.Node) bool {
	return n.Kind != topology.KindUnknown && n.Namespace != "" && !v.chosen(n.Namespace) && !isEgress(n)
}

// foldBack finds the edges from waypoints that go back along an edge to them.
func (v *view) foldBack() {
	type way struct {
		source, target *topology.Node
		protocol       topology.Protocol
	}
	from := map[way]*topology.Edge{}
	for _, e := range v.graph.Edges {
		if e.Source.Waypoint && !e.Target.Waypoint {
			from[way{e.Source, e.Target, e.Protocol}] = e
		}
	}
	if len(from) == 0 {
		v.edges = v.graph.Edges
		return
	}
	v.back = map[*topology.Edge]*topology.Edge{}
	folded := map[*topology.Edge]bool{}
	for _, e := range v.graph.Edges {
		if b, ok := from[way{e.Target, e.Source, e.Protocol}]; ok {
			v.back[e], folded[b] = b, true
		}
	}
	for _, e := range v.graph.Edges {
		if !folded[e] {
			v.edges = append(v.edges, e)
		}
	}
}

// look finds out what edges tell of nodes. Edges that are drawn as part of
// another make no caller and no root.
func (v *view) look() {
	for _, e := range v.edges {
		v.nodes[e.Source].calls, v.nodes[e.Target].isCalled = true, true
	}
	for _, e := range v.graph.Edges {
		source, target := v.nodes[e.Source], v.nodes[e.Target]
		for _, f := range e.Flows {
			if isOfPeers(e.Source) {
				source.revision = cmp.Or(source.revision, f.Key.Source.CanonicalRevision)
			}
			if isOfPeers(e.Target) {
				target.revision = cmp.Or(target.revision, f.Key.Destination.CanonicalRevision)
			}
			if called := f.Key.Service; called.Name != "" {
				target.call(service{known(f.Key.Destination.Cluster), known(called.Namespace), calledName(e.Target, called)})
			}
		}
	}
	for n, shown := range v.nodes {
		if n.Object != nil && n.Object.Idle && isOfPeers(n) {
			shown.revision = n.Object.CanonicalRevision
		}
	}
}

// calledName is what a service was called by: of a node that hosts were folded
// into, the host.
func calledName(n *topology.Node, called topology.Service) string {
	if n.Object != nil && n.Object.ServiceEntry != nil && n.Object.ServiceEntry.Name == called.Name {
		return cmp.Or(called.Host, called.Name)
	}
	return called.Name
}

// call notes a service. There are few, and they are kept sorted.
func (s *shown) call(by service) {
	if i, found := slices.BinarySearchFunc(s.services, by, service.compare); !found {
		s.services = slices.Insert(s.services, i, by)
	}
}

// isOfPeers tells a workload or app, of which flows name the revision, from
// what stands between these.
func isOfPeers(n *topology.Node) bool {
	return n.Kind == topology.KindWorkload || n.Kind == topology.KindApp
}
