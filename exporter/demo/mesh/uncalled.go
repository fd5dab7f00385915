package mesh

// addUncalled adds what only the clusters' objects tell of: a workload that
// nobody calls, and one without pods. They come last, so that they shift
// nothing that the others draw.
func (m *Mesh) addUncalled() {
	m.add(workload{namespace: "online-boutique", name: "shoppingassistantservice"})
	m.shutDown(m.add(workload{namespace: "sock-shop", name: "load-test", serviceAccount: "default", dataplane: ambient, unserved: true}))
}

// shutDown lets a workload have no pods, unless a fault scales it.
func (m *Mesh) shutDown(w *workload) {
	w.initialReplicas = 0
	m.scale(w, 0)
}
