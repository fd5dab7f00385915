package web_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/meshscope/meshscope/exporter/web"
)

func TestGraph(t *testing.T) {
	const at = "2026-01-02T15:04:05Z"
	many := strings.Repeat("&namespace=n", 1001)
	for _, tc := range []struct {
		query string
		want  string // the question, or the error's type and text
	}{
		{"", "workload  " + at + " 10m0s json"},
		{"?level=app&namespace=b&namespace=a&namespace=b&window=1h&output=dot", "app a,b " + at + " 1h0m0s dot"},
		{"?namespace=shop-*", "workload shop-* " + at + " 10m0s json"},
		{"?time=1700000000", "workload  2023-11-14T22:13:20Z 10m0s json"},
		{"?time=1700000000.25", "workload  2023-11-14T22:13:20.25Z 10m0s json"},
		{"?time=2023-11-14T23:13:20%2B01:00", "workload  2023-11-14T22:13:20Z 10m0s json"},
		{"?window=24h", "workload  " + at + " 24h0m0s json"},
		{"?output=mermaid", "workload  " + at + " 10m0s mermaid"},
		{"?output=table", "workload  " + at + " 10m0s table"},

		{"?filter=edge.p95%20>%201&limit=5&focus=reviews", "workload  " + at + " 10m0s json focus //reviews filter edge.p95 > 1 limit 5"},
		{"?focus=app:east/bookinfo/reviews&depth=2&direction=in", "workload  " + at + " 10m0s json focus app:east/bookinfo/reviews 2 in"},
		{"?focus=bookinfo/host:80", "workload  " + at + " 10m0s json focus /bookinfo/host:80"},

		{"?filter=x", `bad_data parameter "filter": column 1: unknown name "x", want a field of edge, source, target or node; text stands in quotes`},
		{"?filter=true&filter=false", `bad_data parameter "filter": want one value`},
		{"?focus=a//b", `bad_data parameter "focus": not a node: "a//b" (want [kind:][[cluster/]namespace/]name)`},
		{"?focus=a/b/c/d", `bad_data parameter "focus": not a node: "a/b/c/d" (want [kind:][[cluster/]namespace/]name)`},
		{"?depth=2", `bad_data parameter "depth": is of a focus, and there is none`},
		{"?direction=in", `bad_data parameter "direction": is of a focus, and there is none`},
		{"?focus=a&depth=0", `bad_data parameter "depth": not a number of nodes or calls: "0" (want 1 to 100)`},
		{"?focus=a&direction=up", `bad_data parameter "direction": unknown direction "up", want one of both, in, out`},
		{"?limit=none", `bad_data parameter "limit": not a number of nodes or calls: "none" (want 1 to 1000000)`},
		{"?namespaces=a", `bad_data parameter "namespaces": no such parameter (want one of cluster, depth, direction, filter, focus, idle, level, limit, namespace, output, protocol, service-nodes, time, waypoints, window)`},
		{"?output=kiali", "workload  " + at + " 10m0s kiali"},
		{"?output=kiali&level=namespace", `bad_data parameter "level": no graph of namespaces in Kiali's form (want workload, app, versionedApp or service)`},
		{"?cluster=b&cluster=a&protocol=tcp&protocol=http&service-nodes=true&idle=1&waypoints=true", "workload  " + at + " 10m0s json clusters a,b http,tcp service nodes idle waypoints"},
		{"?protocol=udp", `bad_data parameter "protocol": unknown protocol "udp" (want some of http, grpc, tcp)`},
		{"?idle=perhaps", `bad_data parameter "idle": not a boolean: "perhaps" (want true or false)`},
		{"?cluster=", `bad_data parameter "cluster": an empty value (leave the parameter out for all clusters)`},
		{"?output=svg", `bad_data parameter "output": unknown form "svg" (want one of json, dot, mermaid, table, kiali)`},
		{"?window=25h", `bad_data parameter "window": too long: 1d1h (want at most 1d)`},
		{"?window=0", `bad_data parameter "window": must be more than 0`},
		{"?window=ten", `bad_data parameter "window": not a duration: "ten" (want e.g. 10m)`},
		{"?window=1m&window=2m", `bad_data parameter "window": want one value`},
		{"?time=now", `bad_data parameter "time": not a time: "now" (want Unix seconds or RFC 3339, e.g. 2026-01-02T15:04:05Z)`},
		{"?time=NaN", `bad_data parameter "time": not a time: "NaN" (want Unix seconds or RFC 3339, e.g. 2026-01-02T15:04:05Z)`},
		{"?time=2026-01-02T15:04:06Z", `bad_data parameter "time": in the future`},
		{"?level=", `bad_data parameter "level": want one value`},
		{"?namespace=", `bad_data parameter "namespace": an empty value (leave the parameter out for all namespaces)`},
		{"?level=app" + many, `bad_data parameter "namespace": too many values: 1001 (want 1000 at most)`},
		{"?a=%zz", `bad_data the query string cannot be read: invalid URL escape "%zz"`},
	} {
		t.Run(tc.query[:min(len(tc.query), 40)], func(t *testing.T) {
			w := do(newHandler(t, nil), "GET", "/api/v1/graph"+tc.query)
			if !strings.HasPrefix(tc.want, "bad_data ") {
				require.Equal(t, http.StatusOK, w.Code, w.Body)
				require.Equal(t, tc.want, w.Body.String())
				require.Equal(t, "text/x-echo", w.Header().Get("Content-Type"))
				return
			}
			require.Equal(t, http.StatusBadRequest, w.Code)
			require.Equal(t, tc.want, errorOf(t, w.Header(), w.Body.Bytes()))
		})
	}
}

