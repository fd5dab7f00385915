package derived

import (
	"math"
	"sync"

	"github.com/meshscope/meshscope/exporter/promql"
	"github.com/meshscope/meshscope/exporter/series"
	"github.com/meshscope/meshscope/exporter/topology"
)

// health is what the exporter's series tell of how well the mesh is.
type health struct {
	mu sync.Mutex // while several answers are read

	nodes, worstNodes map[topology.Ref]topology.Health
	edges, worstEdges map[topology.EdgeKey]topology.Health
	ratios            map[topology.Ref][]topology.ErrorRatio
	origins           map[topology.Ref]bool
	objects           map[topology.Ref]*object
	// names are those of edges' ends, each kept once.
	names map[string]string

	// What follows from these, once all is read (settle).
	appObjects      map[topology.Ref]*topology.Object
	clusterVerdicts map[string]*topology.Verdict
}

// object is what is known of a workload.
type object struct {
	topology.Object

	app topology.Ref // that it is of
}

func newHealth() *health {
	return &health{
		nodes: map[topology.Ref]topology.Health{}, worstNodes: map[topology.Ref]topology.Health{},
		edges: map[topology.EdgeKey]topology.Health{}, worstEdges: map[topology.EdgeKey]topology.Health{},
		ratios: map[topology.Ref][]topology.ErrorRatio{}, origins: map[topology.Ref]bool{}, objects: map[topology.Ref]*object{},
		names: map[string]string{},
	}
}

// isKnown tells that there are verdicts, or objects.
func (h *health) isKnown() bool {
	return len(h.nodes)+len(h.edges)+len(h.worstNodes)+len(h.worstEdges)+len(h.objects) > 0
}

// healthOf is what a value of a health series means, HealthNA where it means nothing.
func healthOf(value float64) topology.Health {
	for h := topology.HealthHealthy; h <= topology.HealthFailure; h++ {
		if known, _ := h.Value(); known == value {
			return h
		}
	}
	return topology.HealthNA
}

func (h *health) takeState(one *promql.Series, value float64) {
	ref, ok := refOf(one)
	if !ok {
		return
	}
	switch string(one.Get(name)) {
	case series.WorkloadFaultOrigin.Name:
		h.origins[ref] = value > 0
	case series.WorkloadInfo.Name:
		h.object(ref).take(ref, one)
	case series.WorkloadReplicas.Name:
		h.object(ref).count(ref, string(one.Get("state")), value)
	default:
		worsen(h.nodes, ref, value)
	}
}

func (h *health) takeWorstNode(one *promql.Series, value float64) {
	if ref, ok := refOf(one); ok {
		worsen(h.worstNodes, ref, value)
	}
}

func (h *health) takeRatio(one *promql.Series, value float64) {
	ref, ok := refOf(one)
	if !ok || !(value > 0 && value <= 1) {
		return
	}
	h.ratios[ref] = append(h.ratios[ref], topology.ErrorRatio{
		Direction: topology.Direction(one.Get("direction")),
		Protocol:  topology.Protocol(one.Get("request_protocol")),
		Tolerance: string(one.Get("tolerance")),
		Errors:    value, Requests: 1, // nobody says how many they were
	})
}

func (h *health) takeEdge(one *promql.Series, value float64) { worsen(h.edges, h.keyOf(one), value) }

func (h *health) takeWorstEdge(one *promql.Series, value float64) {
	worsen(h.worstEdges, h.keyOf(one), value)
}

// keyOf is the edge of a series. The same few names come again and again.
func (h *health) keyOf(one *promql.Series) (key topology.EdgeKey) {
	for i, field := range key.Fields() {
		text := one.Get(topology.EdgeLabels[i])
		kept, ok := h.names[string(text)]
		if !ok {
			kept = known(text)
			h.names[string(text)] = kept
		}
		*field = kept
	}
	return key
}

// worsen takes the worst of what several names come to.
func worsen[K comparable](into map[K]topology.Health, at K, value float64) {
	if health := healthOf(value); health != topology.HealthNA {
		into[at] = max(into[at], health)
	}
}

// kinds are the labels by which the nodes of a kind are known: cluster,
// namespace if they are in one, and name.
var kinds = []struct {
	topology.Kind

	labels []string
}{
	{topology.KindWorkload, series.WorkloadHealth.Labels},
	{topology.KindApp, series.AppHealth.Labels},
	{topology.KindService, series.ServiceHealth.Labels},
	{topology.KindNamespace, series.NamespaceHealth.Labels},
}

func refOf(one *promql.Series) (ref topology.Ref, ok bool) {
	for _, k := range kinds {
		last := len(k.labels) - 1
		named := one.Get(k.labels[last])
		if named == nil {
			continue
		}
		ref = topology.Ref{Kind: k.Kind, Cluster: known(one.Get(k.labels[0])), Name: known(named)}
		if last == 2 {
			ref.Namespace = known(one.Get(k.labels[1]))
		}
		return ref, true
	}
	return topology.Ref{}, false
}

// known is a name, or "" where it is how an unknown one is published (T2).
func known(published []byte) string {
	if string(published) == topology.Unknown {
		return ""
	}
	return string(published)
}

func (h *health) object(ref topology.Ref) *object {
	o, ok := h.objects[ref]
	if !ok {
		o = &object{}
		h.objects[ref] = o
	}
	return o
}

// take notes what a workload is. While it changes there are two series of it:
// the greater names win, for the order of an answer is the store's.
func (o *object) take(ref topology.Ref, one *promql.Series) {
	o.Kind = max(o.Kind, known(one.Get("kind")))
	o.Dataplane = max(o.Dataplane, topology.Dataplane(known(one.Get("dataplane"))))
	if app := known(one.Get("canonical_service")); app > o.app.Name {
		o.app = topology.Ref{Kind: topology.KindApp, Cluster: ref.Cluster, Namespace: ref.Namespace, Name: app}
	}
}

func (o *object) count(ref topology.Ref, state string, value float64) {
	if value != math.Trunc(value) || math.Abs(value) > math.MaxInt32 {
		return
	}
	if len(o.Replicas) == 0 {
		o.Replicas = []topology.Replicas{{Workload: ref.Name}}
	}
	switch n, r := int(value), &o.Replicas[0]; state {
	case "desired":
		r.Desired = n
	case "current":
		r.Current = n
	case "available":
		r.Available = n
	}
}
