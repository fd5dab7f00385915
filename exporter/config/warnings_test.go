package config_test

import (
	"testing"
	"time"

	"github.com/prometheus/common/model"
	"github.com/stretchr/testify/require"

	"github.com/meshscope/meshscope/exporter/config"
)

func TestWarnings(t *testing.T) {
	cfg := config.Default()
	require.Empty(t, cfg.Warnings())
	cfg.Refresh.Lookback = model.Duration(time.Minute)
	require.Equal(t, []string{
		"refresh.lookback is 1m: traffic can be counted twice after a gap between scrapes, unless the store's own lookback (5m by default) is as short",
	}, cfg.Warnings())
}
