package topology

// FoldWaypoints is flows without the hops through waypoints: the TCP
// connections client to waypoint and waypoint to server, beneath calls that
// have an edge of their own (T9). A hop of which no call is known stays, so
// that nothing is lost. isWaypoint tells by namespace and workload.
func FoldWaypoints(flows []Flow, isWaypoint func(Peer) bool) []Flow {
	waypoints := map[Ref]bool{}
	for _, f := range flows {
		for _, p := range [...]Peer{f.Key.Source, f.Key.Destination} {
			if p.Workload != "" && isWaypoint(p) {
				waypoints[p.ref(Service{})] = true
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
	for _, f := range flows {
		source, destination := f.Key.SourceRef(), f.Key.DestinationRef()
		throughWaypoint := f.Reporter == ByWaypoint || f.Protocol != TCP && served[destination]
		if throughWaypoint && !waypoints[source] && !waypoints[destination] {
			calls[source], called[destination] = true, true
		}
	}
	kept := make([]Flow, 0, len(flows))
	for _, f := range flows {
		source, destination := f.Key.SourceRef(), f.Key.DestinationRef()
		hop := waypoints[destination] && calls[source] || waypoints[source] && called[destination]
		if f.Protocol == TCP && hop {
			continue
		}
		kept = append(kept, f)
	}
	return kept
}
