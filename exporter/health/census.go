package health

import (
	"slices"

	"github.com/meshscope/meshscope/exporter/topology"
)

// census finds all that is to be judged, in flows and among objects.
type census struct {
	judge *judge
	found map[topology.Ref]*one
	ones  memory[one]
	sums  sums
	by    [numProtocols]counts // of the edge that is being judged
	// source is that of the edge before: edges come sorted by it.
	source topology.Peer
	caller end
}

// one is a workload, an app or a service, and what is known of it.
type one struct {
	tally      tally
	tolerances tolerances
	replicas   topology.Health
}

// end is whose requests those at one end of an edge are, nil where that is not
// known, and what is tolerated there.
type end struct {
	all        [3]*one
	tolerances tolerances
}

func newCensus(j *judge) *census { return &census{judge: j, found: map[topology.Ref]*one{}} }

func (c *census) one(ref topology.Ref) *one {
	o, ok := c.found[ref]
	if !ok {
		o = c.ones.one()
		o.tolerances = c.judge.tolerances(ref)
		c.found[ref] = o
		if object := c.judge.object(ref); object != nil {
			o.replicas = worstReplicas(object.Replicas)
		}
	}
	return o
}

// count counts the requests of sorted flows, and judges each edge when its
// flows are over.
func (c *census) count(flows []topology.Flow, requests []counts) []judgedEdge {
	edges := make([]judgedEdge, 0, len(flows))
	for from, to := 0, 0; from < len(flows); from = to {
		key := flows[from].Key
		for to < len(flows) && flows[to].Key == key {
			to++
		}
		edges = append(edges, judgedEdge{key, c.edge(key, flows[from:to], requests[from:to])})
	}
	return edges
}

// edge counts the flows of one edge for its ends, and judges it.
func (c *census) edge(key topology.EdgeKey, flows []topology.Flow, requests []counts) topology.Verdict {
	ends := [numDirections]end{in: c.called(key), out: c.calling(key)}
	connections := false
	for p := range c.by {
		c.by[p] = c.by[p][:0]
	}
	for i := range flows {
		p, ok := protocolIndex(flows[i].Protocol)
		if !ok {
			connections = connections || flows[i].Traffic.Activity() > 0
			continue
		}
		for d := range ends {
			for _, one := range ends[d].all {
				if one != nil {
					c.sums.add(&one.tally[d][p], requests[i])
				}
			}
		}
		c.by[p] = c.by[p].plus(requests[i])
	}
	return c.judge.ofEdge(ends[out].tolerances, ends[in].tolerances, c.by, connections)
}

// calling is the end that the calls of an edge come from.
func (c *census) calling(key topology.EdgeKey) end {
	if key.Source != c.source || c.caller.tolerances == nil {
		c.source, c.caller = key.Source, c.end(key.SourceRef(), key.Source.AppRef(), topology.Ref{})
	}
	return c.caller
}

// called is the end that the calls of an edge go to.
func (c *census) called(key topology.EdgeKey) end {
	return c.end(key.DestinationRef(), key.Destination.AppRef(), key.ServiceRef())
}

// end finds an end: a node of the workload graph, its app, and the service that
// it was called by.
func (c *census) end(node, app, service topology.Ref) (e end) {
	if node.Kind == topology.KindWorkload {
		e.all[0] = c.one(node)
		e.tolerances = e.all[0].tolerances
	} else {
		e.tolerances = c.judge.tolerances(node)
	}
	for i, ref := range [...]topology.Ref{app, service} {
		if ref.Name != "" {
			e.all[i+1] = c.one(ref)
		}
	}
	return e
}

// admitObjects adds what there is without traffic, and counts pods for apps.
func (c *census) admitObjects() {
	if c.judge.objects == nil {
		return
	}
	for ref, object := range c.judge.objects.All() {
		o := c.one(ref)
		if ref.Kind != topology.KindWorkload {
			continue
		}
		app := topology.Peer{Cluster: ref.Cluster, Namespace: ref.Namespace, CanonicalService: object.CanonicalService}.AppRef()
		if app.Name != "" {
			whole := c.one(app)
			whole.replicas = max(whole.replicas, o.replicas)
		}
	}
}

// problems are those of the annotations of all that was found.
func (c *census) problems() []Problem {
	if c.judge.objects == nil {
		return nil
	}
	var problems []Problem
	for ref := range c.found {
		object := c.judge.object(ref)
		if object == nil || object.HealthRate == "" {
			continue
		}
		for _, p := range c.judge.annotation(object.HealthRate).problems {
			problems = append(problems, Problem{ref, p})
		}
	}
	slices.SortStableFunc(problems, func(a, b Problem) int { return a.Compare(b.Ref) })
	return problems
}
