package app

import (
	"context"
	"net/http"
	"net/url"
	"time"

	"github.com/go-kit/log"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/meshscope/meshscope/exporter/config"
	"github.com/meshscope/meshscope/exporter/kube"
	"github.com/meshscope/meshscope/exporter/promql"
	"github.com/meshscope/meshscope/exporter/web"
)

// A Refresher derives the topology again and again, and publishes it.
type Refresher interface {
	// Run refreshes by the configuration's interval until ctx ends.
	Run(ctx context.Context) error
	// Apply takes over a new configuration and the client made from it, or returns why not and changes nothing.
	Apply(cfg *config.Config, client *promql.Client) error
	// Tried tells whether a first refresh has been tried, with whatever outcome.
	Tried() bool
	// Handler serves the metrics: the topology, and what is in the registry.
	http.Handler
	// Grapher derives single graphs, also while Run does not run.
	web.Grapher
	// Kiali reads a question of Kiali's API for such a graph; it is a web.KialiReader.
	Kiali(path string, params url.Values, now time.Time) (web.Inquiry, error)
}

// RefresherOptions are what a Refresher is made of; all are set.
type RefresherOptions struct {
	Config *config.Config
	Client *promql.Client
	// Inventory is what is known of Kubernetes' objects at the moment; it returns nil where nothing is.
	Inventory func() *kube.Inventory
	Logger    log.Logger
	Registry  *prometheus.Registry
	Now       func() time.Time
}

// NewRefresher makes a Refresher.
type NewRefresher func(RefresherOptions) (Refresher, error)
