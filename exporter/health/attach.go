package health

import "github.com/meshscope/meshscope/exporter/topology"

// Attach gives the nodes and edges of a graph their verdicts, whatever its
// level. Nodes have theirs of the whole picture (T6). What is drawn has no
// verdict of its own where it is not what verdicts are of: an edge of another
// level, a version of an app, an operation. It is judged on its sums, by what
// is tolerated of its ends.
func (v *Verdicts) Attach(g *topology.Graph) {
	v.using.Lock()
	defer v.using.Unlock()
	read := reader{codes: v.judge.codes}
	for _, n := range g.Nodes {
		n.Verdict = v.ofNode(n, &read)
	}
	for _, e := range g.Edges {
		verdict := v.ofDrawnEdge(e, &read)
		e.Verdict = &verdict
	}
}

func (v *Verdicts) ofNode(n *topology.Node, read *reader) *topology.Verdict {
	subject := n.Subject()
	switch {
	case subject.Kind == topology.KindApp && subject.Version != "", subject.Kind == topology.KindOperation:
		var t tally
		for p, protocol := range protocols {
			t[in][p] = read.sum(n.In[protocol], p)
			if n.Kind == topology.KindApp {
				t[out][p] = read.sum(n.Out[protocol], p)
			}
		}
		verdict := v.judge.ofTally(v.judge.tolerancesOf(n), &t)
		return &verdict
	case subject.Kind == topology.KindUnknown:
		return nil
	}
	return v.Of(subject)
}

func (v *Verdicts) ofDrawnEdge(e *topology.Edge, read *reader) topology.Verdict {
	var by [numProtocols]counts
	p, ok := protocolIndex(e.Protocol)
	if ok {
		by[p] = read.sum(&e.Traffic, p)
	}
	return v.judge.ofEdge(v.judge.tolerancesOf(e.Source), v.judge.tolerancesOf(e.Target), by, !ok && e.Traffic.Activity() > 0)
}

// sum are the requests of some traffic, or none.
func (r *reader) sum(t *topology.Traffic, protocol int) counts {
	if t == nil {
		return nil
	}
	return r.read(t, protocol)
}

// tolerancesOf are what a node is judged by: an operation by those of its
// service.
func (j *judge) tolerancesOf(n *topology.Node) tolerances {
	if n.Kind == topology.KindOperation {
		return j.tolerances(topology.Ref{Kind: topology.KindService, Cluster: n.Cluster, Namespace: n.Namespace, Name: n.Service})
	}
	return j.tolerances(n.Ref)
}
