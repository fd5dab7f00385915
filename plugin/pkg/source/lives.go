package source

import (
	"time"

	"github.com/meshscope/meshscope/exporter/topology"
)

// Life is the time for which an edge was there.
type Life struct {
	Key topology.EdgeKey
	// From is when traffic was seen first, Until when it was no longer published,
	// zero where it still was.
	From, Until time.Time
	// Came and Went tell that the beginning and the end are changes of the mesh.
	// What was there when somebody began to look, and what is gone since an
	// exporter began anew, has not changed.
	Came, Went bool
}

// Lives are the lives of edges in an interval.
type Lives struct {
	All []Life
	// IsWaypoint tells waypoints from other workloads.
	IsWaypoint func(topology.Peer) bool
	// Since is when topology was published first in the interval, zero where it
	// never was, First that it was never before.
	Since time.Time
	First bool
	// Step is how exactly ends are told.
	Step time.Duration

	Asked
}
