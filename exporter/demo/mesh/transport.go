package mesh

// callsPerConnection is after how many calls, on average, a connection that
// carries requests is replaced.
const callsPerConnection = 50

// pooled is how many connections that carry requests a pair keeps open.
const pooled = 2

// headerBytes is what a call puts on its connection beside its sizes.
const headerBytes = 120

// transport is the connections below an edge of requests, as a ztunnel on the
// way reports them.
type transport struct {
	route
	at   side
	link Link
	// folded: the client's proxy reports the requests themselves, so that
	// these connections are no edge of their own.
	folded bool
	labels [2]*labelSet

	opened, closed           uint64
	requestBytes, replyBytes uint64
}

// transportsOf returns the connections that ztunnels see below an edge. A
// client's ztunnel sees the way to the waypoint, a server's the way from it,
// each reported once, as the waypoint ends the tunnels itself.
func transportsOf(e *requestEdge) []*transport {
	first, last := e.destination, e.source
	if e.waypoint != nil {
		first, last = e.waypoint, e.waypoint
	}
	var found []*transport
	if e.source.dataplane == ambient {
		found = append(found, newTransport(e, atSource, e.source, first))
	}
	if e.destination.dataplane == ambient {
		found = append(found, newTransport(e, atDestination, last, e.destination))
	}
	return found
}

func newTransport(e *requestEdge, at side, source, destination *workload) *transport {
	t := &transport{route: e.route, at: at}
	t.protocol = protocolTCP
	t.source = source
	if destination != e.destination {
		// The connection goes to the waypoint, but is meant for the service.
		meant := *destination
		meant.service = e.destination.service
		destination = &meant
	}
	t.destination = destination
	t.folded = e.source.dataplane.reportsRequests()
	t.link = linkBetween(source, destination, protocolTCP, true)
	t.link.Waypoint = e.waypoint != nil
	for i, plain := range []bool{false, true} {
		t.labels[i] = e.sets.of(t.report(at, response{flags: "-"}, true, plain))
	}
	return t
}

// carry counts the connection of a call.
func (t *transport) carry(e *requestEdge, client, server *pod, plain bool, size sizes) {
	p := client
	if t.at == atDestination {
		p = server
	}
	if p == nil {
		return
	}
	labels := t.labels[0]
	if plain {
		labels = t.labels[1]
	}
	c := p.proxy().connections.at(labels)
	if c.opened == 0 || e.happens(1.0/callsPerConnection) {
		c.opened++
		t.opened++
		if c.opened-c.closed > pooled {
			c.closed++
			t.closed++
		}
	}
	request, reply := uint64(size.requestBytes)+headerBytes, uint64(size.replyBytes)+headerBytes
	c.requestBytes += request
	c.replyBytes += reply
	t.requestBytes += request
	t.replyBytes += reply
}

func (t *transport) truth() []Edge {
	if t.opened == 0 {
		return nil
	}
	return []Edge{{
		Link: t.link, Reporter: reporters[t.at], ResponseFlags: "-",
		RequestBytes: t.requestBytes, ResponseBytes: t.replyBytes,
		ConnectionsOpened: t.opened, ConnectionsClosed: t.closed,
	}}
}
