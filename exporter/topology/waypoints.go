package topology

// FoldWaypoints is flows without the hops through waypoints, beneath calls that
// have an edge of their own (T9). Hops are the TCP connections client to
// waypoint and waypoint to server, calls that a gateway or sidecar reports to
// end at the waypoint, and calls that a server's sidecar reports to come from
// it. A hop of which no call is known stays, so that nothing is lost. Where a
// caller knows of far more calls or errors than the waypoint, the waypoint
// itself fails, and that must be seen: what both know is the call's own edge,
// what only the caller knows ends at the waypoint, and together they are what
// the caller has counted (T1). isWaypoint tells by namespace and workload.
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
	// Ends of calls with an edge of their own: whatever they are called by, and
	// by requests.
	calls, called, requested := services{}, services{}, services{}
	lines := map[line]*knowledge{}
	for _, f := range flows {
		source, destination := f.Key.SourceRef(), f.Key.DestinationRef()
		throughWaypoint := f.Reporter == ByWaypoint || f.Protocol != TCP && served[destination]
		switch {
		case waypoints[destination] && f.Protocol != TCP && f.Key.Service.isKnown():
			f.knowledge(lines).caller.Merge(f.Traffic)
		case throughWaypoint && !waypoints[source] && !waypoints[destination]:
			calls.add(source, f.Key.Service)
			called.add(destination, f.Key.Service)
			if f.Protocol != TCP {
				requested.add(destination, f.Key.Service)
				if f.Reporter == ByWaypoint {
					f.knowledge(lines).waypoint.Merge(f.Traffic)
				}
			}
		}
	}
	kept := make([]Flow, 0, len(flows))
	for _, f := range flows {
		source, destination, service := f.Key.SourceRef(), f.Key.DestinationRef(), f.Key.Service
		if waypoints[destination] && service.Name == f.Key.Destination.Workload {
			service = Service{} // the waypoint's own, by its name; which one is meant is not known
		}
		switch {
		case f.Protocol == TCP && (waypoints[destination] && calls.has(source, service) || waypoints[source] && called.has(destination, service)):
			continue
		case f.Protocol != TCP && f.Reporter == ByDestination && waypoints[source] && requested.has(destination, service):
			continue
		}
		if k := lines[f.line()]; k != nil && k.ofBoth() {
			switch accountedFor := k.isAccountedFor(f.Protocol); {
			case waypoints[destination] && accountedFor:
				continue
			case waypoints[destination]:
				f.Traffic = k.callersOwn(f.Traffic)
			case f.Reporter == ByWaypoint && !accountedFor:
				f.Traffic = k.agreed(f.Traffic)
			}
		}
		kept = append(kept, f)
	}
	return kept
}

// services are nodes, and the services by which they call or are called.
type services map[Ref]map[Ref]bool

func (s services) add(node Ref, by Service) {
	if s[node] == nil {
		s[node] = map[Ref]bool{}
	}
	s[node][by.ref("")] = true
}

// has tells that the node calls, or is called, by this service: or by any,
// where it is not known of both by which.
func (s services) has(node Ref, by Service) bool {
	return s[node][by.ref("")] || s[node][Service{}.ref("")] || len(s[node]) > 0 && !by.isKnown()
}

// line is what calls through a waypoint have in common, whichever workload is
// said to be their destination: the client, the service and the protocol.
type line struct {
	source   Ref
	service  Ref
	protocol Protocol
}

func (f Flow) line() line { return line{f.Key.SourceRef(), f.Key.Service.ref(""), f.Protocol} }

// knowledge is what is known of a line by its caller, of the hop to the
// waypoint, and by the waypoint, of the calls that it has forwarded.
type knowledge struct{ caller, waypoint Traffic }

func (f Flow) knowledge(of map[line]*knowledge) *knowledge {
	k, ok := of[f.line()]
	if !ok {
		k = new(knowledge)
		of[f.line()] = k
	}
	return k
}

func (k *knowledge) ofBoth() bool { return k.caller.Requests != nil && k.waypoint.Requests != nil }

// moreErrors is the part of its calls by which a caller may see more errors
// than the waypoint does, before these are the waypoint's own.
const moreErrors = 0.01

// isAccountedFor tells that the waypoint's calls are those of the hop to it.
// Their numbers may differ as those of two reporters of one pair may (T1).
func (k *knowledge) isAccountedFor(p Protocol) bool {
	errors := func(t *Traffic) float64 { return t.Total() - t.Answered(p) }
	return k.caller.Total() <= replaceAt*k.waypoint.Total() &&
		errors(&k.caller) <= errors(&k.waypoint)+moreErrors*k.caller.Total()
}

// agreed is a part of what the waypoint knows, without the calls that the
// caller saw end in another way.
func (k *knowledge) agreed(t *Traffic) *Traffic {
	both := *t
	both.Requests = nil
	for r, n := range t.Requests {
		if of := k.waypoint.Requests[r]; of > 0 {
			n *= min(k.caller.Requests[r]/of, 1)
		}
		both.AddRequests(r, n)
	}
	return &both
}

// callersOwn is a part of what the caller knows, without the calls that the
// waypoint has forwarded. Of other measures than requests it is not known
// which calls they belong to.
func (k *knowledge) callersOwn(t *Traffic) *Traffic {
	own := new(Traffic)
	for r, n := range t.Requests {
		if of := k.caller.Requests[r]; of > k.waypoint.Requests[r] {
			own.AddRequests(r, n*(1-k.waypoint.Requests[r]/of))
		}
	}
	return own
}
