package promql

import (
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

const secret = "s3cret"

func nothing(*Series) error { return nil }

// newClient returns a client of a server, with a user and a password in its URL.
func newClient(t *testing.T, handler http.HandlerFunc, change ...func(*Options)) *Client {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	o := Options{URL: strings.Replace(server.URL, "http://", "http://user:"+secret+"@", 1)}
	for _, f := range change {
		f(&o)
	}
	c, err := New(o)
	require.NoError(t, err)
	return c
}

func respond(status int, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

func TestRequests(t *testing.T) {
	start := time.UnixMilli(1435781430781)
	query := func(c *Client) (Answer, error) { return c.Query(t.Context(), `up{a="é&+"}`, start, nothing) }
	for name, tc := range map[string]struct {
		change            func(*Options)
		call              func(*Client) (Answer, error)
		path, query, form string
	}{
		"query": {
			call: query,
			path: "POST /api/v1/query",
			form: "query=up%7Ba%3D%22%C3%A9%26%2B%22%7D&time=1435781430.781&timeout=30",
		},
		"now": {
			call: func(c *Client) (Answer, error) { return c.Query(t.Context(), "1", time.Time{}, nothing) },
			path: "POST /api/v1/query",
			form: "query=1&timeout=30",
		},
		"range": {
			call: func(c *Client) (Answer, error) {
				return c.QueryRange(t.Context(), "up", Range{start, start.Add(time.Hour), 15001 * time.Millisecond}, nothing)
			},
			path: "POST /api/v1/query_range",
			form: "end=1435785030.781&query=up&start=1435781430.781&step=15.001&timeout=30",
		},
		"GET": {
			change: func(o *Options) { o.Method, o.Params = "GET", url.Values{"dedup": {"true"}} },
			call:   query,
			path:   "GET /api/v1/query",
			query:  "dedup=true&query=up%7Ba%3D%22%C3%A9%26%2B%22%7D&time=1435781430.781&timeout=30",
		},
		"prefix, parameters, timeout": {
			change: func(o *Options) {
				o.URL += "/prometheus/?nocache=1&dedup=false#top"
				o.Params = url.Values{"dedup": {"true"}, "x": {"1", "2"}}
				o.Timeout = 1500 * time.Millisecond
			},
			call:  query,
			path:  "POST /prometheus/api/v1/query",
			query: "dedup=true&nocache=1&x=1&x=2",
			form:  "query=up%7Ba%3D%22%C3%A9%26%2B%22%7D&time=1435781430.781&timeout=1.5",
		},
	} {
		t.Run(name, func(t *testing.T) {
			handler := func(w http.ResponseWriter, r *http.Request) {
				body, _ := io.ReadAll(r.Body)
				user, password, _ := r.BasicAuth()
				if r.Method+" "+r.URL.Path != tc.path || r.URL.RawQuery != tc.query || string(body) != tc.form ||
					user+password != "user"+secret || r.UserAgent() != "meshscope" || r.Header.Get("Accept") != "application/json" {
					http.Error(w, fmt.Sprintf("%s %s with %s", r.Method, r.URL, body), http.StatusTeapot)
					return
				}
				_, _ = io.WriteString(w, vector(`{"metric":{"a":"b"},"value":[1,"2"]}`))
			}
			change := tc.change
			if change == nil {
				change = func(*Options) {}
			}
			answer, err := tc.call(newClient(t, handler, change))
			require.NoError(t, err)
			require.Equal(t, 1, answer.Series)
			require.Equal(t, int64(99), answer.Bytes)
			require.Positive(t, answer.Duration)
		})
	}
}

func TestQueryGivesSeries(t *testing.T) {
	var got []plainSeries
	c := newClient(t, respond(200, vector(`{"metric":{"a":"b"},"value":[1,"2"]}`)))
	_, err := c.Query(t.Context(), "x", time.Time{}, func(s *Series) error {
		require.Equal(t, "b", string(s.Get("a")))
		require.Nil(t, s.Get("b"))
		return collect(&got)(s)
	})
	require.NoError(t, err)
	require.Equal(t, []plainSeries{series(at(1000, 2), "a", "b")}, got)
}

func TestErrors(t *testing.T) {
	failure := func(errorType, message string) string {
		return fmt.Sprintf(`{"status":"error","errorType":%q,"error":%q}`, errorType, message)
	}
	const html = "<!DOCTYPE html>\n<html>\n\t<title>Sign in</title>\x1b[31m</html>"
	type options = func(*Options)
	for name, tc := range map[string]struct {
		status int
		body   string
		change options
		kind   Kind
		want   string // without the URL
	}{
		// Words of Prometheus.
		"bad data":          {400, failure("bad_data", `invalid parameter "query": 1:4: parse error`), nil, BadQuery, `status 400 (bad_data): invalid parameter "query": 1:4: parse error`},
		"too many samples":  {422, failure("execution", "query processing would load too many samples into memory in query execution"), nil, TooLarge, "status 422 (execution): query processing would load too many samples into memory in query execution"},
		"duplicate series":  {422, failure("execution", "found duplicate series for the match group {}"), nil, BadQuery, "status 422 (execution): found duplicate series for the match group {}"},
		"timeout":           {503, failure("timeout", "query timed out in expression evaluation"), nil, Timeout, "status 503 (timeout): query timed out in expression evaluation"},
		"canceled there":    {499, failure("canceled", "query was canceled in expression evaluation"), nil, Unavailable, "status 499 (canceled): query was canceled in expression evaluation"},
		"starting":          {503, "Service Unavailable", nil, Unavailable, "status 503: Service Unavailable"},
		"internal":          {500, failure("internal", "corrupt block"), nil, Unavailable, "status 500 (internal): corrupt block"},
		"error behind data": {200, `{"data":{"resultType":"vector","result":[{"value":[1,"1"]}]},"status":"error","errorType":"internal","error":"store gone"}`, nil, Unavailable, "status 200 (internal): store gone"},
		"error with 200":    {200, failure("bad_data", "no"), nil, BadQuery, "status 200 (bad_data): no"},
		"execution in 200":  {200, failure("execution", "many-to-many matching not allowed"), nil, BadQuery, "status 200 (execution): many-to-many matching not allowed"},
		// Words of VictoriaMetrics and Mimir.
		"VictoriaMetrics limit":       {422, failure("422", "cannot select more than -search.maxSamplesPerQuery=1 samples"), nil, TooLarge, "status 422 (422): cannot select more than -search.maxSamplesPerQuery=1 samples"},
		"VictoriaMetrics parse error": {422, failure("422", `error when executing query="(": cannot parse`), nil, BadQuery, `status 422 (422): error when executing query="(": cannot parse`},
		"Mimir limit":                 {400, failure("bad_data", "the query exceeded the maximum number of chunks (err-mimir-max-chunks-per-query)"), nil, TooLarge, "status 400 (bad_data): the query exceeded the maximum number of chunks (err-mimir-max-chunks-per-query)"},
		"too many requests":           {429, failure("too_many_requests", "slow down"), nil, Unavailable, "status 429 (too_many_requests): slow down"},
		// Proxies.
		"unauthorized":    {401, "", nil, Unauthorized, "status 401: Unauthorized"},
		"forbidden":       {403, html, nil, Unauthorized, "status 403: <!DOCTYPE html> <html> <title>Sign in</title>\uFFFD[31m</html>"},
		"gateway timeout": {504, "upstream\trequest timeout\r\n", nil, Timeout, "status 504: upstream request timeout"},
		"bad gateway":     {502, strings.Repeat("é", 300), nil, Unavailable, "status 502: " + strings.Repeat("é", 99) + "…"},
		"too large":       {413, "", nil, TooLarge, "status 413: Request Entity Too Large"},
		"not found":       {404, "404 page not found\n", nil, Unsupported, "status 404: 404 page not found (is the prefix of the URL right?)"},
		"no POST":         {405, "", nil, Unsupported, "status 405: Method Not Allowed (POST is not accepted here; set the method to GET)"},
		"POST unknown":    {501, "", nil, Unsupported, "status 501: Not Implemented (POST is not accepted here; set the method to GET)"},
		"no GET":          {405, "", func(o *Options) { o.Method = "GET" }, Unsupported, "status 405: Method Not Allowed"},
		"URI too long":    {414, "", func(o *Options) { o.Method = "GET" }, Unsupported, "status 414: Request URI Too Long (the query is too long for GET; set the method to POST)"},
		"teapot":          {418, "short and stout", nil, NotPrometheus, "status 418: short and stout"},
		"other success":   {202, "{}", nil, NotPrometheus, "status 202: {}"},
		"no content":      {204, "", nil, NotPrometheus, "status 204: No Content"},
		// Answers.
		"login page":   {200, html, nil, NotPrometheus, "status 200: not a JSON object: <!DOCTYPE html> <html> <title>Sign in</title>\uFFFD[31m</html>"},
		"other JSON":   {200, `{"version":"1"}`, nil, NotPrometheus, "status 200: JSON that is not an answer of Prometheus: it has no status"},
		"other status": {200, `{"status":"pending"}`, nil, Malformed, `status 200: the answer's status is "pending"`},
		"empty":        {200, "", nil, Truncated, "status 200: the answer is cut short: unexpected end at byte 0"},
		"cut":          {200, vector("")[:40], nil, Truncated, "status 200: the answer is cut short: unexpected end at byte 40"},
		"malformed":    {200, vector("{},1"), nil, Malformed, `status 200: the answer is malformed: a series without values at byte 62`},
		"over limit":   {200, vector(""), func(o *Options) { o.MaxResponseBytes = 62 }, TooLarge, "status 200: the answer has more than 62 bytes"},
	} {
		t.Run(name, func(t *testing.T) {
			change := tc.change
			if change == nil {
				change = func(*Options) {}
			}
			c := newClient(t, respond(tc.status, tc.body), change)
			_, err := c.Query(t.Context(), "x", time.Time{}, nothing)
			var e *Error
			require.ErrorAs(t, err, &e)
			require.Equal(t, "http://"+c.endpoint.base.Host+"/api/v1/query: "+tc.want, err.Error())
			require.Equal(t, tc.kind, e.Kind, e.Kind)
			require.Equal(t, tc.status, e.Status)
			require.Equal(t, tc.kind.String(), Outcome(err))
		})
	}
}

func TestLimitIsInclusive(t *testing.T) {
	c := newClient(t, respond(200, vector("")), func(o *Options) { o.MaxResponseBytes = int64(len(vector(""))) })
	answer, err := c.Query(t.Context(), "x", time.Time{}, nothing)
	require.NoError(t, err)
	require.Equal(t, int64(len(vector(""))), answer.Bytes)
}

func TestGzip(t *testing.T) {
	send := func(w http.ResponseWriter, cut int, body string) {
		w.Header().Set("Content-Encoding", "gzip")
		var compressed strings.Builder
		z := gzip.NewWriter(&compressed)
		_, _ = io.WriteString(z, body)
		_ = z.Close()
		_, _ = io.WriteString(w, compressed.String()[:compressed.Len()-cut])
	}
	for name, tc := range map[string]struct {
		handler http.HandlerFunc
		want    string
	}{
		"whole": {func(w http.ResponseWriter, _ *http.Request) { send(w, 0, vector("")) }, "success"},
		"cut":   {func(w http.ResponseWriter, _ *http.Request) { send(w, 9, vector("")) }, "truncated"},
		"bad checksum": {func(w http.ResponseWriter, _ *http.Request) {
			send(w, 8, vector(""))
			_, _ = w.Write(make([]byte, 8))
		}, "malformed"},
		"not gzip": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Encoding", "gzip")
			_, _ = io.WriteString(w, vector(""))
		}, "malformed"},
	} {
		t.Run(name, func(t *testing.T) {
			answer, err := newClient(t, tc.handler).Query(t.Context(), "x", time.Time{}, nothing)
			require.Equal(t, tc.want, Outcome(err), "%v", err)
			require.Contains(t, []int64{0, int64(len(vector("")))}, answer.Bytes)
		})
	}
}

