package kube

import (
	"maps"
	"slices"

	"github.com/meshscope/meshscope/exporter/topology"
)

// Inventory is what is known of the clusters of a mesh. A nil Inventory knows
// nothing.
type Inventory struct{ clusters map[string]*cluster }

// cluster is what is known of one.
type cluster struct {
	namespaces map[string]bool
	// waypoints tells of each workload that is known whether it is one.
	waypoints map[name]bool
}

type name struct{ namespace, name string }

func newCluster() *cluster {
	return &cluster{namespaces: map[string]bool{}, waypoints: map[name]bool{}}
}

// knowsNamespaces tells that the namespaces of the cluster are known: all of
// them, or none.
func (c *cluster) knowsNamespaces() bool { return c != nil && len(c.namespaces) > 0 }

// HasNamespace tells that a cluster has a namespace, as far as is known: of
// one whose namespaces are not known it tells that it may have.
func (i *Inventory) HasNamespace(cluster, namespace string) bool {
	if i == nil {
		return true
	}
	c := i.clusters[cluster]
	return !c.knowsNamespaces() || c.namespaces[namespace]
}

// RulesOut tells that no cluster of the mesh has a namespace.
func (i *Inventory) RulesOut(namespace string) bool {
	if i == nil || len(i.clusters) == 0 {
		return false
	}
	return !slices.ContainsFunc(slices.Collect(maps.Values(i.clusters)), func(c *cluster) bool {
		return !c.knowsNamespaces() || c.namespaces[namespace]
	})
}

// IsWaypoint is a test for waypoints (T9): by their labels where the workload
// is known, else by what telemetry tells.
func (i *Inventory) IsWaypoint(otherwise func(topology.Peer) bool) func(topology.Peer) bool {
	if i == nil || len(i.clusters) == 0 {
		return otherwise
	}
	return func(p topology.Peer) bool {
		if c, ok := i.clusters[p.Cluster]; ok {
			if is, known := c.waypoints[name{p.Namespace, p.Workload}]; known {
				return is
			}
		}
		return otherwise(p)
	}
}
