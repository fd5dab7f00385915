package refresh

import (
	"time"

	"github.com/meshscope/meshscope/exporter/health"
	"github.com/meshscope/meshscope/exporter/series"
	"github.com/meshscope/meshscope/exporter/topology"
)

// judge is what verdicts are reached by: the flows that were counted lately,
// and the verdicts that have lasted.
type judge struct {
	rules   health.Rules
	recent  *window
	settled *health.Settled
}

func newJudge(s settings) *judge {
	return &judge{rules: s.health.rules, recent: newWindow(s.health.window, s.counters.step), settled: health.NewSettled(s.health.delay)}
}

// use changes by what is judged. What was counted stays.
func (j *judge) use(s settings) {
	j.rules = s.health.rules
	j.recent = j.recent.resized(s.health.window, s.counters.step)
	j.settled.Use(s.health.delay)
}

// length is the time that is judged by.
func (j *judge) length() time.Duration { return j.recent.interval().Length }

func (j *judge) count(iv topology.Interval, flows []topology.Flow) { j.recent.add(iv, flows) }

// assess judges the mesh as it is at an instant, for publication.
func (l *Loop) assess(at time.Time) {
	inventory := l.inventory()
	isWaypoint := inventory.IsWaypoint(l.settings.isWaypoint)
	statuses := inventory.Statuses()
	a := series.Assessment{Objects: inventory.Objects(), Statuses: make([]series.ObjectStatus, 0, len(statuses))}
	for _, s := range statuses {
		a.Statuses = append(a.Statuses, series.ObjectStatus{
			Cluster: s.Cluster, Kind: s.Kind, Namespace: s.Namespace, Name: s.Name, Condition: s.Condition, Holds: s.Holds,
		})
	}
	flows := topology.FoldWaypoints(l.judge.recent.flows(), isWaypoint)
	l.annotations.tell(l.judge.judge(at, flows, &a))
	l.ledger.Limit(l.settings.limits, isWaypoint)
	l.ledger.Assess(a)
}

// judge reaches the verdicts of an instant, and writes down which have lasted.
// It returns what is wrong with annotations that say how to judge.
func (j *judge) judge(at time.Time, flows []topology.Flow, a *series.Assessment) []health.Problem {
	verdicts := j.rules.Judge(j.recent.interval(), flows, a.Objects)
	faults := verdicts.Faults()
	j.settled.Observe(at, verdicts, faults)

	a.Edges, a.Nodes = j.settled.Edges(), j.settled.All()
	a.Ratios, a.Faults = map[topology.Ref][]topology.ErrorRatio{}, map[topology.Ref]series.Fault{}
	for ref, verdict := range verdicts.All() {
		if ref.Kind == topology.KindWorkload {
			a.Ratios[ref] = verdict.Ratios
		}
	}
	for ref := range faults.Workloads() {
		a.Faults[ref] = series.Fault{
			Dependents:   series.Reach(faults.Dependents(ref)),
			Dependencies: series.Reach(faults.Dependencies(ref)),
			Judged:       j.settled.Of(ref) != topology.HealthNA,
			Origin:       j.settled.IsOrigin(ref),
			Whose:        j.whose(ref, faults),
		}
	}
	return verdicts.Problems()
}

// whose fault it is that a workload fails, among the origins that are
// published: of several the first.
func (j *judge) whose(ref topology.Ref, faults *health.Faults) topology.Ref {
	if j.settled.IsOrigin(ref) {
		return ref
	}
	if fault := faults.Of(ref); fault != nil {
		for _, origin := range fault.Origins {
			if origin.Kind == topology.KindWorkload && j.settled.IsOrigin(origin) {
				return origin
			}
		}
	}
	return topology.Ref{}
}
