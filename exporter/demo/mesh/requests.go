package mesh

import "slices"

// ending is one way that calls end, as one proxy tells it. Endings are
// compared by identity.
type ending struct {
	response
	// reached is false where no pod was called.
	reached bool
	// latency is set where the ending takes a time of its own.
	latency *distribution
}

// outcome is a share of an edge's calls that ends in a way of its own. The
// server's end and the client's differ where something happens between them.
type outcome struct {
	share          float64
	server, client *ending
}

// calls describes the requests from one workload to another.
type calls struct {
	// rate is in calls per second; of calls that answer others it is what comes of these.
	rate float64
	// latency is of the server's answers, in milliseconds.
	latency shape
	// request and reply are sizes in bytes, with headers.
	request, reply shape
	// outcomes are those other than success.
	outcomes []outcome
	// retries is how often the client's proxy tries again after a 503.
	retries int
	// critical is the share of what the client is asked for that takes this call: it
	// fails when the call does, and waits for it. 0 is for calls that it can do
	// without.
	critical float64
	// answers: the client makes the call to answer one that it got, and not by
	// itself. Of several to one app it makes one.
	answers bool
}

// networkDelay is what the client waits longer than the server worked, in
// milliseconds.
const networkDelay = 0.7

// requestEdge makes HTTP or gRPC calls.
type requestEdge struct {
	route
	calls
	// waypoint stands between the two, if any.
	waypoint *workload

	success, refused, failed, unreachable *outcome
	exhausted                             *ending

	serverLatency, clientLatency *distribution
	requestSize, replySize       *distribution

	transports []*transport
	cells      map[cellKey]*cell
	tallies    []*tally
	byEnding   map[*ending]*tally
}

// cellKey tells the reports of an edge apart.
type cellKey struct {
	at    side
	end   *ending
	plain bool
}

// cell is where one report of an edge is counted, by the labels it has.
type cell struct {
	requests, messages *labelSet
}

// tally is the true count of one ending.
type tally struct {
	end                 *ending
	calls               uint64
	requestSum, replies uint64
}

func newRequestEdge(r route, c calls, way *workload) *requestEdge {
	e := &requestEdge{
		route: r, calls: c, waypoint: way,
		requestSize: c.request.cut(r.source.sizes).whole(),
		replySize:   c.reply.cut(r.destination.sizes).whole(),
		cells:       map[cellKey]*cell{},
		byEnding:    map[*ending]*tally{},
	}
	quick := shape{median: 0.4, sigma: 0.4}.cut(istioBuckets)
	ok, unavailable, internal := response{code: "200", flags: "-"}, response{code: "503", flags: "-"}, response{code: "500", flags: "-"}
	noEndpoint, givenUp := response{code: "503", flags: "UH"}, response{code: "503", flags: "URX"}
	if r.protocol == protocolGRPC {
		ok.grpc, unavailable.grpc, internal.grpc = "0", "14", "13"
		// A gRPC client gets trailers, not a status, from its proxy: 200.
		noEndpoint = response{code: "200", grpc: "14", flags: "UH"}
		givenUp.grpc = "14"
	}
	e.success = told(0, ok)
	e.refused = told(0, unavailable)
	e.failed = told(0, internal)
	nobody := &ending{response: noEndpoint, latency: quick}
	e.unreachable = &outcome{server: nobody, client: nobody}
	e.exhausted = &ending{response: givenUp, reached: true}
	e.transports = transportsOf(e)
	e.suffer(effects{})
	return e
}

// told is an outcome on which both sides agree.
func told(share float64, r response) *outcome {
	end := &ending{response: r, reached: true}
	return &outcome{share: share, server: end, client: end}
}

func (e *requestEdge) suffer(f effects) {
	e.effects = f
	latency := e.latency
	latency.shift += f.delay
	e.serverLatency = latency.cut(istioBuckets)
	latency.shift += networkDelay
	e.clientLatency = latency.cut(istioBuckets)
}

func (e *requestEdge) step(load float64) {
	if e.answers {
		return
	}
	for range poisson(e.rng, e.rate*load*tick) {
		e.call()
	}
}

func (e *requestEdge) hangUp(*pod) {}

// ask makes the calls that an answer of a workload takes, and reports whether a
// fault let one fail.
func ask(w *workload) (failed bool) {
	for _, alternatives := range w.asks {
		e := alternatives[0]
		if len(alternatives) > 1 {
			e = alternatives[w.rng.IntN(len(alternatives))]
		}
		failed = e.call() || failed
	}
	return failed
}

// call makes one call, with the attempts of the client's proxy, and reports
// whether a fault let it fail.
func (e *requestEdge) call() (failed bool) {
	client := e.client()
	if client == nil {
		return true
	}
	plain := e.happens(e.effects.plaintext)
	request, requestSize := e.requestSize.draw(e.rng)
	reply, replySize := e.replySize.draw(e.rng)
	size := sizes{request, reply, requestSize, replySize}

	for attempt := 0; ; attempt++ {
		server := e.server()
		if e.destination.external() {
			server = client // it has no pods, and nobody there reports
		}
		o := e.outcome(server != nil)
		if o.server.reached && o != e.refused && ask(e.destination) {
			o = e.failed
		}
		if !o.server.reached {
			server = nil
		}
		if server != nil {
			e.count(atDestination, server, o.server, plain, size)
		}
		final := o.client
		if o.client.code == "503" && o.client.reached && e.retries > 0 {
			if attempt < e.retries {
				continue
			}
			final = e.exhausted
		}
		e.count(atSource, client, final, plain, size)
		if e.waypoint != nil {
			if way := anyPod(e.rng, e.waypoint); way != nil {
				e.count(atWaypoint, way, final, plain, size)
			}
		}
		for _, t := range e.transports {
			t.carry(e, client, server, plain, size)
		}
		return o == e.unreachable || o == e.refused || o == e.failed
	}
}

