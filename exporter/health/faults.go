package health

import (
	"iter"
	"slices"

	"github.com/meshscope/meshscope/exporter/topology"
)

// Fault is what one who calls or is called has to do with what fails in a mesh.
// There is one of each whose verdict is a failure, who fails its callers, or who
// passes on to some of them that others fail.
type Fault struct {
	// Ref is a workload; a service that no workload is known of, as an external
	// host; or an app of which that is all that is known.
	topology.Ref
	// Origin tells that it fails its callers, and that nobody else explains it.
	// Others are affected.
	Origin bool
	// Because are those that it calls, who fail, and whose failures are some of
	// its own.
	Because []topology.Ref
	// Origins are, of one who is affected, where that begins.
	Origins []topology.Ref
}

// Faults say where failures begin, and how workloads hang together.
type Faults struct {
	faults       []Fault // sorted
	workloads    []topology.Ref
	dependents   map[topology.Ref]Reach
	dependencies map[topology.Ref]Reach
}

// Faults finds out whose fault the failures among the verdicts are.
func (v *Verdicts) Faults() *Faults {
	v.using.Lock()
	defer v.using.Unlock()
	p := newParties(v.judge, v.flows)
	f := &Faults{dependents: map[topology.Ref]Reach{}, dependencies: map[topology.Ref]Reach{}}
	f.blame(v, p)
	f.relate(p)
	return f
}

// All are the faults, by Ref.
func (f *Faults) All() []Fault {
	if f == nil {
		return nil
	}
	return f.faults
}

// Of is the fault of one, or nil.
func (f *Faults) Of(ref topology.Ref) *Fault {
	i, ok := slices.BinarySearchFunc(f.All(), ref, func(a Fault, ref topology.Ref) int { return a.Compare(ref) })
	if !ok {
		return nil
	}
	return &f.faults[i]
}

// Workloads are the workloads that call or are called, by Ref.
func (f *Faults) Workloads() iter.Seq[topology.Ref] { return slices.Values(f.workloads) }

// Dependents are how many call a workload, and how many call these.
func (f *Faults) Dependents(ref topology.Ref) Reach { return f.dependents[ref] }

// Dependencies are how many a workload calls, and how many these call. Besides
// workloads they are services that no workload is known of.
func (f *Faults) Dependencies(ref topology.Ref) Reach { return f.dependencies[ref] }

// relate counts who depends on whom.
func (f *Faults) relate(p *parties) {
	callees, callers := make([][]int, len(p.all)), make([][]int, len(p.all))
	for i, one := range p.all {
		for _, l := range one.calls {
			callees[i] = append(callees[i], l.to.number)
			callers[l.to.number] = append(callers[l.to.number], i)
		}
	}
	dependencies, dependents := reaches(callees), reaches(callers)
	for i, one := range p.all {
		if one.Kind == topology.KindWorkload {
			f.workloads = append(f.workloads, one.Ref)
			f.dependencies[one.Ref], f.dependents[one.Ref] = dependencies[i], dependents[i]
		}
	}
}

// suspect is a party, and what it fails by.
type suspect struct {
	*party
	fails   bool    // its callers
	suffers bool    // as others fail, and fails its callers in part for that
	because []*link // calls that failed of those who fail
	origin  bool
}

