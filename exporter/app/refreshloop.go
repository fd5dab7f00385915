package app

import (
	"context"

	"github.com/meshscope/meshscope/exporter/config"
	"github.com/meshscope/meshscope/exporter/promql"
	"github.com/meshscope/meshscope/exporter/refresh"
)

// refreshLoop is the Refresher of exporter/refresh, with graphs on demand by the same configuration.
type refreshLoop struct {
	*refresh.Loop
	*graphs
	leading *leading
}

func newRefreshLoop(o RefresherOptions) (Refresher, error) {
	loop, err := refresh.New(refresh.Options{
		Config: o.Config, Client: o.Client, Inventory: o.Inventory, Logger: o.Logger, Registry: o.Registry, Now: o.Now,
	})
	if err != nil {
		return nil, err
	}
	settings, err := newGraphSettings(o.Config, o.Client)
	if err != nil {
		return nil, err
	}
	leading, err := newLeading(o.Config, loop, o.Logger)
	if err != nil {
		return nil, err
	}
	graphs := &graphs{inventory: o.Inventory}
	graphs.settings.Store(settings)
	return refreshLoop{loop, graphs, leading}, nil
}

// Run refreshes while this exporter leads.
func (r refreshLoop) Run(ctx context.Context) error { return r.leading.run(ctx) }

// Apply takes over a configuration for all.
func (r refreshLoop) Apply(cfg *config.Config, client *promql.Client) error {
	settings, err := newGraphSettings(cfg, client)
	if err != nil {
		return err
	}
	elect, err := r.leading.prepare(cfg)
	if err != nil {
		return err
	}
	if err := r.Loop.Apply(cfg, client); err != nil {
		return err
	}
	r.graphs.settings.Store(settings)
	elect()
	return nil
}
