package topology

// FoldWaypoints is flows without the hops through waypoints, beneath calls that
// have an edge of their own (T9): the TCP connections client to waypoint and
// waypoint to server, and calls that a gateway or sidecar reports to end at the
// waypoint. A hop of which no call is known stays, so that nothing is lost.
// isWaypoint tells by namespace and workload.
func FoldWaypoints(flows []Flow, isWaypoint func(Peer) bool) []Flow {
	waypoints := map[Ref]bool{}
	for _, f := range flows {
		for _, p := range [...]Peer{f.Key.Source, f.Key.Destination} {
			if p.Workload != "" && isWaypoint(p) {
				waypoints[p.ref()] = true
			}
		}
	}
	if len(waypoints) == 0 {
		return flows
	}
	served := map[Ref]bool{} // what waypoints connect to
	for _, f := range flows {
		if waypoints[f.Key.SourceRef()] {
			served[f.Key.DestinationRef()] = true
		}
	}
	calls, called := map[Ref]bool{}, map[Ref]bool{} // ends of calls with an edge of their own
	forwarded := map[line]ends{}
	for _, f := range flows {
		source, destination := f.Key.SourceRef(), f.Key.DestinationRef()
		throughWaypoint := f.Reporter == ByWaypoint || f.Protocol != TCP && served[destination]
		if throughWaypoint && !waypoints[source] && !waypoints[destination] {
			calls[source], called[destination] = true, true
			if f.Reporter == ByWaypoint {
				forwarded[f.line()] = forwarded[f.line()].plus(f)
			}
		}
	}
	kept := make([]Flow, 0, len(flows))
	for _, f := range flows {
		source, destination := f.Key.SourceRef(), f.Key.DestinationRef()
		hop := waypoints[destination] && calls[source] || waypoints[source] && called[destination]
		if f.Protocol == TCP && hop {
			continue
		}
		if over, ok := forwarded[f.line()]; ok && waypoints[destination] && f.Key.Service.isKnown() && over.cover(ends{}.plus(f)) {
			continue
		}
		kept = append(kept, f)
	}
	return kept
}

// line is what calls through a waypoint have in common, whichever workload is
// said to be their destination: the client, the service and the protocol.
type line struct {
	source   Ref
	service  Service
	protocol Protocol
}

func (f Flow) line() line { return line{f.Key.SourceRef(), f.Key.Service, f.Protocol} }

// ends are calls, and those of them that failed.
type ends struct{ calls, errors float64 }

func (e ends) plus(f Flow) ends {
	calls := f.Traffic.Total()
	return ends{e.calls + calls, e.errors + calls - f.Traffic.Answered(f.Protocol)}
}

// cover tells that the calls of a waypoint are those of a hop to it. They are
// not when the hop has more errors, by a hundredth of its calls, or by far more
// calls: then the waypoint itself fails, and that must be seen.
func (e ends) cover(hop ends) bool {
	return hop.calls <= replaceAt*e.calls && hop.errors <= e.errors+hop.calls/100
}
