package render

import (
	"math"
	"strconv"
)

// none is what stands in the place of a figure that is not known.
const none = "-"

// significant is v at n significant digits (T5: a small rate is not 0).
func significant(v float64, n int) float64 {
	rounded, err := strconv.ParseFloat(strconv.FormatFloat(v, 'e', n-1, 64), 64)
	if err != nil {
		return v // rounded up beyond the greatest number
	}
	return rounded
}

// short is v at three significant digits, with a prefix of the SI from 1000 on.
func short(v float64) string {
	v = significant(v, 3)
	prefix := ""
	for _, p := range [...]string{"k", "M", "G", "T"} {
		if v < 1000 {
			break
		}
		v, prefix = significant(v/1000, 3), p
	}
	return strconv.FormatFloat(v, 'g', -1, 64) + prefix
}

// quantity is v with a unit, e.g. "12.3 req/s".
func quantity(v float64, unit string) string {
	if math.IsNaN(v) {
		return none
	}
	return short(v) + " " + unit
}

// byteRate is a rate of bytes, e.g. "1.2 kB/s".
func byteRate(v float64) string {
	if math.IsNaN(v) {
		return none
	}
	s := short(v)
	if last := len(s) - 1; s[last] > '9' {
		return s[:last] + " " + s[last:] + "B/s"
	}
	return s + " B/s"
}

// percent is a ratio in percent, without the sign. What is not all is not 100.
func percent(ratio float64) string {
	if math.IsNaN(ratio) {
		return none
	}
	p := significant(100*ratio, 3)
	if ratio < 1 && p >= 100 {
		p = 99.9
	}
	return strconv.FormatFloat(p, 'g', -1, 64)
}

// duration is a number of seconds, e.g. "12.5ms".
func duration(seconds float64) string {
	switch {
	case math.IsNaN(seconds):
		return none
	case seconds < 1:
		return strconv.FormatFloat(significant(1000*seconds, 3), 'g', -1, 64) + "ms"
	default:
		return strconv.FormatFloat(significant(seconds, 3), 'f', -1, 64) + "s"
	}
}
