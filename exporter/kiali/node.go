package kiali

import "github.com/meshscope/meshscope/exporter/topology"

// node writes a node's fields.
func (v *view) node(o *object, n *topology.Node) {
	shown := v.nodes[n]
	kind := string(n.Kind)
	if n.Kind == topology.KindOperation {
		kind = "aggregate"
	}
	o.must("id", shown.id)
	o.field("parent", shown.parent)
	o.must("nodeType", kind)
	o.must("cluster", known(n.Cluster))
	o.must("namespace", known(n.Namespace))
	v.names(o, n, shown)
	if len(shown.services) > 0 {
		o.name("destServices")
		o.list(len(shown.services), func(i int) {
			o.must("cluster", shown.services[i].cluster)
			o.must("namespace", shown.services[i].namespace)
			o.must("name", shown.services[i].name)
		})
	}
	v.labels(o, n)
	v.nodeTraffic(o, n)
	v.nodeHealth(o, n)
	v.object(o, n)
	o.flag("isInaccessible", v.inaccessible(n, shown))
	o.flag("isInjected", n.Injected)
	o.flag("isOutside", shown.outside)
	o.flag("isRoot", shown.calls && !shown.isCalled)
	o.flag("isWaypoint", n.Waypoint)
}

// names writes what a node is called.
func (v *view) names(o *object, n *topology.Node, shown *shown) {
	switch n.Kind {
	case topology.KindWorkload:
		o.field("workload", n.Name)
		o.field("app", v.appOf(n))
		o.field("version", shown.revision)
	case topology.KindApp:
		o.field("workload", n.Workload)
		o.field("app", n.Name)
		if v.graph.Level == topology.ByVersionedApp {
			o.field("version", shown.revision)
		}
	case topology.KindService:
		o.field("app", v.appOf(n))
		o.field("service", known(n.Name))
	case topology.KindOperation:
		o.field("service", n.Service)
		o.field("aggregate", v.Aggregate+"="+n.Name)
	case topology.KindUnknown:
		o.field("workload", topology.Unknown)
		o.field("app", topology.Unknown)
		o.field("version", topology.Unknown)
	}
}

// inaccessible tells that nothing can be looked up about a node: it is unknown,
// or outside and in a namespace that Kubernetes was asked for and does not have.
func (v *view) inaccessible(n *topology.Node, shown *shown) bool {
	if n.Inaccessible() || n.Kind == topology.KindService && n.Namespace == "" {
		return true
	}
	return shown.outside && v.Kubernetes != nil && !v.Kubernetes.HasNamespace(n.Cluster, n.Namespace)
}

// isEgress tells Envoy's clusters for what the mesh does not know.
func isEgress(n *topology.Node) bool { return n.Kind == topology.KindService && n.Inaccessible() }
