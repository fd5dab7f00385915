package topology

import (
	"cmp"
	"slices"
	"strings"
)

// Operation is a call's operation, as a classification of requests names it,
// and how the call ended.
type Operation struct {
	Name     string // empty where it has none
	Response Response
}

// AddOperation counts n calls of an operation, or of none.
func (t *Traffic) AddOperation(name string, r Response, n float64) {
	t.Operations = add(t.Operations, Operation{name, r}, n)
}

// knowsOperations tells that some of the calls were classified.
func (t *Traffic) knowsOperations() bool {
	for o := range t.Operations {
		if o.Name != "" {
			return true
		}
	}
	return false
}

// operationPart is what a flow has of one operation.
type operationPart struct {
	name string
	flow []Flow // one
}

// byOperation parts a flow by operation; rest is what is left of it, or none.
// Operations are known to servers, as a rule, and counts of calls to their
// callers (T1). So the calls that ended with a response are shared out as the
// one who knows has seen those with that response: no call is counted twice,
// and one that no server saw is of no operation. Of other measures it is not
// known which operation they belong to: the parts have none.
func (f Flow) byOperation() (parts []operationPart, rest []Flow) {
	if !f.Traffic.knowsOperations() {
		return nil, []Flow{f}
	}
	seen := map[Response]float64{}
	operations := f.Traffic.operations()
	for _, o := range operations {
		seen[o.Response] += f.Traffic.Operations[o]
	}
	left := *f.Traffic
	left.Requests, left.Operations = nil, nil
	for _, r := range f.Traffic.Responses() {
		if !(seen[r] > 0) {
			left.AddRequests(r, f.Traffic.Requests[r])
		}
	}
	for _, o := range operations {
		calls, asked := f.Traffic.Requests[o.Response]
		if !asked || !(seen[o.Response] > 0) {
			continue
		}
		calls *= f.Traffic.Operations[o] / seen[o.Response]
		switch {
		case !(calls > 0):
		case o.Name == "":
			left.AddRequests(o.Response, calls)
		default:
			if len(parts) == 0 || parts[len(parts)-1].name != o.Name {
				part := f
				part.Traffic = new(Traffic)
				parts = append(parts, operationPart{o.Name, []Flow{part}})
			}
			parts[len(parts)-1].flow[0].Traffic.AddRequests(o.Response, calls)
		}
	}
	if left.Total() > 0 || len(parts) == 0 {
		whole := f
		whole.Traffic = &left
		rest = []Flow{whole}
	}
	return parts, rest
}

// operations are the keys of Operations in a fixed order.
func (t *Traffic) operations() []Operation {
	return sortedKeysFunc(t.Operations, func(a, b Operation) int {
		return cmp.Or(strings.Compare(a.Name, b.Name), a.Response.compare(b.Response))
	})
}

// operationRef is the node of an operation of the service that was called.
func operationRef(k EdgeKey, name string) Ref {
	service := cmp.Or(k.Service.Name, k.Service.Host)
	namespace := cmp.Or(k.Service.Namespace, k.Destination.Namespace)
	return Ref{Kind: KindOperation, Cluster: k.Destination.Cluster, Namespace: namespace, Name: name, Version: service}
}

// classify gives the flows the operations that a reporter knows of: their own;
// else the waypoint's or the destination's.
func (g *reportGroup) classify(flows []Flow) {
	if slices.ContainsFunc(flows, func(f Flow) bool { return f.Traffic.knowsOperations() }) {
		return
	}
	for _, reports := range [...][]*Report{g.by[ByWaypoint], g.by[ByDestination]} {
		if !slices.ContainsFunc(reports, func(r *Report) bool { return r.Traffic.knowsOperations() }) {
			continue
		}
		for _, f := range flows {
			f.Traffic.Operations = nil
		}
		for _, r := range reports {
			t := bestMatch(flows, r.Key).Traffic
			t.Operations = addAll(t.Operations, r.Traffic.Operations)
		}
		return
	}
}
