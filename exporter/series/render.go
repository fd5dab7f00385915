package series

import (
	"io"
	"maps"
	"slices"
	"strings"
)

// render writes the topology series in Prometheus's text format. Families,
// edges and series come in a fixed order: equal ledgers give equal text.
func (l *Ledger) render(w io.Writer) error {
	accounts := slices.SortedFunc(maps.Values(l.accounts), func(a, b *account) int { return a.key.Compare(b.key) })
	g := l.assessment.gauges(accounts, l.isWaypoint)
	l.wanted = g.len()
	l.omitted = g.arrange(l.limits.MaxSeries - l.lines)
	r := renderer{w: w, buffer: make([]byte, 0, flushAt+flushAt/4)}
	for _, f := range Topology {
		r.head(f)
		switch f {
		case EdgeInfo:
			for _, a := range accounts {
				r.info(a)
			}
		case EdgeFirstSeen:
			for _, a := range accounts {
				r.sample(f, a.labels, nil, float64(a.firstSeen.UnixMilli())/1e3)
			}
		case TopologyChanges:
			r.changes(&l.changes)
		case Edges:
			r.sample(f, nil, nil, float64(len(accounts)))
		default:
			for _, one := range g.of[f] {
				r.sample(f, one.labels, nil, one.value)
			}
			if !f.OfEdge {
				continue
			}
			for _, a := range accounts {
				for _, c := range a.cellsOf(f) {
					r.buffer = c.appendTo(r.buffer, a.labels, &r.bounds)
					r.flush(flushAt)
				}
			}
		}
	}
	r.flush(0)
	return r.err
}

const flushAt = 64 << 10

type renderer struct {
	w      io.Writer
	err    error
	buffer []byte
	labels []byte
	bounds upperBounds
}

func (r *renderer) flush(at int) {
	if len(r.buffer) > at && r.err == nil {
		_, r.err = r.w.Write(r.buffer)
		r.buffer = r.buffer[:0]
	}
}

func (r *renderer) head(f *Family) {
	r.buffer = f.appendHead(r.buffer)
}

func (r *renderer) sample(f *Family, labels, more []byte, value float64) {
	r.buffer = appendSample(r.buffer, f.Name, "", labels, more, value)
	r.flush(flushAt)
}

func (r *renderer) info(a *account) {
	for _, p := range slices.Sorted(maps.Keys(a.speakers)) {
		s := a.speakers[p]
		r.labels = appendLabels(r.labels[:0], EdgeInfo.Labels, []string{
			string(p), orUnknown(s.source.name), orUnknown(s.destination.name), s.reporter.String(),
		})
		r.sample(EdgeInfo, a.labels, r.labels, 1)
	}
}

func (r *renderer) changes(c *changes) {
	for _, of := range []struct {
		kind  string
		count changeCount
	}{{"edge", c.edges}, {"node", c.nodes}} {
		for _, change := range []struct {
			name  string
			value float64
		}{{"added", of.count.added}, {"removed", of.count.removed}} {
			r.labels = appendLabels(r.labels[:0], TopologyChanges.Labels, []string{of.kind, change.name})
			r.sample(TopologyChanges, nil, r.labels, change.value)
		}
	}
}

// Text renders the topology series uncompressed, for tests and debugging.
func (l *Ledger) Text() string {
	var b strings.Builder
	_ = l.render(&b) // a strings.Builder takes everything
	return b.String()
}
