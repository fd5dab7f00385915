package frames

import (
	"math"
	"strconv"
	"strings"
)

// Details are text, so that the panel shows a zero too, and so that each value
// has the unit that fits it.

// formatRate is a number per second: "12.3 req/s".
func formatRate(v float64, unit string) string { return formatNumber(v) + " " + unit }

// formatBytes is a number of bytes per second: "1.2 MB/s".
func formatBytes(perSecond float64) string {
	for _, scale := range [...]struct {
		from float64
		unit string
	}{{1e12, "TB/s"}, {1e9, "GB/s"}, {1e6, "MB/s"}, {1e3, "kB/s"}} {
		if perSecond >= scale.from {
			return formatRate(perSecond/scale.from, scale.unit)
		}
	}
	return formatRate(perSecond, bytesPerS)
}

// formatMillis is a duration: "45 ms", "1.2 s".
func formatMillis(ms float64) string {
	if ms >= 1000 {
		return formatNumber(ms/1000) + " s"
	}
	return formatNumber(ms) + " " + millis
}

// formatShare is a part of 1: "2.5 %".
func formatShare(part float64) string { return formatNumber(100*part) + " " + perCent }

// formatNumber has three significant digits, and as many as it takes before
// the point.
func formatNumber(v float64) string {
	v = finite(v)
	if v == 0 {
		return "0"
	}
	const digits = 3
	decimals := digits - 1 - int(math.Floor(math.Log10(math.Abs(v))))
	if decimals <= 0 {
		return strconv.FormatFloat(v, 'f', 0, 64)
	}
	if decimals > 9 {
		return strconv.FormatFloat(v, 'g', digits, 64)
	}
	return strings.TrimRight(strings.TrimRight(strconv.FormatFloat(v, 'f', decimals, 64), "0"), ".")
}
