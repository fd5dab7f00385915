// Package app is the exporter as a part of a program: what "meshscope run" starts, and the demo and tests start within
// their own process.
package app

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/go-kit/log"
	"github.com/go-kit/log/level"
	"github.com/oklog/run"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	versioncollector "github.com/prometheus/client_golang/prometheus/collectors/version"

	"github.com/meshscope/meshscope/exporter/config"
	"github.com/meshscope/meshscope/exporter/logging"
	"github.com/meshscope/meshscope/exporter/web"
)

// shutdownTimeout is how long requests in work may take at the end.
const shutdownTimeout = 10 * time.Second

// Options are what an App is made of.
type Options struct {
	// Source is where the configuration comes from.
	Source Source
	// ListenAddresses are where HTTP is served; none means web.DefaultListenAddress.
	ListenAddresses []string
	// WebConfigFile is a file of exporter-toolkit for TLS and basic authentication; empty means neither.
	WebConfigFile string
	// EnableLifecycle permits a reload by HTTP.
	EnableLifecycle bool
	// Logger takes the log; nil drops it.
	Logger log.Logger
	// NewRefresher makes the refresh loop; nil means that of exporter/refresh.
	NewRefresher NewRefresher
	// Now is the clock; nil means time.Now.
	Now func() time.Time
}

// withDefaults fills in what may be left out.
func (o Options) withDefaults() Options {
	if o.Logger == nil {
		o.Logger = log.NewNopLogger()
	}
	if o.NewRefresher == nil {
		o.NewRefresher = newRefreshLoop
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	return o
}

// An App is one exporter. It listens from New on, and works during Run.
type App struct {
	logger    log.Logger
	config    *config.Reloadable
	objects   *objects
	refresher Refresher
	server    *web.Server
	// client is the one in use; it changes in apply only.
	client *http.Client
}

// New loads the configuration and makes an exporter of it. An invalid configuration is a *config.ParseError.
func New(o Options) (_ *App, err error) {
	o = o.withDefaults()
	registry := prometheus.NewRegistry()
	registry.MustRegister( // cannot fail: the registry is new and the names differ
		collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
		versioncollector.NewCollector("meshscope"),
	)
	reloadable, err := config.NewReloadable(o.Source.load, registry, o.Now)
	if err != nil {
		return nil, err
	}
	cfg := reloadable.Config()
	logWarnings(o.Logger, cfg)
	store, err := newStore(cfg)
	if err != nil {
		return nil, err
	}
	a := &App{logger: o.Logger, config: reloadable, client: store.http, objects: &objects{logger: o.Logger}}
	defer func() {
		if err != nil {
			a.objects.close()
		}
	}()
	watched, err := a.objects.watch(cfg)
	if err != nil {
		return nil, err
	}
	a.objects.use(watched)
	registry.MustRegister(a.objects)
	a.refresher, err = o.NewRefresher(RefresherOptions{
		Config: cfg, Client: store.client, Inventory: a.objects.Inventory, Logger: o.Logger, Registry: registry, Now: o.Now,
	})
	if err != nil {
		return nil, fmt.Errorf("cannot set up refreshing: %w", err)
	}
	handler, err := web.NewHandler(web.Options{
		Version:         shownVersion(),
		Metrics:         a.refresher,
		Graph:           a.refresher,
		Kiali:           a.refresher.Kiali,
		Ready:           a.ready,
		Reload:          a.Reload,
		EnableLifecycle: o.EnableLifecycle,
		Logger:          o.Logger,
		Now:             o.Now,
	})
	if err != nil {
		return nil, err
	}
	a.server, err = web.NewServer(web.ServerOptions{
		Addresses:  o.ListenAddresses,
		ConfigFile: o.WebConfigFile,
		Handler:    handler,
		Logger:     logging.Slog(o.Logger),
	})
	if err != nil {
		return nil, err
	}
	return a, nil
}

// Addresses returns where HTTP is served, with the ports that were free where 0 was asked for.
func (a *App) Addresses() []string { return a.server.Addresses() }

// Run refreshes and serves until ctx ends, after which it returns nil, or until either fails. Requests in work get the
// time to end. An App runs once.
func (a *App) Run(ctx context.Context) error {
	refreshing, stop := context.WithCancel(ctx)
	defer stop()
	defer a.objects.close()
	var group run.Group
	group.Add(
		func() error {
			a.objects.sync(refreshing, a.objects.current.Load())
			return a.refresher.Run(refreshing)
		},
		func(error) { stop() },
	)
	group.Add(a.server.Serve, func(error) {
		limited, cancel := context.WithTimeout(context.WithoutCancel(ctx), shutdownTimeout)
		defer cancel()
		if err := a.server.Shutdown(limited); err != nil {
			level.Warn(a.logger).Log("msg", "requests were cut off at the end", "err", err)
			a.server.Close()
		}
	})
	err := group.Run()
	if ctx.Err() != nil && (err == nil || errors.Is(err, context.Canceled)) {
		return nil
	}
	return err
}

// Close gives up the addresses of an App that does not run (any more).
func (a *App) Close() {
	a.server.Close()
	a.objects.close()
}

// ready returns why the App cannot serve yet. Its configuration is loaded since New; and whether a refresh succeeded
// does not matter, because a store that is away would otherwise take away what there is to tell about that.
func (a *App) ready() error {
	if !a.refresher.Tried() {
		return errors.New("the first refresh has not been tried yet")
	}
	return nil
}
