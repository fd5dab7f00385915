package kiali

import (
	"cmp"
	"slices"
	"strings"

	"github.com/meshscope/meshscope/exporter/topology"
)

// Counted is the part of a graph with the edges of which something is counted.
// Idle ones are among them where these are wanted.
func (v View) Counted(g *topology.Graph) *topology.Graph { return v.part(g, v.counts) }

// part is a part of a graph. Waypoints are in it only where these are shown,
// also those without traffic.
func (v View) part(g *topology.Graph, keep func(*topology.Edge) bool) *topology.Graph {
	part := g.Part(keep)
	if !v.Waypoints {
		part.Nodes = slices.DeleteFunc(part.Nodes, func(n *topology.Node) bool { return n.Waypoint })
	}
	return part
}

func (v View) counts(e *topology.Edge) bool {
	switch {
	case v.Rates.of(e.Protocol) == RateNone:
		return false
	case !v.IdleEdges && !(counted(&e.Traffic, e.Protocol, v.Rates) > 0):
		return false
	}
	return v.Waypoints || !e.Source.Waypoint && !e.Target.Waypoint
}

// show is the part of a graph that is asked for: edges of what is counted, at
// the node or in the namespaces.
func (v *view) show(g *topology.Graph) *topology.Graph {
	if v.Part != nil {
		return v.Part
	}
	return v.part(g, func(e *topology.Edge) bool {
		if v.Node != nil {
			return v.counts(e) && v.Node.has(e)
		}
		return v.counts(e) && slices.ContainsFunc(e.Flows, func(f topology.Flow) bool {
			return v.chosen(f.Key.SourceRef().Namespace) || v.chosen(f.Key.DestinationRef().Namespace)
		})
	})
}

// chosen tells that a namespace is one of those that were asked for. It is
// asked for each edge, and there may be many namespaces.
func (v *view) chosen(namespace string) bool {
	is, ok := v.namespaces[namespace]
	if !ok {
		is = topology.Selection{Namespaces: v.Namespaces}.Has(topology.Ref{Namespace: namespace})
		v.namespaces[namespace] = is
	}
	return is
}

// has tells that an edge's calls come from the node or go to it.
func (n *Node) has(e *topology.Edge) bool {
	if n.Kind == topology.KindOperation {
		return n.isOperation(e.Source) || n.isOperation(e.Target)
	}
	return slices.ContainsFunc(e.Flows, func(f topology.Flow) bool {
		if n.Kind == topology.KindService {
			return n.called(f.Key)
		}
		return n.is(f.Key.Source) || n.is(f.Key.Destination)
	})
}

func (n *Node) is(p topology.Peer) bool {
	if p.Namespace != n.Namespace || n.Cluster != "" && p.Cluster != n.Cluster {
		return false
	}
	if n.Kind == topology.KindWorkload {
		return p.Workload == n.Name
	}
	return p.CanonicalService == n.Name && (n.Version == "" || known(p.CanonicalRevision) == n.Version)
}

// called tells that the node is the service that was called. One that was folded
// into a ServiceEntry is known by its host alone.
func (n *Node) called(k topology.EdgeKey) bool {
	named := cmp.Or(k.Service.Name, k.Service.Host) == n.Name && k.Service.Namespace == n.Namespace
	return (named || strings.HasPrefix(k.Service.Host, n.Name+"."+n.Namespace+".")) &&
		(n.Cluster == "" || k.Destination.Cluster == n.Cluster)
}

func (n *Node) isOperation(o *topology.Node) bool {
	return o.Kind == topology.KindOperation && o.Name == n.Name && o.Namespace == n.Namespace &&
		(n.Service == "" || o.Service == n.Service) && (n.Cluster == "" || o.Cluster == n.Cluster)
}
