package kube

import (
	"cmp"
	"slices"

	"github.com/meshscope/meshscope/exporter/topology"
)

// AttachOptions say what becomes of nodes by what is known of their objects.
type AttachOptions struct {
	// DropGone drops nodes that have no traffic and that nothing backs: telemetry remembers them longer than the
	// cluster does.
	DropGone bool
	// Idle adds nodes for workloads that have no traffic, or for services in a graph of these. ServiceNodes adds those
	// for services to other graphs, too.
	Idle, ServiceNodes bool
	// Selection is where nodes are added; the zero value is everywhere.
	Selection topology.Selection
}

// Attach gives the nodes of a graph the objects that they stand for. It is
// meant for whole graphs: a part has no nodes of its own (T4).
func (i *Inventory) Attach(g *topology.Graph, o AttachOptions) {
	if i == nil {
		return
	}
	for _, n := range g.Nodes {
		n.Object = i.of(n)
	}
	if o.DropGone {
		i.dropGone(g)
	}
	if o.Idle {
		i.addIdle(g, o)
	}
}

// of is the object of a node. A workload that Kubernetes does not run, such as
// a virtual machine, has none but for its WorkloadEntries.
func (i *Inventory) of(n *topology.Node) *topology.Object {
	if object := i.Object(n.Ref); object != nil {
		return object
	}
	c := i.clusters[n.Cluster]
	if c == nil || n.Kind != topology.KindWorkload && n.Kind != topology.KindApp {
		return nil
	}
	if entries := c.entries[version{n.Namespace, n.App, n.Version}]; len(entries) > 0 {
		return &topology.Object{Kind: "WorkloadEntry", CanonicalService: n.App, CanonicalRevision: n.Version, WorkloadEntries: entries}
	}
	return nil
}

// isGone tells of a node without traffic that there is nothing it could stand for.
func (i *Inventory) isGone(n *topology.Node) bool {
	if n.Object != nil || n.Active() {
		return false
	}
	switch n.Kind {
	case topology.KindUnknown:
		return true // it stands for traffic alone
	case topology.KindNamespace:
		return i.Knows(n.Kind, n.Cluster, n.Name) && !i.HasNamespace(n.Cluster, n.Name)
	case topology.KindApp:
		if n.Ref.Version != "" { // a workload
			return i.Knows(topology.KindWorkload, n.Cluster, n.Namespace)
		}
	case topology.KindService:
		if slices.Contains(catchAll, n.Name) {
			return false
		}
	}
	return i.Knows(n.Kind, n.Cluster, n.Namespace)
}

// dropGone drops nodes that are gone, and their edges. That leaves no others
// without what they stand for: what backs a node is no other node.
func (i *Inventory) dropGone(g *topology.Graph) {
	gone := map[*topology.Node]bool{}
	g.Nodes = slices.DeleteFunc(g.Nodes, func(n *topology.Node) bool {
		gone[n] = i.isGone(n)
		return gone[n]
	})
	g.Edges = slices.DeleteFunc(g.Edges, func(e *topology.Edge) bool { return gone[e.Source] || gone[e.Target] })
}

// addIdle adds nodes for what has no traffic.
func (i *Inventory) addIdle(g *topology.Graph, o AttachOptions) {
	there := make(map[topology.Ref]bool, len(g.Nodes))
	for _, n := range g.Nodes {
		there[n.Ref] = true
	}
	for ref, object := range i.All() {
		n := idleNode(g.Level, o.ServiceNodes, ref, object)
		if n == nil || there[n.Ref] || o.Selection.Outside(n) {
			continue
		}
		there[n.Ref] = true
		idle := *cmp.Or(i.Object(n.Ref), object)
		idle.Idle = true
		n.Object = &idle
		g.Nodes = append(g.Nodes, n)
	}
	slices.SortFunc(g.Nodes, func(a, b *topology.Node) int { return a.Compare(b.Ref) })
}

// idleNode is the node that an object has at a level, or nil.
func idleNode(level topology.Level, serviceNodes bool, ref topology.Ref, object *topology.Object) *topology.Node {
	n := &topology.Node{Ref: ref}
	if ref.Kind == topology.KindService {
		n.Service = ref.Name
		if level == topology.ByService || serviceNodes && hasWorkloads(level) {
			return n
		}
		return nil
	}
	if !hasWorkloads(level) {
		return nil
	}
	n.App, n.Waypoint = object.CanonicalService, object.Dataplane == topology.WaypointHop
	if level != topology.ByApp {
		n.Workload = ref.Name
		if object.CanonicalRevision != "latest" { // which says nothing of a version
			n.Version = object.CanonicalRevision
		}
	}
	if n.Waypoint {
		return n
	}
	switch level {
	case topology.ByApp:
		n.Kind, n.Name = topology.KindApp, object.CanonicalService
	case topology.ByVersionedApp:
		n.Kind, n.Name, n.Ref.Version = topology.KindApp, object.CanonicalService, ref.Name
	}
	return n
}

func hasWorkloads(level topology.Level) bool {
	return level == topology.ByWorkload || level == topology.ByVersionedApp || level == topology.ByApp
}
