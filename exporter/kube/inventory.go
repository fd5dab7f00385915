package kube

import (
	"iter"
	"slices"

	"github.com/meshscope/meshscope/exporter/topology"
)

// Inventory is what is known of the clusters of a mesh at one moment. It never
// changes. A nil Inventory knows nothing.
type Inventory struct {
	clusters map[string]*cluster
	// refs are the workloads and services of all clusters, sorted.
	refs []topology.Ref
	// entries are the ServiceEntries of all clusters by their hosts.
	entries  serviceEntries
	statuses []Status
}

var _ topology.Objects = (*Inventory)(nil)

// cluster is what is known of one.
type cluster struct {
	known      func(namespace string, of ...*resource) bool
	namespaces map[string]*namespaceFact
	workloads  map[name]*topology.Object
	apps       map[name]*topology.Object
	services   map[name]*topology.Object
	// declared are the services of ServiceEntries, by host.
	declared map[string]*topology.Object
	// entries are the WorkloadEntries by what they have in common with a node.
	entries map[version][]string
	// waypoints tells of each workload that is known whether it is one.
	waypoints map[name]bool
}

// version is an app's, as WorkloadEntries are found by.
type version struct{ namespace, app, version string }

// knowsNamespaces tells that the namespaces of the cluster are known: all of
// them, or none.
func (c *cluster) knowsNamespaces() bool {
	return c != nil && len(c.namespaces) > 0 && c.known("", namespaces)
}

// Objects is the inventory for those who ask for objects alone. It is nil of a
// nil Inventory, which would make an interface that is not nil.
func (i *Inventory) Objects() topology.Objects {
	if i == nil {
		return nil
	}
	return i
}

// HasNamespace tells that a cluster has a namespace, as far as is known: of
// one whose namespaces are not known it tells that it may have.
func (i *Inventory) HasNamespace(cluster, namespace string) bool {
	if i == nil {
		return true
	}
	c := i.clusters[cluster]
	return !c.knowsNamespaces() || c.namespaces[namespace] != nil
}

// RulesOut tells that no cluster of the mesh has a namespace.
func (i *Inventory) RulesOut(namespace string) bool {
	if i == nil || len(i.clusters) == 0 {
		return false
	}
	for cluster := range i.clusters {
		if i.HasNamespace(cluster, namespace) {
			return false
		}
	}
	return true
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

// Object is what is known of a node. The version of an app is a workload's
// name, as at the level of versioned apps.
func (i *Inventory) Object(ref topology.Ref) *topology.Object {
	if i == nil {
		return nil
	}
	c := i.clusters[ref.Cluster]
	if c == nil {
		return nil
	}
	at := name{ref.Namespace, ref.Name}
	switch {
	case ref.Kind == topology.KindWorkload:
		return c.workloads[at]
	case ref.Kind == topology.KindApp && ref.Version != "":
		if o := c.workloads[name{ref.Namespace, ref.Version}]; o != nil && o.CanonicalService == ref.Name {
			return o
		}
	case ref.Kind == topology.KindApp:
		return c.apps[at]
	case ref.Kind == topology.KindService:
		if o := c.services[at]; o != nil {
			return o
		}
		if o := c.declared[ref.Name]; o != nil {
			return o
		}
		return i.entries.object(at)
	}
	return nil
}

// All are the workloads and services that there are, sorted by Ref.
func (i *Inventory) All() iter.Seq2[topology.Ref, *topology.Object] {
	return func(yield func(topology.Ref, *topology.Object) bool) {
		if i == nil {
			return
		}
		for _, ref := range i.refs {
			if !yield(ref, i.Object(ref)) {
				return
			}
		}
	}
}

// Knows tells that all objects of a kind in a namespace are known, so that
// what is not among them is not there.
func (i *Inventory) Knows(kind topology.Kind, cluster, namespace string) bool {
	if i == nil {
		return false
	}
	c := i.clusters[cluster]
	if c == nil {
		return false
	}
	switch kind {
	case topology.KindWorkload, topology.KindApp:
		return c.known(namespace, workloadResources...)
	case topology.KindService:
		return c.known(namespace, services)
	case topology.KindNamespace:
		return c.knowsNamespaces()
	}
	return false
}

// Statuses are what controllers say of Istio's and the Gateway API's objects,
// sorted. They must not be written to.
func (i *Inventory) Statuses() []Status {
	if i == nil {
		return nil
	}
	return i.statuses
}

// newInventory puts the facts of all clusters together.
func newInventory(all []*contents) *Inventory {
	i := &Inventory{clusters: make(map[string]*cluster, len(all))}
	configured := newConfiguration(all)
	i.entries = configured.entries
	for _, c := range all {
		known := newCluster(c, configured)
		i.clusters[c.cluster] = known
		for _, objects := range []struct {
			kind topology.Kind
			of   map[name]*topology.Object
		}{{topology.KindWorkload, known.workloads}, {topology.KindService, known.services}} {
			for at := range objects.of {
				i.refs = append(i.refs, topology.Ref{Kind: objects.kind, Cluster: c.cluster, Namespace: at.namespace, Name: at.name})
			}
		}
		i.statuses = append(i.statuses, c.statuses()...)
	}
	slices.SortFunc(i.refs, topology.Ref.Compare)
	slices.SortFunc(i.statuses, Status.compare)
	return i
}
