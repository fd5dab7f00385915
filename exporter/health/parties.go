package health

import (
	"maps"
	"slices"

	"github.com/meshscope/meshscope/exporter/topology"
)

// party is one who calls or is called, as far as blame goes: a workload; an app
// of which that is all that is known; a service that no workload is known of,
// as an external host.
type party struct {
	topology.Ref
	tolerances tolerances
	in         [numProtocols]counts
	called     bool
	calls      []*link // by who is called
	// broken tells of a workload that should have pods to take calls, and has none.
	broken bool
	number int
}

// link is what one party calls of another.
type link struct {
	from, to    *party
	by          [numProtocols]counts
	connections bool
	// failed is how many of the calls did, and 0 where as many are tolerated.
	failed float64
}

// parties are those of some flows.
type parties struct {
	judge *judge
	all   []*party // sorted
	byRef map[topology.Ref]*party
	links map[[2]*party]*link
	// unreached are the services that calls ended at, and who should have taken
	// these calls.
	unreached map[topology.Ref]*unreached

	sums     sums
	newParty memory[party]
	newLink  memory[link]
}

// unreached is a service that calls ended at, for want of a workload.
type unreached struct {
	workloads []topology.Ref
	// reached are its calls that ended elsewhere.
	reached [numProtocols]float64
	takers  []topology.Ref
}

func newParties(j *judge, flows []topology.Flow, requests []counts) *parties {
	p := &parties{
		judge: j, byRef: map[topology.Ref]*party{}, links: map[[2]*party]*link{}, unreached: map[topology.Ref]*unreached{},
	}
	p.findUnreached(flows)
	for i := range flows {
		if flows[i].Traffic.Activity() > 0 {
			p.add(&flows[i], requests[i])
		}
	}
	for ref, s := range p.unreached {
		if one, ok := p.byRef[ref]; ok {
			for protocol, n := range s.reached {
				p.sums.add(&one.in[protocol], counts{{noCode, n}})
			}
		}
	}
	p.arrange()
	return p
}

// findUnreached finds who should have taken the calls that reached no workload:
// the workload that the service selects, or that has taken others of its calls.
// Of several it is those without pods, if that is known, else the service.
func (p *parties) findUnreached(flows []topology.Flow) {
	for i := range flows {
		if ref := flows[i].Key.DestinationRef(); ref.Kind == topology.KindService && p.unreached[ref] == nil {
			p.unreached[ref] = new(unreached)
		}
	}
	if len(p.unreached) == 0 {
		return
	}
	for i := range flows {
		f := &flows[i]
		s, ok := p.unreached[f.Key.ServiceRef()]
		if ref := f.Key.DestinationRef(); ok && ref.Kind == topology.KindWorkload {
			s.workloads = append(s.workloads, ref)
			if protocol, ok := protocolIndex(f.Protocol); ok {
				s.reached[protocol] += f.Traffic.Total()
			}
		}
	}
	for ref, s := range p.unreached {
		if o := p.judge.object(ref); o != nil && len(o.Workloads) > 0 {
			s.workloads = s.workloads[:0]
			for _, name := range o.Workloads {
				s.workloads = append(s.workloads, topology.Ref{
					Kind: topology.KindWorkload, Cluster: ref.Cluster, Namespace: ref.Namespace, Name: name,
				})
			}
		}
		slices.SortFunc(s.workloads, topology.Ref.Compare)
		s.workloads = slices.Compact(s.workloads)
		s.takers = p.takers(ref, s.workloads)
	}
}

func (p *parties) takers(service topology.Ref, workloads []topology.Ref) []topology.Ref {
	if len(workloads) == 1 {
		return workloads
	}
	var broken, without []topology.Ref
	for _, w := range workloads {
		switch o := p.judge.object(w); {
		case isBroken(o):
			broken = append(broken, w)
		case hasNoPods(o):
			without = append(without, w)
		}
	}
	switch {
	case len(broken) > 0:
		return broken
	case len(without) > 0 && len(without) == len(workloads):
		return without
	}
	return []topology.Ref{service}
}

