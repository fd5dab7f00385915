package istio

import (
	"fmt"
	"slices"

	"github.com/meshscope/meshscope/exporter/promql/expr"
	"github.com/meshscope/meshscope/exporter/topology"
)

// Ambient is how much is read of what the proxies of Istio's ambient mode
// report. Waypoints are known by the label reporter, ztunnels by the label app
// that Istio's own scrape configuration gives their series.
type Ambient string

// The modes, in Kiali's words.
const (
	AmbientTotal    Ambient = "total"    // everything; what an empty mode is, too
	AmbientWaypoint Ambient = "waypoint" // nothing of ztunnels
	AmbientZtunnel  Ambient = "ztunnel"  // nothing of waypoints
	AmbientNone     Ambient = "none"
)

// Ambients are all modes.
var Ambients = []Ambient{AmbientTotal, AmbientWaypoint, AmbientZtunnel, AmbientNone}

// ParseAmbient reads a mode's name.
func ParseAmbient(name string) (Ambient, error) {
	if a := Ambient(name); slices.Contains(Ambients, a) {
		return a, nil
	}
	return "", fmt.Errorf("unknown ambient traffic %q, want one of total, waypoint, ztunnel, none", name)
}

// matchers leave out of m what the mode does not read.
func (a Ambient) matchers(m Metric) (matchers []expr.Matcher) {
	if a == AmbientZtunnel || a == AmbientNone {
		matchers = append(matchers, expr.Matcher{Label: ReporterLabel.String(), Op: expr.NotEqual, Value: topology.ByWaypoint.String()})
	}
	if m.isTCP() && (a == AmbientWaypoint || a == AmbientNone) {
		matchers = append(matchers, expr.Matcher{Label: "app", Op: expr.NotEqual, Value: "ztunnel"})
	}
	return matchers
}
