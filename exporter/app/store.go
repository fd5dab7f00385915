package app

import (
	"fmt"
	"net/http"
	"time"

	promconfig "github.com/prometheus/common/config"

	"github.com/meshscope/meshscope/exporter/config"
	"github.com/meshscope/meshscope/exporter/promql"
)

// A store is the way to the Prometheus-compatible store of a configuration.
type store struct {
	client *promql.Client
	http   *http.Client
}

func newStore(cfg *config.Config) (store, error) {
	p := &cfg.Prometheus
	client, err := promconfig.NewClientFromConfig(p.HTTPClientConfig, "meshscope")
	if err != nil {
		return store{}, fmt.Errorf("prometheus.http_client_config: %w", err)
	}
	asked, err := promql.New(promql.Options{
		URL:            p.URL.String(),
		HTTPClient:     client,
		Params:         p.QueryParams,
		Timeout:        time.Duration(p.Timeout),
		MaxConcurrency: p.MaxConcurrency,
		UserAgent:      userAgent(),
	})
	if err != nil {
		return store{}, err
	}
	return store{client: asked, http: client}, nil
}
