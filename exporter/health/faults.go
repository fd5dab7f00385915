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
	faults    []Fault    // sorted
	relations []relation // sorted
}

// relation is who depends on a workload, and on whom it does.
type relation struct {
	topology.Ref
	dependents, dependencies Reach
}

// Faults finds out whose fault the failures among the verdicts are.
func (v *Verdicts) Faults() *Faults {
	v.using.Lock()
	defer v.using.Unlock()
	p := newParties(v.judge, v.flows, v.requests)
	f := new(Faults)
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
func (f *Faults) Workloads() iter.Seq[topology.Ref] {
	return func(yield func(topology.Ref) bool) {
		for i := range f.relations {
			if !yield(f.relations[i].Ref) {
				return
			}
		}
	}
}

// Dependents are how many call a workload, and how many call these.
func (f *Faults) Dependents(ref topology.Ref) Reach { return f.relation(ref).dependents }

// Dependencies are how many a workload calls, and how many these call. Besides
// workloads they are services that no workload is known of.
func (f *Faults) Dependencies(ref topology.Ref) Reach { return f.relation(ref).dependencies }

func (f *Faults) relation(ref topology.Ref) relation {
	i, ok := slices.BinarySearchFunc(f.relations, ref, func(r relation, ref topology.Ref) int { return r.Compare(ref) })
	if !ok {
		return relation{}
	}
	return f.relations[i]
}

// relate counts who depends on whom.
func (f *Faults) relate(p *parties) {
	callees, callers := make([][]int, len(p.all)), make([][]int, len(p.all))
	numCallers, kept := make([]int, len(p.all)), memory[int]{}
	for _, one := range p.all {
		for _, l := range one.calls {
			numCallers[l.to.number]++
		}
	}
	for i, one := range p.all {
		callees[i], callers[i] = kept.take(len(one.calls))[:0], kept.take(numCallers[i])[:0]
	}
	for i, one := range p.all {
		for _, l := range one.calls {
			callees[i] = append(callees[i], l.to.number)
			callers[l.to.number] = append(callers[l.to.number], i)
		}
	}
	dependencies, dependents := reaches(callees), reaches(callers)
	f.relations = make([]relation, 0, len(p.all))
	for i, one := range p.all {
		if one.Kind == topology.KindWorkload {
			f.relations = append(f.relations, relation{one.Ref, dependents[i], dependencies[i]})
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
	behind := newBehind(suspects, because)
	for i := range suspects {
		s := &suspects[i]
		if verdict := v.Of(s.Ref); !s.fails && !s.suffers && (verdict == nil || verdict.Health != topology.HealthFailure) {
			continue
		}
		fault := Fault{Ref: s.Ref, Origin: s.origin}
		for _, l := range s.because {
			fault.Because = append(fault.Because, l.to.Ref)
		}
		if !s.origin {
			fault.Origins = behind.origins(i)
		}
		f.faults = append(f.faults, fault)
	}
}

// findSufferers finds who fails fewer calls than would be a failure, most of
// them for the failures of others: of who fails, and of who suffers itself. By
// whom they suffer is told when all are known: it must not hang on who was
// looked at first.
func (j *judge) findSufferers(suspects []suspect, because [][]int) {
	for more := true; more; {
		more = false
		for i := range suspects {
			s := &suspects[i]
			if s.fails || s.suffers {
				continue
			}
			explained := 0.0
			for l := range s.failedBy(suspects) {
				explained += l.failed
			}
			if errors := j.passedOn(s.party); errors > 0 && errors <= 2*explained {
				s.suffers, more = true, true
			}
		}
	}
	for i := range suspects {
		s := &suspects[i]
		if !s.suffers {
			continue
		}
		s.because, because[i] = nil, nil
		for l := range s.failedBy(suspects) {
			s.because = append(s.because, l)
			because[i] = append(because[i], l.to.number)
		}
	}
}

// failedBy are the calls that failed of those who fail or suffer.
func (s *suspect) failedBy(suspects []suspect) iter.Seq[*link] {
	return func(yield func(*link) bool) {
		for _, l := range s.calls {
			if to := &suspects[l.to.number]; l.failed > 0 && (to.fails || to.suffers) && !yield(l) {
				return
			}
		}
	}
}

// passedOn is how many of the calls to a party ended with an error.
func (j *judge) passedOn(one *party) (errors float64) {
	ends := [numDirections]tolerances{in: one.tolerances}
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

// behind looks for what is behind the failures of one suspect after the other.
type behind struct {
	suspects []suspect
	because  [][]int
	seenOf   []int // of each suspect, for whom it was last seen
	next     []int
	found    []topology.Ref
}

func newBehind(suspects []suspect, because [][]int) *behind {
	b := &behind{suspects: suspects, because: because, seenOf: make([]int, len(suspects))}
	for i := range b.seenOf {
		b.seenOf[i] = -1
	}
	return b
}

// origins are those that one's failures come from, in order.
func (b *behind) origins(from int) []topology.Ref {
	b.seenOf[from], b.next, b.found = from, append(b.next[:0], from), b.found[:0]
	for len(b.next) > 0 {
		n := b.next[len(b.next)-1]
		b.next = b.next[:len(b.next)-1]
		if b.suspects[n].origin { // which may have suffered from others, too
			b.found = append(b.found, b.suspects[n].Ref)
		}
		for _, to := range b.because[n] {
			if b.seenOf[to] != from {
				b.seenOf[to] = from
				b.next = append(b.next, to)
			}
		}
	}
	slices.SortFunc(b.found, topology.Ref.Compare)
	return append([]topology.Ref(nil), b.found...)
}

// fails tells that a party fails its callers, even if so many of its errors
// were none.
func (j *judge) fails(one *party, explained float64) bool {
	for protocol, c := range one.in {
		requests := c.total()
		if !(requests > 0) || requests < j.minRequests {
			continue
		}
		for _, t := range one.tolerances {
			if t.applies[in][protocol] && t.judge(j.errors(t, c)-explained, requests) == topology.HealthFailure {
				return true
			}
		}
	}
	return false
}
