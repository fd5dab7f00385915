package topology

import (
	"cmp"
	"maps"
	"slices"
	"time"
)

// Interval is a stretch of time that was counted over: (End − Length, End].
type Interval struct {
	End    time.Time
	Length time.Duration
}

// DedupOptions are what Dedup's memory is bound by. The zero value is right for
// one graph over one interval, without a memory.
type DedupOptions struct {
	// Settle is how long, at most, a new pair waits for its source's report
	// before that of a waypoint or destination is taken for it. Proxies are
	// scraped one after the other: the first to be scraped is not the only one
	// to report. A report that is Standing ends the wait: by the end of its
	// interval the others have been scraped too.
	Settle time.Duration
	// Forget is how long a pair of which no reporter says anything is remembered.
	Forget time.Duration
	// MaxPairs bounds the pairs that are remembered; 0 is no bound.
	MaxPairs int
}

// Dedup counts each call once: of the reports of a pair of nodes and a
// protocol it takes one reporter's (T1), and it folds TCP that only carries
// the pair's own HTTP or gRPC calls into these (T9).
//
// It remembers which reporter it took, for two reasons: the destination
// replaces the source by a comparison over five minutes, with hysteresis; and
// a counter that is fed now by one, now by the other would count calls twice.
type Dedup struct {
	options DedupOptions
	pairs   map[pairKey]*pair
}

// NewDedup is a Dedup without memories.
func NewDedup(o DedupOptions) *Dedup {
	return &Dedup{options: o, pairs: map[pairKey]*pair{}}
}

// Use changes the options. What is remembered stays.
func (d *Dedup) Use(o DedupOptions) { d.options = o }

// Resolution is what Dedup makes of the reports of one interval.
type Resolution struct {
	// Flows are the edges' own traffic, sorted. A flow may be without traffic:
	// its series exist, but did not move.
	Flows []Flow
	// Folded counts samples that became part of another edge.
	Folded map[FoldReason]int
	// Waiting is the number of pairs that wait for their source's report.
	Waiting int
	// Refused is the number of new pairs beyond MaxPairs.
	Refused int
}

type pairKey struct {
	source, destination Ref
	protocol            Protocol
}

func (k pairKey) compare(o pairKey) int {
	if c := k.source.Compare(o.source); c != 0 {
		return c
	}
	return cmp.Or(k.destination.Compare(o.destination), cmp.Compare(k.protocol, o.protocol))
}

// Remember tells that reporter by was taken for an edge before, up to at. A
// destination may have been taken in the place of its source, and keeps it
// until a comparison says otherwise.
func (d *Dedup) Remember(key EdgeKey, p Protocol, by Reporter, at time.Time) {
	d.pairs[pairKey{key.SourceRef(), key.DestinationRef(), p}] = &pair{
		reporter: by, settled: true, replaced: by == ByDestination, firstSeen: at, lastSeen: at,
	}
}

// Resolve takes what all reporters said over an interval. It takes rs over.
func (d *Dedup) Resolve(iv Interval, rs *Reports) Resolution {
	res := Resolution{Folded: map[FoldReason]int{}}
	d.recall(rs)
	rs = settleNames(settleClusters(rs, res.Folded))

	groups := groupByPair(rs)
	inOrder := slices.SortedFunc(maps.Values(groups), (*reportGroup).compare)
	for _, g := range inOrder {
		if g.key.protocol != TCP {
			continue
		}
		if samples := foldTransport(g.key, groups); samples > 0 {
			res.Folded[FoldTransport] += samples
		}
		if g.isEmpty() {
			delete(d.pairs, g.key)
		}
	}
	res.Flows = make([]Flow, 0, len(inOrder))
	forgetful := d.options == DedupOptions{} && len(d.pairs) == 0
	if len(d.pairs) == 0 && !forgetful {
		d.pairs = make(map[pairKey]*pair, len(inOrder))
	}
	var once pair // each, where none is remembered
	for _, g := range inOrder {
		if g.isEmpty() {
			continue
		}
		p, ok := d.pairs[g.key]
		if !ok {
			if d.options.MaxPairs > 0 && len(d.pairs) >= d.options.MaxPairs {
				res.Refused++
				continue
			}
			if forgetful {
				once = pair{recent: once.recent[:0]}
				p = &once
			} else {
				p = new(pair)
				d.pairs[g.key] = p
			}
			p.firstSeen = iv.End
		}
		if !p.settled && g.isOpen(g.key.protocol) && !g.stands() && iv.End.Sub(p.firstSeen) < d.options.Settle {
			p.wait(g, iv)
			res.Waiting++
			continue
		}
		res.Flows = p.resolve(g, iv, d.options.Settle > 0, res.Flows)
	}
	d.forget(iv.End)
	SortFlows(res.Flows)
	return res
}

