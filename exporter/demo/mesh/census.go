package mesh

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

// Dataplane tells how a workload is part of the mesh.
type Dataplane string

// The data planes.
const (
	Sidecar  Dataplane = "sidecar"
	Ambient  Dataplane = "ambient"
	Gateway  Dataplane = "gateway"
	Waypoint Dataplane = "waypoint"
	Ztunnel  Dataplane = "ztunnel"
	// Outside is not part of the mesh.
	Outside Dataplane = "outside"
)

var dataplanes = [...]Dataplane{
	sidecar: Sidecar, gateway: Gateway, ambient: Ambient, waypoint: Waypoint, nodeProxy: Ztunnel, outside: Outside,
}

// Workload is what there is of a workload at a moment, or of a host outside
// the clusters.
type Workload struct {
	// Cluster and Namespace are empty of a host outside the clusters.
	Cluster, Namespace, Name string
	Controller               Controller
	// App and Version are the pods' labels; Version may be empty, and both are of waypoints.
	App, Version   string
	ServiceAccount string
	Dataplane      Dataplane
	// Protocol is what it speaks: http, grpc or tcp.
	Protocol string
	// Service is by which it is called, nil where it has none.
	Service *Service
	// Template names the version of the pods' template.
	Template string
	// Replicas is how many pods are wanted.
	Replicas int
	Pods     []Pod
}

// Service is how a workload is called.
type Service struct{ Namespace, Name, Host string }

// Pod is one pod of a workload.
type Pod struct {
	Name, IP string
	Started  time.Time
	// Ready is false of a pod that calls do not find.
	Ready bool
}

// Census is all that runs, at a moment.
type Census struct {
	// Revision grows when what runs changes.
	Revision int
	// Start is when the mesh began.
	Start time.Time
	// Workloads are sorted by cluster, namespace and name.
	Workloads []Workload
	// Exposed are the services that the ingress gateway calls, sorted.
	Exposed []Service
}

// Revision is that of a census made now.
func (m *Mesh) Revision() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.revision
}

// Census tells what runs now: what the objects of the clusters say in a real
// mesh. Envoy's clusters for what the mesh does not know are not among it.
func (m *Mesh) Census() Census {
	m.mu.Lock()
	defer m.mu.Unlock()
	census := Census{Revision: m.revision, Start: m.start}
	for _, w := range m.workloads {
		if w.service.host != unknown {
			census.Workloads = append(census.Workloads, m.count(w))
		}
	}
	slices.SortFunc(census.Workloads, func(a, b Workload) int {
		return cmp.Or(strings.Compare(a.Cluster, b.Cluster), strings.Compare(a.Namespace, b.Namespace), strings.Compare(a.Name, b.Name))
	})
	for _, e := range m.edges {
		if client, server := e.ends(); client.dataplane == gateway && !slices.Contains(m.invented, e) {
			census.Exposed = append(census.Exposed, Service{server.service.namespace, server.service.name, server.service.host})
		}
	}
	slices.SortFunc(census.Exposed, func(a, b Service) int {
		return cmp.Or(strings.Compare(a.Namespace, b.Namespace), strings.Compare(a.Name, b.Name))
	})
	census.Exposed = slices.Compact(census.Exposed)
	return census
}

func (m *Mesh) count(w *workload) Workload {
	told := Workload{
		Cluster: w.cluster, Namespace: w.namespace, Name: w.name, Controller: w.controller,
		ServiceAccount: w.serviceAccount, Dataplane: dataplanes[w.dataplane], Protocol: w.protocol,
		Template: w.template, Replicas: w.replicas,
	}
	if w.labelled {
		told.App, told.Version = w.app, w.version
	}
	if w.external() {
		told.Cluster = ""
	}
	if w.dataplane == nodeProxy {
		told.Replicas = len(w.pods)
	}
	if !w.unserved {
		told.Service = &Service{w.service.namespace, w.service.name, w.service.host}
	}
	ready := !m.cutOff(w)
	for _, p := range w.pods {
		told.Pods = append(told.Pods, Pod{Name: p.name, IP: p.ip, Started: m.at(p.started), Ready: ready})
	}
	return told
}

// cutOff tells that no call finds the pods of a workload, whoever makes it:
// they are not ready, then.
func (m *Mesh) cutOff(w *workload) bool {
	return slices.ContainsFunc(m.faults, func(f Fault) bool {
		return f.Kind == NoEndpoints && f.Value == 1 && f.SourceWorkload == "" &&
			f.DestinationNamespace == w.namespace && f.DestinationWorkload == w.name
	})
}
