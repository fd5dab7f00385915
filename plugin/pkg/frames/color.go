package frames

import (
	"hash/fnv"
	"maps"
	"slices"

	"github.com/meshscope/meshscope/exporter/topology"
	"github.com/meshscope/meshscope/plugin/pkg/compare"
	"github.com/meshscope/meshscope/plugin/pkg/query"
)

// edgeColor is what the highlight says; else what nodes are coloured by, if
// that is told of edges too, for one legend is for both; and else how ill the
// edge is or, where nobody has judged, how bad its calls look. There
// is no other way to mark an edge: the panel has given up its field for that,
// dashes tell of security, and thickness of traffic.
func (s *scene) edgeColor(e *edgeRow) string {
	if s.marked.pairs[pair{e.source.Node, e.target.Node}] {
		return highlight
	}
	if class, ok := s.classOfEdge(e); ok {
		return quiet(class.hex)
	}
	if !s.mesh.judgedEdges {
		return severityColors[e.severity]
	}
	if requests, errors := e.requests(); e.health() == topology.HealthDegraded && errors < fewErrors*requests {
		return amber
	}
	return edgeHealthColors[e.health()]
}

// fewErrors is the part of an edge's calls below which a verdict of Degraded is
// told in a quiet colour: by the usual tolerances a single 5xx is enough for it,
// and of a busy edge some fail each hour.
const fewErrors = 0.01

// quiet is the colour of an edge of a class. There are many edges, and most are
// well.
func quiet(hex string) string {
	if hex == green {
		return sage
	}
	return hex
}

// isHighlighted tells which nodes have the panel's red circle around: those
// that the query asks for, and where it does not, those that fail: of a
// comparison, more than then, and where somebody says whose fault a failure is,
// those at fault alone.
func (s *scene) isHighlighted(r *nodeRow) bool {
	if s.query.Highlight != nil {
		return s.marked.nodes[r.Node]
	}
	if s.query.ColorBy == query.ByChange && s.past != nil {
		return r.change() == compare.Failing && s.fault(r) != affected
	}
	if s.mesh.judgedNodes {
		return r.health() == topology.HealthFailure && s.fault(r) != affected
	}
	return r.in.severity == topology.Failing
}

func namespaceOf(n *topology.Node) string {
	if n.Kind == topology.KindNamespace {
		return n.Name
	}
	return n.Namespace
}

// namespaceColors gives each namespace of the mesh a colour: by its name, so
// that it is the same in all views, and its own while colours last.
func namespaceColors(nodes []*topology.Node) (colors map[string]string, sorted []string) {
	colors = map[string]string{}
	for _, n := range nodes {
		if name := namespaceOf(n); name != "" {
			colors[name] = ""
		}
	}
	var taken [len(categories)]bool
	sorted = slices.Sorted(maps.Keys(colors))
	for i, name := range sorted {
		hash := fnv.New32a()
		hash.Write([]byte(name))
		at := int(hash.Sum32() % uint32(len(categories)))
		for i < len(categories) && taken[at] {
			at = (at + 1) % len(categories)
		}
		taken[at] = true
		colors[name] = categories[at]
	}
	return colors, sorted
}
