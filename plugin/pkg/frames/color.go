package frames

import (
	"cmp"
	"hash/fnv"
	"maps"
	"slices"

	"github.com/meshscope/meshscope/exporter/topology"
	"github.com/meshscope/meshscope/plugin/pkg/query"
)

// color is a node's colour, which the panel draws where the node has no arc.
func (s *scene) color(r *nodeRow) string {
	switch s.query.ColorBy {
	case query.ByHealth:
		if s.mesh.judgedNodes {
			return healthColors[r.health()]
		}
		return severityColors[r.own().severity]
	case query.ByErrorRatio:
		return severityColors[r.own().severity]
	case query.ByLatency:
		return latencyColor(r.own())
	case query.ByMTLS:
		return mutualTLSColor(r.own())
	case query.ByNamespace:
		return cmp.Or(s.colors[namespaceOf(r.Node)], gray)
	}
	return gray
}

// edgeColor is what the highlight says, and else how ill the edge is or, where
// nobody has judged, how bad its calls look. There
// is no other way to mark an edge: the panel has given up its field for that,
// dashes tell of security, and thickness of traffic.
func (s *scene) edgeColor(e *edgeRow) string {
	if s.marked.pairs[pair{e.source.Node, e.target.Node}] {
		return highlight
	}
	if s.mesh.judgedEdges {
		return healthColors[e.health()]
	}
	return severityColors[e.severity]
}

// isHighlighted tells which nodes have the panel's red circle around: those
// that the query asks for, and where it does not, those that fail.
func (s *scene) isHighlighted(r *nodeRow) bool {
	if s.query.Highlight != nil {
		return s.marked.nodes[r.Node]
	}
	if s.mesh.judgedNodes {
		return r.health() == topology.HealthFailure
	}
	return r.in.severity == topology.Failing
}

func latencyColor(t *totals) string {
	p95, ok := t.value(query.P95)
	if !ok {
		return gray
	}
	for _, step := range latencySteps {
		if p95 < step.below {
			return step.hex
		}
	}
	return red
}

func mutualTLSColor(t *totals) string {
	share, ok := t.mutualTLS()
	switch {
	case !ok:
		return gray
	case share >= 1:
		return green
	case share > 0:
		return orange
	}
	return red
}

func namespaceOf(n *topology.Node) string {
	if n.Kind == topology.KindNamespace {
		return n.Name
	}
	return n.Namespace
}

// namespaceColors gives each namespace of the mesh a colour: by its name, so
// that it is the same in all views, and its own while colours last.
func namespaceColors(nodes []*topology.Node) map[string]string {
	colors := map[string]string{}
	for _, n := range nodes {
		if name := namespaceOf(n); name != "" {
			colors[name] = ""
		}
	}
	var taken [len(categories)]bool
	for i, name := range slices.Sorted(maps.Keys(colors)) {
		hash := fnv.New32a()
		hash.Write([]byte(name))
		at := int(hash.Sum32() % uint32(len(categories)))
		for i < len(categories) && taken[at] {
			at = (at + 1) % len(categories)
		}
		taken[at] = true
		colors[name] = categories[at]
	}
	return colors
}
