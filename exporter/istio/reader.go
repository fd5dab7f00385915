package istio

import (
	"cmp"
	"iter"
	"math"
	"slices"
	"strconv"

	"github.com/meshscope/meshscope/exporter/labelset"
	"github.com/meshscope/meshscope/exporter/topology"
)

// Tally counts what a Reader was given.
type Tally struct {
	Samples  map[string]int // by Metric.Key
	Rejected map[Reason]int
}

// Add adds o's counts.
func (t *Tally) Add(o Tally) {
	for k, n := range o.Samples {
		t.sample(k, n)
	}
	for k, n := range o.Rejected {
		t.Reject(k, n)
	}
}

// Worsen takes the greater of each of both counts: of what is asked for several
// instants, samples are the same series again and again.
func (t *Tally) Worsen(o Tally) {
	for k, n := range o.Samples {
		t.sample(k, max(0, n-t.Samples[k]))
	}
	for k, n := range o.Rejected {
		t.Reject(k, max(0, n-t.Rejected[k]))
	}
}

// Reject counts n more samples that were rejected.
func (t *Tally) Reject(r Reason, n int) {
	if t.Rejected == nil {
		t.Rejected = map[Reason]int{}
	}
	t.Rejected[r] += n
}

func (t *Tally) sample(key string, n int) {
	if t.Samples == nil {
		t.Samples = map[string]int{}
	}
	t.Samples[key] += n
}

// Reader reads the answers to one Question. Where a label set belongs is found
// once and remembered, so that a sample that was seen before costs a look-up
// and an addition. It is for one answer at a time.
type Reader struct {
	question Question
	labels   *labelset.Table
	le       int                // the upper bound's place, or -1
	bounds   map[uint32]float64 // in seconds, by the number of le's value
	again    map[uint32]bool    // of bounds that were read before, from another text
	places   map[labelset.Tuple]*place
	// The place that was found last: a histogram's buckets follow each other.
	lastTuple labelset.Tuple
	last      *place
	reported  map[reportID]*reported

	// Of the answer that is being read:
	reports *topology.Reports
	tally   *Tally
	number  uint64 // of answers so far
	found   []found
	// uncounted are samples that wait for the answer's end, to be added in an
	// order of their own: several of them may be parts of one sum (T4).
	uncounted, unsorted []uncounted
}

// place is a label set's place, and what was said of it in this answer.
type place struct {
	Placement
	reason    Reason
	metric    Metric
	isBuckets bool
	response  topology.Response
	flags     string
	// operation is what the call is classified as, where that was asked for.
	operation string
	policy    topology.Policy
	sourceID  string
	destID    string

	reported *reported
}

// reportID tells the reports of an answer apart.
type reportID struct {
	key      topology.EdgeKey
	protocol topology.Protocol
	reporter topology.Reporter
}

// reported says where the report is that places have in common.
type reported struct {
	answer  uint64 // the last answer that has it
	found   int    // where it is among that answer's
	buckets *place // whose buckets came first in that answer
}

// found is a report of the answer that is being read, and what of it waits for
// the end: a list through Reader.uncounted.
type found struct {
	report *topology.Report
	last   int // where it begins, or -1
	length int
	// several tells that buckets of several label sets are parts of its sums.
	several bool
}

type uncounted struct {
	place *place
	bound float64
	value float64
	next  int // of the same report, or -1
}

// NewReader is a Reader of the answers to q.
func NewReader(q Question) *Reader {
	names := q.labels()
	if len(q.Metrics) > 1 {
		names = append(names, nameLabel)
	}
	r := &Reader{question: q, labels: labelset.New(names...)}
	r.le = r.labels.Index(UpperBound.String())
	r.forget()
	return r
}

// Reads tells that answers to q can be read: it asks for what the reader's
// own question asks for, if at another time.
func (r *Reader) Reads(q Question) bool {
	return r.question.nowhere == q.nowhere && r.question.births == q.births &&
		slices.Equal(r.question.labels(), q.labels()) &&
		slices.EqualFunc(r.question.Metrics, q.Metrics, func(a, b Metric) bool { return a.Name == b.Name })
}

