package filter

import (
	"math"

	"github.com/meshscope/meshscope/exporter/topology"
)

// nothing is what is known of a node of which nothing is: its flags are
// false, its texts empty.
var nothing topology.Object

func objectOf(n *topology.Node) *topology.Object {
	if n.Object == nil {
		return &nothing
	}
	return n.Object
}

// pods counts a node's, NaN where they are not known.
func pods(n *topology.Node, of func(topology.Replicas) int) float64 {
	sum, ok := n.Object.Pods()
	if !ok {
		return math.NaN()
	}
	return float64(of(sum))
}

// healthValue is the number that series have for a verdict, NaN where there is none.
func healthValue(v *topology.Verdict) float64 {
	if v == nil {
		return math.NaN()
	}
	value, ok := v.Health.Value()
	if !ok {
		return math.NaN()
	}
	return value
}
