package frames

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/grafana/grafana-plugin-sdk-go/data"

	"github.com/meshscope/meshscope/exporter/topology"
	"github.com/meshscope/meshscope/plugin/pkg/query"
	"github.com/meshscope/meshscope/plugin/pkg/source"
)

// Lines are the nodes or edges whose traffic is told over time.
type Lines struct {
	view  View
	lines []*line
	// There were more, of the whole mesh and of what the query chooses.
	mesh, chosen int

	span   source.Span
	values [][]points // by line and stat
}

// line is one of them: a node that is called, or calls if nothing calls it, or
// a pair of nodes.
type line struct {
	node, target *topology.Node // target is nil of a node by itself
	calls        bool           // a node that is told by what it calls
	total        totals         // over the range
	title        string
}

// LinesOf chooses the busiest of what the query asks for of the whole graph.
func LinesOf(whole *topology.Graph, v View) *Lines {
	l := &Lines{view: v}
	seconds := whole.Interval.Length.Seconds()
	chosen := choose(whole, v.Query)
	switch v.Query.Entity {
	case query.EntityNode:
		l.mesh = len(whole.Nodes)
		for _, n := range inside(chosen, v.Query) {
			one := &line{node: n, total: totalsOf(n.In, v.Query, seconds)}
			if one.total.empty() {
				one.calls, one.total = true, totalsOf(n.Out, v.Query, seconds)
			}
			l.add(one)
		}
	default:
		for range byPair(whole) {
			l.mesh++
		}
		for p, edges := range byPair(chosen) {
			one := &line{node: p.source, target: p.target, total: totals{seconds: seconds}}
			for _, e := range edges {
				one.total.add(e.Protocol, &e.Traffic)
			}
			l.add(one)
		}
	}
	l.chosen = len(l.lines)
	l.limit(max(1, v.Query.Limit/len(v.Query.Stats)))
	l.name()
	return l
}

func (l *Lines) add(one *line) {
	if one.total.has(l.view.Query.Stats) {
		l.lines = append(l.lines, one)
	}
}

// speaking are the protocols that a stat can be of; nil is all.
var speaking = map[query.Stat][]topology.Protocol{
	query.MessageRate:    {topology.GRPC},
	query.TCPRate:        {topology.TCP},
	query.ConnectionRate: {topology.TCP},
	query.MTLS:           {topology.HTTP, topology.GRPC, topology.TCP},
}

// has tells that one of the stats can be told of the traffic.
func (t *totals) has(stats []query.Stat) bool {
	return slices.ContainsFunc(stats, func(s query.Stat) bool {
		protocols, ok := speaking[s]
		if !ok {
			protocols = []topology.Protocol{topology.HTTP, topology.GRPC}
		}
		return slices.ContainsFunc(protocols, t.speaks)
	})
}

// limit keeps the busiest lines, in the order of their names.
func (l *Lines) limit(n int) {
	if len(l.lines) <= n {
		return
	}
	busiest := slices.Clone(l.lines)
	slices.SortStableFunc(busiest, func(a, b *line) int { return cmp.Compare(b.total.load(), a.total.load()) })
	kept := map[*line]bool{}
	for _, one := range busiest[:n] {
		kept[one] = true
	}
	l.lines = slices.DeleteFunc(l.lines, func(one *line) bool { return !kept[one] })
}

// name gives each line the shortest title that no other has.
func (l *Lines) name() {
	detail := make(map[*line]int, len(l.lines))
	for same := true; same; {
		same = false
		by := map[string][]*line{}
		for _, one := range l.lines {
			one.title = one.titleWith(detail[one])
			by[one.title] = append(by[one.title], one)
		}
		for _, lines := range by {
			if len(lines) == 1 {
				continue
			}
			for _, one := range lines {
				if detail[one] < fullDetail {
					detail[one]++
					same = true
				}
			}
		}
	}
}

func (one *line) titleWith(detail int) string {
	title := titleWith(one.node, detail)
	if one.target != nil {
		title += " → " + titleWith(one.target, detail)
	}
	return title
}

// fullDetail is with all that tells a node from others.
const fullDetail = 4

// titleWith is a node's name, with its namespace, its cluster, its kind, its id:
// names of different kinds may be the same.
func titleWith(n *topology.Node, detail int) string {
	title := titleOf(n)
	for i, more := range [fullDetail]string{n.Namespace, n.Cluster, string(n.Kind), n.ID()} {
		if i < detail && more != "" {
			title += " · " + more
		}
	}
	return title
}

