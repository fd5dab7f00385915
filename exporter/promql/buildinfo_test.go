package promql_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/meshscope/meshscope/exporter/promql"
)

func TestBuildInfo(t *testing.T) {
	for _, c := range []struct {
		name   string
		status int
		body   string
		want   promql.BuildInfo
		kind   promql.Kind
	}{
		{
			"Prometheus", http.StatusOK, `{"status":"success","data":{"version":"3.5.0","revision":"abc","branch":"HEAD","buildUser":"me","buildDate":"now","goVersion":"go1.26"}}`,
			promql.BuildInfo{Version: "3.5.0", Revision: "abc", GoVersion: "go1.26"},
			0,
		},
		{
			"Mimir", http.StatusOK, `{"status":"success","data":{"application":"Grafana Mimir","version":"2.17","revision":"abc","features":{"ruler_config_api":"true","query_sharding":false}}}`,
			promql.BuildInfo{Application: "Grafana Mimir", Version: "2.17", Revision: "abc", Features: map[string]any{"ruler_config_api": "true", "query_sharding": false}},
			0,
		},
		{"no such path", http.StatusNotFound, `404 page not found`, promql.BuildInfo{}, promql.Unsupported},
		{"not permitted", http.StatusForbidden, `no`, promql.BuildInfo{}, promql.Unauthorized},
		{"a page", http.StatusOK, `<html>`, promql.BuildInfo{}, promql.NotPrometheus},
		{"an error", http.StatusOK, `{"status":"error","error":"away"}`, promql.BuildInfo{}, promql.NotPrometheus},
		{"endless", http.StatusOK, `{"status":"success","data":{"version":"` + strings.Repeat("1", 1<<20), promql.BuildInfo{}, promql.NotPrometheus},
	} {
		t.Run(c.name, func(t *testing.T) {
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				assert.Equal(t, http.MethodGet, r.Method)
				assert.Equal(t, "/prefix/api/v1/status/buildinfo", r.URL.Path)
				assert.Equal(t, "true", r.URL.Query().Get("dedup"))
				w.WriteHeader(c.status)
				_, _ = w.Write([]byte(c.body))
			}))
			defer server.Close()
			withPassword := strings.Replace(server.URL, "http://", "http://user:hunter2@", 1)
			client, err := promql.New(promql.Options{URL: withPassword + "/prefix?dedup=true"})
			require.NoError(t, err)
			info, err := client.BuildInfo(t.Context())
			assert.Equal(t, c.want, info)
			assert.Equal(t, c.kind, promql.KindOf(err))
			if err != nil {
				assert.NotContains(t, err.Error(), "hunter2")
			}
		})
	}
}