func (p *parties) add(f *topology.Flow, requests counts) {
	source, ref := p.party(f.Key.SourceRef()), f.Key.DestinationRef()
	s, ok := p.unreached[ref]
	if !ok {
		p.call(source, p.party(ref), f.Protocol, requests)
		return
	}
	if f.Key.ServiceRef() == (topology.Ref{}) {
		return // nothing that has a name
	}
	for _, taker := range s.takers {
		p.call(source, p.party(taker), f.Protocol, requests)
	}
}

func (p *parties) call(from, to *party, by topology.Protocol, requests counts) {
	if to == nil {
		return
	}
	protocol, hasRequests := protocolIndex(by)
	to.called = true
	p.sums.add(&to.in[protocol], requests)
	if from == nil || from == to {
		return // nobody's fault lies in what one calls of oneself
	}
	between := [2]*party{from, to}
	l, ok := p.links[between]
	if !ok {
		l = p.newLink.one()
		l.from, l.to = from, to
		p.links[between] = l
		from.calls = append(from.calls, l)
	}
	p.sums.add(&l.by[protocol], requests)
	l.connections = l.connections || !hasRequests
}

// party is the one of a ref; nil where nothing is known of it.
func (p *parties) party(ref topology.Ref) *party {
	if ref.Kind == topology.KindUnknown || ref.Name == "" {
		return nil
	}
	one, ok := p.byRef[ref]
	if !ok {
		one = p.newParty.one()
		one.Ref, one.tolerances, one.broken = ref, p.judge.tolerances(ref), isBroken(p.judge.object(ref))
		p.byRef[ref] = one
	}
	return one
}

// arrange numbers the parties and weighs their links, in order.
func (p *parties) arrange() {
	p.all = slices.SortedFunc(maps.Values(p.byRef), func(a, b *party) int { return a.Compare(b.Ref) })
	for i, one := range p.all {
		one.number = i
	}
	for _, one := range p.all {
		slices.SortFunc(one.calls, func(a, b *link) int { return a.to.number - b.to.number })
		for _, l := range one.calls {
			l.failed = p.judge.failed(l)
		}
	}
}

// isBroken tells that a workload should have pods that take calls, and has none.
func isBroken(o *topology.Object) bool {
	if o == nil {
		return false
	}
	wanted := 0
	for _, r := range o.Replicas {
		if r.Available > 0 {
			return false
		}
		wanted += r.Desired
	}
	return wanted > 0
}

// hasNoPods tells that a workload is known to have no pods that take calls.
func hasNoPods(o *topology.Object) bool {
	if o == nil {
		return false
	}
	for _, r := range o.Replicas {
		if r.Available > 0 {
			return false
		}
	}
	return len(o.Replicas) > 0 || o.NoPods
}

// failed is how many calls of a link did that either end does not take for
// healthy. Few requests count here as many do: they explain as little as they
// are.
func (j *judge) failed(l *link) float64 {
	failed := 0.0
	for protocol, c := range l.by {
		requests := c.total()
		if !(requests > 0) {
			continue
		}
		ends := [numDirections]tolerances{out: l.from.tolerances, in: l.to.tolerances}
		if j.exceeds(ends, protocol, c, requests) {
			for _, each := range c {
				if j.isError(ends, protocol, each.code) {
					failed += each.n
				}
			}
		}
	}
	return failed
}

func (j *judge) exceeds(ends [numDirections]tolerances, protocol int, c counts, requests float64) bool {
	for direction, by := range ends {
		for _, t := range by {
			if t.applies[direction][protocol] && t.judge(j.errors(t, c), requests) > topology.HealthHealthy {
				return true
			}
		}
	}
	return false
}

func (j *judge) isError(ends [numDirections]tolerances, protocol, code int) bool {
	for direction, by := range ends {
		for _, t := range by {
			if t.applies[direction][protocol] && t.takes(code, j.codes) {
				return true
			}
		}
	}
	return false
}
