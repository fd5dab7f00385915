package series

import (
	"cmp"
	"maps"
	"math"
	"slices"
	"sync/atomic"
	"time"

	"github.com/meshscope/meshscope/exporter/topology"
)

// Limits bound what a Ledger keeps and publishes.
type Limits struct {
	MaxEdges  int
	MaxSeries int
	// IdleTTL is how long an edge, and a series of it, stays without traffic.
	IdleTTL time.Duration
}

// DropReason names why an edge with traffic is not published.
type DropReason string

// The reasons.
const (
	TooManyEdges  DropReason = "max_edges"
	TooManySeries DropReason = "max_series"
	// Displaced edges were published, until one twice as busy took their place.
	Displaced DropReason = "displaced"
)

// DropReasons are all reasons.
var DropReasons = []DropReason{TooManyEdges, TooManySeries, Displaced}

// serveWithin is how long a new series waits at 0 for a scrape.
const serveWithin = 2 * time.Minute

// smoothing is the time by which an edge's busyness is averaged.
const smoothing = 5 * time.Minute

// Ledger keeps the derived counters: what each edge's flows have added up to
// since the ledger was opened. It is for one goroutine, but for Served.
type Ledger struct {
	limits     Limits
	accounts   map[topology.EdgeKey]*account
	lines      int // of all accounts
	generation uint64
	served     atomic.Uint64 // the newest generation that a scrape got
	known      knownEdges
	changes    changes
	isWaypoint func(topology.Peer) bool
	scratch    []increment
	// crowd is the least busyness that was found when an edge was refused:
	// in the same Post, no edge that is not twice as busy need be tried again.
	crowd float64

	assessment Assessment
	// wanted is the number of gauges that the last snapshot would have had
	// without limits, omitted those of them that it has not.
	wanted, omitted int
}

// NewLedger is an empty ledger. isWaypoint tells waypoints from other workloads.
func NewLedger(limits Limits, isWaypoint func(topology.Peer) bool) *Ledger {
	return &Ledger{
		limits: limits, accounts: map[topology.EdgeKey]*account{}, isWaypoint: isWaypoint,
		known: knownEdges{}, changes: changes{edgesAt: map[topology.Ref]int{}},
	}
}

// Limit changes the limits, from the next Post on.
func (l *Ledger) Limit(limits Limits, isWaypoint func(topology.Peer) bool) {
	l.limits, l.isWaypoint = limits, isWaypoint
}

// Assess tells what snapshots show from now on beside the counters.
func (l *Ledger) Assess(a Assessment) { l.assessment = a }

// Edges is the number of edges that are published.
func (l *Ledger) Edges() int { return len(l.accounts) }

// Served tells that a scrape got the snapshot of a generation. It may be
// called at any time from anywhere.
func (l *Ledger) Served(generation uint64) {
	for {
		old := l.served.Load()
		if generation <= old || l.served.CompareAndSwap(old, generation) {
			return
		}
	}
}

// Post adds the flows of an interval, and lets go of what is idle. It tells
// how many edges were dropped, and why.
func (l *Ledger) Post(iv topology.Interval, flows []topology.Flow) map[DropReason]int {
	l.generation++
	l.crowd = 0
	l.changes.begin(iv.End)
	dropped := map[DropReason]int{}
	active := l.activity(iv, flows)
	l.settleServed(iv.End)
	l.closeIdle(iv.End)
	l.makeRoom(iv.End, dropped)

	refused := map[topology.EdgeKey]DropReason{}
	for _, key := range l.admissionOrder(active) {
		if reason := l.admit(key, active[key], iv.End, dropped); reason != "" {
			refused[key] = reason
		}
	}
	for i := range flows {
		f := &flows[i]
		a, ok := l.accounts[f.Key]
		if !ok || active[f.Key] == 0 {
			continue
		}
		if !l.enter(a, f, iv.End, dropped) {
			refused[f.Key] = TooManySeries
		}
	}
	for _, reason := range refused {
		dropped[reason]++
	}
	for _, a := range l.accounts {
		a.breathe(active[a.key], iv.Length)
	}
	return dropped
}

// activity is how busy each edge was in the interval, in calls per second.
func (l *Ledger) activity(iv topology.Interval, flows []topology.Flow) map[topology.EdgeKey]float64 {
	active := make(map[topology.EdgeKey]float64, len(flows))
	for _, f := range flows {
		if n := f.Traffic.Activity(); n > 0 {
			active[f.Key] += n / max(iv.Length.Seconds(), 1)
		}
	}
	return active
}

// admissionOrder is the active edges that have no account, busiest first.
func (l *Ledger) admissionOrder(active map[topology.EdgeKey]float64) []topology.EdgeKey {
	var waiting []topology.EdgeKey
	for key := range active {
		if _, ok := l.accounts[key]; !ok {
			waiting = append(waiting, key)
		}
	}
	slices.SortFunc(waiting, func(a, b topology.EdgeKey) int {
		return cmp.Or(cmp.Compare(active[b], active[a]), a.Compare(b))
	})
	return waiting
}

