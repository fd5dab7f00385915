package frames

import (
	"cmp"

	"github.com/meshscope/meshscope/exporter/topology"
	"github.com/meshscope/meshscope/plugin/pkg/layout"
	"github.com/meshscope/meshscope/plugin/pkg/query"
)

// Lay places nodes, as layout.Layered does.
type Lay func([]layout.Node, []layout.Edge) []layout.Point

// place gives the rows their places, which the panel then keeps to. It must
// come after all else that settles which rows there are.
func (s *scene) place(lay Lay) {
	if s.query.Layout != query.LayoutLayered {
		return
	}
	nodes := make([]layout.Node, len(s.nodes))
	index := make(map[*nodeRow]int, len(s.nodes))
	for i, n := range s.nodes {
		nodes[i] = layout.Node{ID: n.id, Group: groupOf(n.Node)}
		index[n] = i
	}
	edges := make([]layout.Edge, len(s.edges))
	for i, e := range s.edges {
		edges[i] = layout.Edge{From: index[e.source], To: index[e.target]}
	}
	if lay == nil {
		lay = layout.Layered
	}
	for i, at := range lay(nodes, edges) {
		s.nodes[i].at = at
	}
}

// groupOf is what a node is kept together with: its namespace; a namespace with
// those of its cluster. Clusters, and what is of no namespace, have none.
func groupOf(n *topology.Node) string {
	switch n.Kind {
	case topology.KindCluster:
		return ""
	case topology.KindNamespace:
		return n.Cluster
	}
	if n.Namespace == "" {
		return ""
	}
	return cmp.Or(n.Cluster, topology.Unknown) + "/" + n.Namespace
}

// placeColumns are where the nodes are, if it is not the panel that places them.
func placeColumns(q query.Query) []column[*nodeRow] {
	if q.Layout != query.LayoutLayered {
		return nil
	}
	return []column[*nodeRow]{
		number("fixedx", "", func(r *nodeRow) float64 { return r.at.X }),
		number("fixedy", "", func(r *nodeRow) float64 { return r.at.Y }),
	}
}
