package query

import (
	"slices"

	"github.com/meshscope/meshscope/exporter/topology"
)

// SchemaVersion is the version of the query's form that this program reads.
const SchemaVersion = 1

// Limits of the number of nodes. The panel draws 200 and no more.
const (
	DefaultLimit = 150
	MaxLimit     = 200
)

// Query is a query for a graph, complete with its defaults.
type Query struct {
	Level topology.Level
	// Namespaces and Clusters are exact names or globs; empty lists are all.
	Namespaces, Clusters []string
	// Protocols are those whose traffic is shown; never empty.
	Protocols []topology.Protocol
	// Idle keeps edges that had no traffic in the range.
	Idle bool
	// Waypoints shows the hops through waypoints instead of folding them.
	Waypoints bool
	// NodeStats and EdgeStats are one or two stats each.
	NodeStats, EdgeStats []Stat
	ColorBy              ColorBy
	// Limit is the greatest number of nodes.
	Limit int
	// Remarks are what the one who wrote the query should know.
	Remarks []string
}

// protocols are all protocols, in the order of legends.
var protocols = []topology.Protocol{topology.HTTP, topology.GRPC, topology.TCP}

// Default is the query of which nothing is said: the whole mesh by workload.
// Latency is not in it: histograms are nine tenths of all series, and reading
// them takes a store several times as long as all the rest.
func Default() Query {
	return Query{
		Level:     topology.ByWorkload,
		Protocols: slices.Clone(protocols),
		NodeStats: []Stat{RequestRate, ErrorRatio},
		EdgeStats: []Stat{RequestRate, ErrorRatio},
		ColorBy:   ByOutcome,
		Limit:     DefaultLimit,
	}
}

// Shows tells that traffic of protocol p is shown.
func (q Query) Shows(p topology.Protocol) bool { return slices.Contains(q.Protocols, p) }

// ShowsAllProtocols tells that no protocol is left out.
func (q Query) ShowsAllProtocols() bool {
	return !slices.ContainsFunc(protocols, func(p topology.Protocol) bool { return !q.Shows(p) })
}

// Needs tells that a node or an edge shows s.
func (q Query) Needs(s Stat) bool {
	return slices.Contains(q.NodeStats, s) || slices.Contains(q.EdgeStats, s)
}

// NeedsQuantile tells that something in the answer is a quantile of request durations.
func (q Query) NeedsQuantile() bool {
	return q.ColorBy == ByLatency || q.Needs(P50) || q.Needs(P95) || q.Needs(P99)
}
