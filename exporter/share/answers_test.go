package share_test

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/meshscope/meshscope/exporter/share"
)

// work answers when it is told to, and counts who it was started for.
type work struct {
	started chan string
	answers chan error
}

func newWork() work { return work{started: make(chan string, 100), answers: make(chan error)} }

func (w work) question(key string) share.Question[string] {
	return share.Question[string]{Key: key, Answer: func(ctx context.Context, _ time.Time) (string, error) {
		w.started <- key
		select {
		case err := <-w.answers:
			return "answer to " + key, err
		case <-ctx.Done():
			return "", ctx.Err()
		}
	}}
}

// result is what one got.
type result struct {
	answer string
	err    error
}

// ask asks in the background.
func ask(ctx context.Context, a *share.Answers[string], q share.Question[string]) <-chan result {
	got := make(chan result, 1)
	go func() {
		answer, err := a.Ask(ctx, q)
		got <- result{answer, err}
	}()
	return got
}

// In a bubble of synctest, time.Now is the clock: it stands still while anything is at work.
func options() share.Options[string] {
	return share.Options[string]{Workers: 2, Keep: 10 * time.Second, MaxKept: 5, MaxSize: 100}
}

func TestManyShareOneAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, answers := newWork(), share.New(options())
		var all []<-chan result
		for range 50 {
			all = append(all, ask(t.Context(), answers, w.question("a")))
		}
		synctest.Wait()
		require.Len(t, w.started, 1)
		w.answers <- nil
		for _, one := range all {
			require.Equal(t, result{answer: "answer to a"}, <-one)
		}
	})
}

func TestAnswersAreKeptForAWhile(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, answers := newWork(), share.New(options())
		first := ask(t.Context(), answers, w.question("a"))
		w.answers <- nil
		<-first
		<-w.started

		time.Sleep(10*time.Second - 1)
		require.Equal(t, result{answer: "answer to a"}, <-ask(t.Context(), answers, w.question("a")))
		require.Empty(t, w.started)

		time.Sleep(time.Nanosecond)
		again := ask(t.Context(), answers, w.question("a"))
		synctest.Wait()
		require.Len(t, w.started, 1, "asked anew")
		w.answers <- nil
		<-again
	})
}

func TestNothingIsKeptUnlessAsked(t *testing.T) {
	for name, change := range map[string]func(*share.Options[string]){
		"not at all":      func(o *share.Options[string]) { o.Keep = 0 },
		"not such answer": func(o *share.Options[string]) { o.Size = func(string) int { return -1 } },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				o := options()
				change(&o)
				w, answers := newWork(), share.New(o)
				for range 2 {
					one, other := ask(t.Context(), answers, w.question("a")), ask(t.Context(), answers, w.question("a"))
					synctest.Wait()
					require.Len(t, w.started, 1)
					<-w.started
					w.answers <- nil
					<-one
					<-other
				}
			})
		})
	}
}

func TestErrorsAreNotKept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, answers := newWork(), share.New(options())
		away := errors.New("away")
		one, other := ask(t.Context(), answers, w.question("a")), ask(t.Context(), answers, w.question("a"))
		synctest.Wait()
		w.answers <- away
		require.ErrorIs(t, (<-one).err, away)
		require.ErrorIs(t, (<-other).err, away, "who waited is told")
		again := ask(t.Context(), answers, w.question("a"))
		w.answers <- nil
		require.NoError(t, (<-again).err)
	})
}

func TestWhoLeavesFailsNoOther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, answers := newWork(), share.New(options())
		ctx, leave := context.WithCancel(t.Context())
		first := ask(ctx, answers, w.question("a"))
		synctest.Wait()
		second := ask(t.Context(), answers, w.question("a"))
		synctest.Wait()
		leave()
		require.ErrorIs(t, (<-first).err, context.Canceled)
		w.answers <- nil
		require.Equal(t, result{answer: "answer to a"}, <-second)
		require.Len(t, w.started, 1)
	})
}

func TestWorkEndsWhenNobodyWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		answers := share.New(options())
		ended := make(chan error, 1)
		question := share.Question[string]{Key: "a", Answer: func(ctx context.Context, _ time.Time) (string, error) {
			<-ctx.Done()
			ended <- ctx.Err()
			return "", ctx.Err()
		}}
		ctx, leave := context.WithCancel(t.Context())
		one, other := ask(ctx, answers, question), ask(ctx, answers, question)
		synctest.Wait()
		leave()
		require.ErrorIs(t, (<-one).err, context.Canceled)
		require.ErrorIs(t, (<-other).err, context.Canceled)
		require.ErrorIs(t, <-ended, context.Canceled)

		w := newWork()
		again := ask(t.Context(), answers, w.question("a"))
		w.answers <- nil
		require.NoError(t, (<-again).err, "who asks next starts anew")
	})
}

func TestWorkTakesNoLongerThanItsTimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := options()
		o.Timeout = time.Minute
		_, err := share.New(o).Ask(t.Context(), newWork().question("a"))
		require.ErrorIs(t, err, context.DeadlineExceeded)
	})
}

