package health

import "github.com/meshscope/meshscope/exporter/topology"

// ofReplicas is what the pods of a workload come to, as Kiali has it.
func ofReplicas(r topology.Replicas) topology.Health {
	switch {
	case r.Desired == 0:
		return topology.HealthNotReady // somebody has scaled it down
	case r.Available == 0:
		return topology.HealthFailure
	case r.Current > 0 && (r.Current < r.Desired || r.Available < r.Desired):
		return topology.HealthDegraded
	case r.Available == r.Desired && r.Available != r.Current:
		return topology.HealthFailure // pods that do not become available, beside those that are
	case r.Available == r.Desired:
		return topology.HealthHealthy
	}
	return topology.HealthDegraded
}

// worstReplicas is what the pods of several workloads come to. Without any,
// nothing is known.
func worstReplicas(all []topology.Replicas) topology.Health {
	worst := topology.HealthNA
	for _, r := range all {
		worst = max(worst, ofReplicas(r))
	}
	return worst
}
