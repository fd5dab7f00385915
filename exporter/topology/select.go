package topology

import (
	"cmp"
	"slices"
)

// Selection names the part of a graph that a view shows: namespaces and
// clusters by name or glob. Empty lists are all.
type Selection struct {
	Namespaces []string
	Clusters   []string
}

// Select is the part of the graph with calls from or to the selection, and with
// what is in it without traffic.
func (g *Graph) Select(s Selection) *Graph {
	if s.isAll() {
		return g
	}
	return g.partWith(func(e *Edge) bool {
		return slices.ContainsFunc(e.Flows, func(f Flow) bool { return s.Has(f.Key.SourceRef()) || s.Has(f.Key.DestinationRef()) })
	}, func(n *Node) bool { return s.Has(n.Ref) })
}

// Outside tells that a node is not of the selection, and shown for its calls
// from or to it. Of a node that is not known to be anywhere this is not said.
func (s Selection) Outside(n *Node) bool {
	at := n.place()
	if n.Kind == KindUnknown {
		return false
	}
	return at.namespace != "" && !matches(s.Namespaces, at.namespace) || at.cluster != "" && !matches(s.Clusters, at.cluster)
}

func (s Selection) isAll() bool { return len(s.Namespaces) == 0 && len(s.Clusters) == 0 }

// place is where a node is.
type place struct{ cluster, namespace string }

func (r Ref) place() place {
	switch r.Kind {
	case KindNamespace:
		return place{r.Cluster, r.Name}
	case KindCluster:
		return place{cluster: r.Name}
	}
	return place{r.Cluster, r.Namespace}
}

// Has tells that something is of the selection, by where it is. What is not
// known of that is called unknown.
func (s Selection) Has(r Ref) bool {
	p := r.place()
	return matches(s.Namespaces, p.namespace) && matches(s.Clusters, p.cluster)
}

func matches(names []string, name string) bool {
	return len(names) == 0 || slices.ContainsFunc(names, func(pattern string) bool { return MatchGlob(pattern, cmp.Or(name, Unknown)) })
}
