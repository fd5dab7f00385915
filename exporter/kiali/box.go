package kiali

import (
	"cmp"
	"slices"
	"strings"

	"github.com/meshscope/meshscope/exporter/topology"
)

// boxKey is what is boxed together: an app, a namespace or a cluster.
type boxKey struct{ cluster, namespace, app string }

func (k boxKey) compare(o boxKey) int {
	return cmp.Or(strings.Compare(k.cluster, o.cluster), strings.Compare(k.namespace, o.namespace), strings.Compare(k.app, o.app))
}

func (k boxKey) id() string {
	parts := []string{"box", k.cluster}
	for _, part := range []string{k.namespace, k.app} {
		if part != "" {
			parts = append(parts, part)
		}
	}
	return hash(strings.Join(parts, "_"))
}

// box is a box around what has the same key.
type box struct {
	boxKey
	by, parent string
	// members are those of the app that it is around, if it is around one.
	members
}

// members are the nodes of one app that are shown.
type members struct {
	of topology.Ref
	n  int
	// What is so of any of them.
	inaccessible, outOfMesh, outside bool
}

// box writes a box's fields. That around an app has what is so of any node in
// it.
func (v *view) box(o *object, b *box) {
	o.must("id", b.id())
	o.field("parent", b.parent)
	o.must("nodeType", "box")
	o.must("cluster", b.cluster)
	o.must("namespace", b.namespace)
	o.field("app", b.app)
	v.boxHealth(o, b)
	o.must("isBox", b.by)
	o.flag("isInaccessible", b.inaccessible)
	o.flag("isOutOfMesh", b.outOfMesh)
	o.flag("isOutside", b.outside)
}

// putInBoxes puts nodes into boxes, and says which box a node is in. An app has
// one where it has several nodes, such as versions; namespaces and clusters
// where there are several of them.
func (v *view) putInBoxes() {
	byApp := v.Boxes.App || v.graph.Level == topology.ByApp || v.graph.Level == topology.ByVersionedApp
	if !byApp && !v.Boxes.Namespace && !v.Boxes.Cluster {
		return
	}
	apps, namespaces, clusters := map[boxKey]members{}, map[boxKey]bool{}, map[boxKey]bool{}
	for _, n := range v.graph.Nodes {
		cluster := known(n.Cluster)
		if app := v.appOf(n); app != "" {
			key := boxKey{cluster, known(n.Namespace), app}
			apps[key] = v.with(apps[key], n)
		}
		namespaces[boxKey{cluster: cluster, namespace: known(n.Namespace)}] = true
		clusters[boxKey{cluster: cluster}] = true
	}
	byNamespace := v.Boxes.Namespace && len(namespaces) > 1
	byCluster := v.Boxes.Cluster && len(clusters) > 1

	ofCluster := func(cluster string) string {
		if !byCluster {
			return ""
		}
		return boxKey{cluster: cluster}.id()
	}
	ofNamespace := func(cluster, namespace string) string {
		if !byNamespace {
			return ofCluster(cluster)
		}
		return boxKey{cluster: cluster, namespace: namespace}.id()
	}
	for _, n := range v.graph.Nodes {
		cluster, namespace := known(n.Cluster), known(n.Namespace)
		key := boxKey{cluster, namespace, v.appOf(n)}
		if byApp && apps[key].n > 1 {
			v.nodes[n].parent = key.id()
		} else if parent := ofNamespace(cluster, namespace); parent != "" {
			v.nodes[n].parent = parent
		}
	}
	if byCluster { // what is outside comes first
		for _, key := range sortedKeys(clusters) {
			v.boxes = append(v.boxes, box{boxKey: key, by: "cluster"})
		}
	}
	if byNamespace {
		for _, key := range sortedKeys(namespaces) {
			v.boxes = append(v.boxes, box{boxKey: key, by: "namespace", parent: ofCluster(key.cluster)})
		}
	}
	if byApp {
		for _, key := range sortedKeys(apps) {
			if apps[key].n > 1 {
				v.boxes = append(v.boxes, box{key, "app", ofNamespace(key.cluster, key.namespace), apps[key]})
			}
		}
	}
}

// with is an app with one node more.
func (v *view) with(m members, n *topology.Node) members {
	shown := v.nodes[n]
	m.of = topology.Ref{Kind: topology.KindApp, Cluster: n.Cluster, Namespace: n.Namespace, Name: v.appOf(n)}
	m.n++
	m.inaccessible = m.inaccessible || v.inaccessible(n, shown)
	m.outOfMesh = m.outOfMesh || v.Appenders.MeshCheck && n.Object.OutOfMesh()
	m.outside = m.outside || shown.outside
	return m
}

func sortedKeys[V any](m map[boxKey]V) []boxKey {
	keys := make([]boxKey, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, boxKey.compare)
	return keys
}
