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
	graphs := new(graphs)
	if err := graphs.use(o.Config, o.Client); err != nil {
		return nil, err
	}
	return refreshLoop{loop, graphs}, nil
}

// Apply takes over a configuration for both.
func (r refreshLoop) Apply(cfg *config.Config, client *promql.Client) error {
	if err := r.Loop.Apply(cfg, client); err != nil {
		return err
	}
	return r.graphs.use(cfg, client) // fails on nothing that the loop did not fail on
}
