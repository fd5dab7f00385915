package pluginhost_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/meshscope/meshscope/exporter/filter"
)

// call calls a resource of a data source whose store must not be asked.
func call(t *testing.T, method, path, body string) (status int, answer map[string]any) {
	t.Helper()
	u := newUpstream(t, answers(t, http.StatusOK, "application/json", emptyStore))
	i := instance(t, backend.DataSourceInstanceSettings{
		URL: strings.Replace(u.URL, "http://", "http://admin:hunter2@", 1), JSONData: []byte(`{"httpHeaderName1": "X-Token"}`),
		DecryptedSecureJSONData: map[string]string{"httpHeaderValue1": "hunter2"},
	})
	var sent []*backend.CallResourceResponse
	err := i.CallResource(t.Context(), &backend.CallResourceRequest{Method: method, Path: path, Body: []byte(body)},
		backend.CallResourceResponseSenderFunc(func(r *backend.CallResourceResponse) error {
			sent = append(sent, r)
			return nil
		}))
	require.NoError(t, err)
	require.Len(t, sent, 1)
	assert.Equal(t, []string{"application/json"}, sent[0].Headers["Content-Type"])
	assert.NotContains(t, string(sent[0].Body), "hunter2")
	require.NoError(t, json.Unmarshal(sent[0].Body, &answer))
	assert.Zero(t, u.requests())
	return sent[0].Status, answer
}

func TestFieldsResource(t *testing.T) {
	status, answer := call(t, http.MethodGet, "fields", "")
	assert.Equal(t, http.StatusOK, status)
	assert.Len(t, answer["fields"], len(filter.Fields()))
	assert.Contains(t, answer["fields"], map[string]any{
		"name": "errorRatio", "of": []any{"edge"}, "type": "number",
		"doc": "The part of the requests that failed for their caller: HTTP 4xx and 5xx, a gRPC status other than 0, no response.",
	})
	assert.Contains(t, answer["fields"], map[string]any{"name": "root", "of": []any{"node"}, "type": "boolean", "doc": "It calls, and nothing calls it."})
	require.Len(t, answer["functions"], 1)
	assert.Equal(t, "known", answer["functions"].([]any)[0].(map[string]any)["name"])
	assert.NotEmpty(t, answer["operators"])
}

func TestCheckFilterResource(t *testing.T) {
	for body, want := range map[string]map[string]any{
		`{"expression": "edge.errorRatio > 0.01"}`:        {"error": ""},
		`{"expression": ""}`:                              {"error": ""},
		`{"expression": " \n"}`:                           {"error": ""},
		`{"expression": "edge.erorRatio > 1"}`:            {"error": `edge has no field "erorRatio"; did you mean errorRatio?`, "line": 1., "column": 6.},
		`{"expression": "node.root &&\n  node.idl"}`:      {"error": `node has no field "idl"; did you mean idle?`, "line": 2., "column": 8.},
		`{"expression": "node.name == \"é\" && $__from"}`: nil, // some error, in its place
	} {
		status, answer := call(t, http.MethodPost, "check-filter", body)
		assert.Equal(t, http.StatusOK, status, body)
		if want == nil {
			assert.NotEmpty(t, answer["error"])
			assert.EqualValues(t, 21, answer["column"])
			continue
		}
		assert.Equal(t, want, answer, body)
	}
}

// TestRefusedResources: methods, paths and bodies are as documented, or refused.
func TestRefusedResources(t *testing.T) {
	for _, c := range []struct {
		method, path, body string
		status             int
		says               string
	}{
		{http.MethodGet, "", "", http.StatusNotFound, "no such resource"},
		{http.MethodGet, "fields/x", "", http.StatusNotFound, "no such resource"},
		{http.MethodGet, "api/v1/query", "", http.StatusNotFound, "no such resource"},
		{http.MethodGet, "../fields", "", http.StatusNotFound, "no such resource"},
		{http.MethodPost, "fields", "", http.StatusMethodNotAllowed, "GET is"},
		{http.MethodGet, "check-filter", "", http.StatusMethodNotAllowed, "POST is"},
		{http.MethodDelete, "check-filter", "", http.StatusMethodNotAllowed, "POST is"},
		{http.MethodPost, "check-filter", "", http.StatusBadRequest, "not of the form"},
		{http.MethodPost, "check-filter", "edge.p95 > 1", http.StatusBadRequest, "not of the form"},
		{http.MethodPost, "check-filter", `{}`, http.StatusBadRequest, "not of the form"},
		{http.MethodPost, "check-filter", `{"expression": 5}`, http.StatusBadRequest, "not of the form"},
		{http.MethodPost, "check-filter", `{"expression": "", "url": "http://elsewhere"}`, http.StatusBadRequest, "not of the form"},
		{http.MethodPost, "check-filter", `{"expression": ""} {}`, http.StatusBadRequest, "something behind"},
		{http.MethodPost, "check-filter", `{"expression": "` + strings.Repeat("a", 1<<20) + `"}`, http.StatusBadRequest, "bytes"},
	} {
		status, answer := call(t, c.method, c.path, c.body)
		assert.Equal(t, c.status, status, "%s %s", c.method, c.path)
		assert.Contains(t, answer["error"], c.says, "%s %s", c.method, c.path)
	}
}
