// Command meshscope-demo simulates an Istio mesh, scrapes it with Prometheus's
// own engine, and derives its map: all in one process, without a cluster.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/go-kit/log/level"
	"golang.org/x/sync/errgroup"

	"github.com/meshscope/meshscope/exporter/demo"
	"github.com/meshscope/meshscope/exporter/demo/terminal"
	"github.com/meshscope/meshscope/exporter/logging"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// run is the program without its process: it returns the exit status.
func run(ctx context.Context, arguments []string, stdout, stderr *os.File) int {
	o, err := parse(arguments, stdout, stderr)
	switch {
	case errors.Is(err, errHelp):
		return 0
	case err != nil:
		fmt.Fprintf(stderr, "meshscope-demo: error: %v\n", err)
		return 2
	}
	if err := start(ctx, o, stdout, stderr); err != nil {
		fmt.Fprintf(stderr, "meshscope-demo: error: %v\n", explain(err))
		return 1
	}
	return 0
}

// start runs the demo, with the table on a terminal and log lines elsewhere.
// Without a Prometheus there is nothing to make a table of.
func start(ctx context.Context, o options, stdout, stderr *os.File) error {
	onTerminal := terminal.IsTerminal(stdout) && !o.noPrometheus
	tail := &terminal.Tail{}
	var lines io.Writer = stderr
	if onTerminal {
		lines = tail
	}
	logger, err := logging.New(o.logLevel, o.logFormat, lines)
	if err != nil {
		return err
	}
	o.demo.Logger = logger
	if !o.noExporter {
		o.demo.Exporter = exporter(logger)
	}

	d, err := demo.New(o.demo)
	if err != nil {
		return err
	}
	if o.noPrometheus {
		level.Info(logger).Log("msg", "the mesh is listening, and is yours to scrape", "demo", d.URL(), "http_sd_configs.url", d.URL()+"/targets")
		return errors.Join(d.Run(ctx), d.Close())
	}
	level.Info(logger).Log("msg", "the demo is listening", "demo", d.URL(), "prometheus", d.PrometheusURL())
	if o.demo.Exporter == nil {
		level.Info(logger).Log("msg", "no exporter runs here: run it yourself", "prometheus.url", d.PrometheusURL(), "web.listen-address", o.demo.ExporterAddress)
	} else {
		level.Info(logger).Log("msg", "the exporter runs here", "exporter", "http://"+o.demo.ExporterAddress)
	}

	screen := &terminal.Screen{
		Source: d.Store(),
		Title:  fmt.Sprintf("meshscope-demo  exporter http://%s  Prometheus %s  faults %s", o.demo.ExporterAddress, d.PrometheusURL(), d.URL()),
		Log:    tail,
		Every:  redraw,
		Settle: settle,
	}
	group, running := errgroup.WithContext(ctx)
	group.Go(func() error { return d.Run(running) })
	group.Go(func() error {
		if onTerminal {
			return screen.Run(running, stdout)
		}
		return screen.Once(running, stdout)
	})
	err = errors.Join(group.Wait(), d.Close())
	if onTerminal {
		for _, line := range tail.Last(lastLines) {
			fmt.Fprintln(stderr, line)
		}
	}
	return err
}

// explain adds which flag to change to an address that is taken.
func explain(err error) error {
	var taken *demo.ListenError
	if !errors.As(err, &taken) {
		return err
	}
	flag := map[string]string{
		"prometheus": "--prometheus.listen-address",
		"demo":       "--demo.listen-address",
		"exporter":   "--web.listen-address",
	}[taken.Server]
	return fmt.Errorf("%w: choose another address with %s", err, flag)
}
