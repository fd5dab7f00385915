package derived

import (
	"cmp"
	"iter"
	"maps"
	"slices"
	"strings"

	"github.com/meshscope/meshscope/exporter/topology"
)

// Attach gives nodes and edges the verdicts that the exporter published last,
// and workloads and apps what it told of their objects. Where there are
// verdicts, what has none is without data.
func (h *health) Attach(g *topology.Graph) {
	for _, n := range g.Nodes {
		ref := n.Subject()
		if o, ok := h.objects[ref]; ok && o.isKnown() {
			n.Object = &o.Object
		} else {
			n.Object = h.appObjects[ref]
		}
		switch {
		case len(h.nodes) == 0 || n.Kind == topology.KindUnknown:
		case n.Kind == topology.KindCluster:
			n.Verdict = cmp.Or(h.clusterVerdicts[n.Name], &topology.Verdict{})
		default:
			n.Verdict = &topology.Verdict{Health: h.nodes[ref], Ratios: h.ratios[ref]}
		}
	}
	if len(h.edges) == 0 {
		return
	}
	for _, e := range g.Edges {
		e.Verdict = &topology.Verdict{Health: worstOf(h.edges, e)}
	}
}

// All are the verdicts on nodes that the exporter published last.
func (h *health) All() iter.Seq2[topology.Ref, *topology.Verdict] {
	return func(yield func(topology.Ref, *topology.Verdict) bool) {
		for _, ref := range slices.SortedFunc(maps.Keys(h.nodes), topology.Ref.Compare) {
			if !yield(ref, &topology.Verdict{Health: h.nodes[ref], Ratios: h.ratios[ref]}) {
				return
			}
		}
	}
}

// worstOf is the worst of what a drawn edge is the sum of: the calls by each
// host and, at other levels than that of workloads, of each workload. Calls
// of one protocol are not judged apart from others.
func worstOf(by map[topology.EdgeKey]topology.Health, e *topology.Edge) (worst topology.Health) {
	for i := range e.Flows {
		worst = max(worst, by[e.Flows[i].Key])
	}
	return worst
}

// settle ends the reading of answers. From then on nothing changes, and many
// may attach the same to graphs of their own.
func (h *health) settle() {
	for _, ratios := range h.ratios {
		slices.SortFunc(ratios, func(a, b topology.ErrorRatio) int {
			return cmp.Or(
				strings.Compare(string(a.Direction), string(b.Direction)), strings.Compare(string(a.Protocol), string(b.Protocol)),
				strings.Compare(a.Tolerance, b.Tolerance),
			)
		})
	}
	h.appObjects = h.apps()
	h.clusterVerdicts = h.clusters()
}

// isKnown tells that Kubernetes knows the workload.
func (o *object) isKnown() bool { return o.Kind != "" || o.Dataplane != "" || len(o.Replicas) > 0 }

// apps are the objects of apps: the pods of all their workloads.
func (h *health) apps() map[topology.Ref]*topology.Object {
	apps := map[topology.Ref]*topology.Object{}
	for _, o := range h.objects {
		if len(o.Replicas) == 0 {
			continue
		}
		o.NoPods = o.Replicas[0].Current == 0
		if o.app.Name == "" {
			continue
		}
		app, ok := apps[o.app]
		if !ok {
			app = &topology.Object{NoPods: true}
			apps[o.app] = app
		}
		app.Replicas = append(app.Replicas, o.Replicas...)
		app.NoPods = app.NoPods && o.NoPods
	}
	for _, app := range apps {
		slices.SortFunc(app.Replicas, func(a, b topology.Replicas) int { return strings.Compare(a.Workload, b.Workload) })
	}
	return apps
}

// clusters are as well as their namespaces.
func (h *health) clusters() map[string]*topology.Verdict {
	clusters := map[string]*topology.Verdict{}
	for ref, health := range h.nodes {
		if ref.Kind != topology.KindNamespace {
			continue
		}
		v, ok := clusters[ref.Cluster]
		if !ok {
			v = &topology.Verdict{}
			clusters[ref.Cluster] = v
		}
		first := health == v.Health && ref.Compare(v.By) < 0
		if health > v.Health || first {
			v.Health, v.By = health, ref
		}
	}
	for _, v := range clusters {
		if v.Health <= topology.HealthHealthy {
			v.By = topology.Ref{}
		}
	}
	return clusters
}

// WorstOfNode is the worst that a node was in the interval.
func (h *health) WorstOfNode(n *topology.Node) topology.Health {
	if n.Kind != topology.KindCluster {
		return h.worstNodes[n.Subject()]
	}
	worst := topology.HealthNA
	for ref, health := range h.worstNodes {
		if ref.Kind == topology.KindNamespace && ref.Cluster == n.Name {
			worst = max(worst, health)
		}
	}
	return worst
}

// WorstOfEdge is the worst that an edge was in the interval.
func (h *health) WorstOfEdge(e *topology.Edge) topology.Health { return worstOf(h.worstEdges, e) }

// IsOrigin tells whether a node's failure is its own.
func (h *health) IsOrigin(n *topology.Node) (is, known bool) {
	is, known = h.origins[n.Subject()]
	return is, known
}
