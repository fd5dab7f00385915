package kiali

import (
	"github.com/meshscope/meshscope/exporter/topology"
)

// edgeData is an edge in Kiali's form.
type edgeData struct {
	ID      string      `json:"id"`
	Source  string      `json:"source"`
	Target  string      `json:"target"`
	Traffic edgeTraffic `json:"traffic"`

	DestPrincipal   string    `json:"destPrincipal,omitempty"`
	SourcePrincipal string    `json:"sourcePrincipal,omitempty"`
	IsMTLS          string    `json:"isMTLS,omitempty"`
	ResponseTime    string    `json:"responseTime,omitempty"`
	Throughput      string    `json:"throughput,omitempty"`
	Waypoint        *waypoint `json:"waypoint,omitempty"`
}

// waypoint says which way an edge at a waypoint goes. One to it has the one
// back in it: Kiali draws both as one line.
type waypoint struct {
	Direction string    `json:"direction"`
	FromEdge  *edgeData `json:"fromEdge,omitempty"`
}

// edge is an edge in Kiali's form.
func (v *view) edge(e *topology.Edge) *edgeData {
	window := v.graph.Interval.Length
	d := &edgeData{Source: v.ids[e.Source], Target: v.ids[e.Target], Traffic: edgeTrafficOf(e, v.Rates, window)}
	d.ID = edgeHash(d.Source, d.Target, e.Protocol)
	if v.Appenders.SecurityPolicy {
		d.SourcePrincipal = topology.Busiest(e.Traffic.SourcePrincipals)
		d.DestPrincipal = topology.Busiest(e.Traffic.DestinationPrincipals)
		if share, ok := e.Traffic.MutualTLSShare(); ok && share > 0 {
			d.IsMTLS = mutualTLSText(share)
		}
	}
	if v.Appenders.ResponseTime {
		d.ResponseTime = v.responseTime(e.Traffic.Latency)
	}
	if v.Appenders.Throughput && e.Protocol == topology.HTTP {
		bytes := e.Traffic.ResponseBytes
		if v.RequestThroughput {
			bytes = e.Traffic.RequestBytes
		}
		if bytes > 0 {
			d.Throughput = number(bytes/window.Seconds(), 0)
		}
	}
	switch back := v.back[e]; {
	case e.Source.Waypoint:
		d.Waypoint = &waypoint{Direction: "from"}
	case e.Target.Waypoint:
		d.Waypoint = &waypoint{Direction: "to"}
		if back != nil {
			d.Waypoint.FromEdge = v.edge(back)
		}
	}
	return d
}

// responseTime is in milliseconds.
func (v *view) responseTime(latency *topology.Histogram) string {
	if latency == nil {
		return ""
	}
	seconds := latency.Mean()
	if v.Quantile > 0 {
		seconds = latency.Quantile(v.Quantile)
	}
	if !(seconds > 0) { // NaN, too
		return ""
	}
	return number(1e3*seconds, 0)
}

// foldBack finds the edges from waypoints that go back along an edge to them:
// back has them by that edge, and folded tells of each that it is one.
func foldBack(g *topology.Graph) (back map[*topology.Edge]*topology.Edge, folded map[*topology.Edge]bool) {
	type way struct {
		source, target *topology.Node
		protocol       topology.Protocol
	}
	from := map[way]*topology.Edge{}
	for _, e := range g.Edges {
		if e.Source.Waypoint && !e.Target.Waypoint {
			from[way{e.Source, e.Target, e.Protocol}] = e
		}
	}
	if len(from) == 0 {
		return nil, nil
	}
	back, folded = map[*topology.Edge]*topology.Edge{}, map[*topology.Edge]bool{}
	for _, e := range g.Edges {
		if b, ok := from[way{e.Target, e.Source, e.Protocol}]; ok {
			back[e], folded[b] = b, true
		}
	}
	return back, folded
}
