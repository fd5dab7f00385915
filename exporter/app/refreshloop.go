package app

import (
	"github.com/meshscope/meshscope/exporter/config"
	"github.com/meshscope/meshscope/exporter/promql"
	"github.com/meshscope/meshscope/exporter/refresh"
)

// refreshLoop is the Refresher of exporter/refresh, with graphs on demand by the same configuration.
type refreshLoop struct {
	*refresh.Loop
	*graphs
}

func newRefreshLoop(o RefresherOptions) (Refresher, error) {
	loop, err := refresh.New(refresh.Options{
		Config: o.Config, Client: o.Client, Logger: o.Logger, Registry: o.Registry, Now: o.Now,
	})
	if err != nil {
		return nil, err
	}
	settings, err := newGraphSettings(o.Config, o.Client)
	if err != nil {
		return nil, err
	}
	graphs := new(graphs)
	graphs.settings.Store(settings)
	return refreshLoop{loop, graphs}, nil
}

// Apply takes over a configuration for both.
func (r refreshLoop) Apply(cfg *config.Config, client *promql.Client) error {
	settings, err := newGraphSettings(cfg, client)
	if err != nil {
		return err
	}
	if err := r.Loop.Apply(cfg, client); err != nil {
		return err
	}
	r.graphs.settings.Store(settings)
	return nil
}
