package truth_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/meshscope/meshscope/exporter/topology"
)

// T5: rounding comes last. A call an hour is traffic, with its errors and its
// share, and so is what the JSON says of it.
func TestT5ARareCallIsTraffic(t *testing.T) {
	const perHour = 1. / 3600
	var m mesh
	m.requests("source", call("shop/web", "shop/carts"), 3*perHour)
	m.requests("source", call("shop/web", "shop/carts").ended("503", "UF"), perHour)
	g := m.graph(t, view{})
	e := edgeOf(t, g, "shop/web", "shop/carts", topology.HTTP)
	require.InEpsilon(t, 4*perHour, rate(e.Traffic.Total()), tolerance)
	require.InEpsilon(t, 0.25, errorRatio(e.Protocol, &e.Traffic), tolerance)
	require.Contains(t, strings.Join(jsonLines(t, g), "\n"), `"requestRate":0.00111111,"errorRatio":0.25`)
}
