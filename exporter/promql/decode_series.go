package promql

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
	s, series := &d.scan, &d.series
	series.Labels, series.text = series.Labels[:0], series.text[:0]
	sorted := true
	s.Open('{')
	for s.More('}') {
		// The text may move when it grows. Labels that point to where it was stay good,
		// because nothing writes there any more.
		start := len(series.text)
		series.text = s.AppendKey(series.text)
		colon := len(series.text)
		series.text = s.AppendString(series.text)
		end := len(series.text)
		series.Labels = append(series.Labels, Label{
			Name:  series.text[start:colon:colon],
			Value: series.text[colon:end:end],
		})
		sorted = series.settleLabel(sorted)
		if end > maxLabelBytes || len(series.Labels) > maxLabels {
			s.Failf("a series with more than %d labels or %d bytes of them", maxLabels, maxLabelBytes)
		}
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
