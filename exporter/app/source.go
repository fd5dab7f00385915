package app

import (
	"fmt"

	promconfig "github.com/prometheus/common/config"

	"github.com/meshscope/meshscope/exporter/config"
)

// A Source is where a configuration comes from. The zero Source gives the defaults.
type Source struct {
	// File is the path of the configuration file; empty means none.
	File string
	// Config is taken instead of a file if it is not nil. It must be valid.
	Config *config.Config
	// PrometheusURL replaces prometheus.url if it is not empty.
	PrometheusURL string
}

// load returns the configuration as it is now.
func (s Source) load() (*config.Config, error) {
	cfg, err := s.base()
	if err != nil || s.PrometheusURL == "" {
		return cfg, err
	}
	url, err := config.ParseURL(s.PrometheusURL)
	if err != nil {
		return nil, fmt.Errorf("--prometheus.url: %w", err)
	}
	cfg.Prometheus.URL = promconfig.URL{URL: url}
	return cfg, nil
}

// base returns the configuration without what overrides it.
func (s Source) base() (*config.Config, error) {
	switch {
	case s.Config != nil:
		copied := *s.Config
		return &copied, nil
	case s.File != "":
		return config.Load(s.File)
	default:
		return config.Default(), nil
	}
}
