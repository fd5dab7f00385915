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
	"github.com/meshscope/meshscope/plugin/pkg/derived"
	"github.com/meshscope/meshscope/plugin/pkg/query"
)

// fake is a Source that does what a test wants.
type fake func(q query.Query) derived.Answer

func (f fake) Flows(_ context.Context, _ topology.Interval, q query.Query) (derived.Answer, error) {
	return f(q), nil
}

func (fake) Probe(context.Context, time.Time) (derived.Found, error) { return derived.Found{}, nil }

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
			i := &Instance{close: func() {}, now: time.Now, source: fake(func(query.Query) derived.Answer {
				mu.Lock()
				running++
				most = max(most, running)
				mu.Unlock()
				time.Sleep(time.Second)
				mu.Lock()
				running--
				mu.Unlock()
				return derived.Answer{}
			})}
			ctx := config.WithGrafanaConfig(t.Context(), config.NewGrafanaCfg(map[string]string{backend.ConcurrentQueryCount: limit}))
			response, err := i.QueryData(ctx, queries(`{}`, `{}`, `{}`, `{}`))
			require.NoError(t, err)
			assert.Len(t, response.Responses, 4)
			assert.Equal(t, want, most, "limit %q", limit)
		})
	}
}

func TestPanicIsOfItsQuery(t *testing.T) {
	i := &Instance{close: func() {}, now: time.Now, source: fake(func(q query.Query) derived.Answer {
		if q.Limit == 13 {
			panic("a secret")
		}
		return derived.Answer{}
	})}
	response, err := i.QueryData(t.Context(), queries(`{}`, `{"limit": 13}`))
	require.NoError(t, err)
	assert.NoError(t, response.Responses["A"].Error)
	assert.ErrorContains(t, response.Responses["B"].Error, "internal error")
	assert.NotContains(t, response.Responses["B"].Error.Error(), "secret")
	assert.Equal(t, backend.ErrorSourcePlugin, response.Responses["B"].ErrorSource)
	assert.Equal(t, backend.StatusInternal, response.Responses["B"].Status)
}

func TestWarningsOfTheStore(t *testing.T) {
	i := &Instance{close: func() {}, now: time.Now, source: fake(func(query.Query) derived.Answer {
		return derived.Answer{Warnings: []string{"one store is away", "one store is away"}}
	})}
	response, err := i.QueryData(t.Context(), queries(`{}`))
	require.NoError(t, err)
	notices := response.Responses["A"].Frames[0].Meta.Notices
	require.Len(t, notices, 2)
	assert.Equal(t, "The store warns: one store is away", notices[0].Text)
}
