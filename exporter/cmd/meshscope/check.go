package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/meshscope/meshscope/exporter/app"
	"github.com/meshscope/meshscope/exporter/config"
)

// checkConfig says whether a configuration file is valid: what it means, or what is wrong with it.
func (p program) checkConfig(file string) int {
	cfg, err := config.Load(file)
	if err != nil {
		return p.fail(err)
	}
	if err := app.Check(cfg); err != nil {
		return p.fail(err)
	}
	fmt.Fprintf(p.stdout, "%s: valid\n", file)
	summarize(p.stdout, cfg)
	for _, warning := range cfg.Warnings() {
		fmt.Fprintf(p.stdout, "%s: warning: %s\n", file, warning)
	}
	return exitOK
}

// summarize prints what is in force. Values that can hold secrets are left out.
func summarize(w io.Writer, cfg *config.Config) {
	store, refresh, limits := &cfg.Prometheus, &cfg.Refresh, &cfg.Limits
	line := func(format string, args ...any) { fmt.Fprintf(w, "  "+format+"\n", args...) }
	line("store:     %s, %d queries at a time, each at most %s", store.URL, store.MaxConcurrency, store.Timeout)
	if len(store.Matchers) > 0 {
		line("matchers:  %s", strings.Join(store.Matchers, ", "))
	}
	line("refresh:   every %s, in steps of %s, %s late; bridges gaps of %s, catches up on %s",
		refresh.Interval, refresh.Step, refresh.Lag, refresh.Lookback, refresh.CatchUp)
	if cfg.Latency.Mode == config.LatencyOff {
		line("latency:   off")
	} else {
		line("latency:   %s, every %s", cfg.Latency.Mode, cfg.Latency.Interval)
	}
	line("waypoints: %s", strings.Join(cfg.Istio.Waypoints, ", "))
	for _, c := range cfg.Kubernetes.Clusters {
		line("cluster:   %s, by %s", c.Name, objectsOf(c))
	}
	line("limits:    %d edges, %d series; idle edges leave after %s, stale series after %s",
		limits.MaxEdges, limits.MaxSeries, limits.IdleTTL, limits.StaleAfter)
}

// objectsOf says where the objects of a cluster come from.
func objectsOf(c config.KubernetesCluster) string {
	switch {
	case len(c.Manifests) > 0:
		return strings.Join(c.Manifests, ", ")
	case c.Context != "":
		return "the API server of context " + c.Context + " in " + c.Kubeconfig
	case c.Kubeconfig != "":
		return "the API server of " + c.Kubeconfig
	}
	return "the API server of the cluster that the exporter runs in"
}
