package frames

import (
	"strconv"

	"github.com/meshscope/meshscope/exporter/topology"
	"github.com/meshscope/meshscope/plugin/pkg/compare"
	"github.com/meshscope/meshscope/plugin/pkg/query"
)

// class is one of a few colours of nodes. Each is an arc, of which a node has
// one, all around: the panel has a legend of arcs, and none of colours.
type class struct{ name, label, hex string }

// arc is the name of a class's field.
func (c class) arc() string { return "arc__" + c.name }

// Classes, the good one first. The last one is for what nothing is known of.
var (
	severityClasses = []class{
		{"no_errors", "no errors", green},
		{"few_errors", "some errors", orange},
		{"many_errors", "many errors", red},
		{"no_calls", "no traffic", gray},
	}
	healthClasses = []class{
		{"healthy", "healthy", green},
		{"not_ready", "not ready", paleBlue},
		{"degraded", "degraded", orange},
		{"failure", "failure", red},
		{"affected", "affected by a failure", paleRed},
		{"no_verdict", "not judged", gray},
	}
	latencyClasses = []class{
		{"below_100ms", "p95 below 100 ms", green},
		{"below_500ms", "below 500 ms", yellow},
		{"below_2s", "below 2 s", orange},
		{"from_2s", "2 s and more", red},
		{"no_latency", "no calls", gray},
	}
	mutualTLSClasses = []class{
		{"mtls", "mutual TLS", green},
		{"some_mtls", "partly", orange},
		{"no_mtls", "plaintext", red},
		{"unknown_mtls", "not known", gray},
	}
	changeClasses = []class{
		{"unchanged", compare.Unchanged.String(), gray},
		{"new", compare.New.String(), blue},
		{"gone", compare.Gone.String(), purple},
		{"slower", compare.Slower.String(), orange},
		{"failing_more", compare.Failing.String(), red},
	}
)

// latencySteps are the classes of a 95th percentile, in milliseconds: the first
// step that it is below.
var latencySteps = [...]float64{100, 500, 2000}

// maxNamespaceClasses is how many namespaces a legend has room for. Of more
// there is a colour for each, and no legend.
const maxNamespaceClasses = 12

// classes are what nodes are coloured by; none where they have a ring of their
// outcomes, or colours of which there are too many for a legend.
func (s *scene) classes() []class {
	switch s.query.ColorBy {
	case query.ByHealth:
		if s.mesh.judgedNodes {
			return healthClasses
		}
		return severityClasses
	case query.ByErrorRatio:
		return severityClasses
	case query.ByLatency:
		return latencyClasses
	case query.ByMTLS:
		return mutualTLSClasses
	case query.ByChange:
		if s.past != nil {
			return changeClasses
		}
	case query.ByNamespace:
		return s.namespaces
	}
	return nil
}

// classOf is the number of a node's class.
func (s *scene) classOf(r *nodeRow) int {
	switch s.query.ColorBy {
	case query.ByHealth:
		if s.mesh.judgedNodes {
			return s.healthClass(r)
		}
		return severityClass(r.own())
	case query.ByErrorRatio:
		return severityClass(r.own())
	case query.ByLatency:
		return latencyClass(r.own())
	case query.ByMTLS:
		return mutualTLSClass(r.own())
	case query.ByChange:
		return int(r.change())
	case query.ByNamespace:
		for i, c := range s.namespaces {
			if c.label == namespaceOf(r.Node) {
				return i
			}
		}
	}
	return len(s.classes()) - 1
}

// classOfEdge is the class of an edge, where edges have such classes.
func (s *scene) classOfEdge(e *edgeRow) (class, bool) {
	switch s.query.ColorBy {
	case query.ByErrorRatio:
		return severityClasses[severityClass(&e.totals)], true
	case query.ByLatency:
		return latencyClasses[latencyClass(&e.totals)], true
	case query.ByMTLS:
		return mutualTLSClasses[mutualTLSClass(&e.totals)], true
	case query.ByChange:
		if s.past != nil {
			return changeClasses[e.change()], true
		}
	}
	return class{}, false
}

func severityClass(t *totals) int {
	switch t.severity {
	case topology.Healthy:
		return 0
	case topology.Degraded:
		return 1
	case topology.Failing:
		return 2
	}
	return len(severityClasses) - 1
}

func (s *scene) healthClass(r *nodeRow) int {
	switch r.health() {
	case topology.HealthHealthy:
		return 0
	case topology.HealthNotReady:
		return 1
	case topology.HealthDegraded:
		return 2
	case topology.HealthFailure:
		if s.fault(r) == affected {
			return 4
		}
		return 3
	}
	return len(healthClasses) - 1
}

func latencyClass(t *totals) int {
	p95, ok := t.value(query.P95)
	if !ok {
		return len(latencyClasses) - 1
	}
	for i, below := range latencySteps {
		if p95 < below {
			return i
		}
	}
	return len(latencySteps)
}

func mutualTLSClass(t *totals) int {
	share, ok := t.mutualTLS()
	switch {
	case !ok:
		return 3
	case share >= 1:
		return 0
	case share > 0:
		return 1
	}
	return 2
}

// namespaceClasses are the namespaces of a mesh in their colours, if it has so
// few that a legend can tell them.
func namespaceClasses(colors map[string]string, sorted []string) []class {
	if len(sorted) > maxNamespaceClasses {
		return nil
	}
	all := make([]class, 0, len(sorted)+1)
	for i, name := range sorted {
		all = append(all, class{"namespace_" + strconv.Itoa(i), name, colors[name]})
	}
	return append(all, class{"no_namespace", "no namespace", gray})
}

// classColumns are the arcs of classes.
func classColumns(s *scene, classes []class) []column[*nodeRow] {
	columns := make([]column[*nodeRow], 0, len(classes))
	for i, c := range classes {
		columns = append(columns, number(c.arc(), c.label, func(r *nodeRow) float64 {
			if r.class == i {
				return 1
			}
			return 0
		}).painted(c.hex))
	}
	return columns
}