func (r *Reader) forget() {
	r.labels.Forget()
	r.bounds, r.again = map[uint32]float64{}, map[uint32]bool{}
	r.places = map[labelset.Tuple]*place{}
	r.last = nil
	r.reported = map[reportID]*reported{}
}

// Begin tells where the samples of the next answer go, until End: to reports
// of which there are none yet.
func (r *Reader) Begin(reports *topology.Reports, tally *Tally) {
	const most = 1 << 20 // label sets of past answers; a mesh has far fewer
	if r.labels.Len() > most || len(r.places) > most {
		r.forget()
	}
	r.reports, r.tally = reports, tally
	r.number++
}

// End counts what waits for the answer's end, and lets go of the answer.
func (r *Reader) End() {
	for i := range r.found {
		r.count(&r.found[i])
	}
	clear(r.uncounted)
	r.uncounted = r.uncounted[:0]
	clear(r.unsorted)
	r.unsorted = r.unsorted[:0]
	r.reports, r.tally = nil, nil
	clear(r.found)
	r.found = r.found[:0]
}

// count counts what waits of one report. Of the order in which samples came,
// nothing is left in the sums: they are added by value, and samples of the same
// value are the same to a sum. Of two the order does not matter, for a + b is
// b + a to the last bit.
func (r *Reader) count(f *found) {
	t := &f.report.Traffic
	if f.length <= 2 && !f.several {
		for i := f.last; i >= 0; i = r.uncounted[i].next {
			u := &r.uncounted[i]
			u.place.count(t, u.bound, u.value)
		}
		return
	}
	all := r.unsorted[:0]
	for i := f.last; i >= 0; i = r.uncounted[i].next {
		all = append(all, r.uncounted[i])
	}
	if counted := t.Latency; f.several && counted != nil {
		// Each bucket that was counted was one sample, and is one of several again.
		of := all[slices.IndexFunc(all, func(u uncounted) bool { return u.place.isBuckets })].place
		for i, seconds := range counted.Bounds {
			all = append(all, uncounted{place: of, bound: seconds, value: counted.Cumulative[i]})
		}
		t.Latency = nil
	}
	slices.SortFunc(all, func(a, b uncounted) int { return cmp.Compare(a.value, b.value) })
	for _, u := range all {
		u.place.count(t, u.bound, u.value)
	}
	r.unsorted = all
}

// Add adds one sample: value is what the series grew by.
func (r *Reader) Add(labels iter.Seq2[[]byte, []byte], value float64) {
	tuple := r.labels.Read(labels)
	bound, again := math.NaN(), false
	if r.le >= 0 {
		// The upper bound is no part of where a sample belongs.
		bound, again = r.bound(tuple[r.le])
		tuple[r.le] = 0
	}
	p := r.find(tuple)
	r.tally.sample(p.metric.Key, 1)
	switch {
	case p.reason != "":
		r.tally.Reject(p.reason, 1)
		return
	case math.IsNaN(value):
		r.tally.Reject(NotANumber, 1)
		return
	case math.IsInf(value, 0):
		r.tally.Reject(Infinite, 1)
		return
	case value < 0:
		r.tally.Reject(Negative, 1)
		return
	}
	if p.isBuckets && math.IsNaN(bound) {
		r.tally.Reject(NoUpperBound, 1)
		return
	}
	if p.reported.answer != r.number {
		*p.reported = reported{answer: r.number, found: len(r.found)}
		report := r.reports.New(p.Key, p.Protocol, p.Reporter)
		report.AssumedCluster = p.AssumedCluster
		r.found = append(r.found, found{report: report, last: -1})
	}
	f := &r.found[p.reported.found]
	f.report.AssumedCluster = f.report.AssumedCluster && p.AssumedCluster
	f.report.Standing = f.report.Standing || !r.question.births
	f.report.Samples++
	if p.isBuckets {
		// Of buckets there are too many to keep, and as a rule one for each
		// bound, from one label set.
		if p.reported.buckets == nil {
			p.reported.buckets = p
		}
		if p.reported.buckets == p && !again {
			p.count(&f.report.Traffic, bound, value)
			return
		}
		f.several = true
	}
	r.uncounted = append(r.uncounted, uncounted{place: p, bound: bound, value: value, next: f.last})
	f.last = len(r.uncounted) - 1
	f.length++
}

