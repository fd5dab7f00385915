package istio

import "github.com/meshscope/meshscope/exporter/topology"

// DefaultWaypoints are the globs that waypoints are known by where nothing
// else is said: Istio's own name for them, in any namespace.
var DefaultWaypoints = []string{"*/waypoint"}

// Waypoints is a test for waypoints by globs on namespace/name (T9).
func Waypoints(globs []string) func(topology.Peer) bool {
	return func(p topology.Peer) bool {
		for _, glob := range globs {
			if topology.MatchGlob(glob, p.Namespace+"/"+p.Workload) {
				return true
			}
		}
		return false
	}
}
