package query

// Type is what a query asks for.
type Type string

// The types of queries.
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

// Entity is what a health query has a row of, and a traffic query a series: a
// node of the level, or an edge between two of them.
type Entity string

// The entities.
const (
	EntityNode Entity = "node"
	EntityEdge Entity = "edge"
)

// Entities are all entities.
var Entities = []Entity{EntityNode, EntityEdge}

// Of is what the values of a variable are the names of.
type Of string

// What there are names of.
const (
	OfClusters   Of = "clusters"
	OfNamespaces Of = "namespaces"
	OfWorkloads  Of = "workloads"
	OfApps       Of = "apps"
	OfServices   Of = "services"
)

// Ofs are all of these.
var Ofs = []Of{OfClusters, OfNamespaces, OfWorkloads, OfApps, OfServices}
