package promql

import "iter"

// Label is one label of a series, as the store sent it. Both are valid UTF-8.
type Label struct{ Name, Value []byte }

// Point is one sample of a series.
type Point struct {
	// Time is in milliseconds since the Unix epoch.
	Time int64
	// Value may be NaN or infinite.
	Value float64
}

// Series is one series of an answer: its labels, which are without duplicates
// and in the order of the store, and its points in the order of the store. An
// instant vector and a scalar have one point each.
//
// All its memory is used again once the function that was given it returns.
type Series struct {
	Labels []Label
	Points []Point

	text []byte // values of Labels
}

// All iterates over names and values of the labels. Packages that must not know
// this one take its result as an iter.Seq2[[]byte, []byte].
func (s *Series) All() iter.Seq2[[]byte, []byte] {
	return func(yield func(name, value []byte) bool) {
		for i := range s.Labels {
			if !yield(s.Labels[i].Name, s.Labels[i].Value) {
				return
			}
		}
	}
}

// Get returns the value of a label, nil if the series does not have it.
func (s *Series) Get(name string) []byte {
	for i := range s.Labels {
		if string(s.Labels[i].Name) == name {
			return s.Labels[i].Value
		}
	}
	return nil
}

// settleLabel keeps the names of s unique after a label was appended: one whose
// name is there already replaces the earlier value. Where names come in order,
// as stores send them, there is no need to ask.
func (s *Series) settleLabel() {
	last := len(s.Labels) - 1
	for i := range last {
		if string(s.Labels[i].Name) == string(s.Labels[last].Name) {
			s.Labels[i].Value = s.Labels[last].Value
			s.Labels = s.Labels[:last]
			return
		}
	}
}
