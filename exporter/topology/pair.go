package topology

import "time"

// The comparison by which the destination replaces the source (T1).
const (
	compareOver   = 5 * time.Minute
	replaceAt     = 1.2 // the destination answered 20 % more calls than the source made
	replaceAtMore = 10  // and 10 more in compareOver
	restoreBelow  = 1.1
)

// pair is what Dedup remembers of a pair of nodes and a protocol.
type pair struct {
	reporter            Reporter
	settled             bool
	replaced            bool // the destination stands in for the source
	firstSeen, lastSeen time.Time
	waiting             []*Report // what was said before it settled
	recent              []comparison
}

// comparison is what both sides of a pair counted in one interval.
type comparison struct {
	Interval
	made, answered float64 // calls made by the source; answered without error at the destination
}

// wait keeps what is said until it is known who else reports.
func (p *pair) wait(g *reportGroup, iv Interval) {
	p.lastSeen = iv.End
	p.waiting = g.reports()
	for _, r := range g.folded {
		r.Samples = 0 // they are counted already
		p.waiting = append(p.waiting, r)
	}
}

// resolve takes one reporter's reports as the pair's flows, which it adds to
// those of others. Without a memory the interval is all there is to compare by,
// however short.
func (p *pair) resolve(g *reportGroup, iv Interval, memory bool, all []Flow) []Flow {
	p.lastSeen = iv.End
	p.compare(g, iv)
	chosen := p.choose(g, memory)
	taken := chosen
	if p.settled && g.has(p.reporter) {
		// A change of reporter takes effect with the next interval: what the
		// new one says of this one, the old one has said too.
		taken = p.reporter
	}
	p.reporter, p.settled = chosen, true

	before := len(all)
	for _, r := range g.by[taken] {
		all = append(all, Flow{Key: r.Key, Protocol: r.Protocol, Reporter: r.Reporter, Traffic: &r.Traffic})
	}
	g.secure(all[before:])
	g.classify(all[before:])
	return all
}

// choose picks the reporter: the source; else the waypoint; else the
// destination; and the destination instead of the source where the source's
// reports miss callers.
func (p *pair) choose(g *reportGroup, memory bool) Reporter {
	best := ByDestination
	for by := BySource; by < numReporters; by++ {
		if g.has(by) {
			best = by
			break
		}
	}
	if best != BySource || !g.has(ByDestination) {
		p.replaced = false
		return best
	}
	made, answered, over := p.sums()
	if p.replaced {
		p.replaced = answered >= restoreBelow*made
	} else if over >= compareOver || !memory {
		more := replaceAtMore * over.Seconds() / compareOver.Seconds()
		p.replaced = answered > replaceAt*made && answered-made > more
	}
	if p.replaced {
		return ByDestination
	}
	return BySource
}

// compare notes what both sides counted, and lets go of what is older than
// the comparison needs.
func (p *pair) compare(g *reportGroup, iv Interval) {
	if !g.has(BySource) || !g.has(ByDestination) {
		p.recent = nil
		return
	}
	keep := p.recent[:0]
	for _, c := range p.recent {
		if iv.End.Sub(c.End) < compareOver {
			keep = append(keep, c)
		}
	}
	c := comparison{Interval: iv}
	for _, r := range g.by[BySource] {
		c.made += r.Traffic.Calls()
	}
	for _, r := range g.by[ByDestination] {
		c.answered += r.Traffic.Answered(r.Protocol)
	}
	p.recent = append(keep, c)
}

func (p *pair) sums() (made, answered float64, over time.Duration) {
	for _, c := range p.recent {
		made += c.made
		answered += c.answered
		over += c.Length
	}
	return made, answered, over
}

// secure gives the flows the security that a reporter knows of: their own;
// else the waypoint's or the destination's; else that of the TCP connections
// below them, in connections. Where no one knows, what they have stays.
func (g *reportGroup) secure(flows []Flow) {
	for _, f := range flows {
		if f.Traffic.KnowsSecurity() {
			return
		}
	}
	for _, reports := range [...][]*Report{g.by[ByWaypoint], g.by[ByDestination], g.below} {
		if !knowSecurity(reports) {
			continue
		}
		for i := range flows {
			flows[i].Traffic.Secured = nil
			flows[i].Traffic.SourcePrincipals, flows[i].Traffic.DestinationPrincipals = nil, nil
		}
		for _, r := range reports {
			bestMatch(flows, r.Key).Traffic.mergeSecurity(&r.Traffic)
		}
		return
	}
}

func knowSecurity(reports []*Report) bool {
	for _, r := range reports {
		if r.Traffic.KnowsSecurity() {
			return true
		}
	}
	return false
}

// bestMatch is the flow that a report of another reporter speaks of: of the
// same edge; else of the same service; else the first.
func bestMatch(flows []Flow, key EdgeKey) *Flow {
	best := 0
	for i := range flows {
		if flows[i].Key == key {
			return &flows[i]
		}
		if flows[best].Key.Service != key.Service && flows[i].Key.Service == key.Service {
			best = i
		}
	}
	return &flows[best]
}
