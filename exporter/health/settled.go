package health

import (
	"time"

	"github.com/meshscope/meshscope/exporter/topology"
)

// Settled is the verdicts that have lasted: a worse one is taken once things
// were at least that bad for a time, a better one once they were no worse for
// as long. What goes back and forth in less changes nothing.
//
// What has no verdict yet gets a good one at once, and a bad one when it has
// lasted. What there is no more data of keeps its verdict for that time.
type Settled struct {
	delay   time.Duration
	nodes   map[topology.Ref]*settling
	edges   map[topology.EdgeKey]*settling
	origins map[topology.Ref]*settling
}

// NewSettled is a Settled without memories, of verdicts that last for delay.
func NewSettled(delay time.Duration) *Settled {
	return &Settled{
		delay:   delay,
		nodes:   map[topology.Ref]*settling{},
		edges:   map[topology.EdgeKey]*settling{},
		origins: map[topology.Ref]*settling{},
	}
}

// Use changes how long a verdict must last. What is remembered stays.
func (s *Settled) Use(delay time.Duration) { s.delay = delay }

// Recall tells the verdict on a node that held before, as it was published.
func (s *Settled) Recall(ref topology.Ref, h topology.Health) { recall(s.nodes, ref, h) }

// RecallEdge tells the verdict on an edge that held before.
func (s *Settled) RecallEdge(key topology.EdgeKey, h topology.Health) { recall(s.edges, key, h) }

// RecallOrigin tells that a node was the origin of a fault before.
func (s *Settled) RecallOrigin(ref topology.Ref) { recall(s.origins, ref, isOrigin) }

// Origins are settled as verdicts are, of two kinds.
const (
	isNoOrigin = topology.HealthHealthy
	isOrigin   = topology.HealthFailure
)

// Observe takes the verdicts of a moment, later than all before, and where
// faults began at it.
func (s *Settled) Observe(at time.Time, v *Verdicts, f *Faults) {
	observe(s.nodes, at, s.delay, func(yield func(topology.Ref, topology.Health)) {
		for ref, verdict := range v.All() {
			yield(ref, verdict.Health)
		}
	})
	observe(s.edges, at, s.delay, func(yield func(topology.EdgeKey, topology.Health)) {
		for key, verdict := range v.Edges() {
			yield(key, verdict.Health)
		}
	})
	observe(s.origins, at, s.delay, func(yield func(topology.Ref, topology.Health)) {
		for _, fault := range f.All() {
			if fault.Origin {
				yield(fault.Ref, isOrigin)
			} else {
				yield(fault.Ref, isNoOrigin)
			}
		}
	})
}

// Of is the verdict on a node that has lasted.
func (s *Settled) Of(ref topology.Ref) topology.Health { return s.nodes[ref].published() }

// OfEdge is the verdict on an edge that has lasted.
func (s *Settled) OfEdge(key topology.EdgeKey) topology.Health { return s.edges[key].published() }

// IsOrigin tells that a node is the origin of a fault that has lasted.
func (s *Settled) IsOrigin(ref topology.Ref) bool { return s.origins[ref].published() == isOrigin }

// All are the verdicts on nodes, as they are now.
func (s *Settled) All() map[topology.Ref]topology.Health { return published(s.nodes) }

// Edges are the verdicts on edges, as they are now.
func (s *Settled) Edges() map[topology.EdgeKey]topology.Health { return published(s.edges) }

// settling is the verdict on one thing, as one question for each health from
// Healthy on: is it at least as bad? Each answer changes when the other has
// lasted. As what is at least a failure is at least degraded, a worse one never
// holds where a milder one does not.
type settling struct {
	seen    time.Time // when it was last looked at
	atLeast [topology.HealthFailure]answer
}

// answer is whether something is at least so bad: what holds, and since when
// it has been the contrary.
type answer struct {
	holds    bool
	contrary bool
	since    time.Time
}

func (s *settling) published() topology.Health {
	if s == nil {
		return topology.HealthNA
	}
	worst := topology.HealthNA
	for i, a := range s.atLeast {
		if a.holds {
			worst = topology.Health(i + 1)
		}
	}
	return worst
}

func (s *settling) observe(at time.Time, delay time.Duration, h topology.Health) {
	s.seen = at
	atOnce := s.published() == topology.HealthNA && h == topology.HealthHealthy
	for i := range s.atLeast {
		s.atLeast[i].observe(h > topology.Health(i), at, delay, atOnce)
	}
}

func (a *answer) observe(is bool, at time.Time, delay time.Duration, atOnce bool) {
	switch {
	case is == a.holds:
		a.contrary = false
		return
	case !a.contrary:
		a.contrary, a.since = true, at
	}
	if atOnce || at.Sub(a.since) >= delay {
		a.holds, a.contrary = is, false
	}
}

func recall[K comparable](all map[K]*settling, of K, h topology.Health) {
	s := &settling{}
	for i := range s.atLeast {
		s.atLeast[i].holds = h > topology.Health(i)
	}
	all[of] = s
}

// observe takes what is seen of all of them. What is not is without data, and
// forgotten when that has lasted.
func observe[K comparable](all map[K]*settling, at time.Time, delay time.Duration, each func(yield func(K, topology.Health))) {
	each(func(of K, h topology.Health) {
		s, ok := all[of]
		if !ok {
			if h == topology.HealthNA {
				return
			}
			s = &settling{}
			all[of] = s
		}
		s.observe(at, delay, h)
	})
	for of, s := range all {
		if !s.seen.Equal(at) {
			s.observe(at, delay, topology.HealthNA)
		}
		if s.isForgotten() {
			delete(all, of)
		}
	}
}

// isForgotten tells that nothing holds, and nothing else is on its way.
func (s *settling) isForgotten() bool {
	for _, a := range s.atLeast {
		if a.holds || a.contrary {
			return false
		}
	}
	return true
}

func published[K comparable](all map[K]*settling) map[K]topology.Health {
	verdicts := make(map[K]topology.Health, len(all))
	for of, s := range all {
		if h := s.published(); h != topology.HealthNA {
			verdicts[of] = h
		}
	}
	return verdicts
}
