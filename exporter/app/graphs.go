package app

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"

	"github.com/meshscope/meshscope/exporter/config"
	"github.com/meshscope/meshscope/exporter/derive"
	"github.com/meshscope/meshscope/exporter/health"
	"github.com/meshscope/meshscope/exporter/istio"
	"github.com/meshscope/meshscope/exporter/kube"
	"github.com/meshscope/meshscope/exporter/promql"
	"github.com/meshscope/meshscope/exporter/refresh"
	"github.com/meshscope/meshscope/exporter/topology"
	"github.com/meshscope/meshscope/exporter/web"
)

// graphs derives single graphs from the store's raw metrics. It is safe for concurrent use.
type graphs struct {
	settings  atomic.Pointer[graphSettings]
	inventory func() *kube.Inventory
}

// now are the settings, with what is known of the clusters' objects at the moment.
func (g *graphs) now() *graphSettings {
	s := *g.settings.Load()
	s.kubernetes = g.inventory()
	s.isWaypoint = s.kubernetes.IsWaypoint(s.isWaypoint)
	return &s
}

// graphSettings are what a configuration means to a graph.
type graphSettings struct {
	options derive.Options
	// idle has an Asker that nobody asks with at the moment, or none. It remembers label sets from one answer to the
	// next, which takes memory, and saves most of the time that reading an answer takes.
	idle       chan *derive.Asker
	metrics    []istio.Metric
	isWaypoint func(topology.Peer) bool
	latency    config.LatencyMode
	health     health.Rules
	kubernetes *kube.Inventory
}

// newGraphSettings reads what a configuration says of graphs. It is taken over by storing it.
func newGraphSettings(cfg *config.Config, client *promql.Client) (*graphSettings, error) {
	dialect, err := refresh.Dialect(cfg)
	if err != nil {
		return nil, err
	}
	return &graphSettings{
		options:    derive.Options{Client: client, Dialect: dialect, AllowPartial: refresh.AllowsPartial(cfg)},
		idle:       make(chan *derive.Asker, 1),
		metrics:    istio.GraphMetrics(istio.LatencyMode(cfg.Latency.Mode)),
		isWaypoint: istio.Waypoints(cfg.Istio.Waypoints),
		latency:    cfg.Latency.Mode,
		health:     cfg.Health.Rules(),
	}, nil
}

// derive derives one graph.
func (s *graphSettings) derive(ctx context.Context, o derive.GraphOptions) (*topology.Graph, error) {
	var asker *derive.Asker
	select {
	case asker = <-s.idle:
	default:
		asker = derive.NewAsker(s.options)
	}
	graph, _, err := asker.Graph(ctx, o)
	select {
	case s.idle <- asker:
	default: // one is enough
	}
	if err != nil {
		return nil, graphError(err)
	}
	return graph, nil
}

// Check says why an exporter could not start with a configuration: a file that it names cannot be read.
func Check(cfg *config.Config) error { return kube.Check(clusterOptions(cfg.Kubernetes.Clusters)) }

// Graph derives the graph that q asks for, and renders it.
func (g *graphs) Graph(ctx context.Context, q web.Question) (web.Answer, error) {
	level, err := topology.ParseLevel(q.Level)
	if err != nil {
		return web.Answer{}, web.Errorf(web.ErrorBadData, "%w", err)
	}
	s := g.now()
	if q.Output == "kiali" {
		return s.kialiForm(ctx, level, q)
	}
	graph, err := s.derive(ctx, derive.GraphOptions{
		FlowOptions: derive.FlowOptions{
			Interval:   topology.Interval{End: q.Time, Length: q.Window},
			Metrics:    s.metrics,
			Waypoints:  q.Waypoints,
			IsWaypoint: s.isWaypoint,
		},
		Build: topology.BuildOptions{Level: level, Idle: q.Idle, ServiceNodes: q.ServiceNodes},
		Complete: s.complete(kube.AttachOptions{
			DropGone: true, Idle: q.Idle, ServiceNodes: q.ServiceNodes, Selection: selectionOf(q),
		}),
	})
	if err != nil {
		return web.Answer{}, err
	}
	return s.rendered(partOf(graph, q), q)
}

func selectionOf(q web.Question) topology.Selection {
	return topology.Selection{Namespaces: q.Namespaces, Clusters: q.Clusters}
}

// partOf is the part of the whole graph that q asks for.
func partOf(whole *topology.Graph, q web.Question) *topology.Graph {
	selection := selectionOf(q)
	part := whole.Select(selection)
	if len(q.Protocols) > 0 {
		part = part.Part(func(e *topology.Edge) bool { return slices.Contains(q.Protocols, e.Protocol) })
	}
	if q.Focus != nil {
		part = part.Focus(*q.Focus)
	}
	if q.Filter != nil {
		part = q.Filter.Over(whole, selection).Apply(part)
	}
	if q.Limit > 0 {
		part, _ = part.Limit(q.Limit)
	}
	return part
}

// writeError says what a graph that could not be written means: that it is too large, or a fault of the program.
func writeError(err error) error {
	if answered := new(web.Error); errors.As(err, &answered) {
		return answered
	}
	return web.Errorf(web.ErrorInternal, "cannot write the graph: %w", err)
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
