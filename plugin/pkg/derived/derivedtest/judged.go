package derivedtest

import (
	"time"

	"github.com/meshscope/meshscope/exporter/health"
	"github.com/meshscope/meshscope/exporter/series"
	"github.com/meshscope/meshscope/exporter/topology"
)

// Judged is what the exporter publishes by default of these flows.
func Judged(flows []topology.Flow) series.Assessment {
	verdicts := health.DefaultRules().Judge(topology.Interval{Length: time.Minute}, flows, nil)
	a := series.Assessment{
		Edges: map[topology.EdgeKey]topology.Health{}, Nodes: map[topology.Ref]topology.Health{},
		Ratios: map[topology.Ref][]topology.ErrorRatio{}, Faults: map[topology.Ref]series.Fault{},
	}
	for key, v := range verdicts.Edges() {
		a.Edges[key] = v.Health
	}
	for ref, v := range verdicts.All() {
		a.Nodes[ref] = v.Health
		if ref.Kind == topology.KindWorkload {
			a.Ratios[ref] = v.Ratios
			fault := series.Fault{Judged: true, Origin: v.Health == topology.HealthFailure}
			if fault.Origin {
				fault.Whose = ref
			}
			a.Faults[ref] = fault
		}
	}
	return a
}
