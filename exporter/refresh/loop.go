package refresh

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/go-kit/log"
	"github.com/go-kit/log/level"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/meshscope/meshscope/exporter/config"
	"github.com/meshscope/meshscope/exporter/derive"
	"github.com/meshscope/meshscope/exporter/kube"
	"github.com/meshscope/meshscope/exporter/promql"
	"github.com/meshscope/meshscope/exporter/series"
	"github.com/meshscope/meshscope/exporter/topology"
)

// Options are what a Loop needs.
type Options struct {
	Config *config.Config
	Client *promql.Client
	Logger log.Logger
	// Registry takes the loop's own series, and is served by it.
	Registry *prometheus.Registry
	// Inventory is what is known of Kubernetes' objects at the moment; it may be
	// nil, and so may be what it returns.
	Inventory func() *kube.Inventory
	// Now tells the time; nil is time.Now.
	Now func() time.Time
}

// Loop derives topology series again and again. Refresh and Apply may be
// called from anywhere; one runs at a time.
type Loop struct {
	logger    log.Logger
	now       func() time.Time
	inventory func() *kube.Inventory
	registry  *prometheus.Registry
	metrics   *metrics
	changed   chan struct{} // the settings have

	mu          sync.Mutex // guards what a refresh uses
	settings    settings
	asker       *derive.Asker
	durations   *derive.Asker // asks beside the other
	dedup       *topology.Dedup
	ledger      *series.Ledger
	judge       *judge
	annotations annotations
	last        time.Time // up to when counters are posted
	lastLatency time.Time // and request durations
	recalled    bool
	diagnosed   time.Time

	tried     atomic.Bool
	succeeded atomic.Bool // the last refresh has
	published atomic.Pointer[publication]
	standing  atomic.Bool                 // by, while another exporter leads
	holds     atomic.Pointer[func() bool] // whether this one leads; nil is always
}

// publication is a snapshot, whose it is, and for how long it may be served.
type publication struct {
	*series.Snapshot
	ledger *series.Ledger
	until  time.Time
}

