package source

import (
	"github.com/meshscope/meshscope/exporter/topology"
	"github.com/meshscope/meshscope/plugin/pkg/query"
)

// Names are what a mesh had names of in an interval.
type Names struct {
	All []topology.Ref

	Asked
}

// MayBeWaypoints tells that among such names those of waypoints would be; a
// waypoint's service has its name.
func MayBeWaypoints(of query.Of) bool {
	return of == query.OfWorkloads || of == query.OfApps || of == query.OfServices
}

// Namesake is the workload of a name's, by which waypoints are known.
func Namesake(r topology.Ref) topology.Peer {
	return topology.Peer{Cluster: r.Cluster, Namespace: r.Namespace, Workload: r.Name}
}

// RefsOf are what an edge has of what names are asked of. Of labels that an
// answer was not told apart by nothing is known: then there is less.
func RefsOf(key topology.EdgeKey, of query.Of) (refs []topology.Ref) {
	add := func(r topology.Ref) {
		if r.Name != "" {
			refs = append(refs, r)
		}
	}
	for _, p := range [...]topology.Peer{key.Source, key.Destination} {
		switch of {
		case query.OfClusters:
			add(topology.Ref{Kind: topology.KindCluster, Name: p.Cluster})
		case query.OfNamespaces:
			add(topology.Ref{Kind: topology.KindNamespace, Cluster: p.Cluster, Name: p.Namespace})
		case query.OfWorkloads:
			add(topology.Ref{Kind: topology.KindWorkload, Cluster: p.Cluster, Namespace: p.Namespace, Name: p.Workload})
		case query.OfApps:
			add(p.AppRef())
		}
	}
	switch service := key.ServiceRef(); {
	case of == query.OfServices:
		add(service)
	case of == query.OfNamespaces && key.Destination.Workload == "":
		add(topology.Ref{Kind: topology.KindNamespace, Cluster: key.Destination.Cluster, Name: key.Service.Namespace})
	}
	return refs
}

// IsWithin tells that something is of the namespaces and clusters that a query
// names. What is not known of a place is called as it is published.
func IsWithin(r topology.Ref, q query.Query) bool {
	within := topology.Selection{Clusters: q.Clusters}
	if r.Kind != topology.KindCluster {
		within.Namespaces = q.Namespaces
	}
	return within.Has(r)
}