func TestWorkersAreLimited(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, answers := newWork(), share.New(options())
		var all []<-chan result
		for i := range 3 {
			all = append(all, ask(t.Context(), answers, w.question(strconv.Itoa(i))))
			synctest.Wait()
		}
		require.Len(t, w.started, 2, "the third waits for a slot")
		ctx, leave := context.WithCancel(t.Context())
		impatient := ask(ctx, answers, w.question("3"))
		synctest.Wait()
		leave()
		require.ErrorIs(t, (<-impatient).err, context.Canceled)
		for range all {
			w.answers <- nil
		}
		for _, one := range all {
			require.NoError(t, (<-one).err)
		}
		require.Len(t, w.started, 3, "who left before there was a slot never began")
	})
}

func TestOneTooManyIsTurnedAway(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := options()
		o.Busy = errors.New("busy")
		w, answers := newWork(), share.New(o)
		one, two := ask(t.Context(), answers, w.question("a")), ask(t.Context(), answers, w.question("b"))
		synctest.Wait()
		require.ErrorIs(t, (<-ask(t.Context(), answers, w.question("c"))).err, o.Busy)
		same := ask(t.Context(), answers, w.question("a"))
		synctest.Wait()
		w.answers <- nil
		w.answers <- nil
		for _, got := range []<-chan result{one, two, same} {
			require.NoError(t, (<-got).err)
		}
		more := ask(t.Context(), answers, w.question("c"))
		w.answers <- nil
		require.NoError(t, (<-more).err, "there is room again")
	})
}

func TestKeptAnswersAreBounded(t *testing.T) {
	for _, c := range []struct {
		name       string
		size, kept int
	}{
		{"by their number", 1, 5},
		{"by their size", 40, 2},
		{"even a single one", 101, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := options()
			o.Size = func(string) int { return c.size }
			answers, worked := share.New(o), 0
			question := func(i int) share.Question[string] {
				return share.Question[string]{Key: strconv.Itoa(i), Answer: func(context.Context, time.Time) (string, error) {
					worked++
					return "", nil
				}}
			}
			for i := range 8 {
				_, err := answers.Ask(t.Context(), question(i))
				require.NoError(t, err)
			}
			require.Equal(t, 8, worked)
			for i := 7; i > 7-c.kept; i-- {
				_, err := answers.Ask(t.Context(), question(i))
				require.NoError(t, err)
			}
			require.Equal(t, 8, worked, "the newest are kept")
			_, err := answers.Ask(t.Context(), question(7-c.kept))
			require.NoError(t, err)
			require.Equal(t, 9, worked, "and no other")
		})
	}
}

func TestFreshAnswerIsForAll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		asked := 0
		question := share.Question[string]{Key: "a", Answer: func(context.Context, time.Time) (string, error) {
			asked++
			return strconv.Itoa(asked), nil
		}}
		answers := share.New(options())
		fresh := question
		fresh.Fresh = true
		for i, c := range []struct {
			question share.Question[string]
			want     string
		}{{question, "1"}, {question, "1"}, {fresh, "2"}, {question, "2"}, {fresh, "3"}} {
			answer, err := answers.Ask(t.Context(), c.question)
			require.NoError(t, err)
			require.Equal(t, c.want, answer, i)
		}
	})
}

func TestPanicIsToldToAll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := options()
		o.Panicked = func(_ context.Context, reason any, stack []byte) error {
			assert.NotEmpty(t, stack)
			return fmt.Errorf("told: %v", reason)
		}
		answers := share.New(o)
		question := share.Question[string]{Key: "a", Answer: func(context.Context, time.Time) (string, error) {
			time.Sleep(time.Second)
			panic("a fault")
		}}
		one, other := ask(t.Context(), answers, question), ask(t.Context(), answers, question)
		require.EqualError(t, (<-one).err, "told: a fault")
		require.EqualError(t, (<-other).err, "told: a fault")
		w := newWork()
		again := ask(t.Context(), answers, w.question("a"))
		w.answers <- nil
		require.NoError(t, (<-again).err)
	})
}

// TestValuesOfTheFirst: what the work does for is known from the one who asked first.
func TestValuesOfTheFirst(t *testing.T) {
	type key struct{}
	ctx := context.WithValue(t.Context(), key{}, "viewer")
	answer, err := share.New(options()).Ask(ctx, share.Question[string]{Key: "a", Answer: func(ctx context.Context, _ time.Time) (string, error) {
		return ctx.Value(key{}).(string), nil
	}})
	require.NoError(t, err)
	require.Equal(t, "viewer", answer)
}

func TestConcurrentUse(t *testing.T) {
	o := options()
	o.Keep, o.MaxKept = time.Millisecond, 3
	answers := share.New(o)
	var group sync.WaitGroup
	for i := range 50 {
		group.Go(func() {
			for n := range 20 {
				ctx, cancel := context.WithTimeout(t.Context(), time.Duration(1+(i+n)%5)*time.Millisecond)
				key := strconv.Itoa((i * n) % 7)
				answer, err := answers.Ask(ctx, share.Question[string]{Key: key, Answer: func(ctx context.Context, _ time.Time) (string, error) {
					select {
					case <-time.After(time.Millisecond):
						return key, nil
					case <-ctx.Done():
						return "", ctx.Err()
					}
				}})
				if err == nil {
					assert.Equal(t, key, answer)
				}
				cancel()
			}
		})
	}
	group.Wait()
}
