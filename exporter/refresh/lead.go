package refresh

import (
	"time"

	"github.com/meshscope/meshscope/exporter/series"
	"github.com/meshscope/meshscope/exporter/topology"
)

// StandBy has the loop publish nothing any more, at once, but its own series:
// another exporter leads. A loop that stands by has done what there was to do.
func (l *Loop) StandBy() {
	l.standing.Store(true)
	l.published.Store(nil)
	l.tried.Store(true)
}

// Lead has the loop publish, for as long as holds is true. What it counted in
// an earlier term is forgotten: another exporter has counted since. The first
// refresh will recall what that one has published.
func (l *Loop) Lead(holds func() bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.forget()
	l.holds.Store(&holds)
	l.standing.Store(false)
}

// leads tells that the loop may publish at this moment.
func (l *Loop) leads() bool {
	if l.standing.Load() {
		return false
	}
	holds := l.holds.Load()
	return holds == nil || (*holds)()
}

// forget goes back to where a new Loop is.
func (l *Loop) forget() {
	l.published.Store(nil)
	l.dedup = topology.NewDedup(l.settings.dedup())
	l.ledger = series.NewLedger(l.settings.limits, l.settings.isWaypoint)
	l.judge = newJudge(l.settings)
	l.last, l.lastLatency, l.diagnosed = time.Time{}, time.Time{}, time.Time{}
	l.recalled = false
	l.succeeded.Store(false)
}
