package derived

import (
	"context"
	"time"

	"github.com/meshscope/meshscope/exporter/promql"
)

// Store answers PromQL. It is *promql.Client.
type Store interface {
	Query(ctx context.Context, expr string, at time.Time, each func(*promql.Series) error) (promql.Answer, error)
}

// Source reads flows from one store.
type Source struct {
	store   Store
	readers readers
}

// New is a Source of that store.
func New(store Store) *Source { return &Source{store: store} }
