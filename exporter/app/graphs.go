package app

import (
	"context"
	"fmt"
	"sync/atomic"

	"github.com/meshscope/meshscope/exporter/config"
	"github.com/meshscope/meshscope/exporter/derive"
	"github.com/meshscope/meshscope/exporter/istio"
	"github.com/meshscope/meshscope/exporter/promql"
	"github.com/meshscope/meshscope/exporter/refresh"
	"github.com/meshscope/meshscope/exporter/topology"
	"github.com/meshscope/meshscope/exporter/web"
)

// graphs derives single graphs from the store's raw metrics. It is safe for concurrent use.
type graphs struct {
	settings atomic.Pointer[graphSettings]
}

// graphSettings are what a configuration means to a graph.
type graphSettings struct {
	asker      derive.Options
	metrics    []istio.Metric
	isWaypoint func(topology.Peer) bool
}

// use takes over a configuration, for the graphs that are asked for from now on.
func (g *graphs) use(cfg *config.Config, client *promql.Client) error {
	dialect, err := refresh.Dialect(cfg)
	if err != nil {
		return err
	}
	g.settings.Store(&graphSettings{
		asker: derive.Options{
			Client:       client,
			Dialect:      dialect,
			AllowPartial: refresh.AllowsPartial(cfg),
		},
		metrics:    istio.GraphMetrics(istio.LatencyMode(cfg.Latency.Mode)),
		isWaypoint: istio.Waypoints(cfg.Istio.Waypoints),
	})
	return nil
}

// Graph derives the graph that q asks for, and renders it.
func (g *graphs) Graph(ctx context.Context, q web.Question) (web.Answer, error) {
	level, err := topology.ParseLevel(q.Level)
	if err != nil {
		return web.Answer{}, web.Errorf(web.ErrorBadData, "%w", err)
	}
	s := g.settings.Load()
	graph, _, err := derive.NewAsker(s.asker).Graph(ctx, derive.GraphOptions{
		FlowOptions: derive.FlowOptions{
			Interval:   topology.Interval{End: q.Time, Length: q.Window},
			Metrics:    s.metrics,
			IsWaypoint: s.isWaypoint,
		},
		Level:      level,
		Namespaces: q.Namespaces,
	})
	if err != nil {
		return web.Answer{}, graphError(err)
	}
	return rendered(graph, q)
}

// graphError says what a failed graph means to the one who asked.
func graphError(err error) error {
	err = fmt.Errorf("cannot derive the graph: %w", err)
	switch promql.KindOf(err) {
	case promql.Timeout:
		return &web.Error{Type: web.ErrorTimeout, Err: err}
	case promql.TooLarge, promql.BadQuery:
		return &web.Error{Type: web.ErrorExecution, Err: err}
	default:
		return &web.Error{Type: web.ErrorUnavailable, Err: err}
	}
}
