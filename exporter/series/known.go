package series

import (
	"time"

	"github.com/meshscope/meshscope/exporter/topology"
)

// knownEdge is an edge that has no account, but is no news when it comes back:
// it was published before a restart, or gave way to a busier one.
type knownEdge struct {
	firstSeen time.Time
	until     time.Time // forgotten then
}

type knownEdges map[topology.EdgeKey]knownEdge

// Know tells that an edge was published by an exporter before this one.
func (l *Ledger) Know(key topology.EdgeKey, firstSeen, now time.Time) {
	_, again := l.known[key]
	if l.known.keep(key, knownEdge{firstSeen: firstSeen, until: now.Add(l.limits.IdleTTL)}, l.limits.MaxEdges) && !again {
		l.changes.know(key)
	}
}

// keep remembers an edge; ok is false where there are too many already.
func (k knownEdges) keep(key topology.EdgeKey, e knownEdge, most int) (ok bool) {
	old, known := k[key]
	switch {
	case known && old.firstSeen.Before(e.firstSeen):
		e.firstSeen = old.firstSeen
	case !known && len(k) >= most:
		return false
	}
	k[key] = e
	return true
}

// take forgets an edge because it has an account now: since when it is known,
// and whether it is news.
func (k knownEdges) take(key topology.EdgeKey, now time.Time) (firstSeen time.Time, news bool) {
	e, ok := k[key]
	if !ok {
		return now, true
	}
	delete(k, key)
	return e.firstSeen, false
}

func (k knownEdges) expire(now time.Time, gone func(topology.EdgeKey)) {
	for key, e := range k {
		if now.After(e.until) {
			delete(k, key)
			gone(key)
		}
	}
}
