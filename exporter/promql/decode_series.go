package promql

import "github.com/meshscope/meshscope/exporter/promql/internal/jsonscan"

// What bounds time and memory of one series.
const (
	maxLabels     = 1 << 10
	maxLabelBytes = 1 << 20
	maxPoints     = 1 << 20
)

// oneSeries reads {"metric": …, "value" or "values": …}.
func (d *decoder) oneSeries() {
	s := &d.scan
	d.startSeries()
	histograms, floats := 0, false
	s.Open('{')
	for s.More('}') {
		switch string(s.Key()) {
		case "metric":
			d.labels()
		case "value":
			d.see(vectorShape)
			floats = true
			d.series.Points = d.series.Points[:0]
			d.point()
		case "values":
			d.see(matrixShape)
			floats = true
			d.series.Points = d.series.Points[:0]
			d.points()
		case "histogram":
			d.see(vectorShape)
			histograms = 1
			s.Skip()
		case "histograms":
			d.see(matrixShape)
			histograms = d.count()
		default:
			s.Skip()
		}
	}
	d.answer.Histograms += histograms
	switch {
	case floats:
		d.emit()
	case histograms == 0:
		s.Failf("a series without values")
	}
}

func (d *decoder) startSeries() {
	d.series.Labels = d.series.Labels[:0]
	d.series.Points = d.series.Points[:0]
	d.series.text = d.series.text[:0]
}

// emit gives the series to the caller's function.
func (d *decoder) emit() {
	if d.scan.Err() != nil {
		return
	}
	d.answer.Series++
	d.answer.Points += len(d.series.Points)
	if err := d.each(&d.series); err != nil {
		d.scan.Abort(&callerError{err})
	}
}

// labels reads {"name": "value", …}. Of a name that comes twice the last value counts.
func (d *decoder) labels() {
	s, series, names := &d.scan, &d.series, &d.names
	series.Labels, series.text = series.Labels[:0], series.text[:0]
	size := 0
	s.Open('{')
	for i := 0; s.More('}'); i++ {
		if i >= names.sorted || !s.SkipKey(names.at[i]) {
			names.set(i, s.Key())
		}
		// The text may move when it grows. Labels that point to where it was stay good,
		// because nothing writes there any more.
		start := len(series.text)
		series.text = s.AppendString(series.text)
		end := len(series.text)
		series.Labels = append(series.Labels, Label{Name: names.at[i], Value: series.text[start:end:end]})
		if i >= names.sorted {
			series.settleLabel()
		}
		if size += len(names.at[i]) + end - start; size > maxLabelBytes || i >= maxLabels {
			s.Failf("a series with more than %d labels or %d bytes of them", maxLabels, maxLabelBytes)
		}
	}
}

// names are the names of a series' labels in their order. The next series has
// the same, as a rule, and they are but compared.
type names struct {
	at [][]byte
	// sorted is how many of the first are in order, each once, and written in JSON as they are.
	sorted int
}

// set notes what the i-th name is in truth. Those before are right.
func (n *names) set(i int, name []byte) {
	if i == len(n.at) {
		n.at = append(n.at, nil)
	}
	n.at[i] = append(n.at[i][:0], name...)
	n.sorted = min(n.sorted, i)
	if n.sorted == i && jsonscan.IsPlain(name) && (i == 0 || string(n.at[i-1]) < string(name)) {
		n.sorted++
	}
}

// points reads [[time, "value"], …].
func (d *decoder) points() {
	s := &d.scan
	s.Open('[')
	for s.More(']') {
		d.point()
		if len(d.series.Points) > maxPoints {
			s.Failf("a series with more than %d points", maxPoints)
		}
	}
}

// count skips an array and returns how many elements it had.
func (d *decoder) count() (n int) {
	d.scan.Open('[')
	for d.scan.More(']') {
		n++
		d.scan.Skip()
	}
	return n
}