// admit opens an account, if need be in place of one half as busy.
func (l *Ledger) admit(key topology.EdgeKey, busy float64, at time.Time, dropped map[DropReason]int) DropReason {
	if len(l.accounts) >= l.limits.MaxEdges && !l.displace(nil, busy, at, dropped) {
		return TooManyEdges
	}
	if !l.room(nil, busy, leastLines, at, dropped) {
		return TooManySeries
	}
	firstSeen, news := l.known.take(key, at)
	a := newAccount(key, firstSeen)
	a.busy, a.active = busy, at
	l.accounts[key] = a
	l.lines += a.lines()
	if news {
		l.changes.added(key, at)
	}
	return ""
}

// enter adds a flow to its account. Whole series are refused where they are
// too many: ok tells that none was.
func (l *Ledger) enter(a *account, f *topology.Flow, at time.Time, dropped map[DropReason]int) (ok bool) {
	a.active, ok = at, true
	before := a.lines()
	a.note(f, at)
	l.lines += a.lines() - before
	l.scratch = appendIncrements(l.scratch[:0], f)
	fresh := l.scratch[:0] // those of series that there are not yet
	for _, inc := range l.scratch {
		if c, open := a.byID[inc.cellID]; open {
			l.add(c, inc, at)
		} else {
			fresh = append(fresh, inc)
		}
	}
	// They came as maps have them, and there may be room for some alone (T4).
	slices.SortFunc(fresh, func(x, y increment) int { return cmp.Or(x.compare(&y.cellID), cmp.Compare(x.value, y.value)) })
	for _, inc := range fresh {
		c, open := a.byID[inc.cellID] // as two names of a code may come to one
		if !open {
			if !l.room(a, a.busy, inc.lines(), at, dropped) {
				ok = false
				continue
			}
			c = a.open(inc.cellID, at, l.generation)
			l.lines++
		}
		l.add(c, inc, at)
	}
	return ok
}

// add counts an increment of an account's cell.
func (l *Ledger) add(c *cell, inc increment, at time.Time) {
	before := c.lines()
	c.add(&inc, at)
	l.lines += c.lines() - before
}

func (i *increment) lines() int {
	if i.histogram != nil {
		return len(i.histogram.Bounds) + 2
	}
	return 1
}

// leastLines are the series of an edge that nothing is known of but that it is
// there: since when, and who speaks on it.
const leastLines = 2

// room makes room for n more series of account a, or of a new one.
func (l *Ledger) room(a *account, busy float64, n int, at time.Time, dropped map[DropReason]int) bool {
	for l.lines+l.reserved()+n > l.limits.MaxSeries {
		if !l.displace(a, busy, at, dropped) {
			return false
		}
	}
	return true
}

// reserved are the series that counters leave to gauges: as many as these
// would have, but no more than half of all.
func (l *Ledger) reserved() int { return min(l.wanted, l.limits.MaxSeries/2) }

// makeRoom closes the least busy accounts where gauges have become so many
// that with them there are too many series.
func (l *Ledger) makeRoom(at time.Time, dropped map[DropReason]int) {
	if l.lines+l.reserved() <= l.limits.MaxSeries {
		return
	}
	leastFirst := slices.SortedFunc(maps.Values(l.accounts), func(a, b *account) int {
		return cmp.Or(cmp.Compare(a.busy, b.busy), b.key.Compare(a.key))
	})
	for _, a := range leastFirst {
		if l.lines+l.reserved() <= l.limits.MaxSeries {
			return
		}
		l.giveWay(a, at)
		dropped[TooManySeries]++
	}
}

// displace closes the least busy account, if it is at most half as busy.
func (l *Ledger) displace(spared *account, busy float64, at time.Time, dropped map[DropReason]int) bool {
	if busy < 2*l.crowd {
		return false
	}
	var least *account
	for _, a := range l.accounts {
		if a != spared && (least == nil || a.busy < least.busy || a.busy == least.busy && a.key.Compare(least.key) > 0) {
			least = a
		}
	}
	if least == nil || 2*least.busy > busy {
		if least != nil {
			l.crowd = least.busy
		}
		return false
	}
	l.giveWay(least, at)
	dropped[Displaced]++
	return true
}

// giveWay closes an account whose edge will be no news when it comes back.
func (l *Ledger) giveWay(a *account, at time.Time) {
	l.close(a)
	if !l.known.keep(a.key, knownEdge{firstSeen: a.firstSeen, until: at.Add(l.limits.IdleTTL)}, l.limits.MaxEdges) {
		l.changes.forget(a.key)
	}
}

func (l *Ledger) close(a *account) {
	delete(l.accounts, a.key)
	l.lines -= a.lines()
}

// settleServed lets series that a scrape has seen at 0 show what they hold.
func (l *Ledger) settleServed(now time.Time) {
	served := l.served.Load()
	for _, a := range l.accounts {
		for _, c := range a.cells {
			c.served = c.served || c.since <= served || now.Sub(c.born) >= serveWithin
		}
	}
}

func (l *Ledger) closeIdle(now time.Time) {
	since := now.Add(-l.limits.IdleTTL)
	for _, a := range l.accounts {
		if a.active.Before(since) {
			l.close(a)
			l.changes.removed(a.key)
			continue
		}
		before := a.lines()
		a.closeIdle(since)
		l.lines += a.lines() - before
	}
	l.known.expire(now, l.changes.removed)
}

// breathe averages how busy the account is.
func (a *account) breathe(active float64, over time.Duration) {
	keep := math.Exp(-over.Seconds() / smoothing.Seconds())
	a.busy = keep*a.busy + (1-keep)*active
}
