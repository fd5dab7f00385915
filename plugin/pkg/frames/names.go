package frames

import (
	"cmp"
	"strings"

	"github.com/meshscope/meshscope/exporter/topology"
	"github.com/meshscope/meshscope/plugin/pkg/compare"
	"github.com/meshscope/meshscope/plugin/pkg/query"
)

// Names of Istio for destinations outside the mesh.
const (
	passthroughCluster = "PassthroughCluster"
	blackHoleCluster   = "BlackHoleCluster"
)

func (r *nodeRow) title() string { return titleOf(r.Node) }

// titleOf is the name under a node.
func titleOf(n *topology.Node) string {
	name := cmp.Or(n.Name, topology.Unknown)
	switch {
	case n.Ref.Version == "":
		return name
	case n.Version != "":
		return name + " " + n.Version
	default:
		return n.Ref.Version // a workload's name
	}
}

// subtitle is the line below: namespace, cluster when there are several, and
// kind where it is not that of all the others: the line is a short one.
func (s *scene) subtitle(r *nodeRow) string {
	parts := make([]string, 0, 3)
	if r.Namespace != "" {
		parts = append(parts, r.Namespace)
	}
	if s.mesh.clusters && r.Cluster != "" {
		parts = append(parts, r.Cluster)
	}
	if r.Kind != s.query.Level.Kind() || r.external() || len(parts) == 0 {
		parts = append([]string{r.kind()}, parts...)
	}
	if word := s.standing(r); word != "" {
		parts = append([]string{word}, parts...)
	}
	return strings.Join(parts, " · ")
}

// standing is what is to be known of a node at first sight: what has become of
// it, where that is looked at, or else whose fault it is that it fails.
func (s *scene) standing(r *nodeRow) string {
	if s.past != nil && s.query.ColorBy == query.ByChange {
		if change := r.change(); change != compare.Unchanged {
			return change.String()
		}
		return ""
	}
	switch fault := s.fault(r); {
	case fault == origin:
		return "at fault"
	case fault == affected && r.health() == topology.HealthFailure: // what is a little ill need not be so by another
		return affected
	}
	return ""
}

func (r *nodeRow) kind() string {
	switch {
	case r.Kind == topology.KindUnknown:
		return "unknown caller"
	case r.external():
		return "external"
	}
	return string(r.Kind)
}

// external tells that the node is a host outside the mesh: a service that has
// no place in a cluster, or whose name is no Kubernetes name.
func (r *nodeRow) external() bool {
	if r.Kind != topology.KindService {
		return false
	}
	foreign := strings.Contains(r.Name, ".") && !strings.Contains(r.Name, ".svc.")
	return r.Namespace == "" || r.Name == passthroughCluster || r.Name == blackHoleCluster || foreign
}

// icon marks what is not of the mesh, or is gone, and so has no stats of its own. The panel
// draws an icon in place of both stats.
func (r *nodeRow) icon() string {
	switch {
	case r.change() == compare.Gone:
		return "minus-circle"
	case r.Kind == topology.KindUnknown, r.Name == "":
		return "question-circle"
	case r.external():
		return "cloud"
	}
	return ""
}
