package source

import (
	"time"

	"github.com/meshscope/meshscope/exporter/promql"
	"github.com/meshscope/meshscope/exporter/topology"
)

// Span are the instants at which traffic is looked at, and how far back from
// each.
type Span struct {
	promql.Range

	// Window is the stretch of time before an instant that it tells of.
	Window time.Duration
}

// Len is the number of instants.
func (s Span) Len() int { return int(s.End.Sub(s.Start)/s.Step) + 1 }

// At is the instant of that number.
func (s Span) At(i int) time.Time { return s.Start.Add(time.Duration(i) * s.Step) }

// Index is the number of an instant that is told in milliseconds.
func (s Span) Index(ms int64) (i int, ok bool) {
	since := time.Duration(ms-s.Start.UnixMilli()) * time.Millisecond
	i = int(since / s.Step)
	return i, since >= 0 && since%s.Step == 0 && i < s.Len()
}

// Part is the traffic of one edge of workloads by one protocol.
type Part struct {
	Key      topology.EdgeKey
	Protocol topology.Protocol
}

// Wanted are entities whose traffic is wanted step by step: nodes that are
// called, nodes that call, or edges. Entities are numbers.
type Wanted struct {
	// All are all parts that had traffic in the range.
	All []Part
	// Of are the entities that a part belongs to. Most belong to none.
	Of map[Part]Share
}

// Share is what part of a part's traffic is that of entities.
type Share struct {
	Entities []int
	// Left is what is left of the traffic where some of it was a waypoint's hop:
	// nil is all.
	Left *Left
}

// Left is what is left of some traffic: of each response its part, and of other
// measures than requests all or nothing.
type Left struct {
	Requests     map[topology.Response]float64
	RequestsOnly bool
}

// Taker takes courses.
type Taker interface {
	// Over tells, first of all, which instants are told of: those that were asked
	// for, or others as far apart where the store has these ready.
	Over(span Span)
	// Take is given the traffic of an entity at an instant, by those protocols of
	// which the store has something. It must not keep it.
	Take(entity, at int, by map[topology.Protocol]*topology.Traffic)
}
