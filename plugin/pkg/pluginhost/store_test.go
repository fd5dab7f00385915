package pluginhost_test

import (
	"context"
	"encoding/json"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/stretchr/testify/require"

	"github.com/meshscope/meshscope/plugin/pkg/pluginhost"
)

// instanceAt is a data source of the store at a URL.
func instanceAt(t *testing.T, url string) *pluginhost.Instance {
	t.Helper()
	return instance(t, backend.DataSourceInstanceSettings{URL: url, JSONData: []byte(`{"timeout": 1}`)})
}

func instance(t testing.TB, settings backend.DataSourceInstanceSettings) *pluginhost.Instance {
	t.Helper()
	made, err := pluginhost.New(context.Background(), settings)
	require.NoError(t, err)
	i := made.(*pluginhost.Instance)
	t.Cleanup(i.Dispose)
	return i
}

// answers is a store that answers all in one way.
func answers(t *testing.T, status int, contentType, body string) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", contentType)
		w.WriteHeader(status)
		_, _ = w.Write([]byte(body))
	}))
	t.Cleanup(server.Close)
	return server.URL
}

// quiet drops what servers of tests have to say of their clients.
var quiet = log.New(io.Discard, "", 0)

// emptyStore has nothing.
const emptyStore = `{"status": "success", "data": {"resultType": "vector", "result": []}}`

// unreachable is where nothing listens.
func unreachable(t *testing.T) string {
	t.Helper()
	server := httptest.NewServer(http.NotFoundHandler())
	server.Close()
	return server.URL
}

// hanging is a store that does not answer.
func hanging(t *testing.T) string {
	t.Helper()
	over := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		select {
		case <-over:
		case <-r.Context().Done():
		}
	}))
	t.Cleanup(func() {
		close(over)
		server.Close()
	})
	return server.URL
}

// ask puts one query over the five minutes before end.
func ask(t *testing.T, i *pluginhost.Instance, end time.Time, stored string) backend.DataResponse {
	t.Helper()
	response, err := i.QueryData(context.Background(), &backend.QueryDataRequest{Queries: []backend.DataQuery{query("A", end, stored)}})
	require.NoError(t, err)
	require.Contains(t, response.Responses, "A")
	return response.Responses["A"]
}

func query(refID string, end time.Time, stored string) backend.DataQuery {
	return backend.DataQuery{
		RefID:     refID,
		TimeRange: backend.TimeRange{From: end.Add(-5 * time.Minute), To: end},
		JSON:      json.RawMessage(stored),
	}
}
