package promql

import (
	"math"
	"strconv"
)

// point reads [time, "value"].
func (d *decoder) point() {
	d.scan.Open('[')
	if !d.scan.More(']') {
		d.scan.Failf("a sample without time and value")
	}
	d.restOfPoint()
}

// restOfPoint reads a sample whose opening bracket has been read.
func (d *decoder) restOfPoint() {
	s := &d.scan
	ms, ok := milliseconds(s.Number())
	if !ok {
		s.Failf("a time that is out of range")
	}
	if !s.More(']') {
		s.Failf("a sample without value")
	}
	d.text = s.AppendString(d.text[:0])
	if s.Err() != nil {
		return
	}
	value, err := strconv.ParseFloat(string(d.text), 64)
	if err != nil {
		s.Failf("%q, which is not a sample value", brief(string(d.text)))
	}
	if s.More(']') {
		s.Failf("a sample of more than time and value")
	}
	d.series.Points = append(d.series.Points, Point{Time: ms, Value: value})
}

// maxExact is below what a float64 of seconds holds to the millisecond, so that
// the short way below gives what the long one does.
const maxExact = 1_000_000_000_000_000

// milliseconds turns seconds, as JSON writes them, into milliseconds, rounded to
// the nearest one.
func milliseconds(seconds []byte) (int64, bool) {
	if ms, ok := plainMilliseconds(seconds); ok {
		return ms, true
	}
	f, err := strconv.ParseFloat(string(seconds), 64)
	f = math.Round(f * 1000)
	// The float64 above the largest int64 is 1<<63 itself.
	if err != nil || f < math.MinInt64 || f >= 1<<63 {
		return 0, false
	}
	return int64(f), true
}

// plainMilliseconds does the same for what stores send: digits, and up to
// three behind a point.
func plainMilliseconds(seconds []byte) (ms int64, ok bool) {
	if len(seconds) == 0 || len(seconds) > 15 { // 15 digits times 1000 fit in an int64
		return 0, false
	}
	decimals, point := 0, false
	for _, c := range seconds {
		switch {
		case c == '.' && !point:
			point = true
		case '0' <= c && c <= '9':
			ms = ms*10 + int64(c-'0')
			if point {
				decimals++
			}
		default:
			return 0, false
		}
	}
	for ; decimals < 3; decimals++ {
		ms *= 10
	}
	return ms, decimals == 3 && ms < maxExact
}
