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
	return cmp.Or(k.source.Compare(o.source), k.destination.Compare(o.destination), cmp.Compare(k.protocol, o.protocol))
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
	keys := slices.SortedFunc(maps.Keys(groups), pairKey.compare)
	for _, key := range keys {
		g := groups[key]
		if over := g.carriesCallsOf(key, groups); over != nil {
			res.Folded[FoldTransport] += g.samples()
			over.transport = append(over.transport, g.reports()...)
			delete(d.pairs, key)
			delete(groups, key)
		}
	}
	for _, key := range keys {
		g, ok := groups[key]
		if !ok {
			continue
		}
		p, ok := d.pairs[key]
		if !ok {
			if d.options.MaxPairs > 0 && len(d.pairs) >= d.options.MaxPairs {
				res.Refused++
				continue
			}
			p = &pair{firstSeen: iv.End}
			d.pairs[key] = p
		}
		if !p.settled && !g.has(BySource) && !g.stands() && iv.End.Sub(p.firstSeen) < d.options.Settle {
			p.wait(g, iv)
			res.Waiting++
			continue
		}
		res.Flows = append(res.Flows, p.resolve(g, iv, d.options.Settle > 0)...)
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
	by [numReporters][]*Report
	// transport is the TCP below this pair's calls.
	transport []*Report
}

func groupByPair(rs *Reports) map[pairKey]*reportGroup {
	groups := make(map[pairKey]*reportGroup, len(rs.all)/2+1)
	for _, r := range rs.all {
		key := pairKey{r.Key.SourceRef(), r.Key.DestinationRef(), r.Protocol}
		g, ok := groups[key]
		if !ok {
			g = new(reportGroup)
			groups[key] = g
		}
		g.by[r.Reporter] = append(g.by[r.Reporter], r)
	}
	for _, g := range groups {
		for _, reports := range g.by {
			slices.SortFunc(reports, (*Report).compare)
		}
	}
	return groups
}

func (g *reportGroup) has(by Reporter) bool { return len(g.by[by]) > 0 }

// stands tells that a report of the group is Standing.
func (g *reportGroup) stands() bool {
	return slices.ContainsFunc(g.reports(), func(r *Report) bool { return r.Standing })
}

func (g *reportGroup) reports() []*Report { return slices.Concat(g.by[:]...) }

func (g *reportGroup) samples() (n int) {
	for _, r := range g.reports() {
		n += r.Samples
	}
	return n
}

// carriesCallsOf is the HTTP or gRPC group that g, of TCP, is the transport
// of, or nil: the source's side reports calls of that pair and no TCP (T9).
func (g *reportGroup) carriesCallsOf(key pairKey, groups map[pairKey]*reportGroup) *reportGroup {
	if key.protocol != TCP || g.has(BySource) {
		return nil
	}
	for _, p := range [...]Protocol{HTTP, GRPC} {
		calls, ok := groups[pairKey{key.source, key.destination, p}]
		if ok && (calls.has(BySource) || calls.has(ByWaypoint)) {
			return calls
		}
	}
	return nil
}
