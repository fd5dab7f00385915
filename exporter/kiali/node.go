package kiali

import (
	"cmp"
	"slices"
	"strings"

	"github.com/meshscope/meshscope/exporter/topology"
)

// nodeData is a node, or a box around nodes, in Kiali's form. What Kiali tells
// from Kubernetes and from health is not in it.
type nodeData struct {
	ID        string `json:"id"`
	Parent    string `json:"parent,omitempty"`
	NodeType  string `json:"nodeType"`
	Cluster   string `json:"cluster"`
	Namespace string `json:"namespace"`
	Workload  string `json:"workload,omitempty"`
	App       string `json:"app,omitempty"`
	Version   string `json:"version,omitempty"`
	Service   string `json:"service,omitempty"`
	Aggregate string `json:"aggregate,omitempty"`

	DestServices []service     `json:"destServices,omitempty"`
	Traffic      []nodeTraffic `json:"traffic,omitempty"`
	HealthData   *struct{}     `json:"healthData"`

	IsBox          string `json:"isBox,omitempty"`
	IsInaccessible bool   `json:"isInaccessible,omitempty"`
	IsInjected     bool   `json:"isInjected,omitempty"`
	IsOutside      bool   `json:"isOutside,omitempty"`
	IsRoot         bool   `json:"isRoot,omitempty"`
	IsWaypoint     bool   `json:"isWaypoint,omitempty"`
}

// service is one by which a node was called.
type service struct {
	Cluster   string `json:"cluster"`
	Namespace string `json:"namespace"`
	Name      string `json:"name"`
}

func (s service) compare(o service) int {
	return cmp.Or(strings.Compare(s.Cluster, o.Cluster), strings.Compare(s.Namespace, o.Namespace), strings.Compare(s.Name, o.Name))
}

// seen is what a graph's edges tell of a node.
type seen struct {
	services   []service // that it was called by
	revision   string    // as Istio says it, "latest" and all
	calls      bool
	isCalled   bool
	serviceSet map[service]bool
}

// look looks at all edges. Edges that are drawn as part of another make no
// caller and no root.
func look(edges []*topology.Edge, isPart func(*topology.Edge) bool) map[*topology.Node]*seen {
	all := map[*topology.Node]*seen{}
	of := func(n *topology.Node) *seen {
		s, ok := all[n]
		if !ok {
			s = &seen{serviceSet: map[service]bool{}}
			all[n] = s
		}
		return s
	}
	for _, e := range edges {
		source, target := of(e.Source), of(e.Target)
		if !isPart(e) {
			source.calls, target.isCalled = true, true
		}
		for _, f := range e.Flows {
			if isOfPeers(e.Source) {
				source.revision = cmp.Or(source.revision, f.Key.Source.CanonicalRevision)
			}
			if isOfPeers(e.Target) {
				target.revision = cmp.Or(target.revision, f.Key.Destination.CanonicalRevision)
			}
			if called := f.Key.Service; called.Name != "" {
				target.call(service{known(f.Key.Destination.Cluster), known(called.Namespace), called.Name})
			}
		}
	}
	return all
}

func (s *seen) call(by service) {
	if !s.serviceSet[by] {
		s.serviceSet[by] = true
		s.services = append(s.services, by)
	}
}

// isOfPeers tells a workload or app, of which flows name the revision, from
// what stands between these.
func isOfPeers(n *topology.Node) bool {
	return n.Kind == topology.KindWorkload || n.Kind == topology.KindApp
}

// node is a node in Kiali's form.
func (v *view) node(n *topology.Node) *nodeData {
	d := &nodeData{
		ID: v.ids[n], Parent: v.parents[n], NodeType: string(n.Kind),
		Cluster: known(n.Cluster), Namespace: known(n.Namespace),
		Traffic:        nodeTrafficOf(n, v.Rates, v.graph.Interval.Length),
		IsInaccessible: v.inaccessible(n),
		IsInjected:     n.Injected,
		IsOutside:      v.outside(n),
		IsWaypoint:     n.Waypoint,
	}
	seen := v.seen[n]
	if seen != nil {
		slices.SortFunc(seen.services, service.compare)
		d.DestServices = seen.services
		d.IsRoot = seen.calls && !seen.isCalled
	}
	switch n.Kind {
	case topology.KindWorkload:
		d.Workload, d.App = n.Name, n.App
		if n.Waypoint {
			d.App = "" // it is a workload, whatever its labels say
		}
		if seen != nil {
			d.Version = seen.revision
		}
	case topology.KindApp:
		d.App, d.Workload = n.Name, n.Workload
		if v.graph.Level == topology.ByVersionedApp && seen != nil {
			d.Version = seen.revision
		}
	case topology.KindService:
		d.Service = known(n.Name)
	case topology.KindOperation:
		d.NodeType = "aggregate"
		d.Aggregate = v.Aggregate + "=" + n.Name
		d.Service = n.Service
	case topology.KindUnknown:
		d.Workload, d.App, d.Version = topology.Unknown, topology.Unknown, topology.Unknown
	}
	return d
}

// outside tells that a node is not in the namespaces that were asked for.
func (v *view) outside(n *topology.Node) bool {
	return topology.Selection{Namespaces: v.Namespaces}.Outside(n) && !isEgress(n)
}

// inaccessible tells that nothing can be looked up about a node: it is unknown,
// or outside and in a namespace that Kubernetes was asked for and does not have.
func (v *view) inaccessible(n *topology.Node) bool {
	if n.Inaccessible() || n.Kind == topology.KindService && n.Namespace == "" {
		return true
	}
	return v.outside(n) && v.Kubernetes != nil && !v.Kubernetes.HasNamespace(n.Cluster, n.Namespace)
}

// isEgress tells Envoy's clusters for what the mesh does not know.
func isEgress(n *topology.Node) bool { return n.Kind == topology.KindService && n.Inaccessible() }
