package config_test

import (
	"errors"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/stretchr/testify/require"

	"github.com/meshscope/meshscope/exporter/config"
)

// requireMetrics checks the two metrics.
func requireMetrics(t *testing.T, registry prometheus.Gatherer, success, timestamp float64) {
	t.Helper()
	families, err := registry.Gather()
	require.NoError(t, err)
	got := make(map[string]float64)
	for _, family := range families {
		got[family.GetName()] = family.GetMetric()[0].GetGauge().GetValue()
	}
	require.Equal(t, map[string]float64{
		"meshscope_config_last_reload_successful":                success,
		"meshscope_config_last_reload_success_timestamp_seconds": timestamp,
	}, got)
}

func TestReloadable(t *testing.T) {
	now := time.Unix(1000, 0)
	next, loadErr := config.Default(), error(nil)
	registry := prometheus.NewPedanticRegistry()
	r, err := config.NewReloadable(
		func() (*config.Config, error) { return next, loadErr }, registry, func() time.Time { return now })
	require.NoError(t, err)
	first := next
	require.Same(t, first, r.Config())
	requireMetrics(t, registry, 1, 1000)

	now = now.Add(time.Minute)
	next, loadErr = nil, errors.New("bad file")
	applied := func(*config.Config) error { t.Fatal("applied a bad file"); return nil }
	require.ErrorIs(t, r.Reload(applied), loadErr)
	require.Same(t, first, r.Config(), "the old one stays")
	requireMetrics(t, registry, 0, 1000)

	next, loadErr = config.Default(), nil
	refused := errors.New("no such file: ca.pem")
	require.ErrorIs(t, r.Reload(func(*config.Config) error { return refused }), refused)
	require.Same(t, first, r.Config(), "a new one that cannot be taken over changes nothing")

	require.NoError(t, r.Reload(func(cfg *config.Config) error {
		require.Same(t, next, cfg)
		require.Same(t, first, r.Config(), "in force until it is taken over")
		return nil
	}))
	require.Same(t, next, r.Config())
	requireMetrics(t, registry, 1, 1060)

	problems, err := testutil.GatherAndLint(registry)
	require.NoError(t, err)
	require.Empty(t, problems)
}

func TestReloadableNeedsAFirstConfiguration(t *testing.T) {
	bad := errors.New("bad file")
	_, err := config.NewReloadable(func() (*config.Config, error) { return nil, bad }, prometheus.NewRegistry(), nil)
	require.ErrorIs(t, err, bad)
}
