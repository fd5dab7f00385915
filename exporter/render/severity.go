package render

import "math"

// severity is how bad a ratio of errors looks in a drawing. It is no verdict:
// tolerances are package health's.
type severity uint8

const (
	noCalls severity = iota // nothing that could have failed
	fine
	troubled
	failing
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

// The colours, as lines and as the filling of shapes.
var (
	lineColors = [numSeverities]string{"#607d8b", "#2e7d32", "#ef6c00", "#c62828"}
	fillColors = [numSeverities]string{"#eceff1", "#e8f5e9", "#fff3e0", "#ffebee"}
)