// recall adds to rs what waiting pairs have kept, also of those that are
// silent now: what they said is due, whether they speak again or not, and what
// is known by now may complete it.
func (d *Dedup) recall(rs *Reports) {
	var waiting []pairKey
	for key, p := range d.pairs {
		if p.waiting != nil {
			waiting = append(waiting, key)
		}
	}
	slices.SortFunc(waiting, pairKey.compare)
	for _, key := range waiting {
		p := d.pairs[key]
		for _, r := range p.waiting {
			rs.adopt(r)
		}
		p.waiting = nil
	}
}

func (d *Dedup) forget(now time.Time) {
	for key, p := range d.pairs {
		if now.Sub(p.lastSeen) > d.options.Forget {
			delete(d.pairs, key)
		}
	}
}

// reportGroup is what is said of one pair and protocol, by reporter.
type reportGroup struct {
	key pairKey
	by  [numReporters][]*Report
	// folded are reports of TCP that became part of this group.
	folded []*Report
	// below are reports of the connections that carry this group's traffic,
	// whichever group they belong to: they know of its security.
	below []*Report
}

func groupByPair(rs *Reports) map[pairKey]*reportGroup {
	groups := make(map[pairKey]*reportGroup, len(rs.all)/2+1)
	for _, r := range rs.all {
		key := pairKey{r.Key.SourceRef(), r.Key.DestinationRef(), r.Protocol}
		g, ok := groups[key]
		if !ok {
			g = &reportGroup{key: key}
			groups[key] = g
		}
		g.by[r.Reporter] = append(g.by[r.Reporter], r)
	}
	for _, g := range groups {
		for _, reports := range g.by {
			if len(reports) > 1 {
				slices.SortFunc(reports, (*Report).compare)
			}
		}
	}
	return groups
}

func (g *reportGroup) compare(o *reportGroup) int { return g.key.compare(o.key) }

// isEmpty tells that nothing is left of what was said of the pair.
func (g *reportGroup) isEmpty() bool {
	return !slices.ContainsFunc(g.by[:], func(reports []*Report) bool { return len(reports) > 0 })
}

func (g *reportGroup) has(by Reporter) bool { return len(g.by[by]) > 0 }

// stands tells that a report of the group is Standing.
func (g *reportGroup) stands() bool {
	return slices.ContainsFunc(g.reports(), func(r *Report) bool { return r.Standing })
}

func (g *reportGroup) reports() []*Report { return slices.Concat(g.by[:]...) }

// isOpen tells that of a new pair it may not be known yet whose report is the
// one to take: the source's is to come, or the calls that its TCP carries are.
// Both ends' reports of TCP leave nothing open, for who reports calls reports
// them together with its TCP.
func (g *reportGroup) isOpen(p Protocol) bool {
	return !g.has(BySource) || p == TCP && !g.has(ByDestination)
}

// foldTransport takes out of a pair's TCP what carries the pair's own HTTP or
// gRPC calls, and returns how many samples that were (T9). Where one side of a
// pair reports calls and the other does not, the other's proxies see
// connections alone, those of calls among them, and cannot tell them apart.
// TCP is then what the side with the calls says it is: nothing, if it says
// nothing.
func foldTransport(key pairKey, groups map[pairKey]*reportGroup) (samples int) {
	tcp := groups[key]
	var calls []*reportGroup
	atSource, atDestination := false, false
	for _, p := range [...]Protocol{HTTP, GRPC} {
		if g, ok := groups[pairKey{key.source, key.destination, p}]; ok {
			calls = append(calls, g)
			atSource = atSource || g.has(BySource) || g.has(ByWaypoint)
			atDestination = atDestination || g.has(ByDestination)
		}
	}
	tcpAtSource := tcp.has(BySource) || tcp.has(ByWaypoint)
	var blind []Reporter
	switch {
	case atSource && (!atDestination || !tcpAtSource):
		blind = []Reporter{ByDestination}
	case atDestination && !atSource:
		blind = []Reporter{BySource, ByWaypoint}
	}
	for _, by := range blind {
		tcp.folded = append(tcp.folded, tcp.by[by]...)
		tcp.by[by] = nil
	}
	for _, r := range tcp.folded {
		samples += r.Samples
	}
	tcp.below = tcp.folded
	for _, g := range calls {
		g.below = append(g.below, tcp.folded...)
	}
	if len(tcp.reports()) == 0 && len(calls) > 0 {
		// What waits is kept by one group: that of the calls.
		calls[0].folded, tcp.folded = tcp.folded, nil
	}
	return samples
}