// outcome draws how an attempt ends.
func (e *requestEdge) outcome(anybody bool) *outcome {
	switch f := e.effects; {
	case !anybody || e.happens(f.unreachable):
		return e.unreachable
	case e.happens(f.refused):
		return e.refused
	case e.happens(f.inherited):
		return e.failed
	}
	u := e.rng.Float64()
	for i := range e.outcomes {
		if u -= e.outcomes[i].share; u < 0 {
			return &e.outcomes[i]
		}
	}
	return e.success
}

// sizes are the drawn sizes of a call: buckets, and bytes.
type sizes struct {
	request, reply           int
	requestBytes, replyBytes float64
}

// reports tells whether the proxy at a side sees requests, not connections.
func (e *requestEdge) reports(at side) bool {
	switch at {
	case atSource:
		return e.source.dataplane.reportsRequests()
	case atWaypoint:
		return e.waypoint != nil
	default:
		return e.destination.dataplane == sidecar
	}
}

// chosen is the side that a graph should believe.
func (e *requestEdge) chosen() side {
	for at := atSource; at < atDestination; at++ {
		if e.reports(at) {
			return at
		}
	}
	return atDestination
}

// count adds a call to the proxy at a side, and to the truth.
func (e *requestEdge) count(at side, p *pod, end *ending, plain bool, size sizes) {
	if !e.reports(at) {
		return
	}
	if at == e.chosen() {
		e.tally(end, size)
	}

	key := cellKey{at, end, plain}
	c, ok := e.cells[key]
	if !ok {
		c = e.newCell(key)
		e.cells[key] = c
	}
	proxy := p.proxy()
	row := proxy.requests.at(c.requests)
	if row.total == 0 {
		row.duration = newHistogram(istioBuckets)
		row.requestSize = newHistogram(e.source.sizes)
		row.replySize = newHistogram(e.destination.sizes)
	}
	latency := end.latency
	switch {
	case latency != nil:
	case at == atDestination:
		latency = e.serverLatency
	default:
		latency = e.clientLatency
	}
	row.total++
	row.duration.observe(latency.draw(e.rng))
	row.requestSize.observe(size.request, size.requestBytes)
	row.replySize.observe(size.reply, size.replyBytes)
	if c.messages != nil {
		m := proxy.messages.at(c.messages)
		m.requests++
		m.replies++
	}
}

func (e *requestEdge) newCell(key cellKey) *cell {
	told := e.report(key.at, key.end.response, key.end.reached, key.plain)
	c := &cell{requests: e.sets.of(told)}
	if e.protocol == protocolGRPC && key.end.reached {
		told.response = response{}
		c.messages = e.sets.of(told)
	}
	return c
}

func (e *requestEdge) tally(end *ending, size sizes) {
	t, ok := e.byEnding[end]
	if !ok {
		t = &tally{end: end}
		e.byEnding[end] = t
		e.tallies = append(e.tallies, t)
	}
	t.calls++
	t.requestSum += uint64(size.requestBytes)
	t.replies += uint64(size.replyBytes)
}

func (e *requestEdge) links() []Link {
	if e.rate == 0 {
		return nil
	}
	links := []Link{linkBetween(e.source, e.destination, e.protocol, true)}
	for _, t := range e.transports {
		if !t.folded {
			links = append(links, t.link)
		}
	}
	return links
}

func (e *requestEdge) truth() []Edge {
	var truth []Edge
	for _, t := range e.tallies {
		told := Edge{
			Link:         linkBetween(e.source, e.destination, e.protocol, t.end.reached),
			Reporter:     reporters[e.chosen()],
			ResponseCode: t.end.code, GRPCStatus: t.end.grpc, ResponseFlags: t.end.flags,
			Requests:     t.calls,
			RequestBytes: t.requestSum, ResponseBytes: t.replies,
		}
		if e.protocol == protocolGRPC && t.end.reached {
			told.RequestMessages, told.ResponseMessages = t.calls, t.calls
		}
		at, found := slices.BinarySearchFunc(truth, told, compareEdges)
		if found {
			// Two outcomes that a client cannot tell apart are one.
			truth[at].add(told)
			continue
		}
		truth = slices.Insert(truth, at, told)
	}
	for _, t := range e.transports {
		if !t.folded {
			truth = append(truth, t.truth()...)
		}
	}
	return truth
}

// add puts the counts of another edge to those of this one.
func (e *Edge) add(other Edge) {
	e.Requests += other.Requests
	e.RequestMessages += other.RequestMessages
	e.ResponseMessages += other.ResponseMessages
	e.RequestBytes += other.RequestBytes
	e.ResponseBytes += other.ResponseBytes
	e.ConnectionsOpened += other.ConnectionsOpened
	e.ConnectionsClosed += other.ConnectionsClosed
}
