package series

import (
	"cmp"

	"github.com/meshscope/meshscope/exporter/topology"
)

// workload is what telemetry and Kubernetes tell of one.
type workload struct {
	peer   topology.Peer
	object *topology.Object
}

// workloads adds what is known of the workloads at the edges' ends, and of
// those that Kubernetes has.
func (g *gauges) workloads(accounts []*account, isWaypoint func(topology.Peer) bool, objects topology.Objects) {
	all := map[topology.Ref]workload{}
	for _, a := range accounts {
		for _, p := range [...]topology.Peer{a.key.Source, a.key.Destination} {
			ref := topology.Ref{Kind: topology.KindWorkload, Cluster: p.Cluster, Namespace: p.Namespace, Name: p.Workload}
			if old, ok := all[ref]; p.Workload != "" && (!ok || old.peer.Compare(p) < 0) {
				all[ref] = workload{peer: p}
			}
		}
	}
	if objects != nil {
		for ref, o := range objects.All() {
			if ref.Kind == topology.KindWorkload {
				all[ref] = workload{all[ref].peer, o}
			}
		}
	}
	for _, ref := range sortedRefs(all) {
		w := all[ref]
		w.peer.Cluster, w.peer.Namespace, w.peer.Workload = ref.Cluster, ref.Namespace, ref.Name
		g.workload(ref, w, isWaypoint(w.peer))
	}
}

func (g *gauges) workload(ref topology.Ref, w workload, waypoint bool) {
	o := w.object
	if o == nil {
		o = &topology.Object{}
	}
	plane := o.Dataplane
	if waypoint {
		plane = topology.WaypointHop
	}
	service, revision := cmp.Or(w.peer.CanonicalService, o.CanonicalService), cmp.Or(w.peer.CanonicalRevision, o.CanonicalRevision)
	g.add(WorkloadInfo, 1, append(names(ref), o.Kind, orUnknown(service), orUnknown(revision), string(plane))...)
	for _, r := range o.Replicas {
		if r.Workload == "" || r.Workload == ref.Name {
			g.add(WorkloadReplicas, float64(r.Available), append(names(ref), "available")...)
			g.add(WorkloadReplicas, float64(r.Current), append(names(ref), "current")...)
			g.add(WorkloadReplicas, float64(r.Desired), append(names(ref), "desired")...)
		}
	}
}
