package expr

import "time"

// metricNameLabel is the label that holds the name of a metric.
const metricNameLabel = "__name__"

// Selector selects series by the name of their metric, which may be empty, and
// by their labels. By itself it is an instant vector; Range makes it a range
// vector.
type Selector struct {
	Name     string
	Matchers []Matcher

	ranged         bool
	window, offset time.Duration
}

// Range returns the selector of the samples in the duration before the time of
// evaluation.
func (s Selector) Range(d time.Duration) Selector {
	s.ranged, s.window = true, d
	return s
}

// Offset returns the selector moved into the past by a duration, or into the
// future by a negative one. An offset of 0 is none.
func (s Selector) Offset(d time.Duration) Selector {
	s.offset = d
	return s
}

func (s Selector) write(w *writer) {
	matchers := s.Matchers
	if isMetricName(s.Name) && !isKeyword(s.Name) {
		w.add(s.Name)
	} else if s.Name != "" {
		matchers = append([]Matcher{{Label: metricNameLabel, Op: Equal, Value: s.Name}}, matchers...)
	}
	named := s.Name != ""
	if len(matchers) > 0 || !named {
		w.add("{")
		for i, m := range matchers {
			if i > 0 {
				w.add(",")
			}
			if s.Name != "" && m.Label == metricNameLabel && i >= len(matchers)-len(s.Matchers) {
				w.fail("the metric %q is given another name by a matcher", s.Name)
			}
			named = m.write(w) || named
		}
		w.add("}")
	}
	if !named {
		w.fail("a selector without a name must have a matcher that does not match the empty value")
	}
	if s.ranged {
		w.add("[")
		w.duration(s.window)
		w.add("]")
	}
	w.offset(s.offset)
}

func (s Selector) isOperand() bool { return s.offset == 0 }

// offset writes an offset unless it is 0.
func (w *writer) offset(d time.Duration) {
	switch {
	case d > 0:
		w.add(" offset ")
	case d < 0:
		w.add(" offset -")
		d = -d
	default:
		return
	}
	w.duration(d)
}
