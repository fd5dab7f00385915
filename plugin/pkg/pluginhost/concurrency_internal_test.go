package pluginhost

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/grafana/grafana-plugin-sdk-go/config"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/meshscope/meshscope/exporter/topology"
	"github.com/meshscope/meshscope/plugin/pkg/probe"
	"github.com/meshscope/meshscope/plugin/pkg/query"
	"github.com/meshscope/meshscope/plugin/pkg/source"
)

// fake is a source of flows that does what a test wants, of a store where
// there is nothing.
type fake func(q query.Query) source.Answer

func (f fake) Flows(_ context.Context, _ topology.Interval, q query.Query) (source.Answer, error) {
	return f(q), nil
}

func (fake) Courses(context.Context, source.Span, query.Query, []source.Wanted, source.Taker) (source.Asked, error) {
	return source.Asked{}, nil
}

func (fake) Names(context.Context, topology.Interval, query.Query) (source.Names, error) {
	return source.Names{}, nil
}

func (fake) Look(context.Context, time.Time, bool) (probe.Found, error) { return probe.Found{}, nil }
func (fake) HasDerived(context.Context, time.Time) (bool, error)        { return false, nil }
func (fake) HasRaw(context.Context, time.Time) (bool, error)            { return false, nil }

func instanceOf(f fake) *Instance {
	return &Instance{close: func() {}, now: time.Now, responses: newResponses(), derived: f, raw: f, probe: f}
}

func queries(stored ...string) *backend.QueryDataRequest {
	req := &backend.QueryDataRequest{}
	for i, text := range stored {
		req.Queries = append(req.Queries, backend.DataQuery{
			RefID: string(rune('A' + i)), JSON: []byte(text),
			TimeRange: backend.TimeRange{From: time.Unix(0, 0), To: time.Unix(300, 0)},
		})
	}
	return req
}

func TestConcurrency(t *testing.T) {
	for limit, want := range map[string]int{"": 4, "0": 4, "2": 2} {
		synctest.Test(t, func(t *testing.T) {
			var mu sync.Mutex
			running, most := 0, 0
			i := instanceOf(fake(func(query.Query) source.Answer {
				mu.Lock()
				running++
				most = max(most, running)
				mu.Unlock()
				time.Sleep(time.Second)
				mu.Lock()
				running--
				mu.Unlock()
				return source.Answer{}
			}))
			ctx := config.WithGrafanaConfig(t.Context(), config.NewGrafanaCfg(map[string]string{backend.ConcurrentQueryCount: limit}))
			response, err := i.QueryData(ctx, queries(`{}`, `{}`, `{}`, `{}`))
			require.NoError(t, err)
			assert.Len(t, response.Responses, 4)
			assert.Equal(t, want, most, "limit %q", limit)
		})
	}
}

func TestPanicIsOfItsQuery(t *testing.T) {
	i := instanceOf(fake(func(q query.Query) source.Answer {
		if q.Limit == 13 {
			panic("a secret")
		}
		return source.Answer{}
	}))
	response, err := i.QueryData(t.Context(), queries(`{}`, `{"limit": 13}`))
	require.NoError(t, err)
	assert.NoError(t, response.Responses["A"].Error)
	assert.ErrorContains(t, response.Responses["B"].Error, "internal error")
	assert.NotContains(t, response.Responses["B"].Error.Error(), "secret")
	assert.Equal(t, backend.ErrorSourcePlugin, response.Responses["B"].ErrorSource)
	assert.Equal(t, backend.StatusInternal, response.Responses["B"].Status)
}

func TestWarningsOfTheStore(t *testing.T) {
	i := instanceOf(fake(func(query.Query) source.Answer {
		return source.Answer{Asked: source.Asked{Warnings: []string{"one store is away", "one store is away"}}}
	}))
	response, err := i.QueryData(t.Context(), queries(`{}`))
	require.NoError(t, err)
	notices := response.Responses["A"].Frames[0].Meta.Notices
	require.Len(t, notices, 2)
	assert.Equal(t, "The store warns: one store is away", notices[0].Text)
}
