package frames

import (
	"cmp"

	"github.com/meshscope/meshscope/exporter/topology"
	"github.com/meshscope/meshscope/plugin/pkg/query"
)

// sight is what is known of a whole mesh, of which a query shows a part.
type sight struct {
	query   query.Query
	history History // may be nil
	past    *past   // nil where nothing is compared
	links   Links
	// interval is the range that is looked at.
	interval topology.Interval
	seconds  float64
	mesh     struct {
		edges    int
		clusters bool // there are several
		// judgedNodes and judgedEdges tell that somebody has judged these.
		judgedNodes, judgedEdges bool
	}
}

func newSight(whole *topology.Graph, v View) sight {
	s := sight{query: v.Query, history: v.History, past: newPast(v.Then), links: v.Links, interval: whole.Interval, seconds: whole.Interval.Length.Seconds()}
	s.mesh.edges = len(whole.Edges)
	s.mesh.clusters = severalClusters(whole.Nodes)
	s.noteHealth(whole)
	return s
}

// rowOf is a node with its traffic of the protocols that are shown.
func (s *sight) rowOf(n *topology.Node) *nodeRow {
	r := s.rowAs(n)
	if r.then = s.nodeThen(n); r.then != nil && !r.active() {
		r.load = r.then.load // what is gone is as large as it was
	}
	return r
}

func (s *sight) rowAs(n *topology.Node) *nodeRow {
	r := &nodeRow{
		Node: n, id: n.ID(), in: totalsOf(n.In, s.query, s.seconds), out: totalsOf(n.Out, s.query, s.seconds),
		within: totals{seconds: s.seconds},
	}
	r.load = max(r.in.load(), r.out.load())
	return r
}

func severalClusters(nodes []*topology.Node) bool {
	first := ""
	for _, n := range nodes {
		cluster := n.Cluster
		if n.Kind == topology.KindCluster {
			cluster = n.Name
		}
		if first = cmp.Or(first, cluster); cluster != "" && cluster != first {
			return true
		}
	}
	return false
}
