package app

import (
	"context"
	"errors"

	"github.com/go-kit/log"
	"github.com/go-kit/log/level"

	"github.com/meshscope/meshscope/exporter/config"
)

// Reload loads the configuration again and takes it over. An error leaves everything as it was; it is logged, too.
func (a *App) Reload() error {
	if err := a.config.Reload(a.apply); err != nil {
		logFailure(a.logger, err)
		return err
	}
	logWarnings(a.logger, a.config.Config())
	level.Info(a.logger).Log("msg", "configuration reloaded")
	return nil
}

// apply takes over a configuration. config.Reloadable calls it, once at a time.
func (a *App) apply(cfg *config.Config) error {
	store, err := newStore(cfg)
	if err != nil {
		return err
	}
	watched, err := a.objects.watch(cfg)
	if err != nil {
		store.http.CloseIdleConnections()
		return err
	}
	a.objects.sync(context.Background(), watched)
	if err := a.refresher.Apply(cfg, store.client); err != nil {
		a.objects.drop(watched)
		store.http.CloseIdleConnections()
		return err
	}
	a.objects.use(watched)
	a.client.CloseIdleConnections()
	a.client = store.http
	return nil
}

// logFailure logs why a configuration was not taken over, one line for each problem.
func logFailure(logger log.Logger, err error) {
	const msg = "configuration not reloaded, the one in force stays"
	parseError := new(config.ParseError)
	if !errors.As(err, &parseError) {
		level.Error(logger).Log("msg", msg, "err", err)
		return
	}
	for _, problem := range parseError.Problems {
		level.Error(logger).Log("msg", msg, "err", problem)
	}
}

func logWarnings(logger log.Logger, cfg *config.Config) {
	for _, warning := range cfg.Warnings() {
		level.Warn(logger).Log("msg", "doubtful configuration", "warning", warning)
	}
}
