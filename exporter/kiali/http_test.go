package kiali_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/meshscope/meshscope/exporter/app"
	"github.com/meshscope/meshscope/exporter/config"
	"github.com/meshscope/meshscope/exporter/web"
)

// refusal is what an error is answered in. Kiali has the field error alone.
type refusal struct{ Status, ErrorType, Error string }

func (e exporter) refusal(t *testing.T, path string) (*http.Response, refusal) {
	t.Helper()
	response, body := e.get(t, path)
	require.Equal(t, "application/json", response.Header.Get("Content-Type"))
	var said refusal
	require.NoError(t, json.Unmarshal([]byte(body), &said), "%s", body)
	require.Equal(t, "error", said.Status)
	return response, said
}

// What cannot be answered is refused by name: 400 for a question that is wrong,
// 403 for a namespace that there is not, as Kiali does, 404 for another path.
func TestRefusalsOverHTTP(t *testing.T) {
	p := shop()
	e := p.serve(t, withNamespaces(t, "b", "c"))
	for _, tc := range []struct {
		path   string
		status int
		kind   string
		want   string
	}{
		{"namespaces/graph", 400, "bad_data", `parameter "namespaces": want one or more, separated by commas`},
		{"namespaces/graph?namespaces=b&graphType=mesh", 400, "bad_data", `parameter "graphType": unknown value "mesh" (want one of app, service, versionedApp, workload)`},
		{"namespaces/graph?namespaces=b&appenders=deadNodes", 400, "bad_data", `parameter "appenders": unknown appender "deadNodes" (want some of aggregateNode, ambient, deadNode,`},
		{"namespaces/graph?namespaces=b&duration=%zz", 400, "bad_data", "the query string cannot be read"},
		{"namespaces/graph?namespaces=b&refreshInterval=5", 400, "bad_data", `parameter "refreshInterval": out of range: 5`},
		{"namespaces/graph?namespaces=b&queryTime=" + strconv.FormatInt(now.Unix()+1, 10), 400, "bad_data", `parameter "queryTime": in the future`},
		{"namespaces/graph?namespaces=b,a", 403, "forbidden", `no cluster of the mesh has a namespace "a"`},
		{"namespaces/a/workloads/web-v1/graph", 403, "forbidden", `no cluster of the mesh has a namespace "a"`},
		{"namespaces/b/pods/cart-v1/graph", 404, "not_found", "no such path (want namespaces/graph, or"},
		{"clusters/health?namespaces=b", 404, "not_found", "no such path"},
		{"namespaces/b/applications/cart/graph", 400, "bad_data", `parameter "graphType": the graph of an app must be of apps (want app or versionedApp)`},
	} {
		t.Run(tc.path, func(t *testing.T) {
			response, said := e.refusal(t, tc.path)
			require.Equal(t, tc.status, response.StatusCode)
			require.Equal(t, tc.kind, said.ErrorType)
			require.Contains(t, said.Error, tc.want)
		})
	}
	t.Run("durations that are not read", func(t *testing.T) {
		for mode, refused := range map[config.LatencyMode]map[string]bool{
			config.LatencyOff:       {"avg": true, "95": true},
			config.LatencySummary:   {"avg": false, "95": true},
			config.LatencyHistogram: {"avg": false, "95": false},
		} {
			e := p.serve(t, func(c *config.Config) { c.Latency.Mode = mode })
			for kind, want := range refused {
				path := "namespaces/graph?namespaces=b&responseTime=" + kind
				require.NotEmpty(t, e.graph(t, path).edges, "without a name, what there is")
				if !want {
					require.NotEmpty(t, e.graph(t, path+"&appenders=responseTime").edges)
					continue
				}
				response, said := e.refusal(t, path+"&appenders=responseTime")
				require.Equal(t, 400, response.StatusCode)
				require.Contains(t, said.Error, fmt.Sprintf(`appender "responseTime" with responseTime=%s`, kind))
			}
		}
	})
}

func TestMethods(t *testing.T) {
	p := shop()
	e := p.serve(t)
	const path = "namespaces/graph?namespaces=b"
	_, body := e.get(t, path)

	response, err := http.Head(e.url + path)
	require.NoError(t, err)
	require.NoError(t, response.Body.Close())
	require.Equal(t, 200, response.StatusCode)
	require.Equal(t, "application/json", response.Header.Get("Content-Type"))
	require.Equal(t, int64(len(body)), response.ContentLength)

	for _, method := range []string{http.MethodPost, http.MethodPut, http.MethodDelete} {
		request, err := http.NewRequest(method, e.url+path, nil)
		require.NoError(t, err)
		response, err := http.DefaultClient.Do(request)
		require.NoError(t, err)
		require.NoError(t, response.Body.Close())
		require.Equal(t, http.StatusMethodNotAllowed, response.StatusCode)
		require.Equal(t, "GET, HEAD", response.Header.Get("Allow"))
	}
}

