package config_test

import (
	"testing"
	"time"

	"github.com/prometheus/common/model"
	"github.com/stretchr/testify/require"

	"github.com/meshscope/meshscope/exporter/config"
	"github.com/meshscope/meshscope/exporter/health"
)

func TestWarnings(t *testing.T) {
	cfg := config.Default()
	require.Empty(t, cfg.Warnings())
	cfg.Refresh.Lookback = model.Duration(time.Minute)
	require.Equal(t, []string{
		"refresh.lookback is 1m: traffic can be counted twice after a gap between scrapes, unless the store's own lookback (5m by default) is as short",
	}, cfg.Warnings())

	cfg = config.Default()
	cfg.Health.Rate = []config.HealthRate{{Kind: "Workload", Tolerance: []config.HealthTolerance{
		{Code: "5XX", Protocol: "tcp", Direction: "inbound"},
		{Code: "5XX", Direction: "in"},
	}}}
	require.Equal(t, []string{
		`health.rate[0].kind: "Workload" is like none of app, service, workload, so that it never holds`,
		`health.rate[0].tolerance[0].protocol: "tcp" is like none of http, grpc, so that it never holds`,
		`health.rate[0].tolerance[1].direction: "in" is like none of inbound, outbound, so that it never holds`,
	}, cfg.Warnings())
}

func TestHealthRules(t *testing.T) {
	cfg := config.Default()
	require.Equal(t, health.DefaultRules(), cfg.Health.Rules())
	cfg, err := config.Load("testdata/full.yml")
	require.NoError(t, err)
	require.Equal(t, health.Rules{
		MinRequests: 30,
		Rates: []health.Rate{
			{Namespace: "shop-.*", Kind: "workload", Name: "checkout-v1|cart-v[12]", Tolerance: []health.Tolerance{
				{Code: "5XX", Protocol: "http", Direction: "inbound", Degraded: 0.5, Failure: 2},
				{Code: "429", Failure: 50},
			}},
			{Tolerance: []health.Tolerance{{Code: "^-$", Degraded: 1, Failure: 100}}},
		},
	}, cfg.Health.Rules())
}
