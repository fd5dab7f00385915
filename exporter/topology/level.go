package topology

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Level is how coarse a graph is.
type Level string

// The levels. All but ByWorkload are aggregations of the workload graph, and
// conserve its sums.
const (
	ByWorkload     Level = "workload"
	ByApp          Level = "app"          // app = canonical service
	ByVersionedApp Level = "versionedApp" // an app's workloads apart
	ByService      Level = "service"
	ByNamespace    Level = "namespace"
	ByCluster      Level = "cluster"
)

// Levels are all levels, finest first.
var Levels = []Level{ByWorkload, ByVersionedApp, ByApp, ByService, ByNamespace, ByCluster}

// Kind is what most nodes of the level stand for. Of what that is not known
// stand in for it: at the level of workloads a service that has none.
func (l Level) Kind() Kind {
	if l == ByVersionedApp {
		return KindApp
	}
	return Kind(l)
}

// ParseLevel reads a level's name.
func ParseLevel(name string) (Level, error) {
	if slices.Contains(Levels, Level(name)) {
		return Level(name), nil
	}
	names := make([]string, len(Levels))
	for i, l := range Levels {
		names[i] = string(l)
	}
	return "", fmt.Errorf("unknown level %q, want one of %s", name, strings.Join(names, ", "))
}

// latest is the canonical revision that Istio gives to workloads without one;
// it says nothing of a version.
const latest = "latest"

func (p Peer) version() string {
	if p.CanonicalRevision == latest {
		return ""
	}
	return p.CanonicalRevision
}

// placer says which nodes of a level a call goes through.
type placer struct {
	level        Level
	serviceNodes bool
	isWaypoint   func(Peer) bool
	// called is the service that a workload is called by: of several, the
	// busiest. In the graph of services the workload is that one node, when it
	// calls on as well as when it is called by its address.
	called map[Ref]Ref
}

func newPlacer(o BuildOptions, flows []Flow) placer {
	p := placer{level: o.Level, isWaypoint: remembered(o.IsWaypoint)}
	switch o.Level {
	case ByWorkload, ByVersionedApp, ByApp:
		p.serviceNodes = o.ServiceNodes
	case ByService:
		p.serviceNodes = true
		p.called = p.busiestServices(flows)
	}
	return p
}

// remembered is a test for waypoints that asks once for each workload: there are
// far more calls than workloads.
func remembered(isWaypoint func(Peer) bool) func(Peer) bool {
	if isWaypoint == nil {
		return func(Peer) bool { return false }
	}
	type workload struct{ cluster, namespace, name string }
	known := map[workload]bool{}
	return func(p Peer) bool {
		if p.Workload == "" {
			return false
		}
		of := workload{p.Cluster, p.Namespace, p.Workload}
		is, ok := known[of]
		if !ok {
			is = isWaypoint(p)
			known[of] = is
		}
		return is
	}
}

// placement is the way of a call. Where it shows no service between the
// source and the destination, that is the zero Ref; in the graph of services
// it may be the destination.
type placement struct{ source, service, destination Ref }

func (p placer) place(k EdgeKey) placement {
	at := placement{source: p.end(k.Source, k.SourceRef()), destination: p.end(k.Destination, k.DestinationRef())}
	if p.serviceNodes && !p.isWaypoint(k.Source) {
		at.service = p.service(k, at.destination)
	}
	if p.level == ByService {
		at.source = cmp.Or(p.called[at.source], at.source)
		at.destination = cmp.Or(at.service, p.called[at.destination], at.destination)
	}
	return at
}

// end is the node that an end of an edge belongs to.
func (p placer) end(peer Peer, ref Ref) Ref {
	if ref.Kind == KindUnknown && p.level != ByCluster {
		return ref
	}
	app := Ref{Kind: KindApp, Cluster: peer.Cluster, Namespace: peer.Namespace, Name: peer.CanonicalService}
	switch p.level {
	case ByApp:
		if app.Name != "" && !p.isWaypoint(peer) {
			return app
		}
	case ByVersionedApp:
		if app.Name != "" && !p.isWaypoint(peer) {
			app.Version = cmp.Or(peer.Workload, peer.version())
			return app
		}
	case ByNamespace:
		return Ref{Kind: KindNamespace, Cluster: ref.Cluster, Name: ref.Namespace}
	case ByCluster:
		return Ref{Kind: KindCluster, Name: ref.Cluster}
	}
	return ref
}

// service is the service by which a call reached a workload or app, or the
// zero Ref.
func (p placer) service(k EdgeKey, destination Ref) Ref {
	reached := destination.Kind == KindWorkload || destination.Kind == KindApp
	if !reached || !k.Service.isKnown() || k.Service.isCatchAll() || p.isWaypoint(k.Destination) {
		return Ref{}
	}
	return k.Service.ref(k.Destination.Cluster)
}

func (p placer) busiestServices(flows []Flow) map[Ref]Ref {
	activity := map[Ref]map[Ref]float64{}
	for _, f := range flows {
		workload := f.Key.DestinationRef()
		if service := p.service(f.Key, workload); service != (Ref{}) {
			activity[workload] = add(activity[workload], service, f.Traffic.Activity())
		}
	}
	called := make(map[Ref]Ref, len(activity))
	for workload, services := range activity {
		var best Ref
		most := -1.0
		for service, n := range services {
			if n > most || n == most && service.Compare(best) < 0 {
				best, most = service, n
			}
		}
		called[workload] = best
	}
	return called
}
