package series

import (
	"cmp"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/meshscope/meshscope/exporter/topology"
)

// maxExtraLabels is the most labels that a counter has beyond its edge's.
const maxExtraLabels = 4

// cellID identifies a series (for a histogram: its group of series) of an edge.
type cellID struct {
	family *Family
	values [maxExtraLabels]string // of family.Labels
}

func (id *cellID) compare(o *cellID) int {
	if n := cmp.Compare(id.family.order, o.family.order); n != 0 {
		return n
	}
	return slices.CompareFunc(id.values[:], o.values[:], strings.Compare)
}

// cell is a derived counter or histogram.
type cell struct {
	cellID
	labels    []byte // rendered, beyond the edge's
	total     float64
	histogram *topology.Histogram

	born  time.Time
	since uint64 // the generation it was born in
	moved time.Time
	// served tells that a scrape has seen the cell at 0. Until then it is
	// published at 0, so that increase() misses nothing (prometheus#3886).
	served bool
}

// lines is the number of series that the cell is rendered as.
func (c *cell) lines() int {
	if c.histogram != nil {
		return len(c.histogram.Bounds) + 2
	}
	return 1
}

// increment is what a flow adds to a cell.
type increment struct {
	cellID
	value     float64
	histogram *topology.Histogram
}

// appendIncrements lists what a flow adds. Values of zero add nothing, and
// make no series.
func appendIncrements(to []increment, f *topology.Flow) []increment {
	t, protocol := f.Traffic, string(f.Protocol)
	count := func(family *Family, value float64, labels ...string) {
		if value > 0 {
			i := increment{cellID: cellID{family: family}, value: value}
			copy(i.values[:], labels)
			to = append(to, i)
		}
	}
	for r, n := range t.Requests {
		count(EdgeRequests, n, protocol, orUnknown(r.Code), r.GRPCStatus, orDash(r.Flags))
	}
	if t.Latency.Count() > 0 {
		to = append(to, increment{
			cellID:    cellID{family: EdgeDuration, values: [maxExtraLabels]string{protocol}},
			histogram: t.Latency,
		})
	}
	count(EdgeRequestBytes, t.RequestBytes, protocol)
	count(EdgeResponseBytes, t.ResponseBytes, protocol)
	count(EdgeRequestMessages, t.RequestMessages)
	count(EdgeResponseMessages, t.ResponseMessages)
	for flags, n := range t.TCPRequestBytes {
		count(EdgeTCPRequestBytes, n, orDash(flags))
	}
	for flags, n := range t.TCPResponseBytes {
		count(EdgeTCPResponseBytes, n, orDash(flags))
	}
	count(EdgeTCPOpened, t.Opened)
	count(EdgeTCPClosed, t.Closed)
	for policy, n := range t.Secured {
		count(EdgeSecured, n, protocol, string(policy))
	}
	return to
}

func orDash(flags string) string { return cmp.Or(flags, "-") }

// add counts an increment at the time of its interval's end.
func (c *cell) add(i *increment, at time.Time) {
	c.moved = at
	if i.histogram == nil {
		c.total += i.value
		return
	}
	if c.histogram == nil {
		c.histogram = &topology.Histogram{}
	}
	c.histogram.Merge(i.histogram)
}

// appendTo renders the cell.
func (c *cell) appendTo(b, edge []byte, bounds *upperBounds) []byte {
	show := func(v float64) float64 {
		if c.served {
			return v
		}
		return 0
	}
	if c.histogram == nil {
		return appendSample(b, c.family.Name, "", edge, c.labels, show(c.total))
	}
	h := c.histogram
	for i, bound := range h.Bounds {
		b = appendSample(b, c.family.Name, "_bucket", edge, bounds.with(c.labels, bound), show(h.Cumulative[i]))
	}
	if inf := math.Inf(1); h.Bounds[len(h.Bounds)-1] != inf {
		b = appendSample(b, c.family.Name, "_bucket", edge, bounds.with(c.labels, inf), show(h.Count()))
	}
	b = appendSample(b, c.family.Name, "_sum", edge, c.labels, show(h.Sum))
	return appendSample(b, c.family.Name, "_count", edge, c.labels, show(h.Count()))
}

// upperBounds renders the label le, each bound's value once.
type upperBounds struct {
	text   map[float64]string
	buffer []byte
}

// with is labels and le. It is overwritten by the next call.
func (u *upperBounds) with(labels []byte, bound float64) []byte {
	text, ok := u.text[bound]
	if !ok {
		if u.text == nil {
			u.text = map[float64]string{}
		}
		text = string(appendFloat(nil, bound))
		u.text[bound] = text
	}
	u.buffer = appendLabel(append(u.buffer[:0], labels...), upperBound, text)
	return u.buffer
}