func TestConnectionCut(t *testing.T) {
	c := newClient(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "1000")
		_, _ = io.WriteString(w, vector("")[:40])
	})
	_, err := c.Query(t.Context(), "x", time.Time{}, nothing)
	require.ErrorIs(t, err, io.ErrUnexpectedEOF)
	require.Equal(t, "truncated", Outcome(err))
}

func TestRedirects(t *testing.T) {
	handler := func(code int) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			if strings.HasPrefix(r.URL.Path, "/new/") {
				_, _ = io.WriteString(w, vector(""))
				return
			}
			http.Redirect(w, r, "/new"+r.URL.Path+"?token="+secret, code)
		}
	}
	t.Run("that keep the method are followed", func(t *testing.T) {
		_, err := newClient(t, handler(http.StatusPermanentRedirect)).Query(t.Context(), "x", time.Time{}, nothing)
		require.NoError(t, err)
	})
	t.Run("that lose the form are refused", func(t *testing.T) {
		c := newClient(t, handler(http.StatusMovedPermanently))
		_, err := c.Query(t.Context(), "x", time.Time{}, nothing)
		base := "http://" + c.endpoint.base.Host
		require.EqualError(t, err, base+"/api/v1/query: status 200: redirected to "+base+
			"/new/api/v1/query, where a POST does not follow; set the URL to where it leads")
		require.Equal(t, "unsupported", Outcome(err))
	})
}

