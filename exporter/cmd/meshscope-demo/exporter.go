package main

import (
	"context"

	"github.com/go-kit/log"
	"golang.org/x/sync/errgroup"

	"github.com/meshscope/meshscope/exporter/app"
	"github.com/meshscope/meshscope/exporter/config"
	"github.com/meshscope/meshscope/exporter/demo"
)

// exporter runs the exporter in this process, as "meshscope run" does it in its own.
func exporter(logger log.Logger) demo.Exporter {
	return func(ctx context.Context, s demo.Surroundings) error {
		a, err := app.New(app.Options{
			Source:          app.Source{Config: configuration(s), PrometheusURL: s.PrometheusURL},
			ListenAddresses: []string{s.ListenAddress},
			Logger:          log.With(logger, "component", "exporter"),
		})
		if err != nil {
			return err
		}
		defer a.Close()
		group, running := errgroup.WithContext(ctx)
		group.Go(func() error { return a.Run(running) })
		group.Go(func() error { return reload(running, a, s.Changed) })
		return group.Wait()
	}
}

// configuration is the default, and the objects of the mesh's clusters.
func configuration(s demo.Surroundings) *config.Config {
	cfg := config.Default()
	for _, m := range s.Kubernetes {
		cfg.Kubernetes.Clusters = append(cfg.Kubernetes.Clusters, config.KubernetesCluster{Name: m.Cluster, Manifests: m.Files})
	}
	return cfg
}

// reload has the exporter read the objects again when they have changed. That
// it cannot is logged by the exporter, which keeps those that it has.
func reload(ctx context.Context, a *app.App, changed <-chan struct{}) error {
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-changed:
			_ = a.Reload()
		}
	}
}
