package app_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/meshscope/meshscope/exporter/app"
	"github.com/meshscope/meshscope/exporter/web"
)

// One call of a gateway, in a store that answers every query with it where it fits.
func TestGraphOutputs(t *testing.T) {
	const metric = `"reporter":"source","source_workload":"gateway","source_workload_namespace":"istio-system",` +
		`"destination_workload":"cart-v1","destination_workload_namespace":"shop","destination_service_name":"cart",` +
		`"destination_service_namespace":"shop","request_protocol":"http","response_code":"200"`
	store := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		result := ""
		if query := r.FormValue("query"); strings.Contains(query, "istio_requests_total") {
			result = `{"metric":{` + metric + `,"__name__":"istio_requests_total"},"value":[1767366245,"60"]}`
		}
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, `{"status":"success","data":{"resultType":"vector","result":[`+result+`]}}`)
	}))
	defer store.Close()
	for _, output := range web.Outputs {
		answer, err := app.Graph(t.Context(), app.Options{Source: app.Source{PrometheusURL: store.URL}},
			web.Question{Level: "workload", Time: time.Unix(1767366245, 0), Window: time.Minute, Output: output})
		require.NoError(t, err)
		require.NotEmpty(t, answer.ContentType)
		require.Contains(t, string(answer.Body), "cart-v1", output)
		require.Contains(t, string(answer.Body), "gateway", output)
	}
}

// The exporter's own refresh loop, on stores that do not answer well.
func TestGraphOfBadStore(t *testing.T) {
	for _, tc := range []struct {
		name   string
		status int // of the store
		body   string
		level  string
		want   web.ErrorType
		text   string
	}{
		{"level", 200, ``, "pod", web.ErrorBadData, `unknown level "pod"`},
		{"query refused", 400, `{"status":"error","errorType":"bad_data","error":"parse error"}`, "app", web.ErrorExecution, "parse error"},
		{"store down", 502, `bad gateway`, "app", web.ErrorUnavailable, "502"},
		{"credentials", 401, `who are you`, "app", web.ErrorUnavailable, "401"},
		{"store too slow", 503, `{"status":"error","errorType":"timeout","error":"query timed out"}`, "app", web.ErrorTimeout, "query timed out"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			store := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", "application/json")
				w.WriteHeader(tc.status)
				_, _ = io.WriteString(w, tc.body)
			}))
			defer store.Close()
			_, err := app.Graph(t.Context(), app.Options{Source: app.Source{PrometheusURL: store.URL}},
				web.Question{Level: tc.level, Window: time.Minute, Output: "json"})
			answered := new(web.Error)
			require.ErrorAs(t, err, &answered)
			require.Equal(t, tc.want, answered.Type, "%v", err)
			require.ErrorContains(t, err, tc.text)
		})
	}
}

// A store that is away makes an exporter neither fail nor unready.
func TestAppWithoutStore(t *testing.T) {
	store := httptest.NewServer(nil)
	store.Close()
	a, err := app.New(app.Options{Source: app.Source{PrometheusURL: store.URL}, ListenAddresses: []string{"127.0.0.1:0"}})
	require.NoError(t, err)
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- a.Run(ctx) }()
	require.Eventually(t, func() bool {
		status, _ := get(t, a, "/-/ready")
		return status == http.StatusOK
	}, time.Minute, time.Millisecond)
	_, metrics := get(t, a, "/metrics")
	require.Contains(t, metrics, "meshscope_refresh_success 0\n")
	require.NoError(t, a.Reload(), "nothing to ask the store for")
	status, _ := get(t, a, "/api/v1/graph")
	require.Equal(t, http.StatusServiceUnavailable, status)
	stop()
	require.NoError(t, <-ended)
}

// What the parameters of a part leave, of a gateway that calls cart and a
// catalogue, which calls a database.
func TestGraphParts(t *testing.T) {
	call := func(source, destination, code, value string) string {
		return `{"metric":{"__name__":"istio_requests_total","reporter":"source","source_workload":"` + source + `","source_workload_namespace":"shop",` +
			`"destination_workload":"` + destination + `","destination_workload_namespace":"shop","destination_service_name":"` + destination + `",` +
			`"destination_service_namespace":"shop","request_protocol":"http","response_code":"` + code + `"},"value":[1767366245,"` + value + `"]}`
	}
	all := strings.Join([]string{
		call("gateway", "cart", "200", "60"), call("gateway", "catalogue", "200", "90"), call("gateway", "catalogue", "500", "10"),
		call("catalogue", "db", "200", "600"),
	}, ",")
	store := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		result := ""
		if strings.Contains(r.FormValue("query"), "istio_requests_total") {
			result = all
		}
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, `{"status":"success","data":{"resultType":"vector","result":[`+result+`]}}`)
	}))
	defer store.Close()
	for _, tc := range []struct {
		params  string
		edges   []string
		omitted string
	}{
		{"", []string{"catalogue>db", "gateway>cart", "gateway>catalogue"}, ""},
		{"filter=edge.errorRatio>0.05", []string{"gateway>catalogue"}, ""},
		{"filter=node.name!='cart'", []string{"catalogue>db", "gateway>catalogue"}, ""},
		{"focus=catalogue&direction=out", []string{"catalogue>db"}, ""},
		{"focus=workload:shop/cart&depth=2", []string{"gateway>cart"}, ""},
		{"focus=catalogue&filter=target.root||edge.share<1", []string{"gateway>catalogue"}, ""},
		{"limit=2", []string{"gateway>catalogue"}, `"omitted":{"nodes":2,"edges":2}`},
		{"filter=edge.errorRatio==0&limit=3", []string{"catalogue>db"}, `"omitted":{"nodes":1,"edges":1}`},
	} {
		t.Run(tc.params, func(t *testing.T) {
			params := url.Values{"output": {"json"}}
			for part := range strings.SplitSeq(tc.params, "&") {
				if name, value, ok := strings.Cut(part, "="); ok {
					params.Set(name, value)
				}
			}
			q, err := web.ParseQuestion(params, time.Unix(1767366245, 0))
			require.NoError(t, err)
			answer, err := app.Graph(t.Context(), app.Options{Source: app.Source{PrometheusURL: store.URL}, Now: func() time.Time { return time.Unix(1767366245, 0) }}, q)
			require.NoError(t, err)
			var g struct {
				Edges []struct{ Source, Target string }
			}
			require.NoError(t, json.Unmarshal(answer.Body, &g))
			var edges []string
			for _, e := range g.Edges {
				edges = append(edges, path.Base(e.Source)+">"+path.Base(e.Target))
			}
			require.Equal(t, tc.edges, edges)
			require.Contains(t, string(answer.Body), tc.omitted)
			require.Equal(t, tc.omitted != "", strings.Contains(string(answer.Body), "omitted"))
		})
	}
}
