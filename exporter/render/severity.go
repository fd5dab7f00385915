package render

import (
	"math"

	"github.com/meshscope/meshscope/exporter/topology"
)

// severity is how bad something looks in a drawing: as bad as it was judged,
// or else as its ratio of errors is.
type severity uint8

const (
	noCalls severity = iota // nothing that could have failed
	fine
	troubled
	failing
	notReady
	numSeverities
)

// failingFrom is the ratio of errors from which Kiali's defaults call a failure.
const failingFrom = 0.1

func severityOf(errorRatio float64) severity {
	switch {
	case math.IsNaN(errorRatio):
		return noCalls
	case errorRatio >= failingFrom:
		return failing
	case errorRatio > 0:
		return troubled
	default:
		return fine
	}
}

var severityOfHealth = map[topology.Health]severity{
	topology.HealthNA: noCalls, topology.HealthHealthy: fine, topology.HealthNotReady: notReady,
	topology.HealthDegraded: troubled, topology.HealthFailure: failing,
}

func severityOfNode(n *topology.Node) severity {
	if n.Verdict != nil {
		return severityOfHealth[n.Verdict.Health]
	}
	return inbound(n)
}

func severityOfEdge(e *topology.Edge, r rates) severity {
	if e.Verdict != nil {
		return severityOfHealth[e.Verdict.Health]
	}
	return severityOf(r.errorRatio)
}

// The colours, as lines and as the filling of shapes.
var (
	lineColors = [numSeverities]string{"#607d8b", "#2e7d32", "#ef6c00", "#c62828", "#1565c0"}
	fillColors = [numSeverities]string{"#eceff1", "#e8f5e9", "#fff3e0", "#ffebee", "#e3f2fd"}
)

// legend says in words what the colours of a judged graph are.
const legend = "green: healthy, orange: degraded, red: failure, blue: not ready, grey: no data"
