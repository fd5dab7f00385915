package pluginhost_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/grafana/grafana-plugin-sdk-go/config"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestTooLargeAnswers: an answer above a limit is an error that says which and
// what to do, and never a part of a picture.
func TestTooLargeAnswers(t *testing.T) {
	store := filled(t, 50)
	padding := strings.Repeat(" ", 2<<20)
	for _, c := range []struct {
		name, jsonData string
		grafana        map[string]string
		before         func(w http.ResponseWriter, r *http.Request) bool
		says           string
	}{
		{
			"of the data source", `{"maxResponseMegabytes": 1}`, nil,
			func(w http.ResponseWriter, _ *http.Request) bool {
				_, _ = fmt.Fprintf(w, `{"status": "success", %s "data": {"resultType": "vector", "result": []}}`, padding)
				return true
			},
			"more than 1048576 bytes, which is the limit of this data source (setting maxResponseMegabytes): choose a shorter time range",
		},
		{
			"of Grafana", `{}`,
			map[string]string{config.ResponseLimit: "1000"},
			func(w http.ResponseWriter, _ *http.Request) bool {
				_, _ = fmt.Fprintf(w, `{"status": "success", %s "data": {"resultType": "vector", "result": []}}`, padding)
				return true
			},
			"(Grafana's limit of a response): choose a shorter time range",
		},
		{
			"of the store", `{}`, nil,
			func(w http.ResponseWriter, _ *http.Request) bool {
				w.WriteHeader(http.StatusUnprocessableEntity)
				_, _ = fmt.Fprint(w, `{"status": "error", "errorType": "execution", "error": "query processing would load too many samples into memory in query execution"}`)
				return true
			},
			"too many samples into memory in query execution: choose a shorter time range",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			u := newUpstream(t, store.URL)
			// Only of what the picture is made from: the data source still finds that there is something.
			u.Before = func(w http.ResponseWriter, r *http.Request) bool {
				form := bodyOf(t, r)
				return strings.Contains(form.Get("query"), "meshscope_edge_tcp") && c.before(w, r)
			}
			i := instance(t, backend.DataSourceInstanceSettings{URL: u.URL, JSONData: []byte(c.jsonData)})
			ctx := config.WithGrafanaConfig(t.Context(), config.NewGrafanaCfg(c.grafana))
			response, err := i.QueryData(ctx, &backend.QueryDataRequest{Queries: []backend.DataQuery{query("A", store.Now, `{}`)}})
			require.NoError(t, err)
			answer := response.Responses["A"]
			require.ErrorContains(t, answer.Error, c.says)
			assert.EqualValues(t, http.StatusUnprocessableEntity, answer.Status)
			assert.Equal(t, backend.ErrorSourceDownstream, answer.ErrorSource)
			assert.Empty(t, answer.Frames)
		})
	}
}
