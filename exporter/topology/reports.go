package topology

import (
	"cmp"
	"iter"
	"maps"
	"slices"
)

// Report is what one reporter said of one edge and protocol over an interval.
type Report struct {
	Key      EdgeKey
	Protocol Protocol
	Reporter Reporter
	Traffic  Traffic
	// AssumedCluster tells that the reporter did not know the destination's
	// cluster in any of its samples, and Key holds the source's in its place
	// (istio#29373).
	AssumedCluster bool
	// Standing tells that counters of it were there before the interval began:
	// the proxy has been scraped before, and has spoken of this edge.
	Standing bool
	// Samples is the number of samples that the report was made from.
	Samples int
}

type reportID struct {
	key      EdgeKey
	protocol Protocol
	reporter Reporter
}

func (r *Report) id() reportID { return reportID{r.Key, r.Protocol, r.Reporter} }

// Reports collects the reports of one interval. It is not safe for concurrent
// use: answers that are read side by side each fill their own, and are merged
// in a fixed order.
type Reports struct {
	all []*Report
	// byProtocol find reports of those of the first of all, as many as are
	// indexed. Most metrics are of one protocol, and need none of the others.
	byProtocol map[Protocol]*reportIndex
	indexed    int
}

// reportIndex finds reports. Those that wait are looked for as well, once there
// is something to look for.
type reportIndex struct {
	byID    map[reportID]*Report
	waiting []*Report
}

// NewReports is an empty collection with room for n reports.
func NewReports(n int) *Reports { return &Reports{all: make([]*Report, 0, n)} }

// Report is the report of that edge, protocol and reporter, made when there
// is none.
func (rs *Reports) Report(key EdgeKey, p Protocol, by Reporter) *Report {
	if r, ok := rs.find(reportID{key, p, by}); ok {
		return r
	}
	return rs.New(key, p, by)
}

// New makes a report for one who knows that there is none of that edge,
// protocol and reporter. It is not looked for, which takes most of the time.
func (rs *Reports) New(key EdgeKey, p Protocol, by Reporter) *Report {
	r := &Report{Key: key, Protocol: p, Reporter: by}
	rs.all = append(rs.all, r)
	return r
}

func (rs *Reports) find(id reportID) (*Report, bool) {
	rs.index()
	index, ok := rs.byProtocol[id.protocol]
	if !ok {
		return nil, false
	}
	if index.byID == nil {
		index.byID = make(map[reportID]*Report, len(index.waiting))
	}
	for _, r := range index.waiting {
		index.byID[r.id()] = r
	}
	index.waiting = index.waiting[:0]
	r, ok := index.byID[id]
	return r, ok
}

// index has all reports wait with those of their protocol.
func (rs *Reports) index() {
	if rs.byProtocol == nil {
		rs.byProtocol = map[Protocol]*reportIndex{}
	}
	for _, r := range rs.all[rs.indexed:] {
		index, ok := rs.byProtocol[r.Protocol]
		if !ok {
			index = new(reportIndex)
			rs.byProtocol[r.Protocol] = index
		}
		index.waiting = append(index.waiting, r)
	}
	rs.indexed = len(rs.all)
}

// Merge adds what o holds to rs.
func (rs *Reports) Merge(o *Reports) {
	for _, r := range o.all {
		rs.Report(r.Key, r.Protocol, r.Reporter).merge(r)
	}
}

// Absorb adds what o holds to rs, which takes it over: o must not be used any
// more.
func (rs *Reports) Absorb(o *Reports) {
	if len(rs.all) == 0 {
		*rs = *o
		return
	}
	rs.index()
	before := maps.Clone(rs.byProtocol)
	for _, r := range o.all {
		if _, ok := before[r.Protocol]; ok {
			rs.adopt(r)
		} else {
			rs.all = append(rs.all, r) // there is none to add it to
		}
	}
}

// adopt adds r, which is the collection's from now on.
func (rs *Reports) adopt(r *Report) {
	if mine, ok := rs.find(r.id()); ok {
		mine.absorb(r)
		return
	}
	rs.all = append(rs.all, r)
}

func (r *Report) merge(o *Report) {
	r.Traffic.Merge(&o.Traffic)
	r.note(o)
}

// absorb is merge for an o that nobody needs any more.
func (r *Report) absorb(o *Report) {
	r.Traffic.absorb(&o.Traffic)
	r.note(o)
}

// note takes over what o says beside its traffic.
func (r *Report) note(o *Report) {
	r.AssumedCluster = o.AssumedCluster && (r.AssumedCluster || r.Samples == 0)
	r.Standing = r.Standing || o.Standing
	r.Samples += o.Samples
}

func (r *Report) compare(o *Report) int {
	if c := r.Key.Compare(o.Key); c != 0 {
		return c
	}
	return cmp.Or(cmp.Compare(r.Protocol, o.Protocol), cmp.Compare(r.Reporter, o.Reporter))
}

// Len is the number of reports.
func (rs *Reports) Len() int { return len(rs.all) }

// All are the reports, in the order in which they were made.
func (rs *Reports) All() iter.Seq[*Report] { return slices.Values(rs.all) }
