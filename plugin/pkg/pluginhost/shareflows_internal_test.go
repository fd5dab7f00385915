package pluginhost

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend/httpclient"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/meshscope/meshscope/exporter/topology"
	"github.com/meshscope/meshscope/plugin/pkg/query"
	"github.com/meshscope/meshscope/plugin/pkg/source"
)

// counting is a source that counts how often it is asked.
type counting struct {
	flowSource

	asked  *int
	answer source.Answer
	err    error
}

func (c counting) Flows(context.Context, topology.Interval, query.Query) (source.Answer, error) {
	*c.asked++
	return c.answer, c.err
}

func (counting) Question(_ topology.Interval, q query.Query) (string, error) {
	return string(q.Level), nil
}

// TestHowLongFlowsAreKept: what is whole is kept for a few seconds, for the same
// question about the same range; what is not is not.
func TestHowLongFlowsAreKept(t *testing.T) {
	whole := source.Answer{Flows: make([]topology.Flow, 3)}
	huge := source.Answer{Flows: make([]topology.Flow, maxKeptFlows+1)}
	partial := whole
	partial.Warnings = []string{"one store is away"}
	for name, c := range map[string]struct {
		answer source.Answer
		err    error
		kept   bool
	}{
		"whole":   {answer: whole, kept: true},
		"empty":   {},
		"partial": {answer: partial},
		"huge":    {answer: huge},
		"error":   {answer: whole, err: errors.New("busy")},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				asked := 0
				flows := shareFlows(counting{asked: &asked, answer: c.answer, err: c.err}, forwarding{})
				ask := func(iv topology.Interval, level topology.Level) {
					answer, err := flows.Flows(t.Context(), iv, query.Query{Level: level})
					require.ErrorIs(t, err, c.err)
					if err == nil {
						assert.Len(t, answer.Flows, len(c.answer.Flows))
					}
				}
				iv := topology.Interval{End: time.Now(), Length: time.Minute}
				ask(iv, topology.ByApp)
				time.Sleep(keepFlows - 1)
				ask(iv, topology.ByApp)
				if !c.kept {
					assert.Equal(t, 2, asked)
					return
				}
				assert.Equal(t, 1, asked)
				ask(iv, topology.ByService)
				assert.Equal(t, 2, asked, "another question")
				ask(topology.Interval{End: iv.End.Add(time.Millisecond), Length: iv.Length}, topology.ByApp)
				ask(topology.Interval{End: iv.End, Length: iv.Length + time.Millisecond}, topology.ByApp)
				assert.Equal(t, 4, asked, "other ranges")
				time.Sleep(time.Nanosecond)
				ask(iv, topology.ByApp)
				assert.Equal(t, 5, asked, "after a while")
			})
		})
	}
}

// TestSenderOfRecorded: who wants requests recorded makes them by himself.
func TestSenderOfRecorded(t *testing.T) {
	f := newForwarding(false, nil)
	who, ok := f.sender(t.Context())
	assert.True(t, ok)
	assert.Empty(t, who)
	recording := httpclient.WithContextualMiddleware(t.Context(), httpclient.NamedMiddlewareFunc(harCapture, nil))
	_, ok = f.sender(recording)
	assert.False(t, ok)

	asked := 0
	flows := shareFlows(counting{asked: &asked, answer: source.Answer{Flows: make([]topology.Flow, 3)}}, f)
	for range 2 {
		_, err := flows.Flows(recording, topology.Interval{}, query.Query{})
		require.NoError(t, err)
	}
	assert.Equal(t, 2, asked)
}
