package mesh

import (
	"slices"
	"strings"
)

// requestCounters are what a proxy counts for one report of requests.
type requestCounters struct {
	total                  uint64
	duration               histogram
	requestSize, replySize histogram
}

// messageCounters are what a proxy counts of the messages of gRPC calls.
type messageCounters struct {
	requests, replies uint64
}

// connectionCounters are what a proxy counts for one report of connections.
// Directions are those of the call: requests go from client to server.
type connectionCounters struct {
	opened, closed           uint64
	requestBytes, replyBytes uint64
}

// counters are the metrics of one proxy, from its start or reset.
type counters struct {
	requests    table[requestCounters]
	messages    table[messageCounters]
	connections table[connectionCounters]
}

// table holds the counters of one kind by their labels. A row appears with
// the first event that it counts, as in Envoy.
type table[T any] struct {
	rows  []row[T]
	index map[*labelSet]*T
}

type row[T any] struct {
	labels *labelSet
	counts *T
}

func (t *table[T]) at(labels *labelSet) *T {
	counts, ok := t.index[labels]
	if !ok {
		if t.index == nil {
			t.index = map[*labelSet]*T{}
		}
		counts = new(T)
		t.index[labels] = counts
		at, _ := slices.BinarySearchFunc(t.rows, labels.text, func(r row[T], text string) int {
			return strings.Compare(r.labels.text, text)
		})
		t.rows = slices.Insert(t.rows, at, row[T]{labels: labels, counts: counts})
	}
	return counts
}
