package dashboards_test

import (
	"github.com/meshscope/meshscope/exporter/topology"
	"github.com/meshscope/meshscope/exporter/topology/topologytest"
)

// deployments are those of the workloads of these flows: of each, one pod of two is available.
func deployments(flows []topology.Flow) topologytest.Objects {
	all := topologytest.Objects{}
	for _, f := range flows {
		for _, ref := range []topology.Ref{f.Key.SourceRef(), f.Key.DestinationRef()} {
			if ref.Kind == topology.KindWorkload {
				all[ref] = &topology.Object{Kind: "Deployment", Replicas: []topology.Replicas{{Workload: ref.Name, Desired: 2, Current: 2, Available: 1}}}
			}
		}
	}
	return all
}
