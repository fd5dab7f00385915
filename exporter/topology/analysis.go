package topology

// Root tells that the node calls others and nobody calls it: traffic enters
// the mesh there.
func (n *Node) Root() bool { return len(n.Out) > 0 && len(n.In) == 0 }

// Inaccessible tells that there is nothing in the mesh to look at behind the
// node: a caller or a host of which nothing is known, or one of Envoy's
// clusters for all that the mesh does not know.
func (n *Node) Inaccessible() bool {
	return n.Kind == KindUnknown || n.Kind == KindService && (n.Name == "" || Service{Name: n.Name}.isCatchAll())
}

// Share is the part (0..1) that the edge has of what its source calls by its
// protocol: of requests; of TCP, where connections are known, of these, else
// of bytes. ok is false where the source calls nothing.
func (e *Edge) Share() (share float64, ok bool) {
	all, found := e.Source.Out[e.Protocol]
	if !found {
		return 0, false
	}
	part, whole := e.Traffic.Calls(), all.Calls()
	if !(whole > 0) {
		part, whole = e.Traffic.bytes(), all.bytes()
	}
	if !(whole > 0) {
		return 0, false
	}
	return part / whole, true
}

// bytes are those of connections, both ways.
func (t *Traffic) bytes() float64 {
	request, response := t.TCPBytes()
	return request + response
}
