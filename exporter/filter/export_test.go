package filter

import (
	"maps"
	"slices"
)

// EdgeFields and NodeFields are the fields with their kinds, as the manual has them.
func EdgeFields() []string { return described("edge", edgeFields) }

func NodeFields() []string { return described("node", nodeFields) }

func described[T any](of string, fields []field[T]) (all []string) {
	for _, f := range fields {
		all = append(all, of+"."+f.name+" "+map[kind]string{number: "number", text: "text", flag: "true or false", list: "list"}[f.kind])
	}
	return all
}

// RefusedFields are those of later versions.
func RefusedFields() (all []string) {
	for name := range maps.Keys(refusedOfEdges) {
		all = append(all, "edge."+name)
	}
	for name := range maps.Keys(refusedOfNodes) {
		all = append(all, "node."+name)
	}
	slices.Sort(all)
	return all
}
