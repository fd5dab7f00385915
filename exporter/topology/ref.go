package topology

import (
	"cmp"
	"strings"
)

// Kind is what a node stands for.
type Kind string

// The kinds of nodes.
const (
	KindWorkload  Kind = "workload"
	KindApp       Kind = "app"
	KindService   Kind = "service"
	KindOperation Kind = "operation" // what is asked of a service
	KindNamespace Kind = "namespace"
	KindCluster   Kind = "cluster"
	KindUnknown   Kind = "unknown" // a caller of which nothing is known
)

// Ref identifies a node of a graph: kind, cluster, namespace and name. Version
// tells the versions of one app apart, and operations of one name by their
// service. It is comparable.
type Ref struct {
	Kind      Kind
	Cluster   string
	Namespace string
	Name      string
	Version   string
}

// Compare orders refs by cluster, namespace, name, version and kind. It looks
// no further than it must: graphs are sorted by it.
func (r Ref) Compare(o Ref) int {
	if c := strings.Compare(r.Cluster, o.Cluster); c != 0 {
		return c
	}
	if c := strings.Compare(r.Namespace, o.Namespace); c != 0 {
		return c
	}
	if c := strings.Compare(r.Name, o.Name); c != 0 {
		return c
	}
	return cmp.Or(strings.Compare(r.Version, o.Version), strings.Compare(string(r.Kind), string(o.Kind)))
}

// ID is the ref as one readable string that no other ref has: its kind and
// names, joined by slashes, absent ones as "~". What is not a letter, a
// digit or one of "._-" is escaped as "~" and two hex digits, so that an ID
// may stand in a URL, in an SVG reference and in a label alike.
func (r Ref) ID() string {
	var b strings.Builder
	b.Grow(len(r.Kind) + len(r.Cluster) + len(r.Namespace) + len(r.Name) + len(r.Version) + 16)
	b.WriteString(string(r.Kind))
	for i, part := range [...]string{r.Cluster, r.Namespace, r.Name, r.Version} {
		if i == 3 && part == "" {
			break
		}
		b.WriteByte('/')
		writeEscaped(&b, part)
	}
	return b.String()
}

// writeEscaped writes an absent part as "~": distinct from a part that is
// literally called "unknown".
func writeEscaped(b *strings.Builder, part string) {
	if part == "" {
		b.WriteByte('~')
		return
	}
	const hex = "0123456789ABCDEF"
	for i := range len(part) {
		switch c := part[i]; {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', c == '.', c == '_', c == '-':
			b.WriteByte(c)
		default:
			b.WriteByte('~')
			b.WriteByte(hex[c>>4])
			b.WriteByte(hex[c&15])
		}
	}
}

// SourceRef is the node of the workload graph that the calls come from.
func (k EdgeKey) SourceRef() Ref {
	switch p := k.Source; {
	case p.Workload != "":
		return p.ref()
	case p.CanonicalService != "":
		return Ref{Kind: KindApp, Cluster: p.Cluster, Namespace: p.Namespace, Name: p.CanonicalService}
	default:
		return Ref{Kind: KindUnknown, Cluster: p.Cluster, Namespace: p.Namespace}
	}
}

// DestinationRef is the node of the workload graph that the calls go to: the
// workload; where none is known, the service, which may be nameless.
func (k EdgeKey) DestinationRef() Ref {
	switch p := k.Destination; {
	case p.Workload != "":
		return p.ref()
	case !k.Service.isKnown() && p.CanonicalService != "":
		return Ref{Kind: KindApp, Cluster: p.Cluster, Namespace: p.Namespace, Name: p.CanonicalService}
	default:
		return k.Service.ref(p.Cluster)
	}
}

// ServiceRef is the service that was called, whether a workload of it was
// reached or not. It is the zero Ref where none is known, and for Envoy's
// clusters for what the mesh does not know.
func (k EdgeKey) ServiceRef() Ref {
	if !k.Service.isKnown() || k.Service.isCatchAll() {
		return Ref{}
	}
	return k.Service.ref(k.Destination.Cluster)
}

// AppRef is the app that p is of, or the zero Ref.
func (p Peer) AppRef() Ref {
	if p.CanonicalService == "" {
		return Ref{}
	}
	return Ref{Kind: KindApp, Cluster: p.Cluster, Namespace: p.Namespace, Name: p.CanonicalService}
}

// ref is the workload that p is, if it is known.
func (p Peer) ref() Ref {
	return Ref{Kind: KindWorkload, Cluster: p.Cluster, Namespace: p.Namespace, Name: p.Workload}
}
