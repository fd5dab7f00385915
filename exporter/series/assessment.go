package series

import (
	"bytes"
	"cmp"
	"maps"
	"slices"

	"github.com/meshscope/meshscope/exporter/topology"
)

// Assessment is what is thought of a mesh at one moment, and known of its
// objects: the gauges that a snapshot has beside the counters.
type Assessment struct {
	// Edges are the verdicts on edges. Those of edges that are not published are not either.
	Edges map[topology.EdgeKey]topology.Health
	// Nodes are the verdicts on workloads, apps, services and namespaces.
	Nodes map[topology.Ref]topology.Health
	// Ratios are what workloads were judged by.
	Ratios map[topology.Ref][]topology.ErrorRatio
	// Faults are how workloads hang together.
	Faults map[topology.Ref]Fault
	// Objects are what Kubernetes tells; nil is nothing.
	Objects topology.Objects
	// Statuses are what Istio and the Gateway API tell of their objects.
	Statuses []ObjectStatus
}

// Fault is what a workload has to do with the faults of others.
type Fault struct {
	// Judged tells that it is known whether the workload is an origin.
	Judged, Origin bool
	// Whose fault it is that the workload fails: its own, or another workload's; the
	// zero Ref where it does not fail, or nobody known is to blame.
	Whose                    topology.Ref
	Dependents, Dependencies Reach
}

// Reach is a number of workloads: those next to one, and those behind them too.
type Reach struct{ Direct, All int }

// ObjectStatus is a condition of an object, or a message of its validation.
type ObjectStatus struct {
	Cluster, Kind, Namespace, Name string
	// Condition is its type, or the message's code.
	Condition string
	Holds     bool
}

// gauge is one series of an assessment.
type gauge struct {
	labels []byte
	value  float64
}

// gauges are the series of an assessment.
type gauges struct {
	of map[*Family][]gauge
	// free is memory for labels, taken for many at a time.
	free []byte
}

// textSize is the memory that is taken for labels at a time, textLeft when it
// is time for more. Longer labels have their own.
const (
	textSize = 64 << 10
	textLeft = 512
)

func (g *gauges) add(f *Family, value float64, labels ...string) {
	if cap(g.free) < textLeft {
		g.free = make([]byte, 0, textSize)
	}
	text := appendLabels(g.free, f.Labels, labels)
	if n := len(text); n <= cap(g.free) {
		g.free = g.free[n:n]
	}
	g.of[f] = append(g.of[f], gauge{slices.Clip(text), value})
}

// importance orders the families of gauges: what limits leave no room for is
// taken from the end.
var importance = []*Family{
	WorkloadHealth, ServiceHealth, AppHealth, NamespaceHealth, WorkloadFaultOrigin, WorkloadFaultInfo, EdgeHealth, WorkloadInfo,
	IstioObjectStatus, WorkloadErrorRatio, WorkloadDependents, WorkloadDependencies, WorkloadReplicas,
}

// arrange sorts each family, and leaves of what two names come to the same
// series for the worse one. What is more than room is left out and counted.
func (g *gauges) arrange(room int) (dropped int) {
	for _, f := range importance {
		all := g.of[f]
		slices.SortFunc(all, func(a, b gauge) int {
			if c := bytes.Compare(a.labels, b.labels); c != 0 {
				return c
			}
			return cmp.Compare(b.value, a.value)
		})
		all = slices.CompactFunc(all, func(a, b gauge) bool { return bytes.Equal(a.labels, b.labels) })
		kept := min(len(all), max(room, 0))
		room -= kept
		dropped += len(all) - kept
		g.of[f] = all[:kept]
	}
	return dropped
}

func (g *gauges) len() (n int) {
	for _, all := range g.of {
		n += len(all)
	}
	return n
}

// gauges makes the series of an assessment, and of the workloads that
// telemetry knows.
func (a *Assessment) gauges(accounts []*account, isWaypoint func(topology.Peer) bool) *gauges {
	g := &gauges{of: map[*Family][]gauge{}}
	for _, account := range accounts {
		if value, ok := a.Edges[account.key].Value(); ok {
			g.of[EdgeHealth] = append(g.of[EdgeHealth], gauge{account.labels, value})
		}
	}
	for ref, health := range a.Nodes {
		if value, ok := health.Value(); ok {
			g.judge(ref, value)
		}
	}
	for ref, ratios := range a.Ratios {
		for _, r := range ratios {
			if r.Requests > 0 {
				g.add(WorkloadErrorRatio, r.Ratio(), append(names(ref), string(r.Direction), string(r.Protocol), r.Tolerance)...)
			}
		}
	}
	for _, ref := range sortedRefs(a.Faults) {
		g.fault(ref, a.Faults[ref])
	}
	g.workloads(accounts, isWaypoint, a.Objects)
	for _, s := range a.Statuses {
		g.add(IstioObjectStatus, oneIf(s.Holds), orUnknown(s.Cluster), s.Kind, s.Namespace, s.Name, s.Condition)
	}
	return g
}

// sortedRefs are keys in an order that is that of labels as good as always:
// what is sorted already is soon sorted.
func sortedRefs[V any](m map[topology.Ref]V) []topology.Ref {
	return slices.SortedFunc(maps.Keys(m), topology.Ref.Compare)
}

// names are the values of the labels that tell a node from others of its kind.
func names(r topology.Ref) []string {
	return append(make([]string, 0, 7), orUnknown(r.Cluster), orUnknown(r.Namespace), orUnknown(r.Name))
}

// healthOf is the family of verdicts on nodes of a kind.
var healthOf = map[topology.Kind]*Family{
	topology.KindWorkload: WorkloadHealth, topology.KindApp: AppHealth, topology.KindService: ServiceHealth,
}

func (g *gauges) judge(r topology.Ref, value float64) {
	if f, ok := healthOf[r.Kind]; ok {
		g.add(f, value, names(r)...)
	} else if r.Kind == topology.KindNamespace {
		g.add(NamespaceHealth, value, orUnknown(r.Cluster), orUnknown(r.Name))
	}
}

func (g *gauges) fault(r topology.Ref, f Fault) {
	if f.Judged {
		g.add(WorkloadFaultOrigin, oneIf(f.Origin), names(r)...)
	}
	if f.Whose != (topology.Ref{}) {
		g.add(WorkloadFaultInfo, 1, append(names(r), names(f.Whose)...)...)
	}
	g.add(WorkloadDependents, float64(f.Dependents.All), append(names(r), "all")...)
	g.add(WorkloadDependents, float64(f.Dependents.Direct), append(names(r), "direct")...)
	g.add(WorkloadDependencies, float64(f.Dependencies.All), append(names(r), "all")...)
	g.add(WorkloadDependencies, float64(f.Dependencies.Direct), append(names(r), "direct")...)
}

func oneIf(is bool) float64 {
	if is {
		return 1
	}
	return 0
}
