package app

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"time"

	"github.com/meshscope/meshscope/exporter/config"
	"github.com/meshscope/meshscope/exporter/derive"
	"github.com/meshscope/meshscope/exporter/istio"
	"github.com/meshscope/meshscope/exporter/kiali"
	"github.com/meshscope/meshscope/exporter/kube"
	"github.com/meshscope/meshscope/exporter/topology"
	"github.com/meshscope/meshscope/exporter/web"
)

// Kiali reads a question of Kiali's API.
func (g *graphs) Kiali(path string, params url.Values, now time.Time) (web.Inquiry, error) {
	q, err := kiali.Parse(path, params, now)
	if err != nil {
		kind := web.ErrorBadData
		if errors.Is(err, kiali.ErrNoPath) {
			kind = web.ErrorNotFound
		}
		return web.Inquiry{}, &web.Error{Type: kind, Err: err}
	}
	settings := g.now()
	for _, namespace := range q.Namespaces {
		if settings.kubernetes.RulesOut(namespace) {
			return web.Inquiry{}, web.Errorf(web.ErrorForbidden, "no cluster of the mesh has a namespace %q", namespace)
		}
	}
	if q, err = settings.withLatency(q); err != nil {
		return web.Inquiry{}, &web.Error{Type: web.ErrorBadData, Err: err}
	}
	return web.Inquiry{Key: "kiali " + q.Key(), Fresh: q.Fresh, Answer: func(ctx context.Context, now time.Time) (web.Answer, error) {
		if q.Time.IsZero() {
			q.Time = now
		}
		return settings.kiali(ctx, q)
	}}, nil
}

// withLatency asks for response times only where the configuration permits it. Those that were asked for by name are
// refused instead.
func (s *graphSettings) withLatency(q kiali.Question) (kiali.Question, error) {
	permitted := s.latency == config.LatencyHistogram || s.latency == config.LatencySummary && q.Quantile == 0
	if permitted || !q.Appenders.ResponseTime {
		return q, nil
	}
	if q.Appenders.Named {
		return q, fmt.Errorf("appender \"responseTime\" with responseTime=%s: not to be had with latency.mode %s", q.ResponseTimeName(), s.latency)
	}
	q.Appenders.ResponseTime = false
	return q, nil
}

// kiali answers a question of Kiali's API.
func (s *graphSettings) kiali(ctx context.Context, q kiali.Question) (web.Answer, error) {
	graph, health, err := s.kialiGraph(ctx, q)
	if err != nil {
		return web.Answer{}, err
	}
	return s.kialiAnswer(graph, kiali.View{Question: q, Health: health})
}

// kialiForm answers a question of the graph API or the command in Kiali's form: as Kiali's API does, and then with the
// part that is asked for by what that has no parameter for.
func (s *graphSettings) kialiForm(ctx context.Context, level topology.Level, q web.Question) (web.Answer, error) {
	view := kiali.View{Question: kiali.Default()}
	view.Level, view.Namespaces, view.Time, view.Duration = level, q.Namespaces, q.Time, q.Window
	view.ServiceNodes, view.IdleEdges, view.Waypoints = q.ServiceNodes, q.Idle, q.Waypoints
	question, err := s.withLatency(view.Question)
	if err != nil {
		return web.Answer{}, &web.Error{Type: web.ErrorBadData, Err: err}
	}
	view.Question = question
	graph, health, err := s.kialiGraph(ctx, question)
	if err != nil {
		return web.Answer{}, err
	}
	view.Health = health
	if len(q.Clusters) > 0 || len(q.Protocols) > 0 || q.Focus != nil || q.Filter != nil || q.Limit > 0 {
		view.Part = partOf(view.Counted(graph), q)
	}
	return s.kialiAnswer(graph, view)
}

// kialiGraph derives the graph that a question of Kiali's API is about, of the whole mesh, and its health, if that is
// asked for.
func (s *graphSettings) kialiGraph(ctx context.Context, q kiali.Question) (*topology.Graph, *kiali.Health, error) {
	flows := derive.FlowOptions{
		Interval:   topology.Interval{End: q.Time, Length: q.Duration},
		Metrics:    kialiMetrics(q),
		Ambient:    istio.Ambient(q.Ambient),
		Nowhere:    true, // Kiali shows them
		NoSecurity: !q.Appenders.SecurityPolicy,
		Waypoints:  true,
		IsWaypoint: s.isWaypoint,
	}
	if q.Appenders.AggregateNode {
		flows.Operation = q.Aggregate
	}
	options := derive.GraphOptions{
		FlowOptions: flows,
		Build: topology.BuildOptions{
			Level: q.Level, Idle: q.IdleEdges, ServiceNodes: q.ServiceNodes, Operations: q.Appenders.AggregateNode,
		},
	}
	if q.Appenders.ServiceEntry && s.kubernetes != nil {
		options.Build.Fold = s.kubernetes.FoldHosts
	}
	var calls []topology.Flow
	if q.Appenders.Health {
		options.Complete = func(_ *topology.Graph, all []topology.Flow) { calls = all }
	}
	graph, err := s.derive(ctx, options)
	if err != nil {
		return nil, nil, err
	}
	s.kubernetes.Attach(graph, kube.AttachOptions{
		DropGone:     q.Appenders.DeadNode,
		Idle:         q.Appenders.IdleNode && q.Node == nil, // the graph of a node has what that calls and is called by
		ServiceNodes: q.ServiceNodes,
		Selection:    topology.Selection{Namespaces: q.Namespaces},
	})
	if !q.Appenders.Health {
		return graph, nil, nil
	}
	calls = folded(calls, options.Build.Fold)
	return graph, &kiali.Health{Calls: calls, Verdicts: s.judge(graph, calls)}, nil
}

// folded are the calls under the keys that they are drawn under, so that there are verdicts on what is drawn.
func folded(calls []topology.Flow, fold func(topology.EdgeKey) topology.EdgeKey) []topology.Flow {
	if fold == nil {
		return calls
	}
	own := false
	for i := range calls {
		key := fold(calls[i].Key)
		if key == calls[i].Key {
			continue
		}
		if !own {
			calls, own = slices.Clone(calls), true
		}
		calls[i].Key = key
	}
	if own {
		topology.SortFlows(calls)
	}
	return calls
}

func (s *graphSettings) kialiAnswer(graph *topology.Graph, view kiali.View) (web.Answer, error) {
	view.Kubernetes = s.kubernetes
	body := new(web.Body)
	if err := kiali.Write(body, graph, view); err != nil {
		return web.Answer{}, writeError(err)
	}
	return web.Answer{Body: body.Bytes(), ContentType: "application/json"}, nil
}

// kialiMetrics are what has to be read for a question. Requests and
// connections always are: they decide whose reports count (T1, T9).
func kialiMetrics(q kiali.Question) []istio.Metric {
	metrics := []istio.Metric{istio.Requests, istio.TCPRequestBytes, istio.TCPResponseBytes, istio.TCPOpened}
	if q.Rates.Messages() {
		metrics = append(metrics, istio.RequestMessages, istio.ResponseMessages)
	}
	if q.Appenders.Throughput {
		if q.RequestThroughput {
			metrics = append(metrics, istio.RequestBytes)
		} else {
			metrics = append(metrics, istio.ResponseBytes)
		}
	}
	if q.Appenders.ResponseTime {
		mode := istio.LatencyHistogram
		if q.Quantile == 0 {
			mode = istio.LatencySummary
		}
		metrics = append(metrics, istio.Latency(mode)...)
	}
	return metrics
}
