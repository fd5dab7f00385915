package mesh

import "slices"

// flow describes the connections from one workload to another.
type flow struct {
	// rate is in connections opened per second, beside the pool.
	rate float64
	// lifetime is the mean of a connection's, in seconds.
	lifetime float64
	// pool is how many each client keeps open at least.
	pool int
	// exchanges is how many requests and replies per second all of them carry.
	exchanges float64
	// request and reply are mean sizes in bytes.
	request, reply float64
}

// connectionEdge makes connections whose content no proxy understands.
type connectionEdge struct {
	route
	flow
	established, failed, unreachable *connectionEnding

	open []*channel
}

// connectionEnding is one way that connections end, with its true counts. The
// flags differ between the proxies that tell.
type connectionEnding struct {
	envoy, ztunnel string
	reached        bool
	labels         map[cellKey]*labelSet
	counts         connectionCounters
}

// channel is the open connections between two pods.
type channel struct {
	client, server *pod
	plain          bool
	open           int
}

func newConnectionEdge(r route, f flow) *connectionEdge {
	ending := func(envoy, ztunnel string, reached bool) *connectionEnding {
		return &connectionEnding{envoy: envoy, ztunnel: ztunnel, reached: reached, labels: map[cellKey]*labelSet{}}
	}
	return &connectionEdge{
		route: r, flow: f,
		established: ending("-", "-", true),
		failed:      ending("UF", "CONNECT", true),
		unreachable: ending("UH", "CONNECT", false),
	}
}

func (e *connectionEdge) step(load float64) {
	if e.rate > 0 {
		e.fillPool()
	}
	for range poisson(e.rng, e.rate*load*tick) {
		if client := e.client(); client != nil {
			e.dial(client)
		}
	}
	total := 0
	for _, c := range e.open {
		for range c.open {
			if e.happens(tick / e.lifetime) {
				c.open--
				e.count(c, e.established, connectionCounters{closed: 1})
			}
		}
		total += c.open
	}
	e.open = slices.DeleteFunc(e.open, func(c *channel) bool { return c.open == 0 })
	if total == 0 || e.rate == 0 {
		return
	}
	for range poisson(e.rng, e.exchanges*load*tick) {
		e.exchange(e.rng.IntN(total))
	}
}

// fillPool opens what clients want to have open at least.
func (e *connectionEdge) fillPool() {
	for _, p := range e.source.pods {
		has := 0
		for _, c := range e.open {
			if c.client == p {
				has += c.open
			}
		}
		for ; has < e.pool; has++ {
			if !e.dial(p) {
				break
			}
		}
	}
}

// dial opens a connection, or fails to.
func (e *connectionEdge) dial(client *pod) bool {
	dialled := &channel{client: client, server: e.server(), plain: e.happens(e.effects.plaintext)}
	end := e.established
	switch {
	case dialled.server == nil || e.happens(e.effects.unreachable):
		end = e.unreachable
	case e.happens(e.effects.refused):
		end = e.failed
	}
	if end != e.established {
		dialled.server = nil
		e.count(dialled, end, connectionCounters{opened: 1, closed: 1})
		return false
	}
	for _, c := range e.open {
		if c.client == dialled.client && c.server == dialled.server && c.plain == dialled.plain {
			dialled = c
			break
		}
	}
	if dialled.open == 0 {
		e.open = append(e.open, dialled)
	}
	dialled.open++
	e.count(dialled, end, connectionCounters{opened: 1})
	return true
}

// exchange sends a request and its reply over the nth open connection.
func (e *connectionEdge) exchange(nth int) {
	for _, c := range e.open {
		if nth < c.open {
			spread := 0.5 + e.rng.Float64()
			e.count(c, e.established, connectionCounters{
				requestBytes: uint64(e.request * spread),
				replyBytes:   uint64(e.reply * spread),
			})
			return
		}
		nth -= c.open
	}
}

// hangUp closes the connections of a pod that stops. What is left of it by
// then is gone with it; the other end, and ztunnels, see them close.
func (e *connectionEdge) hangUp(p *pod) {
	for _, c := range e.open {
		if c.client == p || c.server == p {
			e.count(c, e.established, connectionCounters{closed: uint64(c.open)})
			c.open = 0
		}
	}
	e.open = slices.DeleteFunc(e.open, func(c *channel) bool { return c.open == 0 })
}

// count adds to the counters of the proxies on both sides, and to the truth.
func (e *connectionEdge) count(c *channel, end *connectionEnding, add connectionCounters) {
	chosen := false
	for _, at := range []side{atSource, atDestination} {
		p, w := c.client, e.source
		if at == atDestination {
			p, w = c.server, e.destination
		}
		if p == nil {
			continue
		}
		proxy := p.proxy()
		if proxy == nil {
			continue
		}
		key := cellKey{at: at, plain: c.plain}
		labels, ok := end.labels[key]
		if !ok {
			flags := end.envoy
			if w.dataplane == ambient {
				flags = end.ztunnel
			}
			labels = e.sets.of(e.report(at, response{flags: flags}, end.reached, c.plain))
			end.labels[key] = labels
		}
		proxy.connections.at(labels).add(add)
		if !chosen {
			chosen = true
			end.counts.add(add)
		}
	}
}

func (c *connectionCounters) add(other connectionCounters) {
	c.opened += other.opened
	c.closed += other.closed
	c.requestBytes += other.requestBytes
	c.replyBytes += other.replyBytes
}

// chosen is the side that a graph should believe.
func (e *connectionEdge) chosen() side {
	if e.source.dataplane == outside {
		return atDestination
	}
	return atSource
}

func (e *connectionEdge) links() []Link {
	if e.rate == 0 {
		return nil
	}
	return []Link{linkBetween(e.source, e.destination, protocolTCP, true)}
}

func (e *connectionEdge) truth() []Edge {
	var truth []Edge
	for _, end := range []*connectionEnding{e.established, e.failed, e.unreachable} {
		if end.counts.opened == 0 {
			continue
		}
		flags := end.envoy
		if e.chosen() == atSource && e.source.dataplane == ambient || e.chosen() == atDestination && e.destination.dataplane == ambient {
			flags = end.ztunnel
		}
		truth = append(truth, Edge{
			Link:              linkBetween(e.source, e.destination, protocolTCP, end.reached),
			Reporter:          reporters[e.chosen()],
			ResponseFlags:     flags,
			RequestBytes:      end.counts.requestBytes,
			ResponseBytes:     end.counts.replyBytes,
			ConnectionsOpened: end.counts.opened,
			ConnectionsClosed: end.counts.closed,
		})
	}
	return truth
}
