// Package topologytest has stand-ins for what a graph is told of, for tests.
package topologytest

import (
	"iter"
	"maps"
	"slices"

	"github.com/meshscope/meshscope/exporter/topology"
)

// Objects are all objects of a mesh: what is not among them is not there.
type Objects map[topology.Ref]*topology.Object

var _ topology.Objects = Objects{}

// Object is what is known of a node.
func (o Objects) Object(ref topology.Ref) *topology.Object { return o[ref] }

// All are all objects, sorted by Ref.
func (o Objects) All() iter.Seq2[topology.Ref, *topology.Object] {
	return func(yield func(topology.Ref, *topology.Object) bool) {
		for _, ref := range slices.SortedFunc(maps.Keys(o), topology.Ref.Compare) {
			if !yield(ref, o[ref]) {
				return
			}
		}
	}
}

// Knows tells that all objects are known.
func (Objects) Knows(topology.Kind, string, string) bool { return true }