// An answer is of all that the store says, or it is an error.
func TestStoreThatFails(t *testing.T) {
	p := shop()
	p.tcp("source", call("b/cart-v1", "b/db-v1"), 1, 1, 1)
	storeURL := fill(t, now, p.series)
	const path = "namespaces/graph?namespaces=b&appenders="
	for _, tc := range []struct {
		name   string
		fails  func(w http.ResponseWriter, query string) bool
		status int
		want   string
	}{
		{"one of the questions fails", func(w http.ResponseWriter, query string) bool {
			if strings.Contains(query, "istio_tcp_sent_bytes_total") {
				w.WriteHeader(http.StatusInternalServerError)
				return true
			}
			return false
		}, 503, "query tcp_response_bytes"},
		{"an answer that is cut", func(w http.ResponseWriter, query string) bool {
			if strings.Contains(query, "istio_tcp_sent_bytes_total") {
				_, _ = io.WriteString(w, `{"status":"success","data":{"resultType":"vector","result":[{"metric":{"reporter":"source"`)
				return true
			}
			return false
		}, 503, "query tcp_response_bytes"},
		{"an answer that may lack something", func(w http.ResponseWriter, query string) bool {
			if strings.Contains(query, "istio_tcp_sent_bytes_total") {
				_, _ = io.WriteString(w, `{"status":"success","warnings":["a part is away"],"data":{"resultType":"vector","result":[]}}`)
				return true
			}
			return false
		}, 503, "a part is away"},
		{"the store turns away", func(w http.ResponseWriter, _ string) bool {
			w.WriteHeader(http.StatusServiceUnavailable)
			return true
		}, 503, "cannot derive the graph"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			e := serveStore(t, between(t, storeURL, tc.fails))
			response, said := e.refusal(t, path)
			require.Equal(t, tc.status, response.StatusCode)
			require.Contains(t, said.Error, tc.want)
		})
	}
	t.Run("there is no store", func(t *testing.T) {
		gone := httptest.NewServer(http.NotFoundHandler())
		gone.Close()
		response, said := serveStore(t, gone.URL).refusal(t, path)
		require.Equal(t, 503, response.StatusCode)
		require.Equal(t, "unavailable", said.ErrorType)
	})
	t.Run("it comes back", func(t *testing.T) {
		var mu sync.Mutex
		away := true
		e := serveStore(t, between(t, storeURL, func(w http.ResponseWriter, _ string) bool {
			mu.Lock()
			defer mu.Unlock()
			if away {
				w.WriteHeader(http.StatusServiceUnavailable)
			}
			return away
		}))
		response, _ := e.refusal(t, path)
		require.Equal(t, 503, response.StatusCode)
		mu.Lock()
		away = false
		mu.Unlock()
		require.NotEmpty(t, e.graph(t, path).edges, "an error is not kept")
	})
}

// between puts a handler between an exporter and its store, for the store's
// queries. Where it answers, the store is not asked.
func between(t *testing.T, storeURL string, answers func(w http.ResponseWriter, query string) bool) (url string) {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return // the exporter has gone
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		if answers(w, r.FormValue("query")) {
			return
		}
		response, err := http.Post(storeURL+r.URL.Path, r.Header.Get("Content-Type"), bytes.NewReader(body))
		if err != nil {
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		defer response.Body.Close()
		w.Header().Set("Content-Type", response.Header.Get("Content-Type"))
		w.WriteHeader(response.StatusCode)
		_, _ = io.Copy(w, response.Body)
	}))
	t.Cleanup(server.Close)
	return server.URL
}

// Who asks for one graph too many is told to come back, and gets nothing of it.
func TestBusy(t *testing.T) {
	p := shop()
	storeURL := fill(t, now, p.series)
	asked, proceed := make(chan bool), make(chan bool)
	e := serveStore(t, between(t, storeURL, func(_ http.ResponseWriter, query string) bool {
		if strings.Contains(query, "istio_requests_total") && strings.Contains(query, "h]") {
			asked <- true
			<-proceed
		}
		return false
	}), func(c *config.Config) { c.Prometheus.MaxConcurrency = 100 })

	var answers sync.WaitGroup
	for i := range web.MaxConcurrentGraphs {
		answers.Go(func() {
			response, err := http.Get(fmt.Sprintf("%snamespaces/graph?namespaces=b&duration=%dh", e.url, 1+i))
			if err == nil {
				_ = response.Body.Close()
			}
		})
	}
	for range web.MaxConcurrentGraphs {
		<-asked
	}
	response, said := e.refusal(t, "namespaces/graph?namespaces=c")
	require.Equal(t, 503, response.StatusCode)
	require.Equal(t, "1", response.Header.Get("Retry-After"))
	require.Contains(t, said.Error, "graphs are being derived already")
	close(proceed)
	answers.Wait()
	require.NotEmpty(t, e.graph(t, "namespaces/graph?namespaces=c").edges)
}

