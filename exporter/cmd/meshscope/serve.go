package main

import (
	"context"

	"github.com/go-kit/log/level"
	"github.com/prometheus/common/version"

	"github.com/meshscope/meshscope/exporter/app"
	"github.com/meshscope/meshscope/exporter/logging"
)

// serve runs the exporter until ctx ends.
func (p program) serve(ctx context.Context, f flags) int {
	logger, err := logging.New(f.logLevel, f.logFormat, p.stderr)
	if err != nil {
		return p.fail(err)
	}
	level.Info(logger).Log("msg", "starting Meshscope", "version", version.Info(), "build", version.BuildContext())
	exporter, err := app.New(app.Options{
		Source:          f.source,
		ListenAddresses: f.listenAddresses,
		WebConfigFile:   f.webConfigFile,
		EnableLifecycle: f.enableLifecycle,
		Logger:          logger,
		NewRefresher:    p.newRefresher,
		Now:             p.now,
	})
	if err != nil {
		return p.fail(err)
	}
	defer exporter.Close()
	reloading, stop := context.WithCancel(ctx)
	defer stop()
	go p.reloadOnHangup(reloading, exporter)
	if err := exporter.Run(ctx); err != nil {
		return p.fail(err)
	}
	level.Info(logger).Log("msg", "ended")
	return exitOK
}

// reloadOnHangup reloads the configuration on each hangup until ctx ends.
func (p program) reloadOnHangup(ctx context.Context, exporter *app.App) {
	for {
		select {
		case <-p.hangup:
			_ = exporter.Reload() // it logs its failure
		case <-ctx.Done():
			return
		}
	}
}