func (r *Reader) find(tuple labelset.Tuple) *place {
	if r.last != nil && tuple == r.lastTuple {
		return r.last
	}
	p, ok := r.places[tuple]
	if !ok {
		p = r.place(tuple)
		r.places[tuple] = p
	}
	r.lastTuple, r.last = tuple, p
	return p
}

func (p *place) count(t *topology.Traffic, bound, value float64) {
	switch p.metric.Name {
	case Requests.Name:
		t.AddRequests(p.response, value)
		if p.metric.operation != "" {
			t.AddOperation(p.operation, p.response, value)
		}
		p.secure(t, value)
	case LatencyBuckets.Name:
		t.LatencyHistogram().AddBucket(bound, value)
	case LatencySum.Name:
		t.LatencyHistogram().Sum += value / milliseconds
	case LatencyCount.Name:
		t.LatencyHistogram().AddBucket(math.Inf(1), value)
	case RequestBytes.Name:
		t.RequestBytes += value
	case ResponseBytes.Name:
		t.ResponseBytes += value
	case RequestMessages.Name:
		t.RequestMessages += value
	case ResponseMessages.Name:
		t.ResponseMessages += value
	case TCPRequestBytes.Name:
		t.AddTCPRequestBytes(p.flags, value)
	case TCPResponseBytes.Name:
		t.AddTCPResponseBytes(p.flags, value)
	case TCPOpened.Name:
		t.Opened += value
		p.secure(t, value)
	case TCPClosed.Name:
		t.Closed += value
	}
}

func (p *place) secure(t *topology.Traffic, value float64) {
	if p.metric.noSecurity {
		return
	}
	t.AddSecured(p.policy, value)
	t.AddPrincipals(p.sourceID, p.destID, value)
}

const milliseconds = 1e3

// bound is the upper bound of that number, in seconds, NaN where it is none;
// again tells that it was read before, from another text.
func (r *Reader) bound(symbol uint32) (bound float64, again bool) {
	bound, ok := r.bounds[symbol]
	if !ok {
		bound = math.NaN()
		if ms, err := strconv.ParseFloat(r.labels.Value(symbol), 64); err == nil {
			bound = ms / milliseconds
			for _, other := range r.bounds {
				if other == bound {
					r.again[symbol] = true
				}
			}
		}
		r.bounds[symbol] = bound
	}
	return bound, len(r.again) > 0 && r.again[symbol]
}

func (r *Reader) place(tuple labelset.Tuple) *place {
	var labels Labels
	for l := range numLabels {
		labels[l] = r.value(tuple, l.String())
	}
	metric, asked := r.question.metric(r.value(tuple, nameLabel))
	if !asked {
		return &place{reason: UnknownMetric, metric: metric}
	}
	labels.completeClusters(r.value(tuple, r.question.clusterLabel))
	p := &place{metric: metric, isBuckets: metric.Name == LatencyBuckets.Name}
	p.Placement, p.reason = Place(metric, &labels)
	if p.reason == NoDestination && r.question.nowhere {
		p.reason = ""
	}
	p.reported = r.reportOf(p.Placement)
	p.response, p.flags, p.policy = response(&labels), flags(&labels), policy(&labels)
	p.operation = known(r.value(tuple, metric.operation))
	p.sourceID, p.destID = known(labels[SourcePrincipal]), known(labels[DestinationPrincipal])
	return p
}

func (r *Reader) reportOf(p Placement) *reported {
	id := reportID{p.Key, p.Protocol, p.Reporter}
	of, ok := r.reported[id]
	if !ok {
		of = new(reported)
		r.reported[id] = of
	}
	return of
}

func (r *Reader) value(tuple labelset.Tuple, label string) string {
	if i := r.labels.Index(label); i >= 0 {
		return r.labels.Value(tuple[i])
	}
	return ""
}

// completeClusters takes the store's own name of the cluster that a proxy was
// scraped in for that proxy's end of the call, where Istio does not know it.
func (l *Labels) completeClusters(cluster string) {
	if cluster == "" {
		return
	}
	end := DestinationCluster
	if l[ReporterLabel] == topology.BySource.String() {
		end = SourceCluster
	}
	if known(l[end]) == "" {
		l[end] = cluster
	}
}
