package demo

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/go-kit/log"
	"github.com/go-kit/log/level"
	"golang.org/x/sync/errgroup"

	"github.com/meshscope/meshscope/exporter/demo/mesh"
	"github.com/meshscope/meshscope/exporter/demo/store"
)

// Exporter runs an exporter in a demo's surroundings until the context ends.
type Exporter func(ctx context.Context, s Surroundings) error

// Surroundings are what an exporter finds where it runs.
type Surroundings struct {
	// PrometheusURL is what it asks.
	PrometheusURL string
	// ListenAddress is where its metrics are scraped, at /metrics.
	ListenAddress string
	// Kubernetes are the objects of the mesh's clusters, the home cluster first.
	Kubernetes []Manifests
	// Changed gets a value when these have changed.
	Changed <-chan struct{}
}

// ExporterJob is the scrape job of the exporter.
const ExporterJob = "meshscope"

// Options say what a demo runs, and where it listens.
type Options struct {
	// Mesh is what is simulated. Its start is set by the demo.
	Mesh mesh.Config
	// PrometheusAddress, DemoAddress and ExporterAddress are host:port. The
	// first serves Prometheus's API, the second the proxies' metrics and the
	// faults, the third the exporter. Without a PrometheusAddress there is the
	// mesh alone, for a Prometheus that others run.
	PrometheusAddress, DemoAddress, ExporterAddress string
	// Exporter is run by the demo; where it is nil, one that others run on
	// ExporterAddress is scraped.
	Exporter Exporter
	// Interval is between two scrapes of a target, in whole seconds; 15 seconds
	// where it is 0.
	Interval time.Duration
	// History is how much of the past is simulated at the start.
	History time.Duration
	// Logger gets what happens; nil for nothing.
	Logger log.Logger
}

// ListenError is an address on which the demo cannot listen.
type ListenError struct {
	// Server is what should listen: prometheus, demo or exporter.
	Server string
	// Address is host:port.
	Address string
	// Err says why not.
	Err error
}

// Error says which server cannot listen where.
func (e *ListenError) Error() string {
	return fmt.Sprintf("the %s cannot listen on %s: %v", e.Server, e.Address, e.Err)
}

// Unwrap returns why it cannot.
func (e *ListenError) Unwrap() error { return e.Err }

// Demo is a mesh and a Prometheus on wall time.
type Demo struct {
	options              Options
	mesh                 *mesh.Mesh
	store                *store.Store
	prometheus, control  net.Listener
	targets              atomic.Pointer[map[string]mesh.Target]
	manifests            *manifests // nil without an exporter in this process
	started, historyFrom time.Time
}

// New makes the mesh, opens the store and begins to listen. Close the demo
// after all.
func New(o Options) (*Demo, error) {
	if o.Interval <= 0 {
		o.Interval = 15 * time.Second
	}
	if o.Logger == nil {
		o.Logger = log.NewNopLogger()
	}
	d := &Demo{options: o, started: time.Now()}
	d.historyFrom = d.started.Add(-o.History).Truncate(time.Second)
	d.options.Mesh.Start = d.historyFrom

	var err error
	if d.mesh, err = mesh.New(d.options.Mesh); err != nil {
		return nil, err
	}
	if d.control, err = listen("demo", o.DemoAddress); err != nil {
		return nil, err
	}
	if o.PrometheusAddress != "" {
		if err := d.openStore(); err != nil {
			return nil, errors.Join(err, d.Close())
		}
	}
	if d.store != nil && o.Exporter != nil {
		if d.manifests, err = newManifests(); err != nil {
			return nil, errors.Join(err, d.Close())
		}
	}
	d.publishTargets()
	return d, nil
}

// openStore opens the store of this process and begins to listen for it.
func (d *Demo) openStore() error {
	var err error
	if d.prometheus, err = listen("prometheus", d.options.PrometheusAddress); err != nil {
		return err
	}
	if d.options.Exporter != nil {
		// The exporter listens by itself, but a taken port is better said now.
		probe, err := listen("exporter", d.options.ExporterAddress)
		if err != nil {
			return err
		}
		if err := probe.Close(); err != nil {
			return err
		}
	}
	// What Prometheus says of its own start and end is of no interest here.
	quiet := level.NewFilter(log.With(d.options.Logger, "component", "prometheus"), level.AllowWarn())
	d.store, err = store.Open(store.Options{Logger: quiet})
	return err
}

func listen(server, address string) (net.Listener, error) {
	l, err := net.Listen("tcp", address)
	if err != nil {
		return nil, &ListenError{Server: server, Address: address, Err: err}
	}
	return l, nil
}

// PrometheusURL is where Prometheus's API is, "" without one.
func (d *Demo) PrometheusURL() string {
	if d.prometheus == nil {
		return ""
	}
	return "http://" + d.prometheus.Addr().String()
}

