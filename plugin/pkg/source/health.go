package source

import (
	"iter"

	"github.com/meshscope/meshscope/exporter/topology"
)

// Health tells how well a mesh is, and what is known of its workloads.
type Health interface {
	// Attach gives the nodes and edges of a graph their verdicts and objects.
	Attach(g *topology.Graph)
	// All are the verdicts on nodes by Ref, in order, of those too that had no
	// traffic.
	All() iter.Seq2[topology.Ref, *topology.Verdict]
}

// History tells of health what no moment shows.
type History interface {
	// WorstOfNode and WorstOfEdge are the worst that they were in the interval.
	WorstOfNode(n *topology.Node) topology.Health
	WorstOfEdge(e *topology.Edge) topology.Health
	// IsOrigin tells whether a node's failure is its own, at the interval's
	// end; known is false where nobody says.
	IsOrigin(n *topology.Node) (is, known bool)
}