func TestUnreachable(t *testing.T) {
	server := httptest.NewServer(http.NotFoundHandler())
	address := server.Listener.Addr().String()
	server.Close()
	for _, method := range []string{"GET", "POST"} {
		c, err := New(Options{URL: "http://user:" + secret + "@" + address, Params: url.Values{"token": {secret}}, Method: method})
		require.NoError(t, err)
		_, err = c.Query(t.Context(), "x", time.Time{}, nothing)
		require.True(t, IsUnavailable(err))
		require.EqualError(t, err, "http://"+address+"/api/v1/query: dial tcp "+address+": connect: connection refused")
	}
}

// roundTripper is an http.RoundTripper for tests on simulated time.
type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// trickle is a body that goes on with white space forever, until the request ends.
type trickle struct{ ctx context.Context }

func (b trickle) Read(p []byte) (int, error) {
	select {
	case <-b.ctx.Done():
		return 0, b.ctx.Err()
	case <-time.After(time.Second):
		return copy(p, " "), nil
	}
}

func (b trickle) Close() error { return nil }

// stubborn returns a client of a store that never ends its answers.
func stubborn(t *testing.T, running *atomic.Int32) *Client {
	t.Helper()
	c, err := New(Options{URL: "http://store", MaxConcurrency: 2, HTTPClient: &http.Client{
		Transport: roundTripper(func(r *http.Request) (*http.Response, error) {
			running.Add(1)
			return &http.Response{StatusCode: 200, Body: trickle{r.Context()}, Request: r}, nil
		}),
	}})
	require.NoError(t, err)
	return c
}

