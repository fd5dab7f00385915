package topology

import (
	"cmp"
	"iter"
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
	all  []*Report
	byID map[reportID]*Report // of the first of all, as many as it has
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
	if rs.byID == nil {
		rs.byID = make(map[reportID]*Report, cap(rs.all))
	}
	for _, r := range rs.all[len(rs.byID):] {
		rs.byID[r.id()] = r
	}
	r, ok := rs.byID[id]
	return r, ok
}

// Merge adds what o holds to rs.
func (rs *Reports) Merge(o *Reports) {
	for _, r := range o.all {
		rs.Report(r.Key, r.Protocol, r.Reporter).merge(r)
	}
}

// adopt adds r, which is the collection's from now on.
func (rs *Reports) adopt(r *Report) {
	if mine, ok := rs.find(r.id()); ok {
		mine.merge(r)
		return
	}
	rs.all = append(rs.all, r)
}

func (r *Report) merge(o *Report) {
	r.Traffic.Merge(&o.Traffic)
	r.AssumedCluster = o.AssumedCluster && (r.AssumedCluster || r.Samples == 0)
	r.Standing = r.Standing || o.Standing
	r.Samples += o.Samples
}

func (r *Report) compare(o *Report) int {
	return cmp.Or(r.Key.Compare(o.Key), cmp.Compare(r.Protocol, o.Protocol), cmp.Compare(r.Reporter, o.Reporter))
}

// Len is the number of reports.
func (rs *Reports) Len() int { return len(rs.all) }

// All are the reports, in the order in which they were made.
func (rs *Reports) All() iter.Seq[*Report] { return slices.Values(rs.all) }
