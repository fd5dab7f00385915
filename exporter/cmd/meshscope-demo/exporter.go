package main

import (
	"context"

	"github.com/go-kit/log"

	"github.com/meshscope/meshscope/exporter/app"
	"github.com/meshscope/meshscope/exporter/demo"
)

// exporter runs the exporter in this process, as "meshscope run" does it in its own.
func exporter(logger log.Logger) demo.Exporter {
	return func(ctx context.Context, prometheusURL, listenAddress string) error {
		a, err := app.New(app.Options{
			Source:          app.Source{PrometheusURL: prometheusURL},
			ListenAddresses: []string{listenAddress},
			Logger:          log.With(logger, "component", "exporter"),
		})
		if err != nil {
			return err
		}
		defer a.Close()
		return a.Run(ctx)
	}
}
