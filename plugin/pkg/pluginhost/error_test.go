package pluginhost_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestErrors has the ways in which a store fails: what a query's error says,
// whose fault it is, and what the health check says of it.
func TestErrors(t *testing.T) {
	const html = "<!DOCTYPE html><html><title>Log in</title></html>"
	for _, c := range []struct {
		name, url string
		status    backend.Status
		source    backend.ErrorSource
		query     string
		health    string
	}{
		{"unreachable", unreachable(t), backend.StatusBadGateway, backend.ErrorSourceDownstream, "The store cannot be reached: ", "The store cannot be reached: "},
		{"unauthorized", answers(t, http.StatusUnauthorized, "text/plain", "go away"), backend.StatusUnauthorized, backend.ErrorSourceDownstream, "The store refuses the credentials: ", "The store refuses the credentials: "},
		{"login page", answers(t, http.StatusOK, "text/html", html), backend.StatusBadGateway, backend.ErrorSourceDownstream, "What answers is not a Prometheus-compatible API: ", "What answers is not a Prometheus-compatible API: "},
		{"no API", answers(t, http.StatusNotFound, "text/html", html), backend.StatusBadGateway, backend.ErrorSourceDownstream, "Check the URL: it ends before /api/v1", "What answers is not a Prometheus-compatible API: "},
		{"overloaded", answers(t, http.StatusServiceUnavailable, "text/plain", "busy"), backend.StatusBadGateway, backend.ErrorSourceDownstream, "The store is not able to answer: ", "The store is not able to answer: "},
		{
			"too large", answers(t, http.StatusUnprocessableEntity, "application/json", `{"status": "error", "errorType": "execution", "error": "query processing would load too many samples into memory in query execution"}`),
			http.StatusUnprocessableEntity, backend.ErrorSourceDownstream, "too many samples", "The store cannot be asked: ",
		},
		{
			"bad query", answers(t, http.StatusBadRequest, "application/json", `{"status": "error", "errorType": "bad_data", "error": "unknown function"}`),
			backend.StatusInternal, backend.ErrorSourcePlugin, "unknown function", "The store cannot be asked: ",
		},
		{"cut short", answers(t, http.StatusOK, "application/json", emptyStore[:len(emptyStore)-4]), backend.StatusBadGateway, backend.ErrorSourceDownstream, "cut short", "The store cannot be asked: "},
		{"hanging", hanging(t), backend.StatusTimeout, backend.ErrorSourceDownstream, "in time", "The store does not answer in time: "},
	} {
		t.Run(c.name, func(t *testing.T) {
			withPassword := strings.Replace(c.url, "http://", "http://admin:hunter2@", 1)
			data := instanceAt(t, withPassword)

			response := ask(t, data, time.Now(), `{}`)
			require.Error(t, response.Error)
			assert.Contains(t, response.Error.Error(), c.query)
			assert.NotContains(t, response.Error.Error(), "hunter2")
			assert.Equal(t, c.status, response.Status)
			assert.Equal(t, c.source, response.ErrorSource)
			assert.Empty(t, response.Frames)

			health, err := data.CheckHealth(context.Background(), &backend.CheckHealthRequest{})
			require.NoError(t, err)
			assert.Equal(t, backend.HealthStatusError, health.Status)
			assert.Contains(t, health.Message, c.health)
			assert.NotContains(t, health.Message, "hunter2")
		})
	}
}

func TestCanceled(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	response, err := instanceAt(t, hanging(t)).QueryData(ctx, &backend.QueryDataRequest{Queries: []backend.DataQuery{query("A", time.Now(), `{}`)}})
	require.NoError(t, err)
	assert.EqualValues(t, 499, response.Responses["A"].Status)
	assert.Equal(t, backend.ErrorSourceDownstream, response.Responses["A"].ErrorSource)
}
