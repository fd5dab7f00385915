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

// RefreshedThrough asks up to when published series held what was scraped. It
// is not the last value: an exporter that was scraped before its first refresh
// has said 0 since.
func RefreshedThrough(window time.Duration) Question {
	q := last(RefreshTimestamp, window, "max")
	q.overTime = "max_over_time"
	return q
}

// Verdicts asks for what was published last of a family of verdicts, or of
// origins, within window.
func Verdicts(f *Family, window time.Duration) Question {
	return last(f, window, "max")
}

// HealthOf is the verdict that a series of that value is.
func HealthOf(value float64) topology.Health {
	for h := topology.HealthHealthy; h <= topology.HealthFailure; h++ {
		if published, _ := h.Value(); published == value {
			return h
		}
	}
	return topology.HealthNA
}

// Node is the node that a series is of, whose family is not of edges.
func (r *Reader) Node(labels iter.Seq2[[]byte, []byte]) topology.Ref {
	values := r.place(r.labels.Read(labels)).values
	for i, v := range values {
		values[i] = absentAs(topology.Unknown, v)
	}
	if r.family == NamespaceHealth {
		return topology.Ref{Kind: topology.KindNamespace, Cluster: values[0], Name: values[1]}
	}
	kind := topology.KindWorkload
	for k, f := range healthOf {
		if f == r.family {
			kind = k
		}
	}
	return topology.Ref{Kind: kind, Cluster: values[0], Namespace: values[1], Name: values[2]}
}

// Key is the edge that a series is of.
func (r *Reader) Key(labels iter.Seq2[[]byte, []byte]) topology.EdgeKey {
	return r.place(r.labels.Read(labels)).key
}

// AppendGauge appends one gauge without labels, its head included.
func AppendGauge(b []byte, f *Family, value float64) []byte {
	return appendSample(f.appendHead(b), f.Name, "", nil, nil, value)
}
