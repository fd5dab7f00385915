package web

import (
	"context"
	"fmt"
	"time"

	"github.com/go-kit/log"
	"github.com/go-kit/log/level"

	"github.com/meshscope/meshscope/exporter/share"
)

// An Inquiry is a question of one of the graph APIs, in the form that lets those who ask the same share the answer.
type Inquiry = share.Question[Answer]

// shared lets those who ask the same share one answer: while it is worked on, and for answerTTL from then on. At most
// MaxConcurrentGraphs answers are worked on at a time; who asks for one more is turned away.
type shared struct{ answers *share.Answers[Answer] }

// errBusy is answered to who asks for one answer too many.
var errBusy = &Error{
	Type:       ErrorUnavailable,
	Err:        fmt.Errorf("%d graphs are being derived already, try again", MaxConcurrentGraphs),
	RetryAfter: time.Second,
}

func newShared(now func() time.Time, logger log.Logger) *shared {
	return &shared{share.New(share.Options[Answer]{
		Now:     now,
		Workers: MaxConcurrentGraphs,
		Busy:    errBusy,
		Timeout: graphTimeout,
		Keep:    answerTTL,
		MaxKept: maxKept,
		MaxSize: maxKeptBytes,
		Size:    func(a Answer) int { return len(a.Body) },
		Panicked: func(_ context.Context, reason any, stack []byte) error {
			level.Error(logger).Log("msg", "panic while deriving a graph", "panic", reason, "stack", string(stack))
			return Errorf(ErrorInternal, "the graph could not be derived: see the log")
		},
	})}
}

// Ask returns the answer to i. It waits for it no longer than ctx.
func (s *shared) Ask(ctx context.Context, i Inquiry) (Answer, error) {
	work := i.Answer
	i.Answer = func(ctx context.Context, now time.Time) (Answer, error) {
		answer, err := work(ctx, now)
		if err == nil && len(answer.Body) > MaxAnswerBytes {
			return Answer{}, errTooLarge
		}
		return answer, err
	}
	return s.answers.Ask(ctx, i)
}
