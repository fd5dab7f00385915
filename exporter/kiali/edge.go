package kiali

import "github.com/meshscope/meshscope/exporter/topology"

// edge writes an edge's fields.
func (v *view) edge(o *object, e *topology.Edge) {
	source, target := v.nodes[e.Source].id, v.nodes[e.Target].id
	o.name("id")
	o.text = append(o.text, '"')
	o.text = appendEdgeID(o.text, source, target, e.Protocol)
	o.text = append(o.text, '"')
	o.must("source", source)
	o.must("target", target)
	o.within("traffic", func() { v.edgeTraffic(o, e) })
	if v.Appenders.SecurityPolicy {
		o.field("destPrincipal", topology.Busiest(e.Traffic.DestinationPrincipals))
		o.field("sourcePrincipal", topology.Busiest(e.Traffic.SourcePrincipals))
		if share, ok := e.Traffic.MutualTLSShare(); ok && share > 0 {
			o.must("isMTLS", mutualTLSText(share))
		}
	}
	if v.Appenders.ResponseTime {
		o.field("responseTime", v.responseTime(e.Traffic.Latency))
	}
	if v.Appenders.Throughput && e.Protocol == topology.HTTP {
		bytes := e.Traffic.ResponseBytes
		if v.RequestThroughput {
			bytes = e.Traffic.RequestBytes
		}
		if bytes > 0 {
			o.number("throughput", bytes/v.graph.Interval.Length.Seconds(), 0)
		}
	}
	if v.Health != nil && e.Verdict != nil && e.Verdict.Health != topology.HealthNA {
		o.must("healthStatus", e.Verdict.Health.String())
	}
	v.waypoint(o, e)
}

// waypoint says which way an edge at a waypoint goes. One to it has the one
// back in it: Kiali draws both as one line.
func (v *view) waypoint(o *object, e *topology.Edge) {
	switch {
	case e.Source.Waypoint:
		o.within("waypoint", func() { o.must("direction", "from") })
	case e.Target.Waypoint:
		o.within("waypoint", func() {
			o.must("direction", "to")
			if back := v.back[e]; back != nil {
				o.within("fromEdge", func() { v.edge(o, back) })
			}
		})
	}
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
