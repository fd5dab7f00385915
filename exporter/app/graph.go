package app

import (
	"context"
	"fmt"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/meshscope/meshscope/exporter/web"
)

// Graph derives one graph without starting an exporter. Of the Options it takes what concerns the configuration and
// the store.
func Graph(ctx context.Context, o Options, q web.Question) (web.Answer, error) {
	o = o.withDefaults()
	cfg, err := o.Source.load()
	if err != nil {
		return web.Answer{}, err
	}
	logWarnings(o.Logger, cfg)
	store, err := newStore(cfg)
	if err != nil {
		return web.Answer{}, err
	}
	defer store.http.CloseIdleConnections()
	objects := &objects{logger: o.Logger}
	watched, err := objects.watch(cfg)
	if err != nil {
		return web.Answer{}, err
	}
	objects.use(watched)
	defer objects.close()
	objects.sync(ctx, watched)
	cfg.LeaderElection.Enabled = false // nothing is published
	refresher, err := o.NewRefresher(RefresherOptions{
		Config: cfg, Client: store.client, Inventory: objects.Inventory, Logger: o.Logger, Registry: prometheus.NewRegistry(), Now: o.Now,
	})
	if err != nil {
		return web.Answer{}, fmt.Errorf("cannot set up refreshing: %w", err)
	}
	if q.Time.IsZero() {
		q.Time = o.Now()
	}
	return refresher.Graph(ctx, q)
}
