package frames

import (
	"fmt"
	"slices"
	"strings"

	"github.com/meshscope/meshscope/exporter/topology"
)

// History tells of health what no moment shows. It may be nil.
type History interface {
	// WorstOfNode and WorstOfEdge are the worst that they were in the range.
	WorstOfNode(n *topology.Node) topology.Health
	WorstOfEdge(e *topology.Edge) topology.Health
	// IsOrigin tells whether a node's failure is its own; known is false where
	// nobody says.
	IsOrigin(n *topology.Node) (is, known bool)
}

// noteHealth notes what of the mesh was judged: of what was not, colours tell
// how bad its traffic looks.
func (s *sight) noteHealth(g *topology.Graph) {
	s.mesh.judgedNodes = slices.ContainsFunc(g.Nodes, func(n *topology.Node) bool { return n.Verdict != nil })
	s.mesh.judgedEdges = slices.ContainsFunc(g.Edges, func(e *topology.Edge) bool { return e.Verdict != nil })
}

// health is a node's; what nobody has judged is without data.
func (r *nodeRow) health() topology.Health { return healthOf(r.Verdict) }

func healthOf(v *topology.Verdict) topology.Health {
	if v == nil {
		return topology.HealthNA
	}
	return v.Health
}

// judge lets the edge of a pair be as ill as the worst of its protocols.
func (e *edgeRow) judge(v *topology.Verdict, worst topology.Health) {
	e.worst = max(e.worst, worst)
	if v != nil && (e.verdict == nil || v.Health > e.verdict.Health) {
		e.verdict = v
	}
}

func (e *edgeRow) health() topology.Health { return healthOf(e.verdict) }

// healthText is "Failure: 12.3 % 5XX (in http)".
func healthText(v *topology.Verdict) string {
	if healthOf(v) == topology.HealthNA {
		return ""
	}
	text := v.Health.String()
	if cause := causeText(v); cause != "" {
		text += ": " + cause
	}
	return text
}

// causeText is why a verdict is not a good one. Series tell which ratios there
// are, and not which of them decided: then all are told, the greatest first.
func causeText(v *topology.Verdict) string {
	if healthOf(v) <= topology.HealthHealthy {
		return ""
	}
	if r, ok := v.Cause(); ok {
		return ratioText(r)
	}
	if v.By != (topology.Ref{}) {
		return "by " + string(v.By.Kind) + " " + v.By.Name
	}
	ratios := slices.DeleteFunc(slices.Clone(v.Ratios), func(r topology.ErrorRatio) bool {
		return r.Health != topology.HealthNA || !(r.Ratio() > 0)
	})
	slices.SortStableFunc(ratios, func(a, b topology.ErrorRatio) int {
		switch {
		case a.Ratio() > b.Ratio():
			return -1
		case a.Ratio() < b.Ratio():
			return 1
		}
		return 0
	})
	texts := make([]string, 0, maxParts)
	for i, r := range ratios {
		if i == maxParts {
			texts = append(texts, "…")
			break
		}
		texts = append(texts, ratioText(r))
	}
	return strings.Join(texts, ", ")
}

func ratioText(r topology.ErrorRatio) string {
	return fmt.Sprintf("%s %s (%s %s)", formatShare(r.Ratio()), r.What(), r.Direction, r.Protocol)
}

// worstText is the worst that something was in the range, where that is worse
// than it is now.
func worstText(worst, now topology.Health) string {
	if worst <= max(now, topology.HealthHealthy) {
		return ""
	}
	return worst.String()
}

// Whose fault a failure is.
const origin, affected = "origin", "affected"

// fault tells whose fault it is that a node is ill: "origin" or "affected".
func (s *sight) fault(r *nodeRow) string {
	if s.history == nil || r.health() < topology.HealthDegraded {
		return ""
	}
	switch is, known := s.history.IsOrigin(r.Node); {
	case !known:
		return ""
	case is:
		return origin
	}
	return affected
}

func (s *sight) faultText(r *nodeRow) string {
	fault := s.fault(r)
	if fault == origin {
		fault += " of the failure"
	}
	return fault
}

// worst is the worst that something was until now, where the past is known.
func (s *sight) worst(past, now topology.Health) topology.Health {
	if s.history == nil {
		return topology.HealthNA
	}
	return max(past, now)
}

func (s *sight) worstOfNode(r *nodeRow) topology.Health {
	if s.history == nil {
		return topology.HealthNA
	}
	return s.history.WorstOfNode(r.Node)
}

func (s *sight) worstOfEdge(e *topology.Edge) topology.Health {
	if s.history == nil {
		return topology.HealthNA
	}
	return s.history.WorstOfEdge(e)
}

// replicasText is "1 of 3 available".
func (r *nodeRow) replicasText() string {
	pods, ok := r.Object.Pods()
	if !ok {
		return ""
	}
	text := fmt.Sprintf("%d of %d available", pods.Available, pods.Desired)
	if pods.Current != pods.Desired {
		text += fmt.Sprintf(", %d current", pods.Current)
	}
	return text
}

func (r *nodeRow) objectKindText() string {
	if r.Object == nil {
		return ""
	}
	return r.Object.Kind
}

func (r *nodeRow) dataplaneText() string {
	if r.Object == nil {
		return ""
	}
	return string(r.Object.Dataplane)
}
