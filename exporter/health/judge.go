package health

import (
	"cmp"
	"slices"

	"github.com/meshscope/meshscope/exporter/topology"
)

// judge is where verdicts are reached: the rules, compiled, what objects say
// of themselves, and what has been found out on the way.
type judge struct {
	minRequests float64
	rates       []rate
	objects     topology.Objects
	codes       *codes
	annotations map[string]annotation
	known       map[topology.Ref]tolerances
	ratios      []topology.ErrorRatio // of the verdict that is being reached
	kept        memory[topology.ErrorRatio]
}

// annotation is one that was read; its tolerances are none where none is valid.
type annotation struct {
	tolerances tolerances
	problems   []PartProblem
}

func newJudge(r Rules, objects topology.Objects) *judge {
	j := &judge{
		minRequests: r.MinRequests * (1 - slack),
		objects:     objects,
		codes:       newCodes(),
		annotations: map[string]annotation{},
		known:       map[topology.Ref]tolerances{},
	}
	for _, written := range append(slices.Clip(r.Rates), DefaultRate()) {
		if compiled, ok := newRate(written); ok {
			j.rates = append(j.rates, compiled)
		}
	}
	return j
}

func (j *judge) object(ref topology.Ref) *topology.Object {
	if j.objects == nil {
		return nil
	}
	switch ref.Kind {
	case topology.KindWorkload, topology.KindApp, topology.KindService:
		return j.objects.Object(ref)
	}
	return nil
}

// tolerances are what is tolerated of one: what it says itself, else what the
// first rate that matches says.
func (j *judge) tolerances(ref topology.Ref) tolerances {
	ref.Version = "" // an app's versions are judged as the app
	all, ok := j.known[ref]
	if !ok {
		all = j.find(ref)
		j.known[ref] = all
	}
	return all
}

func (j *judge) find(ref topology.Ref) tolerances {
	if o := j.object(ref); o != nil && o.HealthRate != "" {
		if own := j.annotation(o.HealthRate).tolerances; len(own) > 0 {
			return own
		}
	}
	namespace := cmp.Or(ref.Namespace, topology.Unknown)
	if ref.Kind == topology.KindNamespace {
		namespace = cmp.Or(ref.Name, topology.Unknown)
	}
	for i := range j.rates {
		if j.rates[i].isOf(string(ref.Kind), namespace, ref.Name) {
			return j.rates[i].tolerances
		}
	}
	return nil // DefaultRate is like all
}

// annotation reads one, once.
func (j *judge) annotation(text string) annotation {
	a, ok := j.annotations[text]
	if ok {
		return a
	}
	valid, problems := ParseAnnotation(text)
	a.problems = problems
	for _, t := range valid {
		if compiled, err := newTolerance(t); err == nil {
			a.tolerances = append(a.tolerances, compiled)
		}
	}
	a.tolerances.sort()
	j.annotations[text] = a
	return a
}

// requests says what requests come to, by the tolerances that speak of their
// direction and protocol, and notes the ratios. Where none does, there is no
// verdict.
func (j *judge) requests(by tolerances, direction, protocol int, c counts) topology.Health {
	requests := c.total()
	if !(requests > 0) {
		return topology.HealthNA
	}
	worst, first := topology.HealthNA, len(j.ratios)
	for _, t := range by {
		if !t.applies[direction][protocol] {
			continue
		}
		errors := j.errors(t, c)
		health := topology.HealthHealthy
		if requests >= j.minRequests {
			health = t.judge(errors, requests)
		}
		worst = max(worst, health)
		// Two may have one code, and differ in what they tolerate.
		same := slices.IndexFunc(j.ratios[first:], func(r topology.ErrorRatio) bool { return r.Tolerance == t.Code })
		if same >= 0 {
			j.ratios[first+same].Health = max(j.ratios[first+same].Health, health)
			continue
		}
		j.ratios = append(j.ratios, topology.ErrorRatio{
			Direction: directions[direction], Protocol: protocols[protocol], Tolerance: t.Code,
			Errors: errors, Requests: requests, Health: health,
		})
	}
	return worst
}

// errors are the requests that a tolerance takes as such.
func (j *judge) errors(t *tolerance, c counts) float64 {
	errors := 0.0
	for _, each := range c {
		if t.takes(each.code, j.codes) {
			errors += each.n
		}
	}
	return errors
}

// ofTally says what the requests of one come to.
func (j *judge) ofTally(by tolerances, t *tally) topology.Verdict {
	j.ratios = j.ratios[:0]
	worst := topology.HealthNA
	for d := range t {
		for p, c := range t[d] {
			worst = max(worst, j.requests(by, d, p, c))
		}
	}
	return topology.Verdict{Health: worst, Ratios: j.takeRatios()}
}

// ofEdge says what the requests from one to another come to: the worse of what
// the source tolerates of its calls, and the destination of those to it. Calls
// of which neither says anything are healthy, as connections are.
func (j *judge) ofEdge(source, destination tolerances, by [numProtocols]counts, connections bool) topology.Verdict {
	j.ratios = j.ratios[:0]
	worst := topology.HealthNA
	if connections {
		worst = topology.HealthHealthy
	}
	for d, tolerances := range [numDirections]tolerances{in: destination, out: source} {
		for p, c := range by {
			if len(c) > 0 {
				worst = max(worst, topology.HealthHealthy, j.requests(tolerances, d, p, c))
			}
		}
	}
	return topology.Verdict{Health: worst, Ratios: j.takeRatios()}
}

// takeRatios are those that were noted: in the order of directions, protocols
// and codes, which all loops go in.
func (j *judge) takeRatios() []topology.ErrorRatio {
	return j.kept.clone(j.ratios)
}