// URL is where the proxies' metrics and the faults are.
func (d *Demo) URL() string { return "http://" + d.control.Addr().String() }

// Mesh is the mesh that is simulated.
func (d *Demo) Mesh() *mesh.Mesh { return d.mesh }

// Store is the Prometheus that scrapes it, nil without one.
func (d *Demo) Store() *store.Store { return d.store }

// Close ends a demo whose Run has returned, or was never called.
func (d *Demo) Close() error {
	err := errors.Join(hangUp(d.prometheus), hangUp(d.control), d.manifests.remove())
	if d.store != nil {
		err = errors.Join(err, d.store.Close())
	}
	return err
}

// hangUp stops listening, if that was ever begun and the server did not already.
func hangUp(l net.Listener) error {
	if l == nil {
		return nil
	}
	if err := l.Close(); err != nil && !errors.Is(err, net.ErrClosed) {
		return err
	}
	return nil
}

// Run serves, simulates and scrapes until the context ends, once. It returns
// nil where nothing else ended it.
func (d *Demo) Run(ctx context.Context) error {
	group, running := errgroup.WithContext(ctx)
	group.Go(func() error { return serve(running, d.control, d.handler()) })
	if d.store == nil {
		group.Go(func() error { return d.live(running, nil) })
	} else {
		d.runStore(running, group)
	}
	err := group.Wait()
	if ctx.Err() != nil && errors.Is(err, ctx.Err()) {
		return nil
	}
	return err
}

// runStore serves the store, fills it, and runs the exporter against it.
func (d *Demo) runStore(running context.Context, group *errgroup.Group) {
	group.Go(func() error { return serve(running, d.prometheus, d.store.Handler()) })
	group.Go(func() error {
		if err := d.recall(running); err != nil {
			return err
		}
		d.publishObjects() // before somebody reads them
		lists := make(chan []store.ScrapeTarget)
		group.Go(func() error { return d.live(running, lists) })
		group.Go(func() error {
			return d.store.Scrape(running, d.options.Interval, []string{mesh.Job, ExporterJob}, lists)
		})
		if d.options.Exporter != nil {
			group.Go(func() error {
				if err := d.options.Exporter(running, d.surroundings()); err != nil {
					return fmt.Errorf("exporter: %w", err)
				}
				return nil
			})
		}
		return nil
	})
}

func (d *Demo) surroundings() Surroundings {
	return Surroundings{
		PrometheusURL: d.PrometheusURL(), ListenAddress: d.options.ExporterAddress,
		Kubernetes: d.manifests.clusters(d.objects()), Changed: d.manifests.changed,
	}
}

// recall simulates the past, and what passes meanwhile, so that a map is there
// at once.
func (d *Demo) recall(ctx context.Context) error {
	if d.options.History <= 0 {
		return nil
	}
	level.Info(d.options.Logger).Log("msg", "simulating the past", "history", d.options.History)
	p := Player{Mesh: d.mesh, Store: d.store, Interval: d.options.Interval}
	from, until := d.historyFrom, d.started.Truncate(time.Second)
	for {
		if err := p.Play(ctx, from, until); err != nil {
			return fmt.Errorf("simulating the past: %w", err)
		}
		now := time.Now().Truncate(time.Second)
		// On a machine that is too slow to catch up, a gap is left.
		if behind := now.Sub(until); behind <= d.options.Interval || behind > until.Sub(from)/2 {
			break
		}
		from, until = until, now
	}
	d.store.Forget() // real scrapes have a memory of their own
	d.publishTargets()
	level.Info(d.options.Logger).Log("msg", "the past is there", "edges", len(d.mesh.Edges()), "targets", len(d.mesh.Targets()), "took", time.Since(d.started).Round(time.Millisecond))
	return nil
}

// live advances the mesh with the clock, and tells the scrapes, if there are
// any here, of each pod that comes or goes.
func (d *Demo) live(ctx context.Context, lists chan<- []store.ScrapeTarget) error {
	ticker := time.NewTicker(time.Second)
	defer ticker.Stop()
	told := false
	for {
		d.mesh.Advance(time.Now())
		d.publishObjects()
		if changed := d.publishTargets(); lists != nil && (changed || !told) {
			select {
			case lists <- d.scrapeTargets():
				told = true
			case <-ctx.Done():
				return nil
			}
		}
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return nil
		}
	}
}

// serve answers HTTP until the context ends.
func serve(ctx context.Context, l net.Listener, handler http.Handler) error {
	server := &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second}
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(l) }()
	select {
	case err := <-ended:
		return err
	case <-ctx.Done():
	}
	patience, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	if err := server.Shutdown(patience); err != nil {
		return server.Close()
	}
	return nil
}