func TestTimeouts(t *testing.T) {
	for name, tc := range map[string]struct {
		limit func(context.Context) (context.Context, context.CancelFunc)
		want  string
		after time.Duration
	}{
		"of the client": {
			func(ctx context.Context) (context.Context, context.CancelFunc) { return context.WithCancel(ctx) },
			"timeout", DefaultTimeout,
		},
		"of the caller": {
			func(ctx context.Context) (context.Context, context.CancelFunc) {
				return context.WithTimeout(ctx, 5*time.Second)
			},
			"timeout", 5 * time.Second,
		},
		"canceled": {
			func(ctx context.Context) (context.Context, context.CancelFunc) {
				ctx, cancel := context.WithCancel(ctx)
				time.AfterFunc(3*time.Second, cancel)
				return ctx, cancel
			},
			"canceled", 3 * time.Second,
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := tc.limit(t.Context())
				defer cancel()
				start := time.Now()
				answer, err := stubborn(t, new(atomic.Int32)).Query(ctx, "x", time.Time{}, nothing)
				require.Equal(t, tc.want, Outcome(err), "%v", err)
				require.Equal(t, tc.after, time.Since(start))
				require.Equal(t, tc.after, answer.Duration)
				require.True(t, errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled))
			})
		})
	}
}

func TestConcurrency(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var running atomic.Int32
		c := stubborn(t, &running)
		ctx, cancel := context.WithCancel(t.Context())
		for range 2 {
			go func() { _, _ = c.Query(ctx, "x", time.Time{}, nothing) }()
		}
		synctest.Wait()
		require.EqualValues(t, 2, running.Load())

		hurried, stop := context.WithTimeout(t.Context(), time.Second)
		defer stop()
		_, err := c.Query(hurried, "x", time.Time{}, nothing)
		require.True(t, IsTimeout(err))
		require.ErrorContains(t, err, "while waiting for one of the running queries to end")
		require.EqualValues(t, 2, running.Load())

		cancel()
		synctest.Wait()
		_, err = c.Query(t.Context(), "x", time.Time{}, nothing)
		require.True(t, IsTimeout(err))
		require.EqualValues(t, 3, running.Load())
	})
}

