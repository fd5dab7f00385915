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

	text []byte // names and values of Labels
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
// name is there already replaces the earlier value. Stores send names in order,
// and then one comparison is enough; sorted says whether they have been so far.
func (s *Series) settleLabel(sorted bool) (stillSorted bool) {
	last := len(s.Labels) - 1
	if last == 0 {
		return true
	}
	added := s.Labels[last]
	if sorted && string(s.Labels[last-1].Name) < string(added.Name) {
		return true
	}
	for i := range last {
		if string(s.Labels[i].Name) == string(added.Name) {
			s.Labels[i].Value = added.Value
			s.Labels = s.Labels[:last]
			return sorted
		}
	}
	return false
}
