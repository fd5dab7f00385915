package web_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/meshscope/meshscope/exporter/web"
)

// now is the time of the tests.
var now = time.Date(2026, 1, 2, 15, 4, 5, 0, time.UTC)

// echo answers with the question.
var echo = web.GrapherFunc(func(_ context.Context, q web.Question) (web.Answer, error) {
	body := strings.Join([]string{
		q.Level, strings.Join(q.Namespaces, ","), q.Time.Format(time.RFC3339Nano), q.Window.String(), q.Output,
	}, " ")
	if len(q.Clusters) > 0 {
		body += " clusters " + strings.Join(q.Clusters, ",")
	}
	for i, p := range q.Protocols {
		body += string(" ,"[min(i, 1)]) + string(p)
	}
	for _, flag := range []struct {
		name string
		on   bool
	}{{"service nodes", q.ServiceNodes}, {"idle", q.Idle}, {"waypoints", q.Waypoints}} {
		if flag.on {
			body += " " + flag.name
		}
	}
	if f := q.Focus; f != nil {
		body += " focus "
		if f.Kind != "" {
			body += string(f.Kind) + ":"
		}
		body += strings.Join([]string{f.Cluster, f.Namespace, f.Name}, "/")
		if f.Depth > 0 {
			body += fmt.Sprint(" ", f.Depth, " ", f.Direction)
		}
	}
	if q.Filter != nil {
		body += " filter " + q.Filter.String()
	}
	if q.Limit > 0 {
		body += fmt.Sprint(" limit ", q.Limit)
	}
	return web.Answer{Body: []byte(body), ContentType: "text/x-echo"}, nil
})

func newHandler(t *testing.T, change func(*web.Options)) http.Handler {
	t.Helper()
	o := web.Options{
		Version: "1.2.3",
		Metrics: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "metrics") }),
		Graph:   echo,
		Ready:   func() error { return nil },
		Reload:  func() error { return nil },
		Now:     func() time.Time { return now },
	}
	if change != nil {
		change(&o)
	}
	handler, err := web.NewHandler(o)
	require.NoError(t, err)
	return handler
}

func do(h http.Handler, method, target string) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(method, target, nil))
	return w
}

func TestOptionsAreRequired(t *testing.T) {
	_, err := web.NewHandler(web.Options{})
	require.Error(t, err)
}

func TestPages(t *testing.T) {
	lifecycle := func(o *web.Options) { o.EnableLifecycle = true }
	badReload := func(o *web.Options) {
		o.EnableLifecycle = true
		o.Reload = func() error { return errors.New("meshscope.yml:7: refresh.lag: bad") }
	}
	for _, tc := range []struct {
		name, method, path string
		options            func(*web.Options)
		status             int
		body               string
	}{
		{"metrics", "GET", "/metrics", nil, 200, "metrics"},
		{"metrics by POST", "POST", "/metrics", nil, 405, "Method Not Allowed\n"},
		{"healthy", "GET", "/-/healthy", nil, 200, "Meshscope is healthy.\n"},
		{"ready", "GET", "/-/ready", nil, 200, "Meshscope is ready.\n"},
		{"not ready", "GET", "/-/ready", func(o *web.Options) {
			o.Ready = func() error { return errors.New("no refresh has been tried yet") }
		}, 503, "Meshscope is not ready: no refresh has been tried yet.\n"},
		{"reload", "POST", "/-/reload", lifecycle, 200, "The configuration was reloaded.\n"},
		{"reload of a bad file", "POST", "/-/reload", badReload, 500, "The configuration was not reloaded:\nmeshscope.yml:7: refresh.lag: bad\n"},
		{"reload by GET", "GET", "/-/reload", badReload, 405, "Reloading takes a POST.\n"},
		{"reload switched off", "POST", "/-/reload", nil, 403, "Reloading by HTTP is switched off: it needs --web.enable-lifecycle.\n"},
		{"no page", "GET", "/metrix", nil, 404, "404 page not found\n"},
		{"pprof", "GET", "/debug/pprof/cmdline", nil, 200, ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			w := do(newHandler(t, tc.options), tc.method, tc.path)
			require.Equal(t, tc.status, w.Code)
			if tc.body != "" {
				require.Equal(t, tc.body, w.Body.String())
			}
		})
	}
}

func TestLandingPage(t *testing.T) {
	w := do(newHandler(t, nil), "GET", "/")
	require.Equal(t, http.StatusOK, w.Code)
	for _, part := range []string{
		"1.2.3", `href="/metrics"`, `href="/-/healthy"`, `href="/-/ready"`, "docs/configuration.md", "debug/pprof",
		"output=json", "output=dot", "output=mermaid", "output=table",
	} {
		require.Contains(t, w.Body.String(), part)
	}
}
