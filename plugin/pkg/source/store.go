package source

import (
	"context"
	"time"

	"github.com/meshscope/meshscope/exporter/promql"
)

// Store answers PromQL. It is *promql.Client.
type Store interface {
	Query(ctx context.Context, expr string, at time.Time, each func(*promql.Series) error) (promql.Answer, error)
	QueryRange(ctx context.Context, expr string, r promql.Range, each func(*promql.Series) error) (promql.Answer, error)
}
