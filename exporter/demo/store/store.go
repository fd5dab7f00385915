package store

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"sync"
	"time"

	"github.com/go-kit/log"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/config"
	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/promql/parser"
	"github.com/prometheus/prometheus/scrape"
	"github.com/prometheus/prometheus/storage"
	"github.com/prometheus/prometheus/tsdb"
	"github.com/prometheus/prometheus/util/compression"

	"github.com/meshscope/meshscope/exporter/logging"
)

// Prometheus's defaults for queries.
const (
	lookback          = 5 * time.Minute
	queryTimeout      = 2 * time.Minute
	maxSamples        = 50_000_000
	defaultSubquery   = time.Minute
	defaultRetention  = 24 * time.Hour
	stripes           = 2048
	headChunkInMemory = 64 * 1024
	maxBlock          = 31 * 24 * time.Hour // as in Prometheus, and a tenth of the retention at most
	// discoveryInterval bounds how often a new list of targets takes effect.
	discoveryInterval = time.Second
)

// Options say where and for how long samples are kept.
type Options struct {
	// Dir holds the samples, and outlives the store. Where it is empty they are
	// kept without a write-ahead log in a temporary folder, which Close removes.
	Dir string
	// Logger gets what Prometheus's libraries log; nil for nothing.
	Logger log.Logger
	// Retention is how long samples are kept; 24 hours where it is 0.
	Retention time.Duration
}

// Store is a Prometheus without a process. Its methods may be called from
// several goroutines.
type Store struct {
	db        *tsdb.DB
	engine    *promql.Engine
	manager   *scrape.Manager
	registry  *prometheus.Registry
	logger    *slog.Logger
	handler   http.Handler
	temporary string
	dir       string
	retention time.Duration
	opened    time.Time

	// mu guards what follows.
	mu      sync.Mutex
	config  config.Config
	targets map[string]*target
}

// Open starts a store. Close ends it.
func Open(o Options) (*Store, error) {
	if o.Logger == nil {
		o.Logger = log.NewNopLogger()
	}
	if o.Retention <= 0 {
		o.Retention = defaultRetention
	}
	s := &Store{
		registry:  prometheus.NewRegistry(),
		logger:    logging.Slog(o.Logger),
		dir:       o.Dir,
		retention: o.Retention,
		opened:    time.Now(),
		config:    config.DefaultConfig,
		targets:   map[string]*target{},
	}

	settings := tsdb.DefaultOptions()
	settings.RetentionDuration = o.Retention.Milliseconds()
	settings.MaxBlockDuration = max(settings.MinBlockDuration, min(o.Retention/10, maxBlock).Milliseconds())
	settings.StripeSize = stripes
	settings.HeadChunksWriteBufferSize = headChunkInMemory
	settings.WALCompression = compression.Snappy
	if s.dir == "" {
		dir, err := os.MkdirTemp("", "meshscope-store-")
		if err != nil {
			return nil, err
		}
		s.dir, s.temporary = dir, dir
		settings.WALSegmentSize = -1
	}

	db, err := tsdb.Open(s.dir, s.logger.With("component", "tsdb"), s.registry, settings, tsdb.NewDBStats())
	if err != nil {
		return nil, errors.Join(fmt.Errorf("opening the store: %w", err), s.clean())
	}
	s.db = db
	s.engine = promql.NewEngine(promql.EngineOpts{
		Logger:                   s.logger.With("component", "engine"),
		Reg:                      s.registry,
		MaxSamples:               maxSamples,
		Timeout:                  queryTimeout,
		LookbackDelta:            lookback,
		NoStepSubqueryIntervalFn: func(int64) int64 { return defaultSubquery.Milliseconds() },
		EnableAtModifier:         true,
		EnableNegativeOffset:     true,
		Parser:                   parser.NewParser(parser.Options{}),
	})
	s.manager, err = scrape.NewManager(&scrape.Options{
		DiscoveryReloadOnStartup: true,
		DiscoveryReloadInterval:  model.Duration(discoveryInterval),
	}, s.logger.With("component", "scrape"), nil, nil, db, s.registry)
	if err != nil {
		return nil, errors.Join(err, s.Close())
	}
	s.handler = s.routes()
	return s, nil
}

// Compact joins the blocks of the past to larger ones, as is done in the
// background too, some time later.
func (s *Store) Compact(ctx context.Context) error { return s.db.Compact(ctx) }

// Close ends the store. Scrapes and queries must have ended before.
func (s *Store) Close() error {
	return errors.Join(s.engine.Close(), s.db.Close(), s.clean())
}

// clean removes what was temporary.
func (s *Store) clean() error {
	if s.temporary == "" {
		return nil
	}
	return os.RemoveAll(s.temporary)
}

// Queryable reads the samples.
func (s *Store) Queryable() storage.SampleAndChunkQueryable { return s.db }

// Engine evaluates PromQL, set up as Prometheus sets it up by default.
func (s *Store) Engine() *promql.Engine { return s.engine }

// Instant evaluates an expression that yields a vector, at one time.
func (s *Store) Instant(ctx context.Context, expression string, at time.Time) (promql.Vector, error) {
	query, err := s.engine.NewInstantQuery(ctx, s.db, nil, expression, at)
	if err != nil {
		return nil, err
	}
	defer query.Close()
	result := query.Exec(ctx)
	vector, err := result.Vector()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", expression, err)
	}
	// Closing the query gives its memory back to the engine.
	return append(promql.Vector(nil), vector...), nil
}

// ready lets each request pass: an open store is ready.
func ready(next http.HandlerFunc) http.HandlerFunc { return next }