// blame finds the origins.
//
// One who fails its callers is an origin if it would fail them even without as
// many errors as its own calls ended with, of those who fail themselves. Of
// those who fail each other in a circle, each may be explained by the next: if
// none of them is left with more, and nobody outside fails them, all are
// origins, for more cannot be known.
func (f *Faults) blame(v *Verdicts, p *parties) {
	suspects := make([]suspect, len(p.all))
	for i, one := range p.all {
		suspects[i] = suspect{party: one, fails: one.called && one.broken || v.judge.fails(one, 0)}
	}
	because := make([][]int, len(suspects))
	for i := range suspects {
		s := &suspects[i]
		explained, all := 0.0, false
		for _, l := range s.calls {
			if to := &suspects[l.to.number]; to.fails && (l.failed > 0 || l.connections && to.broken) {
				s.because = append(s.because, l)
				because[i] = append(because[i], l.to.number)
				explained += l.failed
				all = all || l.connections && to.broken // connections do not tell how many failed
			}
		}
		s.origin = s.fails && (s.broken || !all && v.judge.fails(s.party, explained))
	}
	breakCircles(suspects, because)
	v.judge.findSufferers(suspects, because)
	for i := range suspects {
		s := &suspects[i]
		if verdict := v.byRef[s.Ref]; !s.fails && !s.suffers && (verdict == nil || verdict.Health != topology.HealthFailure) {
			continue
		}
		fault := Fault{Ref: s.Ref, Origin: s.origin}
		for _, l := range s.because {
			fault.Because = append(fault.Because, l.to.Ref)
		}
		if !s.origin {
			fault.Origins = originsBehind(i, suspects, because)
		}
		f.faults = append(f.faults, fault)
	}
}

// findSufferers finds who fails fewer calls than would be a failure, most of
// them for the failures of others: of who fails, and of who suffers itself.
func (j *judge) findSufferers(suspects []suspect, because [][]int) {
	for more := true; more; {
		more = false
		for i := range suspects {
			s := &suspects[i]
			if s.fails || s.suffers {
				continue
			}
			var by []*link
			explained := 0.0
			for _, l := range s.calls {
				if to := &suspects[l.to.number]; l.failed > 0 && (to.fails || to.suffers) {
					by = append(by, l)
					explained += l.failed
				}
			}
			if errors := j.passedOn(s.party); errors == 0 || errors > 2*explained {
				continue
			}
			s.suffers, s.because, because[i], more = true, by, nil, true
			for _, l := range by {
				because[i] = append(because[i], l.to.number)
			}
		}
	}
}

// passedOn is how many of the calls to a party ended with an error.
func (j *judge) passedOn(one *party) (errors float64) {
	ends := [numDirections]tolerances{in: j.tolerances(one.Ref)}
	for protocol, c := range one.in {
		for _, each := range c {
			if j.isError(ends, protocol, each.code) {
				errors += each.n
			}
		}
	}
	return errors
}

// breakCircles makes origins of those who only fail each other.
func breakCircles(suspects []suspect, because [][]int) {
	of, members := components(because)
	for c, circle := range members {
		explained := false
		for _, n := range circle {
			s := &suspects[n]
			explained = explained || s.origin || !s.fails
			explained = explained || slices.ContainsFunc(because[n], func(to int) bool { return of[to] != c })
		}
		if !explained {
			for _, n := range circle {
				suspects[n].origin = true
			}
		}
	}
}

// originsBehind are the origins that one's failures come from, in order.
func originsBehind(from int, suspects []suspect, because [][]int) (origins []topology.Ref) {
	seen := map[int]bool{from: true}
	for next := []int{from}; len(next) > 0; {
		n := next[len(next)-1]
		next = next[:len(next)-1]
		if suspects[n].origin { // which may have suffered from others, too
			origins = append(origins, suspects[n].Ref)
		}
		for _, to := range because[n] {
			if !seen[to] {
				seen[to] = true
				next = append(next, to)
			}
		}
	}
	slices.SortFunc(origins, topology.Ref.Compare)
	return origins
}

// fails tells that a party fails its callers, even if so many of its errors
// were none.
func (j *judge) fails(one *party, explained float64) bool {
	for protocol, c := range one.in {
		requests := c.total()
		if !(requests > 0) || requests < j.minRequests {
			continue
		}
		for _, t := range j.tolerances(one.Ref) {
			if t.applies[in][protocol] && t.judge(j.errors(t, c)-explained, requests) == topology.HealthFailure {
				return true
			}
		}
	}
	return false
}
