package web_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/meshscope/meshscope/exporter/web"
)

// A query as a dashboard stores it, with all of its fields.
const stored = `{"schemaVersion": 1, "queryType": "graph", "level": "app", "namespaces": ["shop", "bookinfo"], "clusters": ["east-*"],
 "focus": {"kind": "workload", "cluster": "", "namespace": "bookinfo", "name": "reviews-v1", "depth": 2, "direction": "both"},
 "protocols": ["tcp", "http"], "serviceNodes": true, "idle": true, "waypoints": true,
 "filter": "edge.errorRatio > 0.01", "highlight": "", "nodeStats": ["requestRate", "errorRatio"], "edgeStats": ["p95"], "colorBy": "outcome",
 "entity": "edge", "stats": ["requestRate"], "of": "namespaces", "compareOffset": "", "limit": 150, "layout": "panel"}`

func post(h http.Handler, query, body string) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest("POST", "/api/v1/graph"+query, strings.NewReader(body)))
	return w
}

func TestPost(t *testing.T) {
	const at = "2026-01-02T15:04:05Z"
	for _, tc := range []struct {
		name, query, body string
		want              string // the question, or the error's text
	}{
		{"all", "?window=1h&output=dot", stored, "app bookinfo,shop " + at + " 1h0m0s dot clusters east-* http,tcp service nodes idle waypoints " +
			"focus workload:/bookinfo/reviews-v1 2 both filter edge.errorRatio > 0.01 limit 150"},
		{"nothing", "", `{}`, "workload  " + at + " 10m0s json"},
		{"empty fields", "", `{"level": "", "namespaces": [], "focus": {}, "filter": " ", "limit": 0}`, "workload  " + at + " 10m0s json"},
		{"a namespace in focus", "", `{"focus": {"namespace": "shop"}}`, "workload  " + at + " 10m0s json focus /shop/"},
		{"time", "?time=1700000000", `{}`, "workload  2023-11-14T22:13:20Z 10m0s json"},

		{"parameter", "?level=app", `{}`, `parameter "level": not beside a query that is posted (want output, time or window)`},
		{"window", "?window=25h", `{}`, `parameter "window": too long: 1d1h (want at most 1d)`},
		{"no JSON", "", `level`, `the query is not one of schema version 1: invalid character 'l' looking for beginning of value`},
		{"two", "", `{} {}`, `the query is followed by something else`},
		{"unknown field", "", `{"lvl": "app"}`, `the query is not one of schema version 1: unknown field "lvl"`},
		{"wrong type", "", `{"limit": "5"}`, `the query is not one of schema version 1: cannot unmarshal string into Go struct field posted.limit of type int`},
		{"version", "", `{"schemaVersion": 2}`, `field "schemaVersion": unknown version 2 (want 1)`},
		{"type", "", `{"queryType": "traffic"}`, `field "queryType": "traffic" is not supported here`},
		{"highlight", "", `{"highlight": "edge.p95 > 1"}`, `field "highlight": "edge.p95 > 1" is not supported here`},
		{"offset", "", `{"compareOffset": "1d"}`, `field "compareOffset": "1d" is not supported here`},
		{"namespace", "", `{"namespaces": [""]}`, `field "namespaces": an empty value (leave the parameter out for all namespaces)`},
		{"protocol", "", `{"protocols": ["udp"]}`, `field "protocols": unknown protocol "udp" (want some of http, grpc, tcp)`},
		{"filter", "", `{"filter": "edge.p96 > 1"}`, `field "filter": column 6: edge has no field "p96"; did you mean p95?`},
		{"limit", "", `{"limit": -1}`, `field "limit": out of range: -1 (want 1 to 1000000, or 0 for none)`},
		{"focus", "", `{"focus": {"depth": 2}}`, `field "focus": names nothing (want a name, a namespace or a cluster)`},
		{"focus on a kind", "", `{"focus": {"kind": "pod", "name": "a"}}`, `field "focus": unknown kind "pod"`},
		{"depth", "", `{"focus": {"name": "a", "depth": 101}}`, `field "focus": too deep: 101 (want 1 to 100)`},
		{"direction", "", `{"focus": {"name": "a", "direction": "up"}}`, `field "focus": unknown direction "up", want one of both, in, out`},
		{"large", "", strings.Repeat(" ", 256<<10+1), `the query cannot be read: http: request body too large`},
		{"Kiali's form", "?output=kiali", `{"level": "cluster"}`, `parameter "level": no graph of clusters in Kiali's form (want workload, app, versionedApp or service)`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			w := post(newHandler(t, nil), tc.query, tc.body)
			if w.Code == http.StatusOK {
				require.Equal(t, tc.want, w.Body.String())
				return
			}
			require.Equal(t, http.StatusBadRequest, w.Code, w.Body)
			require.Equal(t, "bad_data "+tc.want, errorOf(t, w.Header(), w.Body.Bytes()))
		})
	}
}

// Who asks by GET and who posts the same share an answer.
func TestPostAsksTheSameAsGet(t *testing.T) {
	asked := 0
	h := newHandler(t, func(o *web.Options) { o.Graph = counting{&asked} })
	require.Equal(t, http.StatusOK, do(h, "GET", "/api/v1/graph?level=app&namespace=b&namespace=a&limit=5").Code)
	require.Equal(t, http.StatusOK, post(h, "", `{"level": "app", "namespaces": ["a", "b"], "limit": 5}`).Code)
	require.Equal(t, 1, asked)
}
