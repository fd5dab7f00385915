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

// placer says which node of a level an end of an edge belongs to.
type placer struct {
	level Level
	// called is the service that a workload is called by: of several, the
	// busiest. It makes a caller a service in the service graph.
	called map[Ref]Ref
}

func newPlacer(level Level, flows []Flow) placer {
	p := placer{level: level}
	if level == ByService {
		p.called = busiestServices(flows)
	}
	return p
}

func (p placer) source(k EdgeKey) Ref {
	ref := k.SourceRef()
	if p.level == ByService {
		return cmp.Or(p.called[ref], ref)
	}
	return p.place(k.Source, ref)
}

func (p placer) destination(k EdgeKey) Ref {
	if p.level == ByService {
		return serviceRef(k)
	}
	return p.place(k.Destination, k.DestinationRef())
}

func (p placer) place(peer Peer, ref Ref) Ref {
	if ref.Kind == KindUnknown && p.level != ByCluster {
		return ref
	}
	app := Ref{Kind: KindApp, Cluster: peer.Cluster, Namespace: peer.Namespace, Name: peer.CanonicalService}
	switch p.level {
	case ByApp:
		if app.Name != "" {
			return app
		}
	case ByVersionedApp:
		if app.Name != "" {
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

// serviceRef is the service that an edge's calls were addressed to; where none
// is known, the workload that they reached.
func serviceRef(k EdgeKey) Ref {
	if k.Service.Name == "" && k.Service.Host == "" {
		return k.DestinationRef()
	}
	return Peer{Cluster: k.Destination.Cluster}.ref(k.Service)
}

func busiestServices(flows []Flow) map[Ref]Ref {
	activity := map[Ref]map[Ref]float64{}
	for _, f := range flows {
		workload, service := f.Key.DestinationRef(), serviceRef(f.Key)
		if workload.Kind != KindWorkload || service.Kind != KindService {
			continue
		}
		activity[workload] = add(activity[workload], service, f.Traffic.Activity())
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
