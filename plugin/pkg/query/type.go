package query

// Type is what a query asks for.
type Type string

// The types of queries. This version serves TypeGraph.
const (
	TypeGraph   Type = "graph"   // nodes and edges, for the node graph panel
	TypeEdges   Type = "edges"   // a table of edges
	TypeNodes   Type = "nodes"   // a table of nodes
	TypeHealth  Type = "health"  // a verdict per entity, for alerting
	TypeTraffic Type = "traffic" // time series
	TypeChanges Type = "changes" // annotations
	TypeValues  Type = "values"  // the values of variables
)

// Types are all types.
var Types = []Type{TypeGraph, TypeEdges, TypeNodes, TypeHealth, TypeTraffic, TypeChanges, TypeValues}
