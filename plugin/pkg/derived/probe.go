package derived

import (
	"context"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/meshscope/meshscope/exporter/promql"
	"github.com/meshscope/meshscope/exporter/promql/expr"
	"github.com/meshscope/meshscope/exporter/series"
	"github.com/meshscope/meshscope/exporter/topology"
)

// Found is what there is in a store.
type Found struct {
	// Edges and Namespaces are those of the exporter's series.
	Edges, Namespaces int
	// Refreshed is up to when these tell of the mesh; zero if nothing says so.
	Refreshed time.Time
	// Raw tells that there are Istio's own series. It is looked for only where
	// there are no edges.
	Raw bool
}

// recently is how far back series are looked for.
const recently = 5 * time.Minute

// Probe looks for what there was in the store shortly before a time; the zero
// time is the store's now.
func (s *Source) Probe(ctx context.Context, at time.Time) (Found, error) {
	var found Found
	group, inGroup := errgroup.WithContext(ctx)
	group.Go(func() (err error) {
		found.Edges, found.Namespaces, err = s.countEdges(inGroup, at)
		return err
	})
	group.Go(func() (err error) {
		found.Refreshed, err = s.refreshed(inGroup, at)
		return err
	})
	err := group.Wait()
	if err == nil && found.Edges == 0 {
		found.Raw, err = s.hasRaw(ctx, at)
	}
	return found, err
}

// Labels that namespaces are counted by.
const (
	sourceNamespace      = "source_workload_namespace"
	destinationNamespace = "destination_workload_namespace"
)

func (s *Source) countEdges(ctx context.Context, at time.Time) (edges, namespaces int, err error) {
	known := expr.Selector{Name: series.EdgeInfo.Name}
	query := expr.Aggregation{
		Op: "count",
		By: []string{sourceNamespace, destinationNamespace},
		// One series for each edge, of however many protocols.
		Of: expr.Aggregation{Op: "group", By: topology.EdgeLabels[:], Of: expr.Func("last_over_time", known.Range(recently))},
	}
	names := map[string]bool{}
	err = s.look(ctx, query, at, func(one *promql.Series, value float64) {
		edges += int(value)
		for _, label := range [...]string{sourceNamespace, destinationNamespace} {
			if name := string(one.Get(label)); name != "" && name != topology.Unknown {
				names[name] = true
			}
		}
	})
	return edges, len(names), err
}

func (s *Source) refreshed(ctx context.Context, at time.Time) (latest time.Time, err error) {
	known := expr.Selector{Name: series.RefreshTimestamp.Name}
	err = s.look(ctx, expr.Max(nil, expr.Func("last_over_time", known.Range(recently))), at, func(_ *promql.Series, value float64) {
		if value > 0 {
			latest = time.UnixMilli(int64(value * 1000))
		}
	})
	return latest, err
}

func (s *Source) hasRaw(ctx context.Context, at time.Time) (has bool, err error) {
	raw := expr.Selector{Matchers: []expr.Matcher{expr.OneOf("__name__", "istio_requests_total", "istio_tcp_sent_bytes_total")}}
	err = s.look(ctx, expr.Aggregation{Op: "count", Of: raw}, at, func(_ *promql.Series, value float64) { has = value > 0 })
	return has, err
}

func (s *Source) look(ctx context.Context, query expr.Expr, at time.Time, each func(*promql.Series, float64)) error {
	text, err := expr.Format(query)
	if err != nil {
		return err
	}
	_, err = s.store.Query(ctx, text, at, func(one *promql.Series) error {
		if len(one.Points) > 0 {
			each(one, one.Points[len(one.Points)-1].Value)
		}
		return nil
	})
	return err
}
