package series

import (
	"iter"
	"time"

	"github.com/meshscope/meshscope/exporter/topology"
)

// FirstSeen asks since when edges are known that were published within window.
func FirstSeen(window time.Duration) Question {
	return last(EdgeFirstSeen, window, "min")
}

// RefreshedThrough asks up to when published series held what was scraped.
func RefreshedThrough(window time.Duration) Question {
	return last(RefreshTimestamp, window, "max")
}

// Key is the edge that a series is of.
func (r *Reader) Key(labels iter.Seq2[[]byte, []byte]) topology.EdgeKey {
	return r.place(r.labels.Read(labels)).key
}

// AppendGauge appends one gauge without labels, its head included.
func AppendGauge(b []byte, f *Family, value float64) []byte {
	return appendSample(f.appendHead(b), f.Name, "", nil, nil, value)
}
