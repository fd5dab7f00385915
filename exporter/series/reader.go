package series

import (
	"cmp"
	"iter"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/meshscope/meshscope/exporter/labelset"
	"github.com/meshscope/meshscope/exporter/topology"
)

// Reader reads one family's derived series back into what flows are made of.
// It remembers label sets from one answer to the next. It is for one answer at
// a time.
type Reader struct {
	family *Family
	labels *labelset.Table
	// The places in a tuple of the edge's labels, of the family's own, of the
	// protocol and of the upper bound; -1 of what the family does not have.
	edge         [len(topology.EdgeLabels)]int
	own          []int
	protocol, le int
	places       map[labelset.Tuple]*seriesPlace

	// Of the answer that is being read:
	flows  *Flows
	number uint64 // of answers so far
	found  []*topology.Flow
	// others are series that spell a label set as we do not publish it. They
	// wait for the answer's end, to be added in an order of their own (T4).
	others []otherSeries
}

// seriesPlace is where the series of one label set belongs.
type seriesPlace struct {
	flowID
	values []string // of family.Labels
	bound  float64
	// other tells that the label set is not spelled as it is published. Of
	// those that are, each is a part of another sum, but for bounds, which
	// stores write in two ways: and of two parts the order does not matter.
	other bool

	answer uint64 // the last answer that it was in
	found  int    // where its flow is among that answer's
}

type otherSeries struct {
	place *seriesPlace
	flow  *topology.Flow
	value float64
}

// NewReader is a Reader of the answers to questions for family f.
func NewReader(f *Family) *Reader {
	names := f.labelNames()
	if f.Type == Histogram {
		names = append(names, upperBound)
	}
	r := &Reader{family: f, labels: labelset.New(names...), places: map[labelset.Tuple]*seriesPlace{}}
	for i, name := range topology.EdgeLabels {
		r.edge[i] = r.labels.Index(name)
	}
	for _, name := range f.Labels {
		r.own = append(r.own, r.labels.Index(name))
	}
	r.protocol, r.le = r.labels.Index(requestProtocol), r.labels.Index(upperBound)
	return r
}

// upperBound is the label of a histogram's buckets.
const upperBound = "le"

// Begin tells where the series of the next answer go, until End.
func (r *Reader) Begin(to *Flows) {
	const most = 1 << 20 // label sets of past answers
	if r.labels.Len() > most || len(r.places) > most {
		r.labels.Forget()
		clear(r.places)
	}
	r.flows = to
	r.number++
}

// End counts what waits for the answer's end, and lets go of the answer.
func (r *Reader) End() {
	slices.SortFunc(r.others, func(a, b otherSeries) int { return cmp.Compare(a.value, b.value) })
	for _, o := range r.others {
		r.count(o.place, o.flow, o.value)
	}
	clear(r.others)
	r.others = r.others[:0]
	r.flows = nil
	clear(r.found)
	r.found = r.found[:0]
}

// Add adds one series: value is what it grew by, or, of an info series,
// nothing of interest. Values that are no count are passed over; ok is false
// then.
func (r *Reader) Add(labels iter.Seq2[[]byte, []byte], value float64) (ok bool) {
	if math.IsNaN(value) || math.IsInf(value, 0) || value < 0 {
		return false
	}
	tuple := r.labels.Read(labels)
	p, seen := r.places[tuple]
	if !seen {
		p = r.place(tuple)
		r.places[tuple] = p
	}
	if p.answer != r.number {
		p.answer, p.found = r.number, len(r.found)
		r.found = append(r.found, r.flows.flow(p.flowID))
	}
	if p.other {
		r.others = append(r.others, otherSeries{p, r.found[p.found], value})
	} else {
		r.count(p, r.found[p.found], value)
	}
	return true
}

// Place is where the values of one series belong.
type Place struct {
	reader *Reader
	place  *seriesPlace
}

// Place is the place of a series, for those who count its values themselves.
func (r *Reader) Place(labels iter.Seq2[[]byte, []byte]) Place {
	tuple := r.labels.Read(labels)
	p, seen := r.places[tuple]
	if !seen {
		p = r.place(tuple)
		r.places[tuple] = p
	}
	return Place{r, p}
}

// Key is the edge that the series is of, and Protocol the protocol. Of labels
// that the answer was not told apart by nothing is known.
func (p Place) Key() topology.EdgeKey { return p.place.key }

// Protocol is that of the series.
func (p Place) Protocol() topology.Protocol { return p.place.protocol }

// Response is what the calls ended with that a series of EdgeRequests counts.
func (p Place) Response() topology.Response { return p.place.response() }

