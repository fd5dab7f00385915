package share

import (
	"context"
	"fmt"
	"runtime/debug"
	"sync"
	"time"
)

// Options say how answers are worked on and kept.
type Options[V any] struct {
	// Now is the clock; nil means time.Now.
	Now func() time.Time
	// Workers is how many answers are worked on at a time.
	Workers int
	// Busy is told to who asks for one more than that; nil lets them wait.
	Busy error
	// Timeout is how long one answer is worked on; 0 means as long as somebody waits.
	Timeout time.Duration

	// Keep is how long an answer is given to those who ask the same once it is
	// there; 0 keeps none. MaxKept and MaxSize bound all that is kept.
	Keep             time.Duration
	MaxKept, MaxSize int
	// Size is that of an answer, in the unit of MaxSize. One that is negative
	// says not to keep it. Nil means 0.
	Size func(V) int

	// Panicked makes the error that a panic of the work is told as; nil is a
	// plain one. Who waits is in other goroutines, which nothing else would save.
	Panicked func(ctx context.Context, reason any, stack []byte) error
}

// Answers are those that are worked on or kept. Who gets one gets it together
// with others, and must not change it.
type Answers[V any] struct {
	options Options[V]
	slots   chan struct{} // one element per answer in work

	mu    sync.Mutex
	size  int // of all that is kept
	calls map[string]*call[V]
	done  []*call[V] // the finished ones in calls, the oldest first
}

// A Question is one that several may ask.
type Question[V any] struct {
	// Key is the same for questions that have the same answer.
	Key string
	// Fresh asks for an answer that nobody got before.
	Fresh bool
	// Answer works the answer out. Its context has the values of that of the one
	// who was first to ask, and ends when nobody waits.
	Answer func(ctx context.Context, now time.Time) (V, error)
}

// A call is one answer, finished or in work.
type call[V any] struct {
	key      string
	cancel   context.CancelFunc
	waiting  int           // how many wait for it
	finished chan struct{} // closed when the fields below are set
	over     bool
	at       time.Time
	size     int
	answer   V
	err      error
}

// New has no answers yet.
func New[V any](o Options[V]) *Answers[V] {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Size == nil {
		o.Size = func(V) int { return 0 }
	}
	if o.Panicked == nil {
		o.Panicked = func(_ context.Context, reason any, _ []byte) error { return fmt.Errorf("panic: %v", reason) }
	}
	return &Answers[V]{options: o, slots: make(chan struct{}, max(o.Workers, 1)), calls: map[string]*call[V]{}}
}

// Ask returns the answer to q. It waits for it no longer than ctx.
func (a *Answers[V]) Ask(ctx context.Context, q Question[V]) (V, error) {
	c, err := a.join(ctx, q)
	if err != nil {
		var none V
		return none, err
	}
	defer a.leave(c)
	select {
	case <-c.finished:
		return c.answer, c.err
	case <-ctx.Done():
		var none V
		return none, ctx.Err()
	}
}

// join returns the call that answers q, which it starts if there is none.
func (a *Answers[V]) join(ctx context.Context, q Question[V]) (*call[V], error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	now := a.options.Now()
	a.forget(func(c *call[V]) bool { return now.Sub(c.at) >= a.options.Keep || now.Before(c.at) })
	if c, ok := a.calls[q.Key]; ok && !(q.Fresh && c.over) {
		c.waiting++
		return c, nil
	}
	hasSlot := false
	if a.options.Busy != nil {
		select {
		case a.slots <- struct{}{}:
			hasSlot = true
		default:
			return nil, a.options.Busy
		}
	}
	ctx = context.WithoutCancel(ctx)
	var cancel context.CancelFunc
	if a.options.Timeout > 0 {
		ctx, cancel = context.WithTimeout(ctx, a.options.Timeout)
	} else {
		ctx, cancel = context.WithCancel(ctx)
	}
	c := &call[V]{key: q.Key, cancel: cancel, waiting: 1, finished: make(chan struct{})}
	a.calls[q.Key] = c
	go a.work(ctx, c, q, hasSlot)
	return c, nil
}

// leave ends the waiting of one. Without any other left, unfinished work is
// given up, and who asks next starts anew.
func (a *Answers[V]) leave(c *call[V]) {
	a.mu.Lock()
	defer a.mu.Unlock()
	c.waiting--
	if c.waiting > 0 || c.over {
		return
	}
	c.cancel()
	a.remove(c)
}

// work answers q.
func (a *Answers[V]) work(ctx context.Context, c *call[V], q Question[V], hasSlot bool) {
	defer c.cancel() // as it is now
	answer, err := a.ask(ctx, q, hasSlot)
	size := -1
	if err == nil {
		size = a.options.Size(answer)
	}

	a.mu.Lock()
	defer a.mu.Unlock()
	c.over, c.at, c.answer, c.err = true, a.options.Now(), answer, err
	c.cancel = nil // it holds on to what the first to ask came with
	close(c.finished)
	switch {
	case a.calls[c.key] != c: // given up
	case size < 0 || a.options.Keep <= 0:
		a.remove(c)
	default:
		c.size = size
		a.done = append(a.done, c)
		a.size += size
		a.forget(func(*call[V]) bool { return a.size > a.options.MaxSize || len(a.done) > a.options.MaxKept })
	}
}

// ask works out an answer, as soon as there is a slot for it.
func (a *Answers[V]) ask(ctx context.Context, q Question[V], hasSlot bool) (answer V, err error) {
	if !hasSlot {
		select {
		case a.slots <- struct{}{}:
		case <-ctx.Done():
			return answer, ctx.Err()
		}
	}
	defer func() { <-a.slots }()
	defer func() {
		if reason := recover(); reason != nil {
			err = a.options.Panicked(ctx, reason, debug.Stack())
		}
	}()
	return q.Answer(ctx, a.options.Now())
}

// forget removes kept answers, the oldest first, as long as old holds.
func (a *Answers[V]) forget(old func(*call[V]) bool) {
	for len(a.done) > 0 && old(a.done[0]) {
		c := a.done[0]
		a.done[0] = nil
		a.done = a.done[1:]
		a.size -= c.size
		a.remove(c)
	}
}

// remove takes a call out of those that can be joined.
func (a *Answers[V]) remove(c *call[V]) {
	if a.calls[c.key] == c {
		delete(a.calls, c.key)
	}
}
