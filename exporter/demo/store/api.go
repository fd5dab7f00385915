package store

import (
	"context"
	"net/http"
	"net/url"
	"os"
	"runtime"
	"runtime/debug"
	"strings"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/common/route"
	"github.com/prometheus/prometheus/config"
	"github.com/prometheus/prometheus/rules"
	"github.com/prometheus/prometheus/tsdb"
	"github.com/prometheus/prometheus/util/notifications"
	apiv1 "github.com/prometheus/prometheus/web/api/v1"
)

// Limits of reading the store remotely, as Prometheus has them by default.
const (
	remoteReadSamples     = 50_000_000
	remoteReadConcurrency = 10
	remoteReadFrame       = 1 << 20
	maxSearchResults      = 10_000
)

// Handler serves Prometheus's HTTP API under /api/v1, the two health checks,
// and a page that says what this is.
func (s *Store) Handler() http.Handler { return s.handler }

func (s *Store) routes() http.Handler {
	router := route.New()
	s.api().Register(router.WithPrefix("/api/v1"))
	router.Get("/-/ready", says("Prometheus Server is Ready.\n"))
	router.Get("/-/healthy", says("Prometheus Server is Healthy.\n"))
	router.Get("/", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = w.Write([]byte(page))
	})
	return router
}

func says(text string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte(text))
	}
}

const page = `<!DOCTYPE html>
<html lang="en">
<head><meta charset="utf-8"><title>Prometheus of the Meshscope demo</title></head>
<body>
<h1>Prometheus of the Meshscope demo</h1>
<p>This is Prometheus's storage, query engine and HTTP API inside the demo's process. Point Grafana's Prometheus data source here.</p>
<form action="/api/v1/query"><input name="query" size="80" value="sum by (source_workload, destination_workload) (rate(istio_requests_total{reporter=&quot;source&quot;}[1m]))"> <button>Query</button></form>
<ul>
<li><a href="/api/v1/targets">Targets</a></li>
<li><a href="/api/v1/label/__name__/values">Metrics</a></li>
<li><a href="/api/v1/status/tsdb">Storage</a></li>
<li><a href="/api/v1/status/buildinfo">Build</a></li>
</ul>
</body>
</html>
`

// api sets Prometheus's API up for a server that only scrapes and answers
// queries: no rules, no Alertmanager, no writing from outside.
func (s *Store) api() *apiv1.API {
	return apiv1.NewAPI(
		s.engine,
		s.db,
		nil, nil, // appenders, for remote write
		s.db,
		func(context.Context) apiv1.ScrapePoolsRetriever { return s.manager },
		func(context.Context) apiv1.TargetRetriever { return s.manager },
		func(context.Context) apiv1.AlertmanagerRetriever { return none{} },
		func() config.Config {
			s.mu.Lock()
			defer s.mu.Unlock()
			return s.config
		},
		map[string]string{"query.lookback-delta": model.Duration(lookback).String()},
		apiv1.GlobalURLOptions{Scheme: "http"},
		ready,
		admin{s.db},
		s.dir,
		false, // admin API
		false, maxSearchResults,
		s.logger.With("component", "api"),
		func(context.Context) apiv1.RulesRetriever { return none{} },
		remoteReadSamples, remoteReadConcurrency, remoteReadFrame,
		false, // agent
		nil,   // CORS
		s.runtimeInfo,
		buildInfo(),
		func() []notifications.Notification { return nil },
		func() (<-chan notifications.Notification, func(), bool) { return nil, nil, false },
		s.registry,
		s.registry,
		nil,        // rendering of statistics
		false, nil, // remote write
		false, false, false, // OTLP
		false, // start timestamps as zeros
		lookback,
		false, // type and unit labels
		false, // metadata in the write-ahead log
		nil,   // other error codes
		nil,   // feature registry
		apiv1.OpenAPIOptions{},
		nil, // parser
	)
}

// none has no rules and no Alertmanagers.
type none struct{}

func (none) RuleGroups() []*rules.Group           { return nil }
func (none) AlertingRules() []*rules.AlertingRule { return nil }
func (none) Alertmanagers() []*url.URL            { return nil }
func (none) DroppedAlertmanagers() []*url.URL     { return nil }

// admin tells the API about the storage.
type admin struct{ *tsdb.DB }

// Stats returns the cardinalities of the head.
func (a admin) Stats(byLabel string, limit int) (*tsdb.Stats, error) {
	return a.Head().Stats(byLabel, limit), nil
}

// WALReplayStatus is that of a storage which opened long ago.
func (admin) WALReplayStatus() (tsdb.WALReplayStatus, error) { return tsdb.WALReplayStatus{}, nil }

// BlockMetas returns the blocks on disk.
func (a admin) BlockMetas() ([]tsdb.BlockMeta, error) { return a.DB.BlockMetas(), nil }

func (s *Store) runtimeInfo() (apiv1.RuntimeInfo, error) {
	host, err := os.Hostname()
	if err != nil {
		return apiv1.RuntimeInfo{}, err
	}
	return apiv1.RuntimeInfo{
		StartTime: s.opened, ServerTime: time.Now(), Hostname: host, CWD: s.dir,
		ReloadConfigSuccess: true, LastConfigTime: s.opened,
		GoroutineCount: runtime.NumGoroutine(), GOMAXPROCS: runtime.GOMAXPROCS(0), GOMEMLIMIT: debug.SetMemoryLimit(-1),
		StorageRetention: model.Duration(s.retention).String(),
	}, nil
}

// buildInfo says which Prometheus this is.
func buildInfo() *apiv1.PrometheusVersion {
	v := &apiv1.PrometheusVersion{Version: "3", Branch: "library", BuildUser: "meshscope", GoVersion: runtime.Version()}
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, dependency := range info.Deps {
			if dependency.Path == "github.com/prometheus/prometheus" {
				v.Version = release(dependency.Version)
			}
		}
	}
	return v
}

// release turns the version of Prometheus's module, such as v0.315.0, into the
// release that it belongs to, 3.15.0.
func release(module string) string {
	minor, patch, ok := strings.Cut(strings.TrimPrefix(module, "v0."), ".")
	if !ok || len(minor) < 3 {
		return module
	}
	return minor[:1] + "." + strings.TrimPrefix(minor[1:], "0") + "." + patch
}
