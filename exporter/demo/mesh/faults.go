package mesh

import (
	"fmt"
	"slices"
	"strings"
)

// Set puts a fault into force, from the time that the mesh has reached. The
// same fault with another value replaces the first. Restart and Reset happen
// at once and are over.
func (m *Mesh) Set(f Fault) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.set(f)
}

func (m *Mesh) set(f Fault) error {
	if err := f.check(); err != nil {
		return fmt.Errorf("fault %q: %w", f, err)
	}
	if err := m.act(f); err != nil {
		return fmt.Errorf("fault %q: %w", f, err)
	}
	if !f.once() {
		m.forget(f)
		m.faults = append(m.faults, f)
		m.suffer()
	}
	return nil
}

// act does what a fault does at once.
func (m *Mesh) act(f Fault) error {
	destination, err := m.find(f.DestinationNamespace, f.DestinationWorkload)
	if err != nil {
		return err
	}
	var source *workload
	if f.SourceWorkload != "" {
		if source, err = m.find(f.SourceNamespace, f.SourceWorkload); err != nil {
			return err
		}
	}

	switch f.Kind {
	case Restart, Reset, Scale:
		return m.change(destination, f)
	case NewDependency:
		return m.connect(source, destination, f)
	}

	matched, requests := false, false
	for _, e := range m.edges {
		if f.concerns(e) {
			matched = true
			_, isRequest := e.(*requestEdge)
			requests = requests || isRequest
		}
	}
	switch {
	case !matched && source == nil:
		return fmt.Errorf("nothing calls %s", destination.key())
	case !matched:
		return fmt.Errorf("%s does not call %s", source.key(), destination.key())
	case !requests && f.Kind == Latency:
		return fmt.Errorf("only connections go to %s, and they have no latency", destination.key())
	}
	return nil
}

// change acts on the pods of a workload.
func (m *Mesh) change(w *workload, f Fault) error {
	switch {
	case w.external():
		return fmt.Errorf("%s is outside the mesh and has no pods", w.key())
	case f.Kind == Scale && w.dataplane == nodeProxy:
		return fmt.Errorf("%s runs on each node and does not scale", w.key())
	case f.Kind == Reset && w.dataplane == ambient:
		return fmt.Errorf("%s has no proxy of its own: reset %s/%s", w.key(), systemNamespace, ztunnelName)
	case f.Kind == Reset && w.dataplane == outside:
		return fmt.Errorf("%s has no proxy", w.key())
	}
	switch f.Kind {
	case Restart:
		m.restart(w)
	case Reset:
		w.reset()
	case Scale:
		m.scale(w, int(f.Value))
	}
	return nil
}

// connect makes the edge of a new dependency.
func (m *Mesh) connect(source, destination *workload, f Fault) error {
	switch {
	case source.external():
		return fmt.Errorf("%s is outside the mesh: nothing is known of its calls", source.key())
	case source.dataplane == waypoint || source.dataplane == nodeProxy || destination.dataplane == waypoint || destination.dataplane == nodeProxy:
		return fmt.Errorf("proxies between workloads make no calls of their own")
	case source == destination:
		return fmt.Errorf("%s would call itself", source.key())
	}
	for _, e := range m.edges {
		client, server := e.ends()
		if client != source || server != destination {
			continue
		}
		if slices.Contains(m.invented, e) {
			setRate(e, f.Value)
			return nil
		}
		return fmt.Errorf("%s calls %s already", source.key(), destination.key())
	}
	var e edge
	if m.protocol(source, destination) == protocolTCP {
		e = m.flow(source, destination, flow{rate: f.Value, lifetime: 20, pool: 1, exchanges: 10 * f.Value, request: 300, reply: 1500})
	} else {
		e = m.call(source, destination, calls{rate: f.Value, latency: shape{median: 12, sigma: 0.6}, request: usualRequest, reply: usualReply})
	}
	m.invented = append(m.invented, e)
	return nil
}

func setRate(e edge, rate float64) {
	switch e := e.(type) {
	case *requestEdge:
		e.rate = rate
	case *connectionEdge:
		e.rate = rate
	}
}

