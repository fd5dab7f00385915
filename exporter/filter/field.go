package filter

import (
	"slices"
	"strings"

	"github.com/agnivade/levenshtein"

	"github.com/meshscope/meshscope/exporter/topology"
)

// kind is what sort of value an expression has, in the words of its errors.
type kind string

const (
	number kind = "a number"
	text   kind = "text"
	flag   kind = "true or false"
	list   kind = "a list of texts"
	labels kind = "labels"
)

// field is something known of an edge or a node. Its value is a float64 (NaN
// where absent), a string, a bool, a []string or, of labels, a
// map[string]string, as its kind says.
type field[T any] struct {
	name  string
	kind  kind
	value func(*scope, T) any
}

func numberOf[T any](name string, of func(*scope, T) float64) field[T] {
	return field[T]{name, number, func(s *scope, at T) any { return of(s, at) }}
}

func textOf[T any](name string, of func(T) string) field[T] {
	return field[T]{name, text, func(_ *scope, at T) any { return of(at) }}
}

func flagOf[T any](name string, of func(*scope, T) bool) field[T] {
	return field[T]{name, flag, func(s *scope, at T) any { return of(s, at) }}
}

func listOf[T any](name string, of func(T) []string) field[T] {
	return field[T]{name, list, func(_ *scope, at T) any { return of(at) }}
}

func labelsOf[T any](name string, of func(T) map[string]string) field[T] {
	return field[T]{name, labels, func(_ *scope, at T) any { return of(at) }}
}

func find[T any](fields []field[T], name string) int {
	return slices.IndexFunc(fields, func(f field[T]) bool { return f.name == name })
}

func names[T any](fields []field[T]) []string {
	all := make([]string, len(fields))
	for i, f := range fields {
		all[i] = f.name
	}
	return all
}

// subject is what a field is of.
type subject string

const (
	ofEdge   subject = "edge"
	ofSource subject = "source" // the edge's calling node
	ofTarget subject = "target" // the edge's called node
	ofNode   subject = "node"
)

var subjects = []subject{ofEdge, ofSource, ofTarget, ofNode}

// lookUp finds a field by its subject and name; index is its place in
// edgeFields or nodeFields.
func (s subject) lookUp(name string) (k kind, index int, ok bool) {
	if s == ofEdge {
		if index = find(edgeFields, name); index >= 0 {
			return edgeFields[index].kind, index, true
		}
		return "", 0, false
	}
	if index = find(nodeFields, name); index >= 0 {
		return nodeFields[index].kind, index, true
	}
	return "", 0, false
}

// fields are the names of the subject's fields.
func (s subject) fields() []string {
	if s == ofEdge {
		return names(edgeFields)
	}
	return names(nodeFields)
}

// nearest is the name that a misspelt one was likely meant to be, "" for none.
func nearest(name string, all []string) string {
	best, least := "", len(name)/3+1
	for _, candidate := range all {
		if d := levenshtein.ComputeDistance(strings.ToLower(name), strings.ToLower(candidate)); d < least {
			best, least = candidate, d
		}
	}
	return best
}

// published is a name as it is published (T2).
func published(name string) string {
	if name == "" {
		return topology.Unknown
	}
	return name
}
