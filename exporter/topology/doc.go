// Package topology holds the map of a mesh: who calls whom, and what is known
// of these calls.
//
// It is pure. It does no I/O and knows no clock, no metric name and no query
// language; what time it is, and how long an interval was, is told to it.
//
// A sample takes this way through it:
//
//	Reports  what each reporter said of each edge over one interval
//	   │
//	Dedup    one reporter per pair, transport folded into calls (T1, T9)
//	   ▼
//	Flow     an edge's own traffic, each call once
//	   │
//	Build    nodes and edges of one Level, merged by sum (T3)
//	   ▼
//	Graph
//	   │
//	Select, Focus, Part, Limit
//	   ▼
//	Graph    what a view shows of it, with the numbers of the whole (T4)
//
// The truth rules T1 to T9 are those of the project's architecture page.
package topology
