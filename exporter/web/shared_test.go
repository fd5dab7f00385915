package web

import (
	"context"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-kit/log"
	"github.com/stretchr/testify/require"

	"github.com/meshscope/meshscope/exporter/filter"
	"github.com/meshscope/meshscope/exporter/topology"
)

// slow is a Grapher that answers when it is told to.
type slow struct {
	asked   chan Question
	answers chan error
}

func newSlow() slow { return slow{asked: make(chan Question, 100), answers: make(chan error)} }

func (s slow) Graph(ctx context.Context, q Question) (Answer, error) {
	s.asked <- q
	select {
	case err := <-s.answers:
		return Answer{Body: []byte(q.Level)}, err
	case <-ctx.Done():
		return Answer{}, ctx.Err()
	}
}

// testShared shares the answers of one grapher.
type testShared struct {
	*shared
	grapher Grapher
}

func (s testShared) Graph(ctx context.Context, q Question) (Answer, error) {
	return s.Ask(ctx, q.inquiry(s.grapher))
}

// ask asks in the background.
func ask(ctx context.Context, s testShared, q Question) <-chan error {
	result := make(chan error, 1)
	go func() {
		_, err := s.Graph(ctx, q)
		result <- err
	}()
	return result
}

// In a bubble of synctest, time.Now is the injected clock: it stands still while anything is at work.
func newTestShared(g Grapher) testShared {
	return testShared{newShared(time.Now, log.NewNopLogger()), g}
}

func TestSameQuestionIsAskedOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		grapher := newSlow()
		s := newTestShared(grapher)
		q := Question{Level: "app", Namespaces: []string{"a", "b"}, Window: time.Minute}
		first, second := ask(t.Context(), s, q), ask(t.Context(), s, q)
		synctest.Wait()
		require.Len(t, grapher.asked, 1)
		require.Equal(t, time.Now(), (<-grapher.asked).Time, "no time means now")
		grapher.answers <- nil
		require.NoError(t, <-first)
		require.NoError(t, <-second)

		time.Sleep(answerTTL - 1)
		require.NoError(t, <-ask(t.Context(), s, q))
		require.Empty(t, grapher.asked, "answered from memory")

		time.Sleep(time.Nanosecond)
		third := ask(t.Context(), s, q)
		synctest.Wait()
		require.Len(t, grapher.asked, 1, "asked anew")
		grapher.answers <- nil
		require.NoError(t, <-third)
	})
}

func TestOneTooManyIsTurnedAway(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		grapher := newSlow()
		s := newTestShared(grapher)
		var results []<-chan error
		for i := range MaxConcurrentGraphs {
			results = append(results, ask(t.Context(), s, Question{Level: strconv.Itoa(i)}))
		}
		synctest.Wait()
		err := <-ask(t.Context(), s, Question{Level: "more"})
		busy := new(Error)
		require.ErrorAs(t, err, &busy)
		require.Equal(t, ErrorUnavailable, busy.Type)
		require.Positive(t, busy.RetryAfter)

		same := ask(t.Context(), s, Question{Level: "0"})
		for range MaxConcurrentGraphs {
			grapher.answers <- nil
		}
		for _, result := range append(results, same) {
			require.NoError(t, <-result)
		}
		more := ask(t.Context(), s, Question{Level: "more"})
		grapher.answers <- nil
		require.NoError(t, <-more, "there is room again")
	})
}

func TestWorkTakesNoLongerThanItsTimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, err := newTestShared(newSlow()).Graph(t.Context(), Question{})
		require.ErrorIs(t, err, context.DeadlineExceeded)
	})
}

func mustCompile(t *testing.T, text string) *filter.Program {
	t.Helper()
	program, err := filter.Compile(text)
	require.NoError(t, err)
	return program
}

func TestBodyEndsAtTheLimit(t *testing.T) {
	body := new(Body)
	n, err := body.Write(make([]byte, MaxAnswerBytes))
	require.NoError(t, err)
	require.Equal(t, MaxAnswerBytes, n)
	_, err = body.Write([]byte{1})
	tooLarge := new(Error)
	require.ErrorAs(t, err, &tooLarge)
	require.Equal(t, ErrorExecution, tooLarge.Type)
	require.Len(t, body.Bytes(), MaxAnswerBytes)
}

func TestQuestionKeys(t *testing.T) {
	keys := make(map[string]bool)
	questions := []Question{
		{},
		{Level: "a"},
		{Namespaces: []string{"a"}},
		{Namespaces: []string{"a", "b"}},
		{Namespaces: []string{"a b"}},
		{Time: time.Unix(1, 0)},
		{Window: time.Second},
		{Output: "dot"},
		{Width: 80},
		{Clusters: []string{"a"}},
		{Protocols: []topology.Protocol{topology.TCP}},
		{ServiceNodes: true},
		{Idle: true},
		{Waypoints: true},
		{Limit: 5},
		{Focus: &topology.Focus{Name: "a"}},
		{Focus: &topology.Focus{Namespace: "a"}},
		{Focus: &topology.Focus{Name: "a", Depth: 2}},
		{Filter: mustCompile(t, "node.root")},
		{Filter: mustCompile(t, "node.idle")},
	}
	for _, q := range questions {
		keys[q.key()] = true
	}
	require.Len(t, keys, len(questions))
}