// Compare orders places of one family.
func (p Place) Compare(o Place) int {
	return cmp.Or(
		p.place.key.Compare(o.place.key), cmp.Compare(p.place.protocol, o.place.protocol),
		slices.Compare(p.place.values, o.place.values), cmp.Compare(p.place.bound, o.place.bound),
	)
}

// Count adds a value of the series to some traffic.
func (p Place) Count(t *topology.Traffic, value float64) {
	p.reader.count(p.place, &topology.Flow{Traffic: t}, value)
}

func (p *seriesPlace) response() topology.Response {
	return topology.Response{Code: absentAs(topology.Unknown, p.values[1]), GRPCStatus: p.values[2], Flags: absentAs("-", p.values[3])}
}

func (r *Reader) count(p *seriesPlace, f *topology.Flow, value float64) {
	t := f.Traffic
	switch r.family {
	case EdgeRequests:
		t.AddRequests(p.response(), value)
	case EdgeDuration:
		if math.IsNaN(p.bound) {
			t.LatencyHistogram().Sum += value
		} else {
			t.LatencyHistogram().AddBucket(p.bound, value)
		}
	case EdgeRequestBytes:
		t.RequestBytes += value
	case EdgeResponseBytes:
		t.ResponseBytes += value
	case EdgeRequestMessages:
		t.RequestMessages += value
	case EdgeResponseMessages:
		t.ResponseMessages += value
	case EdgeTCPRequestBytes:
		t.AddTCPRequestBytes(absentAs("-", p.values[0]), value)
	case EdgeTCPResponseBytes:
		t.AddTCPResponseBytes(absentAs("-", p.values[0]), value)
	case EdgeTCPOpened:
		t.Opened += value
	case EdgeTCPClosed:
		t.Closed += value
	case EdgeSecured:
		t.AddSecured(topology.Policy(p.values[1]), value)
	case EdgeInfo:
		t.AddPrincipals(absentAs(topology.Unknown, p.values[1]), absentAs(topology.Unknown, p.values[2]), 1)
		if by, known := topology.ParseReporter(p.values[3]); known {
			f.Reporter = max(f.Reporter, by) // of several, as Merge does
		}
	}
}

func (r *Reader) place(tuple labelset.Tuple) *seriesPlace {
	value := func(at int) string {
		if at < 0 {
			return ""
		}
		return r.labels.Value(tuple[at])
	}
	p := &seriesPlace{bound: math.NaN()}
	for i, field := range p.key.Fields() {
		*field = absentAs(topology.Unknown, value(r.edge[i]))
		p.other = p.other || value(r.edge[i]) == ""
	}
	for i, at := range r.own {
		p.values = append(p.values, value(at))
		p.other = p.other || p.values[i] == "" && r.family.Labels[i] != grpcResponseStatus
	}
	p.flowID.protocol = r.family.protocol()
	if r.protocol >= 0 {
		p.flowID.protocol = topology.Protocol(value(r.protocol))
	}
	if bound, err := strconv.ParseFloat(value(r.le), 64); err == nil {
		p.bound = bound
		p.other = p.other || strings.TrimSuffix(value(r.le), ".0") != string(appendFloat(nil, bound))
	}
	return p
}

// protocol is that of families without a label for it.
func (f *Family) protocol() topology.Protocol {
	switch f {
	case EdgeRequestMessages, EdgeResponseMessages:
		return topology.GRPC
	}
	return topology.TCP
}

// absentAs is v, or "" where it is how an absent value is published.
func absentAs(published, v string) string {
	if v == published {
		return ""
	}
	return v
}

// Flows collects the flows that readers of several families read.
type Flows struct {
	byID map[flowID]*topology.Flow
}

type flowID struct {
	key      topology.EdgeKey
	protocol topology.Protocol
}

// NewFlows is an empty collection.
func NewFlows() *Flows { return &Flows{byID: map[flowID]*topology.Flow{}} }

func (fs *Flows) flow(id flowID) *topology.Flow {
	f, ok := fs.byID[id]
	if !ok {
		f = &topology.Flow{Key: id.key, Protocol: id.protocol, Traffic: new(topology.Traffic)}
		fs.byID[id] = f
	}
	return f
}

// Merge adds the flows of another collection, which must not be used again.
func (fs *Flows) Merge(o *Flows) {
	for id, f := range o.byID {
		mine, ok := fs.byID[id]
		if !ok {
			fs.byID[id] = f
			continue
		}
		mine.Traffic.Merge(f.Traffic)
		mine.Reporter = max(mine.Reporter, f.Reporter)
	}
}

// Sorted are the flows, in order.
func (fs *Flows) Sorted() []topology.Flow {
	flows := make([]topology.Flow, 0, len(fs.byID))
	for _, f := range fs.byID {
		flows = append(flows, *f)
	}
	topology.SortFlows(flows)
	return flows
}