// T4: an edge between two namespaces has the same numbers whichever of them is
// asked for, also where its two ends do not agree on them; and the same
// question has the same answer, to the byte.
func TestT4SelectionDoesNotChangeTruth(t *testing.T) {
	var p proxies
	c := call("a/web-v1", "b/cart-v1")
	p.counts("istio_requests_total", "source", c, 5)
	p.counts("istio_requests_total", "source", c.ended("503", "UF"), 5)
	p.counts("istio_requests_total", "destination", c.with("connection_security_policy", "mutual_tls"), 5)
	p.durations("source", c, map[int]float64{200: 10})
	p.durations("destination", c, map[int]float64{100: 5})
	p.requests(call("a/web-v1", "c/pay-v1"), 1)
	p.requests(call("c/other-v1", "b/cart-v1"), 2)
	e := p.serve(t)
	const name = "a/web-v1 -> b/cart-v1 http"
	whole := e.graph(t, "namespaces/graph?namespaces=a,b,c")
	require.Equal(t, "10.00", whole.edge(t, name).Traffic.Rates["http"])
	require.Equal(t, "50.0", whole.edge(t, name).Traffic.Rates["httpPercentErr"])
	require.Equal(t, "90.9", whole.edge(t, name).Traffic.Rates["httpPercentReq"])
	require.Equal(t, "12.00", whole.node(t, "b/cart-v1").rates()["httpIn"])
	for _, path := range []string{
		"namespaces/graph?namespaces=a", "namespaces/graph?namespaces=b", "namespaces/graph?namespaces=b,a", "namespaces/graph?namespaces=a,b",
		"namespaces/a/workloads/web-v1/graph", "namespaces/b/workloads/cart-v1/graph", "namespaces/b/services/cart/graph",
	} {
		g := e.graph(t, path)
		require.Equal(t, whole.edge(t, name), g.edge(t, name), path)
		for _, end := range []string{"a/web-v1", "b/cart-v1"} {
			require.Equal(t, whole.node(t, end).Traffic, g.node(t, end).Traffic, path)
			require.Equal(t, whole.node(t, end).HealthData, g.node(t, end).HealthData, path)
		}
	}
	for _, path := range []string{
		"namespaces/graph?refreshInterval=0&namespaces=", "namespaces/graph?graphType=versionedApp&injectServiceNodes=true&boxBy=cluster,namespace&refreshInterval=0&namespaces=",
	} {
		_, first := e.get(t, path+"a,b,c")
		for range 10 {
			_, again := e.get(t, path+"c,a,b")
			require.Equal(t, first, again)
		}
	}
}

// The command prints what the API answers.
func TestCommandAndAPI(t *testing.T) {
	p := shop()
	p.requests(call("b/cart-v1", "b/pay-v1").grpc("0"), 1)
	p.tcp("source", call("b/cart-v1", "b/db-v1"), 1, 0, 30) // nothing is sent, which is what is counted
	p.counts("istio_requests_total", "source", call("b/cart-v1", "x/x-x").toHost("unknown").ended("404", "NR"), 1)
	p.counts("istio_requests_total", "destination", call("b/cart-v1", "b/db-v1").with("request_operation", "Get"), 2)
	p.requests(call("a/web-v1", "b/idle-v1"), 0)
	ambient := ambientCalls()
	p.series = append(p.series, ambient.series...)
	storeURL := fill(t, now, p.series)
	known := withObjects(t, shopObjects)
	e := serveStore(t, storeURL, known)
	for params, change := range map[string]func(*web.Question){
		"namespaces=b":                           func(q *web.Question) { q.Waypoints = true },
		"namespaces=a,b":                         func(q *web.Question) { q.Waypoints = true; q.Namespaces = []string{"a", "b"} },
		"namespaces=a,b&waypoints=false":         func(q *web.Question) { q.Namespaces = []string{"a", "b"} },
		"namespaces=b&injectServiceNodes=true":   func(q *web.Question) { q.Waypoints, q.ServiceNodes = true, true },
		"namespaces=b&includeIdleEdges=true":     func(q *web.Question) { q.Waypoints, q.Idle = true, true },
		"namespaces=b&graphType=app&duration=5m": func(q *web.Question) { q.Waypoints, q.Level, q.Window = true, "app", 5*time.Minute },
		"namespaces=a&graphType=versionedApp":    func(q *web.Question) { q.Waypoints, q.Level, q.Namespaces = true, "versionedApp", []string{"a"} },
		"namespaces=a,b&graphType=service":       func(q *web.Question) { q.Waypoints, q.Level, q.Namespaces = true, "service", []string{"a", "b"} },
		"namespaces=b&queryTime=" + "1699999900": func(q *web.Question) { q.Waypoints, q.Time = true, time.Unix(1699999900, 0).UTC() },
	} {
		t.Run(params, func(t *testing.T) {
			response, api := e.get(t, "namespaces/graph?"+params)
			require.Equal(t, 200, response.StatusCode)
			q := web.Question{Level: "workload", Namespaces: []string{"b"}, Window: 10 * time.Minute, Output: "kiali"}
			change(&q)
			options := app.Options{Source: app.Source{Config: configOf(t, storeURL, known)}, Now: func() time.Time { return now }}
			answer, err := app.Graph(t.Context(), options, q)
			require.NoError(t, err)
			require.Equal(t, api, string(answer.Body))
			require.Equal(t, response.Header.Get("Content-Type"), answer.ContentType)
		})
	}
}
