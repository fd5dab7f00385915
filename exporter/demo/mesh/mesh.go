package mesh

import (
	"fmt"
	"io"
	"slices"
	"sync"
	"time"
)

// Job is the scrape job of the proxies, as in Istio's own Prometheus.
const Job = "kubernetes-pods"

// Config says what a mesh is made of.
type Config struct {
	// Seed makes all that is random. Equal seeds make equal meshes.
	Seed int64
	// Namespaces is how many generated namespaces there are beside the named
	// applications (Bookinfo, Online Boutique, Sock Shop), 0 for none.
	Namespaces int
	// Workloads is how many workloads each generated namespace has. 50
	// namespaces of 20 workloads give about 2,800 edges.
	Workloads int
	// Start is the time at which the mesh begins, with nothing counted yet.
	Start time.Time
	// Faults are in force from the start.
	Faults []Fault
	// Churn lets some workloads of the named applications restart and scale by
	// themselves every few minutes.
	Churn bool
}

// Mesh is a simulated mesh. Its methods may be called from several goroutines.
type Mesh struct {
	mu sync.Mutex

	seed  int64
	start time.Time
	ticks int64
	churn []*habit

	workloads []*workload
	edges     []edge
	// invented are the edges made by faults.
	invented []edge
	faults   []Fault
	sets     labelSets

	// revision grows with each pod that starts or stops, and each fault.
	revision int

	nodes map[string][]*node
	// placed counts the pods of each cluster, addresses those of all.
	placed    map[string]int
	addresses int
}

// New returns a mesh at its start. It fails where the configuration makes no
// sense, or a fault does not fit it.
func New(c Config) (*Mesh, error) {
	switch {
	case c.Namespaces < 0 || c.Namespaces > maxNamespaces:
		return nil, fmt.Errorf("namespaces: %d is not from 0 to %d", c.Namespaces, maxNamespaces)
	case c.Namespaces > 0 && (c.Workloads < 2 || c.Workloads > maxWorkloads):
		return nil, fmt.Errorf("workloads: %d is not from 2 to %d", c.Workloads, maxWorkloads)
	}
	m := &Mesh{
		seed: c.Seed, start: c.Start,
		sets:  labelSets{},
		nodes: map[string][]*node{}, placed: map[string]int{},
	}
	m.addNodes(homeCluster, 3+c.Namespaces/5)
	m.addNodes(westCluster, 2)
	m.addZtunnels()
	ingress := m.addGateway()
	m.addBookinfo(ingress)
	m.addOnlineBoutique()
	m.addSockShop(ingress)
	m.addGenerated(ingress, c.Namespaces, c.Workloads)
	m.addUncalled()
	if c.Churn {
		m.churn = habits()
	}
	for _, f := range c.Faults {
		if err := m.set(f); err != nil {
			return nil, err
		}
	}
	return m, nil
}

// Advance makes everything happen that lies between the time that the mesh has
// reached and the one given, in whole seconds since its start. A time that is
// past already changes nothing.
func (m *Mesh) Advance(to time.Time) {
	m.mu.Lock()
	defer m.mu.Unlock()
	until := int64(to.Sub(m.start) / time.Second)
	for m.ticks < until {
		for _, h := range m.churn {
			h.follow(m)
		}
		wave := load(float64(m.ticks))
		for _, e := range m.edges {
			e.step(wave)
		}
		m.ticks++
	}
}

// Now is the time that the mesh has reached.
func (m *Mesh) Now() time.Time {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.at(m.ticks)
}

// at is the time of a tick.
func (m *Mesh) at(tick int64) time.Time { return m.start.Add(time.Duration(tick) * time.Second) }

// Targets returns the scrape targets that exist now, sorted by namespace and pod.
func (m *Mesh) Targets() []Target {
	m.mu.Lock()
	defer m.mu.Unlock()
	var targets []Target
	for _, w := range m.workloads {
		targets = append(targets, w.targets(m)...)
	}
	slices.SortFunc(targets, compareTargets)
	return targets
}

// Target is a pod whose proxy exposes metrics, with the labels that a
// Prometheus beside Istio gives it.
type Target struct {
	// Job and Instance identify the target; Instance is the address in the
	// mesh, where nothing listens.
	Job, Instance string
	// Namespace and Pod name the pod.
	Namespace, Pod string
	// App is the pod's label "app": "ztunnel" for ztunnels, "" for waypoints.
	App string

	mesh      *Mesh
	pod       *pod
	component string
}

// WriteMetrics writes the pod's metrics as they are now, in Prometheus's text
// format. Of a pod that is gone it writes what it counted last.
func (t Target) WriteMetrics(w io.Writer) error {
	t.mesh.mu.Lock()
	metrics := render(t.component, t.pod.counters)
	t.mesh.mu.Unlock()
	_, err := w.Write(metrics)
	return err
}
