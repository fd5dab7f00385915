package istio_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/meshscope/meshscope/exporter/istio"
	"github.com/meshscope/meshscope/exporter/topology"
)

func TestWaypoints(t *testing.T) {
	isWaypoint := istio.Waypoints([]string{"*/waypoint", "istio-system/*-gate?"})
	for name, want := range map[[2]string]bool{
		{"bookinfo", "waypoint"}: true, {"", "waypoint"}: true, {"istio-system", "east-gateX"}: true,
		{"bookinfo", "waypoint-2"}: false, {"bookinfo", "my-waypoint"}: false, {"shop", "east-gateX"}: false, {"bookinfo", ""}: false,
	} {
		require.Equal(t, want, isWaypoint(topology.Peer{Namespace: name[0], Workload: name[1]}), "%v", name)
	}
	require.False(t, istio.Waypoints(nil)(topology.Peer{Namespace: "bookinfo", Workload: "waypoint"}))
}
