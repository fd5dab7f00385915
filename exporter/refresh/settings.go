package refresh

import (
	"fmt"
	"time"

	"github.com/meshscope/meshscope/exporter/config"
	"github.com/meshscope/meshscope/exporter/derive"
	"github.com/meshscope/meshscope/exporter/health"
	"github.com/meshscope/meshscope/exporter/istio"
	"github.com/meshscope/meshscope/exporter/promql"
	"github.com/meshscope/meshscope/exporter/promql/expr"
	"github.com/meshscope/meshscope/exporter/series"
	"github.com/meshscope/meshscope/exporter/topology"
)

// settings are what a configuration means to a loop.
type settings struct {
	interval   time.Duration
	counters   schedule
	latency    schedule
	mode       istio.LatencyMode
	lookback   time.Duration
	dialect    istio.Dialect
	partial    bool
	limits     series.Limits
	staleAfter time.Duration
	isWaypoint func(topology.Peer) bool
	health     healthSettings
}

// healthSettings are what is judged by, and how long.
type healthSettings struct {
	rules  health.Rules
	window time.Duration // of the requests
	delay  time.Duration // for which a verdict must last
}

func newSettings(c *config.Config) (settings, error) {
	dialect, err := Dialect(c)
	if err != nil {
		return settings{}, err
	}
	lag, catchUp := time.Duration(c.Refresh.Lag), time.Duration(c.Refresh.CatchUp)
	return settings{
		interval:   time.Duration(c.Refresh.Interval),
		counters:   schedule{step: time.Duration(c.Refresh.Step), lag: lag, catchUp: catchUp},
		latency:    schedule{step: time.Duration(c.Latency.Interval), lag: lag, catchUp: catchUp},
		mode:       istio.LatencyMode(c.Latency.Mode),
		lookback:   time.Duration(c.Refresh.Lookback),
		dialect:    dialect,
		partial:    AllowsPartial(c),
		staleAfter: time.Duration(c.Limits.StaleAfter),
		isWaypoint: istio.Waypoints(c.Istio.Waypoints),
		health:     healthSettings{rules: c.Health.Rules(), window: time.Duration(c.Health.Window), delay: time.Duration(c.Health.For)},
		limits: series.Limits{
			MaxEdges: c.Limits.MaxEdges, MaxSeries: c.Limits.MaxSeries, IdleTTL: time.Duration(c.Limits.IdleTTL),
		},
	}, nil
}

// Dialect is how the configured store holds Istio's metrics.
func Dialect(c *config.Config) (istio.Dialect, error) {
	d := istio.Dialect{Prefix: c.Prometheus.MetricPrefix, ClusterLabel: c.Prometheus.ClusterLabel}
	for _, text := range c.Prometheus.Matchers {
		matchers, err := expr.ParseMatchers(text)
		if err != nil {
			return d, fmt.Errorf("prometheus.matchers: %w", err)
		}
		d.Matchers = append(d.Matchers, matchers...)
	}
	return d, nil
}

// AllowsPartial tells that the store is asked for partial answers, as Thanos
// can be: who asks for them means to take them.
func AllowsPartial(c *config.Config) bool {
	switch c.Prometheus.QueryParams.Get("partial_response") {
	case "true", "1":
		return true
	}
	return false
}

// settle is how long a new pair waits for its source's report: every proxy has
// been scraped twice by then.
func (s settings) settle() time.Duration { return max(time.Minute, 4*s.counters.step) }

func (s settings) dedup() topology.DedupOptions {
	return topology.DedupOptions{
		Settle: s.settle(), Forget: s.limits.IdleTTL,
		MaxPairs: 4 * s.limits.MaxEdges, // an edge has few protocols, and may be refused by the ledger
	}
}

func (s settings) asker(client *promql.Client, m *metrics, parted func(string, int, error)) *derive.Asker {
	return derive.NewAsker(derive.Options{
		Client: client, Dialect: s.dialect, AllowPartial: s.partial,
		Observe: m.observeQuery, Parted: parted,
	})
}
