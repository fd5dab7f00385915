package derived

import "github.com/meshscope/meshscope/plugin/pkg/source"

// Source reads flows from one store.
type Source struct {
	store   source.Store
	readers readers
}

// New is a Source of that store.
func New(store source.Store) *Source { return &Source{store: store} }
