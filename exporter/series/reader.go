package series

import (
	"iter"
	"math"
	"strconv"

	"github.com/meshscope/meshscope/exporter/labelset"
	"github.com/meshscope/meshscope/exporter/topology"
)

// Reader reads one family's derived series back into what flows are made of.
// It is for one answer.
type Reader struct {
	family *Family
	labels *labelset.Table
	places map[labelset.Tuple]*seriesPlace
}

// seriesPlace is where the series of one label set belongs.
type seriesPlace struct {
	key      topology.EdgeKey
	protocol topology.Protocol
	values   []string // of family.Labels
	bound    float64
	flow     *topology.Flow
}

// NewReader is a Reader of the answer to a question for family f.
func NewReader(f *Family) *Reader {
	names := f.labelNames()
	if f.Type == Histogram {
		names = append(names, "le")
	}
	return &Reader{family: f, labels: labelset.New(names...), places: map[labelset.Tuple]*seriesPlace{}}
}

// Add adds one series to flows: value is what it grew by, or, of an info
// series, nothing of interest. Values that are no count are passed over; ok is
// false then.
func (r *Reader) Add(to *Flows, labels iter.Seq2[[]byte, []byte], value float64) (ok bool) {
	if math.IsNaN(value) || math.IsInf(value, 0) || value < 0 {
		return false
	}
	tuple := r.labels.Read(labels)
	p, seen := r.places[tuple]
	if !seen {
		p = r.place(tuple)
		p.flow = to.flow(p.key, p.protocol)
		r.places[tuple] = p
	}
	r.count(p, value)
	return true
}

func (r *Reader) count(p *seriesPlace, value float64) {
	t := p.flow.Traffic
	switch r.family {
	case EdgeRequests:
		t.AddRequests(topology.Response{Code: absentAs(topology.Unknown, p.values[1]), GRPCStatus: p.values[2], Flags: absentAs("-", p.values[3])}, value)
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
			p.flow.Reporter = by
		}
	}
}

func (r *Reader) place(tuple labelset.Tuple) *seriesPlace {
	value := func(name string) string {
		if i := r.labels.Index(name); i >= 0 {
			return r.labels.Value(tuple[i])
		}
		return ""
	}
	p := &seriesPlace{bound: math.NaN(), protocol: r.family.protocol()}
	for i, field := range p.key.Fields() {
		*field = absentAs(topology.Unknown, value(topology.EdgeLabels[i]))
	}
	for _, name := range r.family.Labels {
		p.values = append(p.values, value(name))
		if name == requestProtocol {
			p.protocol = topology.Protocol(value(name))
		}
	}
	if le := value("le"); le != "" {
		if bound, err := strconv.ParseFloat(le, 64); err == nil {
			p.bound = bound
		}
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

func (fs *Flows) flow(key topology.EdgeKey, p topology.Protocol) *topology.Flow {
	id := flowID{key, p}
	f, ok := fs.byID[id]
	if !ok {
		f = &topology.Flow{Key: key, Protocol: p, Traffic: new(topology.Traffic)}
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
