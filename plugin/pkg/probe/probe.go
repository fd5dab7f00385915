package probe

import (
	"context"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/meshscope/meshscope/exporter/istio"
	"github.com/meshscope/meshscope/exporter/promql"
	"github.com/meshscope/meshscope/exporter/promql/expr"
	"github.com/meshscope/meshscope/exporter/series"
	"github.com/meshscope/meshscope/exporter/topology"
	"github.com/meshscope/meshscope/plugin/pkg/source"
)

// Probe looks into one store.
type Probe struct{ store source.Store }

// New is a Probe of that store.
func New(store source.Store) *Probe { return &Probe{store: store} }

// Found is what there is in a store.
type Found struct {
	// Derived are the exporter's edges, Raw those of Istio's own series: these
	// are counted only where the exporter has none, and for raw mode.
	Derived, Raw Edges
	// Refreshed is up to when the exporter's series tell of the mesh; zero if
	// nothing says so.
	Refreshed time.Time
}

// Edges counts what can be drawn.
type Edges struct{ Edges, Namespaces int }

// recently is how far back series are looked for.
const recently = 5 * time.Minute

// longAgo is how far back LastRefresh looks.
const longAgo = 24 * time.Hour

// LastRefresh is up to when the exporter's series told of the mesh last; zero
// if they have not for long.
func (p *Probe) LastRefresh(ctx context.Context, at time.Time) (time.Time, error) {
	return p.refreshed(ctx, at, longAgo)
}

// Look looks for what there was in the store shortly before a time; the zero
// time is the store's now. raw asks for Istio's series in any case.
func (p *Probe) Look(ctx context.Context, at time.Time, raw bool) (Found, error) {
	var found Found
	group, inGroup := errgroup.WithContext(ctx)
	group.Go(func() (err error) {
		found.Derived, err = p.derived(inGroup, at)
		return err
	})
	group.Go(func() (err error) {
		found.Refreshed, err = p.refreshed(inGroup, at, recently)
		return err
	})
	err := group.Wait()
	if err == nil && (raw || found.Derived.Edges == 0) {
		found.Raw, err = p.raw(ctx, at)
	}
	return found, err
}

// HasDerived tells whether an exporter published topology shortly before a
// time, be it of an empty mesh.
func (p *Probe) HasDerived(ctx context.Context, at time.Time) (bool, error) {
	known := expr.Selector{Name: series.Edges.Name}
	return p.any(ctx, expr.Func("last_over_time", known.Range(recently)), at)
}

// HasRaw tells whether there were Istio's own series shortly before a time.
func (p *Probe) HasRaw(ctx context.Context, at time.Time) (bool, error) {
	return p.any(ctx, expr.Selector{Matchers: []expr.Matcher{expr.OneOf("__name__", istio.Requests.Name, istio.TCPOpened.Name)}}, at)
}

func (p *Probe) any(ctx context.Context, what expr.Expr, at time.Time) (has bool, err error) {
	err = p.look(ctx, expr.Aggregation{Op: "count", Of: what}, at, func(_ *promql.Series, value float64) { has = value > 0 })
	return has, err
}

func (p *Probe) derived(ctx context.Context, at time.Time) (Edges, error) {
	known := expr.Selector{Name: series.EdgeInfo.Name}
	// One series for each edge, of however many protocols.
	return p.count(ctx, expr.Aggregation{Op: "group", By: topology.EdgeLabels[:], Of: expr.Func("last_over_time", known.Range(recently))}, at)
}

// raw counts pairs of workloads and services, which are near enough to edges
// for someone who wants to know what is there.
func (p *Probe) raw(ctx context.Context, at time.Time) (Edges, error) {
	by := []string{
		istio.SourceWorkloadNamespace.String(), istio.SourceWorkload.String(),
		istio.DestinationWorkloadNamespace.String(), istio.DestinationWorkload.String(), istio.DestinationServiceName.String(),
	}
	pairs := func(m istio.Metric) expr.Expr {
		return expr.Aggregation{Op: "group", By: by, Of: expr.Selector{Name: m.Name}}
	}
	return p.count(ctx, expr.Binary(expr.Or, pairs(istio.Requests), pairs(istio.TCPOpened)), at)
}

// count counts what an expression has one series for each of.
func (p *Probe) count(ctx context.Context, edges expr.Expr, at time.Time) (n Edges, err error) {
	namespaces := [...]string{istio.SourceWorkloadNamespace.String(), istio.DestinationWorkloadNamespace.String()}
	names := map[string]bool{}
	err = p.look(ctx, expr.Aggregation{Op: "count", By: namespaces[:], Of: edges}, at, func(one *promql.Series, value float64) {
		n.Edges += int(value)
		for _, label := range namespaces {
			if name := string(one.Get(label)); name != "" && name != topology.Unknown {
				names[name] = true
			}
		}
	})
	n.Namespaces = len(names)
	return n, err
}

func (p *Probe) refreshed(ctx context.Context, at time.Time, back time.Duration) (latest time.Time, err error) {
	known := expr.Selector{Name: series.RefreshTimestamp.Name}
	err = p.look(ctx, expr.Max(nil, expr.Func("last_over_time", known.Range(back))), at, func(_ *promql.Series, value float64) {
		if value > 0 {
			latest = time.UnixMilli(int64(value * 1000))
		}
	})
	return latest, err
}

func (p *Probe) look(ctx context.Context, query expr.Expr, at time.Time, each func(*promql.Series, float64)) error {
	text, err := expr.Format(query)
	if err != nil {
		return err
	}
	_, err = p.store.Query(ctx, text, at, func(one *promql.Series) error {
		if len(one.Points) > 0 {
			each(one, one.Points[len(one.Points)-1].Value)
		}
		return nil
	})
	return err
}
