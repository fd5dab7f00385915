package probe

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/meshscope/meshscope/exporter/promql"
)

type built struct {
	info promql.BuildInfo
	err  error
}

func (b built) BuildInfo(context.Context) (promql.BuildInfo, error) { return b.info, b.err }

func TestStoreName(t *testing.T) {
	for _, c := range []struct {
		info promql.BuildInfo
		err  error
		want string
	}{
		{promql.BuildInfo{Version: "3.5.0", Revision: "abc", GoVersion: "go1.26"}, nil, "Prometheus 3.5.0"},
		{promql.BuildInfo{Version: "0.42.0", Revision: "abc", GoVersion: "go1.26"}, nil, "Thanos 0.42.0"},
		{promql.BuildInfo{Application: "Grafana Mimir", Version: "2.17.0", Revision: "abc", Features: map[string]any{"ruler_config_api": "true"}}, nil, "Grafana Mimir 2.17.0"},
		{promql.BuildInfo{Version: "2.4.0", Revision: "abc", GoVersion: "go1.18", Features: map[string]any{"ruler_config_api": "true"}}, nil, "Mimir 2.4.0"},
		{promql.BuildInfo{Version: "2.24.0"}, nil, "VictoriaMetrics"},
		{promql.BuildInfo{}, nil, ""},
		{promql.BuildInfo{Version: "3.5.0"}, errors.New("refused"), ""},
		{promql.BuildInfo{Application: "<script>", Version: "1"}, nil, ""},
		{promql.BuildInfo{Version: "3.5\n0", Revision: "abc"}, nil, "Prometheus"},
	} {
		assert.Equal(t, c.want, StoreName(t.Context(), built{c.info, c.err}), c.info)
	}
}
