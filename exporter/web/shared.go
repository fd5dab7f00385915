package web

import (
	"context"
	"fmt"
	"runtime/debug"
	"sync"
	"time"

	"github.com/go-kit/log"
	"github.com/go-kit/log/level"
)

// An Inquiry is a question of one of the graph APIs, in the form that lets those who ask the same share the answer.
type Inquiry struct {
	// Key is the same for inquiries that have the same answer.
	Key string
	// Fresh asks for an answer that nobody got before.
	Fresh bool
	// Answer works the answer out. Where the question names no time it is now.
	Answer func(ctx context.Context, now time.Time) (Answer, error)
}

// shared lets those who ask the same share one answer: while it is worked on, and for answerTTL from then on. At most
// MaxConcurrentGraphs answers are worked on at a time; who asks for one more is turned away.
type shared struct {
	now    func() time.Time
	logger log.Logger

	mu      sync.Mutex
	working int
	kept    int // bytes of all that is kept
	calls   map[string]*call
	done    []*call // the finished ones in calls, the oldest first
}

// A call is one answer, finished or in work.
type call struct {
	key      string
	cancel   context.CancelFunc
	waiting  int           // how many wait for it
	finished chan struct{} // closed when the fields below are set
	over     bool
	at       time.Time
	answer   Answer
	err      error
}

func newShared(now func() time.Time, logger log.Logger) *shared {
	return &shared{now: now, logger: logger, calls: make(map[string]*call)}
}

// errBusy is answered to who asks for one answer too many.
var errBusy = &Error{
	Type:       ErrorUnavailable,
	Err:        fmt.Errorf("%d graphs are being derived already, try again", MaxConcurrentGraphs),
	RetryAfter: time.Second,
}

// Ask returns the answer to i. It waits for it no longer than ctx, and the work is given up when nobody waits.
func (s *shared) Ask(ctx context.Context, i Inquiry) (Answer, error) {
	c, err := s.join(i)
	if err != nil {
		return Answer{}, err
	}
	select {
	case <-c.finished:
		s.leave(c)
		return c.answer, c.err
	case <-ctx.Done():
		s.leave(c)
		return Answer{}, ctx.Err()
	}
}

// join returns the call that answers i, which it starts if there is none.
func (s *shared) join(i Inquiry) (*call, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.now()
	s.forget(func(c *call) bool { return now.Sub(c.at) >= answerTTL || now.Before(c.at) })
	if c, ok := s.calls[i.Key]; ok && !(i.Fresh && c.over) {
		c.waiting++
		return c, nil
	}
	if s.working >= MaxConcurrentGraphs {
		return nil, errBusy
	}
	s.working++
	ctx, cancel := context.WithTimeout(context.Background(), graphTimeout)
	c := &call{key: i.Key, cancel: cancel, waiting: 1, finished: make(chan struct{})}
	s.calls[i.Key] = c
	go s.work(ctx, c, i, now)
	return c, nil
}

// leave ends the waiting of one. Without any other left, unfinished work is given up, and who asks next starts anew.
func (s *shared) leave(c *call) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c.waiting--
	if c.waiting > 0 || c.over {
		return
	}
	c.cancel()
	s.remove(c)
}

// work answers i.
func (s *shared) work(ctx context.Context, c *call, i Inquiry, now time.Time) {
	defer c.cancel()
	answer, err := s.ask(ctx, i, now)
	if err == nil && len(answer.Body) > MaxAnswerBytes {
		answer, err = Answer{}, errTooLarge
	}

	s.mu.Lock()
	defer s.mu.Unlock()
	s.working--
	c.over, c.at, c.answer, c.err = true, s.now(), answer, err
	close(c.finished)
	switch {
	case s.calls[c.key] != c: // given up
	case err != nil:
		s.remove(c)
	default:
		s.done = append(s.done, c)
		s.kept += len(answer.Body)
		s.forget(func(*call) bool { return s.kept > maxKeptBytes || len(s.done) > maxKept })
	}
}

// ask works out an answer. A panic there is an error: it happens outside of net/http, which would survive it.
func (s *shared) ask(ctx context.Context, i Inquiry, now time.Time) (answer Answer, err error) {
	defer func() {
		if p := recover(); p != nil {
			level.Error(s.logger).Log("msg", "panic while deriving a graph", "panic", p, "stack", string(debug.Stack()))
			err = Errorf(ErrorInternal, "the graph could not be derived: see the log")
		}
	}()
	return i.Answer(ctx, now)
}

// forget removes kept answers, the oldest first, as long as old holds.
func (s *shared) forget(old func(*call) bool) {
	for len(s.done) > 0 && old(s.done[0]) {
		c := s.done[0]
		s.done[0] = nil
		s.done = s.done[1:]
		s.kept -= len(c.answer.Body)
		s.remove(c)
	}
}

// remove takes a call out of those that can be joined.
func (s *shared) remove(c *call) {
	if s.calls[c.key] == c {
		delete(s.calls, c.key)
	}
}
