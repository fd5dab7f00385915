package mesh

import "strconv"

// build is the release that the simulated proxies say they are.
const build = "1.27.3"

// exposition renders the counters of a proxy in Prometheus's text format.
type exposition struct {
	out []byte
}

// render returns the metrics of a proxy. Its metrics are sorted by name and
// its series by their labels.
func render(component string, c *counters) []byte {
	e := &exposition{out: make([]byte, 0, size(c))}

	e.family("istio_build", "gauge")
	e.out = append(e.out, `istio_build{component="`+component+`",tag="`+build+`"} 1`+"\n"...)

	e.histograms("istio_request_bytes", c, func(r *requestCounters) histogram { return r.requestSize })
	e.histograms("istio_request_duration_milliseconds", c, func(r *requestCounters) histogram { return r.duration })
	counted(e, "istio_request_messages_total", c.messages.rows, func(m *messageCounters) uint64 { return m.requests })
	counted(e, "istio_requests_total", c.requests.rows, func(r *requestCounters) uint64 { return r.total })
	e.histograms("istio_response_bytes", c, func(r *requestCounters) histogram { return r.replySize })
	counted(e, "istio_response_messages_total", c.messages.rows, func(m *messageCounters) uint64 { return m.replies })

	connections := c.connections.rows
	counted(e, "istio_tcp_connections_closed_total", connections, func(t *connectionCounters) uint64 { return t.closed })
	counted(e, "istio_tcp_connections_opened_total", connections, func(t *connectionCounters) uint64 { return t.opened })
	// Istio names bytes as its proxy sees them, which is before the server:
	// it receives what the client sends (istio/istio#32399).
	counted(e, "istio_tcp_received_bytes_total", connections, func(t *connectionCounters) uint64 { return t.requestBytes })
	counted(e, "istio_tcp_sent_bytes_total", connections, func(t *connectionCounters) uint64 { return t.replyBytes })
	return e.out
}

// size is about how many bytes the metrics of a proxy take.
func size(c *counters) int {
	const around = 80 // name, bound and value of a line
	bytes := 1024
	for _, r := range c.requests.rows {
		h := r.counts
		lines := len(h.duration.counts) + len(h.requestSize.counts) + len(h.replySize.counts) + 7
		bytes += lines * (len(r.labels.text) + around)
	}
	for _, r := range c.messages.rows {
		bytes += 2 * (len(r.labels.text) + around)
	}
	for _, r := range c.connections.rows {
		bytes += 4 * (len(r.labels.text) + around)
	}
	return bytes
}

func (e *exposition) family(name, kind string) {
	e.out = append(e.out, "# TYPE "+name+" "+kind+"\n"...)
}

// counted renders a family of counters. A proxy makes a counter when it first
// counts something, hence there are no zeros.
func counted[T any](e *exposition, name string, rows []row[T], value func(*T) uint64) {
	begun := false
	for _, r := range rows {
		v := value(r.counts)
		if v == 0 {
			continue
		}
		if !begun {
			e.family(name, "counter")
			begun = true
		}
		e.series(name, "", r.labels, "")
		e.integer(v)
	}
}

func (e *exposition) histograms(name string, c *counters, of func(*requestCounters) histogram) {
	if len(c.requests.rows) == 0 {
		return
	}
	e.family(name, "histogram")
	for _, r := range c.requests.rows {
		h := of(r.counts)
		bounds := boundsOf(h)
		var total uint64
		for i, count := range h.counts {
			total += count
			e.series(name, "_bucket", r.labels, bounds[i])
			e.integer(total)
		}
		e.series(name, "_sum", r.labels, "")
		e.out = strconv.AppendFloat(e.out, h.sum, 'f', -1, 64)
		e.out = append(e.out, '\n')
		e.series(name, "_count", r.labels, "")
		e.integer(total)
	}
}

// series begins a line, up to its value; bound is the label le, if any.
func (e *exposition) series(name, suffix string, labels *labelSet, bound string) {
	e.out = append(e.out, name...)
	e.out = append(e.out, suffix...)
	e.out = append(e.out, '{')
	e.out = append(e.out, labels.text...)
	if bound != "" {
		e.out = append(e.out, `,le="`...)
		e.out = append(e.out, bound...)
		e.out = append(e.out, '"')
	}
	e.out = append(e.out, '}', ' ')
}

func (e *exposition) integer(value uint64) {
	e.out = strconv.AppendUint(e.out, value, 10)
	e.out = append(e.out, '\n')
}

// boundsOf returns the values of le for a histogram's counts.
func boundsOf(h histogram) []string {
	if len(h.counts) == len(thinBounds) {
		return thinBounds
	}
	return istioBounds
}

var istioBounds, thinBounds = istioBuckets.labels(), thinBuckets.labels()

// labels writes the bounds as values of the label le, with +Inf as the last.
func (b buckets) labels() []string {
	labels := make([]string, 0, len(b)+1)
	for _, bound := range b {
		labels = append(labels, strconv.FormatFloat(bound, 'f', -1, 64))
	}
	return append(labels, "+Inf")
}
