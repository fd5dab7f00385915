package kube

import (
	"cmp"
	"slices"
	"strings"

	"github.com/meshscope/meshscope/exporter/topology"
)

// serviceEntries are those of all clusters.
type serviceEntries struct {
	// of are by host, and those inside the mesh by the host's first label, too; the best first.
	byHost, byLabel map[string][]*serviceEntry
	byName          map[name]*serviceEntry
}

type serviceEntry struct {
	*serviceEntryFact
	at     name
	object *topology.Object
	// taken tells that a service has the entry's name, which can therefore not be a node's.
	taken bool
}

func newServiceEntries(all []*contents) serviceEntries {
	s := serviceEntries{byHost: map[string][]*serviceEntry{}, byLabel: map[string][]*serviceEntry{}, byName: map[name]*serviceEntry{}}
	for _, c := range all {
		each(c, serviceEntryResource, func(at name, f *serviceEntryFact) {
			location := "MESH_EXTERNAL"
			if f.internal {
				location = "MESH_INTERNAL"
			}
			e := &serviceEntry{serviceEntryFact: f, at: at, object: &topology.Object{
				Kind:         "ServiceEntry",
				ServiceEntry: &topology.ServiceEntry{Namespace: at.namespace, Name: at.name, Location: location, Hosts: f.hosts},
			}}
			if s.byName[at] != nil {
				return // another cluster's of that name is the same one
			}
			s.byName[at] = e
			for _, host := range f.hosts {
				s.byHost[host] = append(s.byHost[host], e)
				if label, _, dotted := strings.Cut(host, "."); dotted && f.internal && !isGlobal(host) {
					s.byLabel[label] = append(s.byLabel[label], e)
				}
			}
		})
	}
	for _, c := range all {
		each(c, services, func(at name, _ *serviceFact) {
			if e := s.byName[at]; e != nil {
				e.taken = true
			}
		})
	}
	for _, index := range []map[string][]*serviceEntry{s.byHost, s.byLabel} {
		for _, entries := range index {
			slices.SortFunc(entries, func(a, b *serviceEntry) int { return a.at.compare(b.at) })
		}
	}
	return s
}

// isGlobal tells hosts of the form name.namespace.global, of services in
// another cluster: their first label is no name for them here.
func isGlobal(host string) bool {
	return strings.Count(host, ".") == 2 && strings.HasSuffix(host, ".global")
}

// object is that of an entry by its own name, as nodes have it that hosts are folded into.
func (s serviceEntries) object(at name) *topology.Object {
	if e := s.byName[at]; e != nil {
		return e.object
	}
	return nil
}

// find is the entry that declares a service to the callers of a namespace.
func (s serviceEntries) find(namespace string, service topology.Service, byLabel bool) *serviceEntry {
	candidates := [][]*serviceEntry{s.byHost[service.Host], s.byHost[service.Name]}
	if byLabel {
		candidates = append(candidates, s.byLabel[service.Name])
	}
	for _, entries := range candidates {
		var found *serviceEntry
		for _, e := range entries {
			switch {
			case !e.exportedTo(namespace):
			case e.at.namespace == namespace: // the caller's own goes before others
				return e
			case found == nil:
				found = e
			}
		}
		if found != nil {
			return found
		}
	}
	return nil
}

// exportedTo tells that an entry is meant for a namespace.
func (e *serviceEntry) exportedTo(namespace string) bool {
	return len(e.exportTo) == 0 || slices.ContainsFunc(e.exportTo, func(to string) bool {
		return to == "*" || to == namespace || to == "." && e.at.namespace == namespace
	})
}

// catchAll are Envoy's clusters for calls to what the mesh does not know.
var catchAll = []string{"PassthroughCluster", "BlackHoleCluster"}

// FoldHosts is the key under which a call is drawn whose host is one of a
// ServiceEntry, and that no workload of the mesh has answered: the entry's, in
// the caller's cluster. The host stays. It is meant for topology.BuildOptions.
func (i *Inventory) FoldHosts(k topology.EdgeKey) topology.EdgeKey {
	service := k.Service
	if i == nil || k.DestinationRef().Kind != topology.KindService || service == (topology.Service{}) || slices.Contains(catchAll, cmp.Or(service.Name, service.Host)) {
		return k
	}
	here := i.clusters[cmp.Or(k.Source.Cluster, k.Destination.Cluster)]
	if here == nil {
		return k
	}
	isService := here.services[name{service.Namespace, service.Name}] != nil
	e := i.entries.find(cmp.Or(k.Source.Namespace, service.Namespace), service, !isService)
	if e == nil || e.taken {
		return k
	}
	k.Destination.Cluster = cmp.Or(k.Source.Cluster, k.Destination.Cluster)
	k.Service.Namespace, k.Service.Name = e.at.namespace, e.at.name
	return k
}