// The store is told of the caller's deadline, if it comes first.
func TestTellsTheStoreItsTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var form string
		c, err := New(Options{URL: "http://store", HTTPClient: &http.Client{
			Transport: roundTripper(func(r *http.Request) (*http.Response, error) {
				body, _ := io.ReadAll(r.Body)
				form = string(body)
				return &http.Response{StatusCode: 200, Body: io.NopCloser(strings.NewReader(vector(""))), Request: r}, nil
			}),
		}})
		require.NoError(t, err)
		ctx, cancel := context.WithTimeout(t.Context(), 2500*time.Millisecond)
		defer cancel()
		_, err = c.Query(ctx, "x", time.Time{}, nothing)
		require.NoError(t, err)
		require.Equal(t, "query=x&timeout=2.5", form)
	})
}

func TestErrorOfTheCaller(t *testing.T) {
	enough := errors.New("enough")
	c := newClient(t, respond(200, string(benchVector(1000))))
	answer, err := c.Query(t.Context(), "x", time.Time{}, func(*Series) error { return enough })
	require.Equal(t, enough, err)
	require.Equal(t, 1, answer.Series)
	require.Equal(t, "other", Outcome(err))
}

func TestRangeMustMakeSense(t *testing.T) {
	c, err := New(Options{URL: "http://store"})
	require.NoError(t, err)
	now := time.Unix(1, 0)
	for name, r := range map[string]Range{
		"no step":       {now, now, 0},
		"tiny step":     {now, now, time.Microsecond},
		"negative step": {now, now.Add(time.Hour), -time.Minute},
		"backwards":     {now, now.Add(-time.Second), time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := c.QueryRange(t.Context(), "x", r, nothing)
			require.True(t, IsBadQuery(err))
		})
	}
}

func TestNewRefuses(t *testing.T) {
	for name, tc := range map[string]struct {
		options Options
		want    string
	}{
		"no URL":        {Options{}, "promql: the URL is not of the form http://host:9090/prefix"},
		"no scheme":     {Options{URL: "user:" + secret + "@host:9090"}, "promql: the URL is not of the form http://host:9090/prefix"},
		"no host":       {Options{URL: "http://user:" + secret + "@/"}, "promql: the URL is not of the form http://host:9090/prefix"},
		"bad port":      {Options{URL: "http://user:" + secret}, "promql: the URL is not of the form http://host:9090/prefix"},
		"other scheme":  {Options{URL: "ftp://host"}, "promql: the URL is not of the form http://host:9090/prefix"},
		"bad query":     {Options{URL: "http://host?a=%zz"}, "promql: the query part of the URL is malformed"},
		"reserved":      {Options{URL: "http://host", Params: url.Values{"query": {"up"}}}, `promql: the parameter "query" is set by the client itself`},
		"method":        {Options{URL: "http://host", Method: "PUT"}, `promql: the method is "PUT", not POST or GET`},
		"bad timeout":   {Options{URL: "http://host", Timeout: -1}, "promql: a negative timeout or limit"},
		"bad limit":     {Options{URL: "http://host", MaxResponseBytes: -1}, "promql: a negative timeout or limit"},
		"bad number":    {Options{URL: "http://host", MaxConcurrency: -1}, "promql: a negative timeout or limit"},
		"reserved by ?": {Options{URL: "http://host?timeout=1"}, `promql: the parameter "timeout" is set by the client itself`},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := New(tc.options)
			require.EqualError(t, err, tc.want)
		})
	}
}

func TestOutcomes(t *testing.T) {
	require.Equal(t, []string{
		"success", "unavailable", "timeout", "canceled", "unauthorized", "too_large", "bad_query", "unsupported",
		"not_prometheus", "truncated", "malformed", "other",
	}, Outcomes())
	require.Equal(t, "success", Outcome(nil))
	require.Equal(t, "other", Outcome(errors.New("x")))
	require.Equal(t, "timeout", Outcome(fmt.Errorf("x: %w", context.DeadlineExceeded)))
	require.Equal(t, "canceled", Outcome(context.Canceled))
	require.Equal(t, "too_large", Outcome(fmt.Errorf("x: %w", &Error{Kind: TooLarge})))
	require.Equal(t, "other", Kind(99).String())
	require.True(t, IsTooLarge(&Error{Kind: TooLarge}))
	require.True(t, IsUnauthorized(&Error{Kind: Unauthorized}))
	require.True(t, IsCanceled(context.Canceled))
}