// New is a Loop that has not refreshed yet.
func New(o Options) (*Loop, error) {
	s, err := newSettings(o.Config)
	if err != nil {
		return nil, err
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Inventory == nil {
		o.Inventory = func() *kube.Inventory { return nil }
	}
	l := &Loop{
		logger: o.Logger, now: o.Now, inventory: o.Inventory, registry: o.Registry, metrics: newMetrics(o.Registry),
		changed: make(chan struct{}, 1), annotations: annotations{logger: o.Logger},
	}
	l.use(s, o.Client)
	l.forget()
	return l, nil
}

func (l *Loop) use(s settings, client *promql.Client) {
	l.settings = s
	l.asker = s.asker(client, l.metrics, l.parted)
	l.durations = s.asker(client, l.metrics, l.parted)
	for _, q := range s.dialect.CounterQuestions(s.counters.step, s.lookback) {
		l.metrics.expect(q.Name)
	}
	for _, q := range s.dialect.LatencyQuestions(s.mode, s.latency.step, s.lookback) {
		l.metrics.expect(q.Name)
	}
}

func (l *Loop) parted(query string, parts int, cause error) {
	level.Warn(l.logger).Log("msg", "the store finds a query too large; asking in parts, by namespace", "query", query, "parts", parts, "err", cause)
}

// Apply changes the configuration, from the next refresh on. What was counted
// stays.
func (l *Loop) Apply(c *config.Config, client *promql.Client) error {
	s, err := newSettings(c)
	if err != nil {
		return err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.use(s, client)
	l.dedup.Use(s.dedup())
	l.ledger.Limit(s.limits, s.isWaypoint)
	l.judge.use(s)
	l.last = alignUp(l.last, s.counters.step)
	l.lastLatency = alignUp(l.lastLatency, s.latency.step)
	select {
	case l.changed <- struct{}{}:
	default: // is known already
	}
	return nil
}

// alignUp is the first multiple of step at or after t: what lies between is
// lost, where what lay between t and one before it would be counted twice.
func alignUp(t time.Time, step time.Duration) time.Time {
	if t.IsZero() {
		return t
	}
	if aligned := t.Truncate(step); !aligned.Equal(t) {
		return aligned.Add(step)
	}
	return t
}

// Run refreshes at once, and then at each interval, until ctx ends. A refresh
// that fails is logged, counted and tried again.
func (l *Loop) Run(ctx context.Context) error {
	for {
		l.mu.Lock()
		interval := l.settings.interval
		l.mu.Unlock()
		if err := l.runEvery(ctx, interval); err != nil {
			return nil // ctx has ended
		}
	}
}

// runEvery refreshes at an interval until the settings change.
func (l *Loop) runEvery(ctx context.Context, interval time.Duration) error {
	ticker := time.NewTicker(interval)
	defer ticker.Stop()
	for {
		if err := l.Refresh(ctx); err != nil && ctx.Err() == nil {
			level.Error(l.logger).Log("msg", "refresh failed", "err", err)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-l.changed:
			return nil
		case <-ticker.C:
		}
	}
}

// Tried tells that a first refresh has ended, well or not.
func (l *Loop) Tried() bool { return l.tried.Load() }

// Refresh counts what has been scraped since the last one, and publishes it.
func (l *Loop) Refresh(ctx context.Context) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	defer l.tried.Store(true)
	err := l.refresh(ctx, l.now())
	l.succeeded.Store(err == nil)
	return err
}

func (l *Loop) refresh(ctx context.Context, now time.Time) error {
	if !l.recalled {
		if err := l.recall(ctx, now); err != nil {
			return fmt.Errorf("recall what was published before: %w", err)
		}
		l.recalled = true
	}
	spans, skipped := l.due("counters", l.settings.counters, &l.last, now)
	l.metrics.skipped.Add(skipped.Seconds()) // durations skip the same time again
	if len(spans) == 0 {
		return nil
	}
	var failed error // of a part; the rest goes on
	spans = parted(spans, l.judge.length(), l.settings.counters.step)
	for i, due := range spans {
		done := l.metrics.stage(stageQuery)
		reports, err := l.ask(ctx, due, i == len(spans)-1, now)
		if reports == nil {
			return err
		}
		failed = err
		done()
		l.post(due, reports, i == len(spans)-1)
	}
	if err := l.publish(now); err != nil {
		return err
	}
	return errors.Join(failed, l.diagnose(ctx))
}

// due are the spans to count of what; those that are too long ago are skipped.
func (l *Loop) due(what string, s schedule, last *time.Time, now time.Time) (spans []span, skipped time.Duration) {
	spans, skipped = s.due(*last, now)
	if skipped > 0 {
		*last = spans[0].from
		level.Warn(l.logger).Log("msg", "the last refresh is longer ago than refresh.catch_up; what was scraped before is not counted",
			"of", what, "skipped", skipped, "catch_up", s.catchUp)
	}
	return spans, skipped
}

// ask asks for the counters of a span and, side by side, for the request
// durations that are due. These come at longer intervals and fail alone:
// where there are reports beside an error, they lack durations only.
func (l *Loop) ask(ctx context.Context, due span, withDurations bool, now time.Time) (*topology.Reports, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var (
		asking    sync.WaitGroup
		durations *topology.Reports
		through   time.Time
		failed    error
	)
	if withDurations {
		// They take longest, and go first.
		asking.Go(func() { durations, through, failed = l.askLatency(ctx, now) })
	}
	s := l.settings
	reports, tally, err := l.asker.Ask(ctx, s.dialect.CounterQuestions(s.counters.step, s.lookback), due.instants(s.counters.step))
	if err != nil {
		cancel()
		asking.Wait()
		return nil, err
	}
	asking.Wait()
	l.metrics.count(tally)
	if durations != nil {
		reports.Merge(durations)
		l.lastLatency = through
	}
	if failed != nil {
		failed = fmt.Errorf("request durations: %w", failed)
	}
	return reports, failed
}

// askLatency asks for the request durations that are due, and tells up to when
// it has them. Of several spans those before one that fails are not lost.
func (l *Loop) askLatency(ctx context.Context, now time.Time) (all *topology.Reports, through time.Time, err error) {
	s := l.settings
	questions := s.dialect.LatencyQuestions(s.mode, s.latency.step, s.lookback)
	if len(questions) == 0 {
		return nil, through, nil
	}
	spans, _ := l.due("request durations", s.latency, &l.lastLatency, now)
	for _, due := range spans {
		durations, tally, err := l.durations.Ask(ctx, questions, due.instants(s.latency.step))
		if err != nil {
			return all, through, err
		}
		l.metrics.count(tally)
		if all == nil {
			all = durations
		} else {
			all.Merge(durations)
		}
		through = due.to
	}
	return all, through, nil
}

func (s span) instants(step time.Duration) derive.Instants {
	return derive.Instants{From: s.from, To: s.to, Step: step}
}

// post makes flows of the reports of a span, and counts them. With the last
// of several spans the mesh is judged.
func (l *Loop) post(due span, reports *topology.Reports, last bool) {
	defer l.metrics.stage(stageDerive)()
	iv := topology.Interval{End: due.to, Length: due.length()}
	resolution := l.dedup.Resolve(iv, reports)
	l.judge.count(iv, resolution.Flows)
	if last {
		l.assess(iv.End)
	}
	dropped := l.ledger.Post(iv, resolution.Flows)
	l.last = due.to

	countReasons(l.metrics.folded, resolution.Folded)
	dropped[series.TooManyEdges] += resolution.Refused
	countReasons(l.metrics.dropped, dropped)
	if n := dropped[series.TooManyEdges] + dropped[series.TooManySeries]; n > 0 {
		level.Warn(l.logger).Log("msg", "more edges or series than limits.max_edges and limits.max_series allow; the busiest are published",
			"dropped", n, "edges", l.ledger.Edges())
	}
	level.Debug(l.logger).Log("msg", "counted", "through", due.to, "over", due.length(), "reports", reports.Len(),
		"flows", len(resolution.Flows), "waiting", resolution.Waiting, "edges", l.ledger.Edges())
}

func (l *Loop) publish(now time.Time) error {
	defer l.metrics.stage(stageRender)()
	snapshot, err := l.ledger.Snapshot(l.last)
	if err != nil {
		return err
	}
	if snapshot.Omitted > 0 {
		l.metrics.gaugesDropped.Add(float64(snapshot.Omitted))
		level.Warn(l.logger).Log("msg", "limits.max_series leaves no room for some series of health, workloads and objects", "dropped", snapshot.Omitted)
	}
	l.published.Store(&publication{Snapshot: snapshot, ledger: l.ledger, until: now.Add(l.settings.staleAfter)})
	return nil
}
