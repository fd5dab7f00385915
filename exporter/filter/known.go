package filter

import (
	"math"

	"github.com/meshscope/meshscope/exporter/topology"
)

// knownName is the name of the language's only function.
const knownName = "known"

// known tells whether a value is: a number that is not absent, a text that is
// neither empty nor "unknown" (T2).
func known(params ...any) (any, error) {
	switch v := params[0].(type) {
	case float64:
		return !math.IsNaN(v), nil
	case string:
		return v != "" && v != topology.Unknown, nil
	}
	return false, nil
}