// errorOf checks the form of an error and returns its type and text.
func errorOf(t *testing.T, header http.Header, body []byte) string {
	t.Helper()
	require.Equal(t, "application/json", header.Get("Content-Type"))
	var e map[string]string
	require.NoError(t, json.Unmarshal(body, &e), "%s", body)
	require.Len(t, e, 3)
	require.Equal(t, "error", e["status"])
	return e["errorType"] + " " + e["error"]
}

func TestGraphErrors(t *testing.T) {
	for _, tc := range []struct {
		name   string
		err    error
		status int
		want   string
	}{
		{"the question", fmt.Errorf("a: %w", web.Errorf(web.ErrorBadData, "unknown level")), 400, "bad_data unknown level"},
		{"the answer", web.Errorf(web.ErrorExecution, "too many series"), 422, "execution too many series"},
		{"time", fmt.Errorf("query: %w", context.DeadlineExceeded), 503, "timeout query: context deadline exceeded"},
		{"the store", errors.New("connection refused"), 503, "unavailable connection refused"},
		{"a type of nobody's", web.Errorf("odd", "odd"), 500, "odd odd"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			h := newHandler(t, func(o *web.Options) {
				o.Graph = web.GrapherFunc(func(context.Context, web.Question) (web.Answer, error) { return web.Answer{}, tc.err })
			})
			w := do(h, "GET", "/api/v1/graph")
			require.Equal(t, tc.status, w.Code)
			require.Equal(t, tc.want, errorOf(t, w.Header(), w.Body.Bytes()))
		})
	}
}

func TestGraphMethods(t *testing.T) {
	h := newHandler(t, nil)
	w := do(h, "DELETE", "/api/v1/graph")
	require.Equal(t, http.StatusMethodNotAllowed, w.Code)
	require.Equal(t, "GET, HEAD, POST", w.Header().Get("Allow"))
	require.Equal(t, "bad_method DELETE: no such method here (want GET or POST)", errorOf(t, w.Header(), w.Body.Bytes()))
	w = do(h, "GET", "/api/v1/grph")
	require.Equal(t, http.StatusNotFound, w.Code)
	require.Equal(t, "not_found no such path: /api/v1/grph", errorOf(t, w.Header(), w.Body.Bytes()))
}

func TestGraphPanic(t *testing.T) {
	h := newHandler(t, func(o *web.Options) {
		o.Graph = web.GrapherFunc(func(context.Context, web.Question) (web.Answer, error) { panic("secret state") })
	})
	w := do(h, "GET", "/api/v1/graph")
	require.Equal(t, http.StatusInternalServerError, w.Code)
	require.Equal(t, "internal the graph could not be derived: see the log", errorOf(t, w.Header(), w.Body.Bytes()))
}

func TestGraphTooLarge(t *testing.T) {
	h := newHandler(t, func(o *web.Options) {
		o.Graph = web.GrapherFunc(func(context.Context, web.Question) (web.Answer, error) {
			return web.Answer{Body: make([]byte, web.MaxAnswerBytes+1)}, nil
		})
	})
	w := do(h, "GET", "/api/v1/graph")
	require.Equal(t, http.StatusUnprocessableEntity, w.Code)
	require.Contains(t, errorOf(t, w.Header(), w.Body.Bytes()), "ask for fewer namespaces or a coarser level")
}

func TestParseTimeAndWindow(t *testing.T) {
	at, err := web.ParseTime("1.5")
	require.NoError(t, err)
	require.Equal(t, time.UnixMilli(1500).UTC(), at)
	for _, text := range []string{"", "-1", "Inf", "1e300", "0001-01-01T00:00:00Z"} {
		_, err := web.ParseTime(text)
		require.Error(t, err, text)
	}
	window, err := web.ParseWindow("1h30m")
	require.NoError(t, err)
	require.Equal(t, 90*time.Minute, window)
}