// labels tell a line from all others. Alerts are known by them.
func (one *line) labels(stat query.Stat) data.Labels {
	labels := data.Labels{"stat": string(stat)}
	if one.target == nil {
		label(labels, "", one.node)
		return labels
	}
	label(labels, "source_", one.node)
	label(labels, "target_", one.target)
	return labels
}

// label names a node as verdicts do, which alerts are made on, too.
func label(labels data.Labels, prefix string, n *topology.Node) {
	at := placeOf(n)
	labels[prefix+"cluster"], labels[prefix+"kind"], labels[prefix+"name"] = at.cluster, at.kind, at.name
	if at.namespace != "" {
		labels[prefix+"namespace"] = at.namespace
	}
	if n.Ref.Version != "" {
		labels[prefix+"workload"] = n.Ref.Version // one of a version of an app
	}
}

// Wanted tells what the lines are made of, to one who reads that. whole is
// what they were chosen from, unfolded its flows before hops through waypoints
// became part of calls.
func (l *Lines) Wanted(whole *topology.Graph, unfolded []topology.Flow) []source.Wanted {
	numbers := map[pair]int{}
	called, calling := map[*topology.Node]int{}, map[*topology.Node]int{}
	for i, one := range l.lines {
		switch {
		case one.target != nil:
			numbers[pair{one.node, one.target}] = i
		case one.calls:
			calling[one.node] = i
		default:
			called[one.node] = i
		}
	}
	before := make(map[source.Part]*topology.Traffic, len(unfolded))
	var all []source.Part
	for _, f := range unfolded {
		part := source.Part{Key: f.Key, Protocol: f.Protocol}
		before[part] = f.Traffic
		if f.Traffic.Activity() > 0 {
			all = append(all, part)
		}
	}
	find := func(number func(e *topology.Edge) (int, bool)) source.Wanted {
		w := source.Wanted{All: all, Of: map[source.Part]source.Share{}}
		for _, e := range whole.Edges {
			i, ok := number(e)
			if !ok || !l.view.Query.Shows(e.Protocol) {
				continue
			}
			for _, f := range e.Flows {
				part := source.Part{Key: f.Key, Protocol: f.Protocol}
				share, known := w.Of[part]
				if !known {
					share.Left = leftOf(before[part], f.Traffic)
				}
				if !slices.Contains(share.Entities, i) {
					share.Entities = append(share.Entities, i)
				}
				w.Of[part] = share
				if !(f.Traffic.Activity() > 0) && !known {
					w.All = append(w.All[:len(w.All):len(w.All)], part)
				}
			}
		}
		return w
	}
	return []source.Wanted{
		find(func(e *topology.Edge) (int, bool) {
			i, ok := numbers[pairOf(e)]
			return i, ok
		}),
		find(func(e *topology.Edge) (int, bool) { i, ok := called[e.Target]; return i, ok }),
		find(func(e *topology.Edge) (int, bool) { i, ok := calling[e.Source]; return i, ok }),
	}
}

// leftOf is what is left of some traffic; nil where nothing was taken.
func leftOf(before, after *topology.Traffic) *source.Left {
	if before == nil || before == after {
		return nil
	}
	l := &source.Left{
		Requests:     map[topology.Response]float64{},
		RequestsOnly: hasMoreThanRequests(before) && !hasMoreThanRequests(after),
	}
	for r, n := range before.Requests {
		if n > 0 {
			l.Requests[r] = min(1, after.Requests[r]/n)
		}
	}
	return l
}

func hasMoreThanRequests(t *topology.Traffic) bool {
	return len(t.Secured) > 0 || t.Latency.Count() > 0 || t.RequestBytes+t.ResponseBytes+t.RequestMessages+t.ResponseMessages > 0
}

// notices are what a viewer could else take the lines wrongly for.
func (l *Lines) notices() []data.Notice {
	q := l.view.Query
	things := "edges"
	if q.Entity == query.EntityNode {
		things = "nodes"
	}
	switch {
	case len(l.lines) < l.chosen:
		text := fmt.Sprintf("%d of %d %s are shown: the busiest ones of the range. Ask for fewer namespaces", len(l.lines), l.chosen, things)
		return []data.Notice{{Severity: data.NoticeSeverityWarning, Text: text + moreAllowed(q) + "."}}
	case l.chosen == 0 && l.mesh > 0:
		why := cmp.Or(asked(q), "of a protocol that such traffic is of")
		return []data.Notice{{Severity: data.NoticeSeverityInfo, Text: fmt.Sprintf("Of the mesh's %d %s none is %s.", l.mesh, things, why)}}
	}
	return nil
}
