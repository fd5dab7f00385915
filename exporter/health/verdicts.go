package health

import (
	"cmp"
	"iter"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/meshscope/meshscope/exporter/topology"
)

// Judge reaches the verdicts on all that flows and objects know of, over the
// interval that flows were counted in. Hops through waypoints are no calls:
// whoever asks has folded them. Neither flows nor objects may change as long
// as the verdicts are used.
func (r Rules) Judge(iv topology.Interval, flows []topology.Flow, objects topology.Objects) *Verdicts {
	if !slices.IsSortedFunc(flows, compareFlows) {
		flows = slices.Clone(flows)
		slices.SortStableFunc(flows, compareFlows) // sums must not depend on the order that flows came in (T4)
	}
	j := newJudge(r, objects)
	v := &Verdicts{Interval: iv, judge: j, flows: flows}
	c := newCensus(j)
	v.edges = c.count(flows)
	c.admitObjects()
	v.judgeNodes(c)
	v.problems = c.problems()
	return v
}

func compareFlows(a, b topology.Flow) int {
	return cmp.Or(a.Key.Compare(b.Key), strings.Compare(string(a.Protocol), string(b.Protocol)), cmp.Compare(a.Reporter, b.Reporter))
}

// Verdicts are how well the parts of a mesh are. They may be used by several at
// a time.
type Verdicts struct {
	topology.Interval

	flows    []topology.Flow // sorted
	nodes    []judgedNode    // sorted
	byRef    map[topology.Ref]*topology.Verdict
	edges    []judgedEdge // sorted
	problems []Problem

	using sync.Mutex // of judge, which remembers things
	judge *judge
}

type judgedNode struct {
	topology.Ref
	verdict topology.Verdict
}

type judgedEdge struct {
	key     topology.EdgeKey
	verdict topology.Verdict
}

// Problem is what is wrong with the annotation of a workload or a Service.
type Problem struct {
	topology.Ref
	PartProblem
}

// Of is the verdict on a workload, an app, a service, a namespace or a cluster;
// nil where there is no such.
func (v *Verdicts) Of(ref topology.Ref) *topology.Verdict { return v.byRef[ref] }

// OfEdge is the verdict on an edge, on the requests of all its protocols; nil
// where there is no such.
func (v *Verdicts) OfEdge(key topology.EdgeKey) *topology.Verdict {
	i, ok := slices.BinarySearchFunc(v.edges, key, func(e judgedEdge, key topology.EdgeKey) int { return e.key.Compare(key) })
	if !ok {
		return nil
	}
	return &v.edges[i].verdict
}

// All are the verdicts on workloads, apps, services, namespaces and clusters,
// by Ref. Those without data are among them.
func (v *Verdicts) All() iter.Seq2[topology.Ref, *topology.Verdict] {
	return func(yield func(topology.Ref, *topology.Verdict) bool) {
		for i := range v.nodes {
			if !yield(v.nodes[i].Ref, &v.nodes[i].verdict) {
				return
			}
		}
	}
}

// Edges are the verdicts on edges, by key.
func (v *Verdicts) Edges() iter.Seq2[topology.EdgeKey, *topology.Verdict] {
	return func(yield func(topology.EdgeKey, *topology.Verdict) bool) {
		for i := range v.edges {
			if !yield(v.edges[i].key, &v.edges[i].verdict) {
				return
			}
		}
	}
}

// Problems are what is wrong with annotations, by whose they are.
func (v *Verdicts) Problems() []Problem { return v.problems }

// judgeNodes judges all that a census has found, and what they are part of.
func (v *Verdicts) judgeNodes(c *census) {
	found := slices.SortedFunc(maps.Keys(c.found), topology.Ref.Compare)
	v.nodes = make([]judgedNode, 0, len(found)+len(found)/4)
	wholes := map[topology.Ref]*topology.Verdict{}
	for _, ref := range found {
		one := c.found[ref]
		verdict := v.judge.ofTally(one.tolerances, &one.tally)
		verdict.Replicas = one.replicas
		verdict.Health = max(verdict.Health, verdict.Replicas)
		v.nodes = append(v.nodes, judgedNode{ref, verdict})
		if ref.Namespace != "" {
			worsen(wholes, topology.Ref{Kind: topology.KindNamespace, Cluster: ref.Cluster, Name: ref.Namespace}, ref, verdict.Health)
		}
		worsen(wholes, topology.Ref{Kind: topology.KindCluster, Name: ref.Cluster}, ref, verdict.Health)
	}
	for ref, verdict := range wholes {
		v.nodes = append(v.nodes, judgedNode{ref, *verdict})
	}
	slices.SortFunc(v.nodes, func(a, b judgedNode) int { return a.Compare(b.Ref) })
	v.byRef = make(map[topology.Ref]*topology.Verdict, len(v.nodes))
	for i := range v.nodes {
		v.byRef[v.nodes[i].Ref] = &v.nodes[i].verdict
	}
}

// worsen lets a whole be as unwell as its part. Parts come sorted.
func worsen(wholes map[topology.Ref]*topology.Verdict, whole, part topology.Ref, h topology.Health) {
	verdict, ok := wholes[whole]
	if !ok {
		verdict = new(topology.Verdict)
		wholes[whole] = verdict
	}
	if h > verdict.Health {
		verdict.Health, verdict.By = h, part
		if h <= topology.HealthHealthy {
			verdict.By = topology.Ref{}
		}
	}
}
