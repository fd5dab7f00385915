package dashboards_test

import (
	"iter"
	"maps"
	"slices"

	"github.com/meshscope/meshscope/exporter/topology"
)

// objects are Kubernetes' of a mesh.
type objects map[topology.Ref]*topology.Object

// deployments are those of the workloads of these flows: of each, one pod of two is available.
func deployments(flows []topology.Flow) objects {
	all := objects{}
	for _, f := range flows {
		for _, ref := range []topology.Ref{f.Key.SourceRef(), f.Key.DestinationRef()} {
			if ref.Kind == topology.KindWorkload {
				all[ref] = &topology.Object{Kind: "Deployment", Replicas: []topology.Replicas{{Workload: ref.Name, Desired: 2, Current: 2, Available: 1}}}
			}
		}
	}
	return all
}

func (o objects) Object(ref topology.Ref) *topology.Object { return o[ref] }

func (o objects) All() iter.Seq2[topology.Ref, *topology.Object] {
	return func(yield func(topology.Ref, *topology.Object) bool) {
		for _, ref := range slices.SortedFunc(maps.Keys(o), topology.Ref.Compare) {
			if !yield(ref, o[ref]) {
				return
			}
		}
	}
}

func (o objects) Knows(topology.Kind, string, string) bool { return false }
