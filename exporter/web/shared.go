package web

import (
	"context"
	"fmt"
	"runtime/debug"
	"strings"
	"sync"
	"time"

	"github.com/go-kit/log"
	"github.com/go-kit/log/level"
)

// shared lets those who ask the same share one answer: while it is worked on, and for answerTTL from then on. At most
// MaxConcurrentGraphs answers are worked on at a time; who asks for one more is turned away.
type shared struct {
	grapher Grapher
	now     func() time.Time
	logger  log.Logger

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

func newShared(g Grapher, now func() time.Time, logger log.Logger) *shared {
	return &shared{grapher: g, now: now, logger: logger, calls: make(map[string]*call)}
}

// errBusy is answered to who asks for one answer too many.
var errBusy = &Error{
	Type:       ErrorUnavailable,
	Err:        fmt.Errorf("%d graphs are being derived already, try again", MaxConcurrentGraphs),
	RetryAfter: time.Second,
}

// Graph returns the answer to q. It waits for it no longer than ctx, and the work is given up when nobody waits.
func (s *shared) Graph(ctx context.Context, q Question) (Answer, error) {
	c, err := s.join(q)
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

// join returns the call that answers q, which it starts if there is none.
func (s *shared) join(q Question) (*call, error) {
	key := questionKey(q)
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.now()
	s.forget(func(c *call) bool { return now.Sub(c.at) >= answerTTL || now.Before(c.at) })
	if c, ok := s.calls[key]; ok {
		c.waiting++
		return c, nil
	}
	if s.working >= MaxConcurrentGraphs {
		return nil, errBusy
	}
	s.working++
	if q.Time.IsZero() {
		q.Time = now
	}
	ctx, cancel := context.WithTimeout(context.Background(), graphTimeout)
	c := &call{key: key, cancel: cancel, waiting: 1, finished: make(chan struct{})}
	s.calls[key] = c
	go s.work(ctx, c, q)
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

// work answers q.
func (s *shared) work(ctx context.Context, c *call, q Question) {
	defer c.cancel()
	answer, err := s.ask(ctx, q)
	if size := len(answer.Body); err == nil && size > MaxAnswerBytes {
		answer, err = Answer{}, Errorf(ErrorExecution,
			"the answer has %d bytes (%d at most): ask for fewer namespaces or a coarser level", size, MaxAnswerBytes)
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

// ask asks the grapher. A panic there is an error: it happens outside of net/http, which would survive it.
func (s *shared) ask(ctx context.Context, q Question) (answer Answer, err error) {
	defer func() {
		if p := recover(); p != nil {
			level.Error(s.logger).Log("msg", "panic while deriving a graph", "panic", p, "stack", string(debug.Stack()))
			err = Errorf(ErrorInternal, "the graph could not be derived: see the log")
		}
	}()
	return s.grapher.Graph(ctx, q)
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

// questionKey is the same for the same questions.
func questionKey(q Question) string {
	var t int64
	if !q.Time.IsZero() {
		t = q.Time.UnixNano()
	}
	return fmt.Sprintf("%q %d %d %q %d %q", q.Level, t, q.Window, q.Output, q.Width, strings.Join(q.Namespaces, "\x00"))
}
