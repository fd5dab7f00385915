package promql

import (
	"io"
	"strings"
	"sync"

	"github.com/meshscope/meshscope/exporter/promql/internal/jsonscan"
)

const (
	// maxNotes bounds how many warnings and infos are kept, maxNote the bytes of each.
	maxNotes = 100
	maxNote  = 1 << 10
)

// shape is what the elements of a result look like.
type shape uint8

const (
	unknownShape shape = iota
	vectorShape        // objects with value or histogram
	matrixShape        // objects with values or histograms
	scalarShape        // a pair of time and value
)

// String returns the resultType that the API calls the shape by.
func (s shape) String() string { return [...]string{"unknown", "vector", "matrix", "scalar"}[s] }

func shapeOf(resultType []byte) shape {
	for s := vectorShape; s <= scalarShape; s++ {
		if string(resultType) == s.String() {
			return s
		}
	}
	return unknownShape
}

// envelope is what an answer says about itself, beside its data.
type envelope struct {
	status    string
	errorType string
	message   string
}

// decoder reads one answer from a stream.
type decoder struct {
	scan   jsonscan.Scanner
	series Series
	names  names // of the labels of the series before
	text   []byte
	each   func(*Series) error
	answer Answer
	envelope
	declared, seen shape
	hasData        bool // the key "data" was there, and not null
	hasResult      bool
}

var decoders = sync.Pool{New: func() any { return new(decoder) }}

// decode reads an answer and gives each of its series to each. Its error is a
// *jsonscan.SyntaxError, a *foreignError, what reading failed with, or a
// *callerError of each. A document may be a proper one and still say that the
// query failed: see the envelope.
func decode(r io.Reader, each func(*Series) error) (Answer, envelope, error) {
	d := decoders.Get().(*decoder)
	defer decoders.Put(d)
	d.reset(r, each)
	d.document()
	answer, said, err := d.answer, d.envelope, d.scan.Err()
	d.reset(nil, nil)
	return answer, said, err
}

// reset drops what the last answer left but the buffers, which are of bounded size.
func (d *decoder) reset(r io.Reader, each func(*Series) error) {
	d.scan.Reset(r)
	d.each, d.answer, d.envelope = each, Answer{}, envelope{}
	d.declared, d.seen, d.hasData, d.hasResult = unknownShape, unknownShape, false, false
}

// document reads {"status": …, "data": …, …} to the end of the stream. The keys
// come in any order, and ones that are not known are skipped.
func (d *decoder) document() {
	s := &d.scan
	if c := s.Peek(); c != '{' && s.Err() == nil {
		s.Abort(&foreignError{start: string(s.Buffered()[:min(len(s.Buffered()), 2*maxQuote)])})
	}
	s.Open('{')
	for s.More('}') {
		switch string(s.Key()) {
		case "status":
			d.status = d.str()
		case "errorType":
			d.errorType = d.str()
		case "error":
			d.message = d.str()
		case "warnings":
			d.answer.Warnings = d.notes()
		case "infos":
			d.answer.Infos = d.notes()
		case "data":
			d.data()
		default:
			s.Skip()
		}
	}
	s.End()
	if d.status == "success" && !d.hasResult {
		s.Failf("no result")
	}
}

// data reads {"resultType": …, "result": …}. Stores send null beside an error.
func (d *decoder) data() {
	s := &d.scan
	if s.Null() {
		return
	}
	if d.hasData {
		// The first one's series have been handed out and cannot be taken back.
		s.Failf("a second data")
	}
	d.hasData = true
	s.Open('{')
	for s.More('}') {
		switch string(s.Key()) {
		case "resultType":
			d.resultType()
		case "result":
			if d.hasResult {
				s.Failf("a second result")
			}
			d.hasResult = true
			d.result()
		default:
			s.Skip()
		}
	}
	if d.hasResult && d.declared == unknownShape {
		s.Failf("a result without resultType")
	}
	if d.hasResult && d.declared == scalarShape && d.seen != scalarShape {
		s.Failf("a scalar without a value")
	}
}

func (d *decoder) resultType() {
	d.text = d.scan.AppendString(d.text[:0])
	d.declared = shapeOf(d.text)
	if d.declared == unknownShape {
		d.scan.Failf("resultType is %q, not vector, matrix or scalar", brief(string(d.text)))
	}
	d.agree()
}

// see notes the shape of a part of the result, which must be that of the others.
func (d *decoder) see(seen shape) {
	if d.seen != unknownShape && d.seen != seen {
		d.scan.Failf("a %s in a %s", seen, d.seen)
	}
	d.seen = seen
	d.agree()
}

// agree fails when the result is not of the type that it is said to be.
func (d *decoder) agree() {
	if d.declared != unknownShape && d.seen != unknownShape && d.declared != d.seen {
		d.scan.Failf("resultType is %s, but the result is a %s", d.declared, d.seen)
	}
}

// result reads an array of series, or the pair of a scalar.
func (d *decoder) result() {
	s := &d.scan
	if s.Null() {
		return // an empty list, as some encoders write it
	}
	s.Open('[')
	for s.More(']') {
		if s.Peek() == '{' {
			d.oneSeries()
			continue
		}
		if d.seen == unknownShape {
			d.scalar()
			return
		}
		s.Failf("a %s with something else than objects", d.seen)
	}
}

// scalar reads the rest of [time, "value"], behind the bracket.
func (d *decoder) scalar() {
	d.see(scalarShape)
	d.startSeries()
	d.restOfPoint()
	d.emit()
}

// notes reads an array of strings, or null.
func (d *decoder) notes() (notes []string) {
	s := &d.scan
	if s.Null() {
		return nil
	}
	s.Open('[')
	for s.More(']') {
		note := d.str()
		if len(notes) < maxNotes {
			notes = append(notes, note)
		}
	}
	return notes
}

// str reads a string of which only the start is wanted if it is long.
func (d *decoder) str() string {
	d.text = d.scan.AppendString(d.text[:0])
	if len(d.text) > maxNote {
		return strings.ToValidUTF8(string(d.text[:maxNote]), "") + "…"
	}
	return string(d.text)
}

// foreignError tells that a body is no JSON object.
type foreignError struct{ start string }

func (e *foreignError) Error() string { return "not a JSON object: " + brief(e.start) }

// callerError is an error that the caller's function returned.
type callerError struct{ err error }

func (e *callerError) Error() string { return e.err.Error() }