// Clear takes faults out of force, or all of them where none is named. Values
// are not looked at. It fails, and clears nothing, if one is not in force.
func (m *Mesh) Clear(faults ...Fault) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(faults) == 0 {
		faults = slices.Clone(m.faults)
	}
	for _, f := range faults {
		if m.inForce(f) < 0 {
			return fmt.Errorf("fault %q is not in force", f.Name())
		}
	}
	for _, f := range faults {
		m.forget(f)
		switch f.Kind {
		case Scale:
			w, err := m.find(f.DestinationNamespace, f.DestinationWorkload)
			if err != nil {
				return err
			}
			m.scale(w, w.initialReplicas)
		case NewDependency:
			for _, e := range m.invented {
				if f.concerns(e) {
					setRate(e, 0)
				}
			}
		}
	}
	m.suffer()
	return nil
}

// Faults returns the faults in force, in the order in which they were set.
func (m *Mesh) Faults() []Fault {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.faults)
}

func (m *Mesh) inForce(f Fault) int {
	return slices.IndexFunc(m.faults, func(other Fault) bool { return other.Name() == f.Name() })
}

func (m *Mesh) forget(f Fault) {
	if i := m.inForce(f); i >= 0 {
		m.faults = slices.Delete(m.faults, i, i+1)
	}
}

// concerns reports whether the fault is about the calls of an edge.
func (f Fault) concerns(e edge) bool {
	client, server := e.ends()
	return server.namespace == f.DestinationNamespace && server.name == f.DestinationWorkload &&
		(f.SourceWorkload == "" || client.namespace == f.SourceNamespace && client.name == f.SourceWorkload)
}

// find returns a workload, or says which there are.
func (m *Mesh) find(namespace, name string) (*workload, error) {
	var near []string
	for _, w := range m.workloads {
		if w.namespace == namespace && w.name == name {
			return w, nil
		}
		if w.namespace == namespace {
			near = append(near, w.name)
		}
	}
	wanted := (&workload{namespace: namespace, name: name}).key()
	slices.Sort(near)
	const most = 20
	if more := len(near) - most; more > 0 {
		near = append(near[:most], fmt.Sprintf("and %d more", more))
	}
	switch {
	case namespace == "":
		return nil, fmt.Errorf("unknown host %s: there are %s; workloads are written namespace/workload", wanted, strings.Join(near, ", "))
	case len(near) == 0:
		return nil, fmt.Errorf("unknown workload %s: the mesh has no namespace %s", wanted, namespace)
	default:
		return nil, fmt.Errorf("unknown workload %s: in %s there are %s", wanted, namespace, strings.Join(near, ", "))
	}
}

// suffer works out anew what the faults in force do to each edge. A call that
// is critical to its client lets the client's own callers suffer as well.
func (m *Mesh) suffer() {
	m.revision++
	own := make(map[edge]effects, len(m.edges))
	critical := map[*workload][]*requestEdge{}
	for _, e := range m.edges {
		var suffered effects
		for _, f := range m.faults {
			if !f.concerns(e) {
				continue
			}
			switch f.Kind {
			case Errors:
				suffered.refused = either(suffered.refused, f.Value)
			case NoEndpoints:
				suffered.unreachable = either(suffered.unreachable, f.Value)
			case Plaintext:
				suffered.plaintext = either(suffered.plaintext, f.Value)
			case Latency:
				suffered.delay += f.Value
			}
		}
		own[e] = suffered
		if r, ok := e.(*requestEdge); ok && r.critical > 0 {
			critical[r.source] = append(critical[r.source], r)
		}
	}

	// burden is what the callers of a workload inherit from its own calls.
	var burden func(w *workload, path []*workload) (failed, delay float64)
	burden = func(w *workload, path []*workload) (failed, delay float64) {
		if slices.Contains(path, w) {
			return 0, 0
		}
		path = append(path, w)
		for _, e := range critical[w] {
			suffered := own[e]
			inherited, delayed := burden(e.destination, path)
			suffered.inherited = inherited
			if !e.answers { // those fail one by one
				failed = either(failed, e.critical*suffered.failed())
			}
			delay += e.critical * (suffered.delay + delayed)
		}
		return failed, delay
	}
	for _, e := range m.edges {
		_, server := e.ends()
		suffered := own[e]
		inherited, delayed := burden(server, nil)
		suffered.inherited = inherited
		suffered.delay += delayed
		e.suffer(suffered)
	}
}
