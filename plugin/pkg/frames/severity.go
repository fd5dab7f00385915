package frames

import "github.com/meshscope/meshscope/exporter/topology"

// severity is how bad traffic looks by its responses alone. It stands in for
// the verdicts of health series, and takes Kiali's default tolerances as these
// do: any 5xx, gRPC error or missing response is degraded, 10 % of them are a
// failure; of 4xx it takes 10 % and 20 %.
type severity uint8

const (
	quiet severity = iota // no traffic
	healthy
	degraded
	failing
)

// ofRequests judges the outcomes of one protocol, each kind of error by itself.
func ofRequests(by [topology.NumOutcomes]float64) severity {
	total := 0.0
	for _, n := range by {
		total += n
	}
	if !(total > 0) {
		return quiet
	}
	worst := healthy
	for _, o := range [...]topology.Outcome{topology.ServerError, topology.NoResponse, topology.GRPCError} {
		switch ratio := by[o] / total; {
		case ratio >= 0.1:
			worst = max(worst, failing)
		case ratio > 0:
			worst = max(worst, degraded)
		}
	}
	switch ratio := by[topology.ClientError] / total; {
	case ratio >= 0.2:
		worst = max(worst, failing)
	case ratio >= 0.1:
		worst = max(worst, degraded)
	}
	return worst
}

// ofConnections judges TCP, which has no responses to fail by.
func ofConnections(t *topology.Traffic) severity {
	if t.Activity() > 0 {
		return healthy
	}
	return quiet
}
