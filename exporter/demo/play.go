package demo

import (
	"bytes"
	"context"
	"fmt"
	"hash/fnv"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"

	"github.com/meshscope/meshscope/exporter/demo/mesh"
	"github.com/meshscope/meshscope/exporter/demo/store"
)

// Hook is called at times that are whole multiples of the scrape interval. By
// then the mesh has reached that time, and all scrapes before it are stored.
type Hook func(now time.Time) error

// Play runs a mesh from one time to another, without waiting, and scrapes each
// of its targets every interval into a store. Use a Player to go on later.
func Play(ctx context.Context, m *mesh.Mesh, s *store.Store, from, to time.Time, interval time.Duration, hooks ...Hook) error {
	p := Player{Mesh: m, Store: s, Interval: interval}
	return p.Play(ctx, from, to, hooks...)
}

// Fate is what becomes of a scrape.
type Fate int

const (
	// Scraped: it succeeds.
	Scraped Fate = iota
	// Missed: the target does not answer.
	Missed
	// Unattended: there is no Prometheus that would scrape.
	Unattended
)

// Player scrapes a mesh on simulated time. Like Prometheus it scrapes each
// target at a moment of its own within the interval, the same for as long as
// the target exists.
type Player struct {
	Mesh  *mesh.Mesh
	Store *store.Store
	// Interval is the time between two scrapes of a target, in whole seconds.
	Interval time.Duration
	// Fate decides about each scrape; where it is nil all succeed.
	Fate func(at time.Time, target mesh.Target) Fate

	watched map[string]*watched
	page    bytes.Buffer
}

// watched is a target that was there at the last look.
type watched struct {
	target mesh.Target
	labels labels.Labels
	// phase is when in an interval the target is scraped.
	phase time.Duration
	// seen is the last time at which the mesh had the target.
	seen time.Time
}

// step is how far the mesh advances between two looks at its targets.
const step = time.Second

// Play goes from one time to another; scrapes at the later one and after it
// are left to the next Play. Both are whole seconds.
func (p *Player) Play(ctx context.Context, from, to time.Time, hooks ...Hook) error {
	if p.watched == nil {
		p.watched = map[string]*watched{}
	}
	for now := from; now.Before(to); now = now.Add(step) {
		if err := ctx.Err(); err != nil {
			return err
		}
		p.Mesh.Advance(now)
		if now.Equal(now.Truncate(p.Interval)) {
			for _, hook := range hooks {
				if err := hook(now); err != nil {
					return err
				}
			}
		}
		if err := p.scrape(now); err != nil {
			return err
		}
	}
	p.Mesh.Advance(to)
	return nil
}

// scrape does the scrapes that fall into the step that begins now.
func (p *Player) scrape(now time.Time) error {
	for _, target := range p.Mesh.Targets() {
		key := target.Namespace + "/" + target.Pod
		w, ok := p.watched[key]
		if !ok {
			w = watch(target, p.Interval)
			p.watched[key] = w
		}
		w.seen = now
		at, due := w.due(now, p.Interval)
		if !due {
			continue
		}
		if err := p.scrapeOne(at, w); err != nil {
			return fmt.Errorf("scrape of %s: %w", key, err)
		}
	}
	for key, w := range p.watched {
		at, due := w.due(now, p.Interval)
		if w.seen.Equal(now) || !due {
			continue
		}
		delete(p.watched, key)
		if p.fate(at, w.target) == Unattended {
			continue
		}
		if err := p.Store.Gone(at, w.labels); err != nil {
			return fmt.Errorf("end of %s: %w", key, err)
		}
	}
	return nil
}

func (p *Player) scrapeOne(at time.Time, w *watched) error {
	switch p.fate(at, w.target) {
	case Unattended:
		return nil
	case Missed:
		return p.Store.Missed(at, w.labels)
	default:
		p.page.Reset()
		if err := w.target.WriteMetrics(&p.page); err != nil {
			return err
		}
		return p.Store.Append(at, w.labels, p.page.Bytes())
	}
}

func (p *Player) fate(at time.Time, target mesh.Target) Fate {
	if p.Fate == nil {
		return Scraped
	}
	return p.Fate(at, target)
}

func watch(target mesh.Target, interval time.Duration) *watched {
	h := fnv.New64a()
	h.Write([]byte(target.Instance + " " + target.Pod))
	w := &watched{target: target}
	// Never on the boundary itself, so that a scrape is before or after a
	// hook, and before or after a query at a multiple of the interval.
	w.phase = time.Millisecond * time.Duration(1+h.Sum64()%uint64(interval/time.Millisecond-1))
	set := targetLabels(target)
	set[model.JobLabel] = target.Job
	w.labels = labels.FromMap(set)
	return w
}

// due returns when a target is scraped within the step that begins now, if it
// is.
func (w *watched) due(now time.Time, interval time.Duration) (time.Time, bool) {
	at := now.Truncate(interval).Add(w.phase)
	return at, !at.Before(now) && at.Before(now.Add(step))
}
