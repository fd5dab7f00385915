package source

import (
	"time"

	"github.com/meshscope/meshscope/exporter/istio"
	"github.com/meshscope/meshscope/exporter/topology"
)

// Answer is what a source found.
type Answer struct {
	// IsWaypoint tells waypoints from other workloads.
	IsWaypoint func(topology.Peer) bool
	// Flows are the traffic of each edge over the interval.
	Flows []topology.Flow
	// Unfolded are the flows before hops through waypoints became part of the
	// calls that they carry. A flow that nothing was taken from has the same
	// Traffic in both.
	Unfolded []topology.Flow
	// Health is how well the mesh is, at the interval's end or, in raw mode, by
	// the requests of the interval; nil where nothing is known of that.
	Health Health
	// History is what is known of it beyond that; nil where nothing is.
	History History

	Asked
}

// Asked is how the store was asked for an answer, of whichever kind.
type Asked struct {
	// Queries are what the store was asked, in a defined order.
	Queries []Query
	// Warnings are the store's own, such as of a partial answer.
	Warnings []string
	// Rejected counts the samples that could not be placed or counted, by
	// reason.
	Rejected map[istio.Reason]int
}

// Note notes a query, and what the store remarked of it.
func (a *Asked) Note(q Query, warnings []string) {
	a.Queries = append(a.Queries, q)
	a.Warnings = append(a.Warnings, warnings...)
}

// Query is one query that a store was asked: PromQL, and for when.
type Query struct {
	Text string
	At   time.Time
	// Since and Every are when a query began that was asked for several instants
	// up to At, and how far these are apart; zero for a query of one instant.
	Since time.Time
	Every time.Duration
}
