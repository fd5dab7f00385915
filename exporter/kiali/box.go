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
}

func (b *box) write(o *object) {
	o.must("id", b.id())
	o.field("parent", b.parent)
	o.must("nodeType", "box")
	o.must("cluster", b.cluster)
	o.must("namespace", b.namespace)
	o.field("app", b.app)
	o.null("healthData")
	o.must("isBox", b.by)
}

// box puts nodes into boxes, and says which box a node is in. An app has one
// where it has several versions; namespaces and clusters where there are
// several of them.
func (v *view) box() {
	byApp := v.Boxes.App || v.graph.Level == topology.ByApp || v.graph.Level == topology.ByVersionedApp
	if !byApp && !v.Boxes.Namespace && !v.Boxes.Cluster {
		return
	}
	apps, namespaces, clusters := map[boxKey]int{}, map[boxKey]bool{}, map[boxKey]bool{}
	for _, n := range v.graph.Nodes {
		cluster := known(n.Cluster)
		if app := boxedApp(n); app != "" {
			apps[boxKey{cluster, known(n.Namespace), app}]++
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
		key := boxKey{cluster, namespace, boxedApp(n)}
		if byApp && apps[key] > 1 {
			v.nodes[n].parent = key.id()
		} else if parent := ofNamespace(cluster, namespace); parent != "" {
			v.nodes[n].parent = parent
		}
	}
	if byCluster { // what is outside comes first
		for _, key := range sortedKeys(clusters) {
			v.boxes = append(v.boxes, box{key, "cluster", ""})
		}
	}
	if byNamespace {
		for _, key := range sortedKeys(namespaces) {
			v.boxes = append(v.boxes, box{key, "namespace", ofCluster(key.cluster)})
		}
	}
	if byApp {
		for _, key := range sortedKeys(apps) {
			if apps[key] > 1 {
				v.boxes = append(v.boxes, box{key, "app", ofNamespace(key.cluster, key.namespace)})
			}
		}
	}
}

// boxedApp is the app that a node is boxed by, if any.
func boxedApp(n *topology.Node) string {
	if isOfPeers(n) && !n.Waypoint {
		return n.App
	}
	return ""
}

func sortedKeys[V any](m map[boxKey]V) []boxKey {
	keys := make([]boxKey, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, boxKey.compare)
	return keys
}
