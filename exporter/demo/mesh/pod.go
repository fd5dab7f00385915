package mesh

import (
	"fmt"
	"slices"
	"strings"
)

// pod is one pod of a workload. Its counters are those of the Envoy in it, or
// of the ztunnel that it is; an ambient pod has none of its own.
type pod struct {
	workload *workload
	name, ip string
	node     *node
	started  int64 // the tick
	counters *counters
}

// node is a machine of a cluster. The ztunnel on it reports the connections
// of its ambient pods.
type node struct {
	ztunnel *pod
}

// proxy returns the counters of the proxy before the pod, nil for a pod
// outside the mesh.
func (p *pod) proxy() *counters {
	switch {
	case p.workload.dataplane.envoy():
		return p.counters
	case p.workload.dataplane == ambient:
		return p.node.ztunnel.counters
	default:
		return nil
	}
}

// startPod adds a pod to a workload, on the next node of its cluster.
func (m *Mesh) startPod(w *workload) *pod {
	nodes := m.nodes[w.cluster]
	n := nodes[m.placed[w.cluster]%len(nodes)]
	m.placed[w.cluster]++
	return m.startPodOn(w, n)
}

func (m *Mesh) startPodOn(w *workload, n *node) *pod {
	m.addresses++
	p := &pod{
		workload: w,
		name:     w.name + "-" + w.template + "-" + randomName(w.rng, 5),
		ip:       fmt.Sprintf("10.%d.%d.%d", 32+m.addresses>>16, m.addresses>>8&255, m.addresses&255),
		node:     n,
		started:  m.ticks,
		counters: &counters{},
	}
	switch w.controller {
	case DaemonSet:
		p.name = w.name + "-" + randomName(w.rng, 5)
	case StatefulSet:
		p.name = fmt.Sprint(w.name, "-", len(w.pods))
	case Deployment:
	}
	if w.dataplane == nodeProxy {
		n.ztunnel = p
	}
	w.pods = append(w.pods, p)
	m.revision++
	return p
}

// stopPod takes a pod out of its workload and closes its connections.
func (m *Mesh) stopPod(p *pod) {
	p.workload.pods = slices.DeleteFunc(p.workload.pods, func(other *pod) bool { return other == p })
	for _, e := range m.edges {
		e.hangUp(p)
	}
	m.revision++
}

// scale starts or stops pods until the workload has the number wanted. The
// youngest are stopped first.
func (m *Mesh) scale(w *workload, replicas int) {
	w.replicas = replicas
	for len(w.pods) > replicas {
		m.stopPod(w.pods[len(w.pods)-1])
	}
	for len(w.pods) < replicas {
		m.startPod(w)
	}
}

// restart replaces all pods of a workload by new ones of another template.
func (m *Mesh) restart(w *workload) {
	w.template = randomName(w.rng, 10)
	for _, old := range slices.Clone(w.pods) {
		m.stopPod(old)
		if w.dataplane == nodeProxy {
			m.startPodOn(w, old.node)
		}
	}
	if w.dataplane != nodeProxy {
		m.scale(w, w.replicas)
	}
}

// reset makes the proxies of a workload count from zero, in the pods they are
// in, as after a crash of the container.
func (w *workload) reset() {
	for _, p := range w.pods {
		p.counters = &counters{}
	}
}

// targets returns the scrape targets of the workload's pods.
func (w *workload) targets(m *Mesh) []Target {
	component := "proxy"
	switch {
	case w.dataplane == nodeProxy:
		component = "ztunnel"
	case !w.dataplane.envoy():
		return nil
	}
	app := w.app
	if !w.labelled {
		app = ""
	}
	targets := make([]Target, 0, len(w.pods))
	for _, p := range w.pods {
		targets = append(targets, Target{
			Job: Job, Instance: p.ip + ":15020", Namespace: w.namespace, Pod: p.name, App: app,
			mesh: m, pod: p, component: component,
		})
	}
	return targets
}

func compareTargets(a, b Target) int {
	if c := strings.Compare(a.Namespace, b.Namespace); c != 0 {
		return c
	}
	return strings.Compare(a.Pod, b.Pod)
}
