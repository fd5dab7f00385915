package health

import (
	"cmp"
	"iter"
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
	v.requests = readRequests(flows, j.codes)
	c := newCensus(j)
	v.edges = c.count(flows, v.requests)
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
	requests []counts        // of each flow
	nodes    []judgedNode    // sorted
	edges    []judgedEdge    // sorted
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
func (v *Verdicts) Of(ref topology.Ref) *topology.Verdict {
	i, ok := slices.BinarySearchFunc(v.nodes, ref, func(n judgedNode, ref topology.Ref) int { return n.Compare(ref) })
	if !ok {
		return nil
	}
	return &v.nodes[i].verdict
}

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
	type found struct {
		topology.Ref
		*one // nil of wholes
	}
	all, wholes := make([]found, 0, len(c.found)+len(c.found)/4), map[topology.Ref]*topology.Verdict{}
	for ref, one := range c.found {
		all = append(all, found{ref, one})
		for _, whole := range wholesOf(ref) {
			if _, ok := wholes[whole]; !ok && whole.Kind != "" {
				wholes[whole] = nil
				all = append(all, found{whole, nil})
			}
		}
	}
	slices.SortFunc(all, func(a, b found) int { return a.Compare(b.Ref) })
	v.nodes = make([]judgedNode, len(all))
	for i, each := range all {
		v.nodes[i].Ref = each.Ref
		if each.one == nil {
			wholes[each.Ref] = &v.nodes[i].verdict
		}
	}
	for i, each := range all {
		if each.one == nil {
			continue
		}
		verdict := &v.nodes[i].verdict
		*verdict = v.judge.ofTally(each.tolerances, &each.tally)
		verdict.Replicas = each.replicas
		verdict.Health = max(verdict.Health, verdict.Replicas)
		for _, whole := range wholesOf(each.Ref) {
			if whole.Kind != "" {
				worsen(wholes[whole], each.Ref, verdict.Health)
			}
		}
	}
}

// wholesOf are the namespace, if it has one, and the cluster that a node is part of.
func wholesOf(ref topology.Ref) (wholes [2]topology.Ref) {
	if ref.Namespace != "" {
		wholes[0] = topology.Ref{Kind: topology.KindNamespace, Cluster: ref.Cluster, Name: ref.Namespace}
	}
	wholes[1] = topology.Ref{Kind: topology.KindCluster, Name: ref.Cluster}
	return wholes
}

// worsen lets a whole be as unwell as its part. Parts come sorted.
func worsen(whole *topology.Verdict, part topology.Ref, h topology.Health) {
	if h > whole.Health {
		whole.Health, whole.By = h, part
		if h <= topology.HealthHealthy {
			whole.By = topology.Ref{}
		}
	}
}
