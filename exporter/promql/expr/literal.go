package expr

import (
	"math"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// Number is a literal number. NaN and the infinities are allowed.
type Number float64

func (n Number) write(w *writer) {
	switch f := float64(n); {
	case math.IsNaN(f):
		w.add("NaN")
	case math.IsInf(f, 1):
		w.add("Inf")
	case math.IsInf(f, -1):
		w.add("-Inf")
	default:
		w.add(strconv.FormatFloat(f, 'g', -1, 64))
	}
}

// A sign binds less than some operators do.
func (n Number) isOperand() bool { return !math.Signbit(float64(n)) || math.IsNaN(float64(n)) }

// String is a literal string, for functions such as label_replace.
type String string

func (s String) write(w *writer) { w.quoted(string(s)) }

func (s String) isOperand() bool { return true }

// quoted writes a string in quotes, with the escapes that PromQL shares with Go.
func (w *writer) quoted(s string) {
	if !utf8.ValidString(s) {
		w.fail("the string %q is not valid UTF-8", s)
		return
	}
	// Prometheus takes a literal U+FFFD for a bad byte.
	w.add(strings.ReplaceAll(strconv.Quote(s), string(utf8.RuneError), `\ufffd`))
}

var durationUnits = []struct {
	name string
	unit time.Duration
}{{"h", time.Hour}, {"m", time.Minute}, {"s", time.Second}, {"ms", time.Millisecond}}

// duration writes a positive duration in the largest unit that it is a multiple of.
func (w *writer) duration(d time.Duration) {
	if d > 0 {
		for _, u := range durationUnits {
			if d%u.unit == 0 {
				w.add(strconv.FormatInt(int64(d/u.unit), 10), u.name)
				return
			}
		}
	}
	w.fail("the duration %s is not a positive number of milliseconds", d)
}
