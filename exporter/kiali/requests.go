package kiali

import (
	"slices"

	"github.com/meshscope/meshscope/exporter/topology"
)

// judged are the protocols whose requests health is judged by.
var judged = [...]topology.Protocol{topology.GRPC, topology.HTTP}

// ended is how many requests ended with which code, by protocol as in judged.
type ended [len(judged)]shares

func (e *ended) add(p topology.Protocol, t *topology.Traffic) {
	i := slices.Index(judged[:], p)
	if i < 0 || t == nil {
		return
	}
	for _, r := range t.Responses() {
		if n := t.Requests[r]; n > 0 {
			e[i] = e[i].add(code(r, p), n)
		}
	}
}

// requests are those of a node, in and out.
type requests struct{ in, out ended }

// countRequests counts the requests that the verdicts on nodes and boxes are
// reached by: all of the mesh, each of them once, whatever is shown (T6).
func (v *view) countRequests() {
	v.requests = map[topology.Ref]*requests{}
	for _, n := range v.graph.Nodes {
		switch r := new(requests); {
		case n.Kind != topology.KindWorkload && n.Kind != topology.KindApp && n.Kind != topology.KindService:
		case isBareVersion(n): // which no flow names as such
			for _, p := range judged {
				r.in.add(p, n.In[p])
				r.out.add(p, n.Out[p])
			}
			v.requests[n.Ref] = r
		default:
			v.requests[n.Subject()] = r
		}
	}
	for i := range v.boxes {
		if app := v.boxes[i].of; app != (topology.Ref{}) && v.requests[app] == nil {
			v.requests[app] = new(requests)
		}
	}
	for _, f := range v.Health.Calls {
		source, destination := f.Key.SourceRef(), f.Key.DestinationRef()
		if r := v.requests[source]; r != nil {
			r.out.add(f.Protocol, f.Traffic)
		}
		if app := f.Key.Source.AppRef(); app != source {
			if r := v.requests[app]; r != nil {
				r.out.add(f.Protocol, f.Traffic)
			}
		}
		if r := v.requests[destination]; r != nil {
			r.in.add(f.Protocol, f.Traffic)
		}
		for _, whole := range [...]topology.Ref{f.Key.Destination.AppRef(), f.Key.ServiceRef()} {
			if r := v.requests[whole]; r != nil && whole != destination {
				r.in.add(f.Protocol, f.Traffic)
			}
		}
	}
}

// isBareVersion tells of a version of an app that no workload is known of.
func isBareVersion(n *topology.Node) bool {
	return n.Kind == topology.KindApp && n.Ref.Version != "" && n.Workload == ""
}
