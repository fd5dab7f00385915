package refresh

import (
	"cmp"
	"slices"
	"time"

	"github.com/meshscope/meshscope/exporter/topology"
)

// window keeps the flows that were counted lately, as what health is judged
// by: of each edge and protocol its requests by response, and what tells that
// there was traffic. It forgets by slots of time, so that its sums are those
// of the slots that are left, and nothing remains of what was subtracted.
type window struct {
	slot  time.Duration
	slots int64 // that are kept
	now   int64 // the newest slot, counted from the epoch

	lines map[lineID]*line
	order []*line // sorted; nil when lines has others
}

type lineID struct {
	key      topology.EdgeKey
	protocol topology.Protocol
}

// line is the recent traffic of one edge and protocol.
type line struct {
	lineID
	reporter  topology.Reporter
	responses []responses
	// TCP's bytes and gRPC's messages, from client to server and back, and
	// connections: they tell of traffic where there are no requests.
	opened, sent, received ring
}

type responses struct {
	topology.Response
	ring ring
}

// ring has a number for each slot, where it stands by its number modulo their
// count. It is nil as long as there was nothing.
type ring []float64

// maxSlots bounds the memory of a window, whatever its length.
const maxSlots = 30

// newWindow is an empty window that reaches back over a time. Slots are
// multiples of the step, which increments come by.
func newWindow(length, step time.Duration) *window {
	slot := step * max(1, (length+maxSlots*step-1)/(maxSlots*step))
	return &window{slot: slot, slots: max(1, int64(length/slot)), lines: map[lineID]*line{}}
}

// number is the slot that an instant is the end of, or lies in.
func (w *window) number(at time.Time) int64 {
	n := at.UnixNano() / int64(w.slot)
	if at.UnixNano()%int64(w.slot) != 0 {
		n++
	}
	return n
}

// end is the end of a slot.
func (w *window) end(number int64) time.Time { return time.Unix(0, number*int64(w.slot)) }

// resized is a window of another length, which knows what this one does.
func (w *window) resized(length, step time.Duration) *window {
	to := newWindow(length, step)
	if to.slot == w.slot && to.slots == w.slots {
		return w
	}
	if w.now > 0 {
		to.add(w.interval(), w.flows())
	}
	return to
}

// share is the part of something that lies in a slot.
type share struct {
	slot int64
	of   float64
}

// shares spreads an interval over the slots that are kept: evenly, for no more
// is known of it.
func (w *window) shares(iv topology.Interval) (all []share) {
	from := iv.End.Add(-iv.Length)
	for n := max(w.number(from), w.now-w.slots+1); n <= min(w.number(iv.End), w.now); n++ {
		begin, end := w.end(n-1), w.end(n)
		if begin.Before(from) {
			begin = from
		}
		if end.After(iv.End) {
			end = iv.End
		}
		if part := end.Sub(begin); part > 0 {
			all = append(all, share{n, float64(part) / float64(iv.Length)})
		}
	}
	return all
}

// add counts the flows of an interval.
func (w *window) add(iv topology.Interval, flows []topology.Flow) {
	w.advance(w.number(iv.End))
	shares := w.shares(iv)
	for i := range flows {
		f := &flows[i]
		id := lineID{f.Key, f.Protocol}
		l, ok := w.lines[id]
		if !ok {
			l = &line{lineID: id}
		}
		l.reporter = f.Reporter
		for _, s := range shares {
			l.count(f.Traffic, s.slot%w.slots, s.of, w.slots)
		}
		if !ok && !l.isEmpty() {
			w.lines[id], w.order = l, nil
		}
	}
}

func (l *line) count(t *topology.Traffic, at int64, share float64, slots int64) {
	for response, n := range t.Requests {
		if n > 0 {
			l.of(response).add(at, share*n, slots)
		}
	}
	l.opened.add(at, share*t.Opened, slots)
	switch l.protocol {
	case topology.TCP:
		request, response := t.TCPBytes()
		l.sent.add(at, share*request, slots)
		l.received.add(at, share*response, slots)
	case topology.GRPC:
		l.sent.add(at, share*t.RequestMessages, slots)
		l.received.add(at, share*t.ResponseMessages, slots)
	}
}

// of is the ring of a response. There are few.
func (l *line) of(r topology.Response) *ring {
	for i := range l.responses {
		if l.responses[i].Response == r {
			return &l.responses[i].ring
		}
	}
	l.responses = append(l.responses, responses{Response: r})
	return &l.responses[len(l.responses)-1].ring
}

func (r *ring) add(at int64, n float64, slots int64) {
	if n == 0 {
		return
	}
	if *r == nil {
		*r = make(ring, slots)
	}
	(*r)[at] += n
}

// advance lets go of what is no longer within reach.
func (w *window) advance(to int64) {
	gone := min(to-w.now, w.slots)
	if gone <= 0 {
		return
	}
	for _, l := range w.lines {
		for n := to - gone + 1; n <= to; n++ {
			l.clear(n % w.slots)
		}
		if l.settle(); l.isEmpty() {
			delete(w.lines, l.lineID)
			w.order = nil
		}
	}
	w.now = to
}

func (l *line) clear(at int64) {
	for _, r := range l.responses {
		r.ring.clear(at)
	}
	l.opened.clear(at)
	l.sent.clear(at)
	l.received.clear(at)
}

func (r ring) clear(at int64) {
	if r != nil {
		r[at] = 0
	}
}

// settle gives back the memory of what is gone.
func (l *line) settle() {
	l.responses = slices.DeleteFunc(l.responses, func(r responses) bool { return r.ring.sum() == 0 })
	for _, r := range []*ring{&l.opened, &l.sent, &l.received} {
		if r.sum() == 0 {
			*r = nil
		}
	}
}

func (l *line) isEmpty() bool {
	return len(l.responses) == 0 && l.opened == nil && l.sent == nil && l.received == nil
}

func (r ring) sum() (total float64) {
	for _, n := range r {
		total += n
	}
	return total
}

// interval is the time that the flows are of.
func (w *window) interval() topology.Interval {
	return topology.Interval{End: w.end(w.now), Length: time.Duration(w.slots) * w.slot}
}

// flows are the sums of what is kept, sorted.
func (w *window) flows() []topology.Flow {
	if w.order == nil {
		w.order = make([]*line, 0, len(w.lines))
		for _, l := range w.lines {
			w.order = append(w.order, l)
		}
		slices.SortFunc(w.order, func(a, b *line) int {
			return cmp.Or(a.key.Compare(b.key), cmp.Compare(a.protocol, b.protocol))
		})
	}
	flows, traffic := make([]topology.Flow, len(w.order)), make([]topology.Traffic, len(w.order))
	for i, l := range w.order {
		l.addTo(&traffic[i])
		flows[i] = topology.Flow{Key: l.key, Protocol: l.protocol, Reporter: l.reporter, Traffic: &traffic[i]}
	}
	return flows
}

// addTo adds the line's sums to traffic that has none yet.
func (l *line) addTo(t *topology.Traffic) {
	t.Opened = l.opened.sum()
	for _, r := range l.responses {
		t.AddRequests(r.Response, r.ring.sum())
	}
	switch l.protocol {
	case topology.TCP:
		addIfAny(t.AddTCPRequestBytes, l.sent)
		addIfAny(t.AddTCPResponseBytes, l.received)
	case topology.GRPC:
		t.RequestMessages, t.ResponseMessages = l.sent.sum(), l.received.sum()
	}
}

// addIfAny adds bytes, whose flags do not matter to health.
func addIfAny(add func(flags string, n float64), r ring) {
	if r != nil {
		add("", r.sum())
	}
}
