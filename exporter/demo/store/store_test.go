package store

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/stretchr/testify/require"
)

var (
	start = time.Date(2026, time.March, 1, 12, 0, 0, 0, time.UTC)
	pod   = labels.FromStrings("job", "kubernetes-pods", "instance", "10.0.0.1:15020", "pod", "a-1")
)

func open(t *testing.T) *Store {
	t.Helper()
	s, err := Open(Options{})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	return s
}

// values evaluates an expression so many seconds after the start.
func values(t *testing.T, s *Store, seconds int, expression string) map[string]float64 {
	t.Helper()
	vector, err := s.Instant(context.Background(), expression, after(seconds))
	require.NoError(t, err)
	found := map[string]float64{}
	for _, v := range vector {
		found[v.Metric.String()] = v.F
	}
	return found
}

func after(seconds int) time.Time { return start.Add(time.Duration(seconds) * time.Second) }

const (
	one = "# TYPE calls_total counter\ncalls_total{to=\"x\"} 1\n"
	two = "calls_total{to=\"x\"} 5\ncalls_total{to=\"y\"} 2\n"
)

func TestAppend(t *testing.T) {
	s := open(t)
	require.NoError(t, s.Append(after(0), pod, []byte(one)))
	require.NoError(t, s.Append(after(15), pod, []byte(two)))

	require.Equal(t, map[string]float64{
		`{__name__="calls_total", instance="10.0.0.1:15020", job="kubernetes-pods", pod="a-1", to="x"}`: 5,
		`{__name__="calls_total", instance="10.0.0.1:15020", job="kubernetes-pods", pod="a-1", to="y"}`: 2,
	}, values(t, s, 15, "calls_total"))
	require.Equal(t, map[string]float64{`{to="x"}`: 4}, values(t, s, 15, `15 * sum by (to) (irate(last_over_time(calls_total[5m])[15001ms:15s]))`))
	for _, tc := range []struct {
		metric string
		at     int
		want   float64
	}{
		{"up", 0, 1},
		{"scrape_series_added", 0, 1},
		{"scrape_series_added", 15, 1},
		{"scrape_samples_scraped", 15, 2},
		{"scrape_samples_post_metric_relabeling", 15, 2},
	} {
		got := values(t, s, tc.at, "sum("+tc.metric+`{pod="a-1"})`)
		require.Equal(t, map[string]float64{`{}`: tc.want}, got, "%s at %d", tc.metric, tc.at)
	}
}

func TestVanishedSeriesIsStaleAtOnce(t *testing.T) {
	s := open(t)
	require.NoError(t, s.Append(after(0), pod, []byte(two)))
	require.NoError(t, s.Append(after(15), pod, []byte(one)))
	require.Len(t, values(t, s, 14, "calls_total"), 2)
	require.Len(t, values(t, s, 15, "calls_total"), 1)

	// It is new when it comes back.
	require.NoError(t, s.Append(after(30), pod, []byte(two)))
	require.Equal(t, map[string]float64{`{}`: 1}, values(t, s, 30, "sum(scrape_series_added)"))
}

func TestMissed(t *testing.T) {
	s := open(t)
	require.NoError(t, s.Append(after(0), pod, []byte(two)))
	require.NoError(t, s.Missed(after(15), pod))
	require.Empty(t, values(t, s, 15, "calls_total"))
	require.Equal(t, map[string]float64{`{}`: 0}, values(t, s, 15, "sum(up)"))

	// Series that come back after a failed scrape are not new.
	require.NoError(t, s.Append(after(30), pod, []byte(two)))
	require.Len(t, values(t, s, 30, "calls_total"), 2)
	require.Equal(t, map[string]float64{`{}`: 0}, values(t, s, 30, "sum(scrape_series_added)"))
	require.Equal(t, map[string]float64{`{}`: 1}, values(t, s, 30, "sum(up)"))
}

func TestMissedFirst(t *testing.T) {
	s := open(t)
	require.NoError(t, s.Missed(after(0), pod))
	require.NoError(t, s.Append(after(15), pod, []byte(two)))
	require.Equal(t, map[string]float64{`{}`: 2}, values(t, s, 15, "sum(scrape_series_added)"))
}

func TestGone(t *testing.T) {
	s := open(t)
	require.NoError(t, s.Append(after(0), pod, []byte(two)))
	require.NoError(t, s.Gone(after(15), pod))
	require.Empty(t, values(t, s, 15, `{job="kubernetes-pods"}`))
	require.NoError(t, s.Gone(after(30), pod), "nothing is left to end")
}

func TestForget(t *testing.T) {
	s := open(t)
	require.NoError(t, s.Append(after(0), pod, []byte(two)))
	s.Forget()
	require.NoError(t, s.Append(after(60), pod, []byte(one)))
	require.Equal(t, map[string]float64{`{}`: 1}, values(t, s, 60, "sum(scrape_series_added)"))
	require.Len(t, values(t, s, 60, "calls_total"), 2, "the other one is not stale")
}

func TestExpositionThatCannotBeStored(t *testing.T) {
	for _, tc := range []struct{ name, text, want string }{
		{"no metrics", "<html>\n", "scrape of"},
		{"twice", "a 1\na 2\n", "series a stands there twice"},
		{"timestamps", "a 1 1000\n", "series a has a timestamp"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			s := open(t)
			require.NoError(t, s.Append(after(0), pod, []byte(two)))
			require.ErrorContains(t, s.Append(after(15), pod, []byte(tc.text)), tc.want)
			require.Empty(t, values(t, s, 15, "calls_total"))
			require.Equal(t, map[string]float64{`{}`: 0}, values(t, s, 15, "sum(up)"))
		})
	}
}

func TestTargetLabelsWin(t *testing.T) {
	s := open(t)
	require.NoError(t, s.Append(after(0), pod, []byte("# TYPE a histogram\na_bucket{pod=\"b\",le=\"5\"} 1\n")))
	require.Equal(t, map[string]float64{
		`{__name__="a_bucket", exported_pod="b", instance="10.0.0.1:15020", job="kubernetes-pods", le="5.0", pod="a-1"}`: 1,
	}, values(t, s, 0, "a_bucket"))
}

func TestAppendOutOfOrder(t *testing.T) {
	s := open(t)
	require.NoError(t, s.Append(after(15), pod, []byte(one)))
	require.Error(t, s.Append(after(0), pod, []byte("calls_total{to=\"x\"} 9\n")))
}

func TestDirOutlivesTheStore(t *testing.T) {
	dir := t.TempDir()
	s, err := Open(Options{Dir: dir})
	require.NoError(t, err)
	require.NoError(t, s.Append(after(0), pod, []byte(two)))
	require.NoError(t, s.Close())

	s, err = Open(Options{Dir: dir})
	require.NoError(t, err)
	require.Len(t, values(t, s, 0, "calls_total"), 2)
	require.NoError(t, s.Close())
}

// TestAPI asks what the exporter, Grafana and people ask a Prometheus for.
func TestAPI(t *testing.T) {
	s := open(t)
	for i := range 5 {
		require.NoError(t, s.Append(after(15*i), pod, []byte(two)))
	}
	server := httptest.NewServer(s.Handler())
	defer server.Close()

	for _, tc := range []struct {
		name, method, path string
		form               url.Values
		want               string
	}{
		{
			"instant", http.MethodPost, "/api/v1/query",
			url.Values{"query": {"sum(calls_total)"}, "time": {"2026-03-01T12:01:00Z"}},
			`{"status":"success","data":{"resultType":"vector","result":[{"metric":{},"value":[1772366460,"7"]}]}}`,
		},
		{
			"instant by GET", http.MethodGet, "/api/v1/query",
			url.Values{"query": {"1+1"}, "time": {"1"}},
			`{"status":"success","data":{"resultType":"scalar","result":[1,"2"]}}`,
		},
		{
			"range", http.MethodPost, "/api/v1/query_range",
			url.Values{"query": {"sum(calls_total)"}, "start": {"1772366400"}, "end": {"1772366415"}, "step": {"15"}},
			`{"status":"success","data":{"resultType":"matrix","result":[{"metric":{},"values":[[1772366400,"7"],[1772366415,"7"]]}]}}`,
		},
		{
			"a bad query", http.MethodPost, "/api/v1/query",
			url.Values{"query": {"sum("}},
			`{"status":"error","errorType":"bad_data"`,
		},
		{
			"series", http.MethodPost, "/api/v1/series",
			url.Values{"match[]": {`calls_total{to="x"}`}, "start": {"1772366400"}, "end": {"1772366460"}},
			`{"status":"success","data":[{"__name__":"calls_total","instance":"10.0.0.1:15020","job":"kubernetes-pods","pod":"a-1","to":"x"}]}`,
		},
		{
			"labels", http.MethodGet, "/api/v1/labels",
			url.Values{"start": {"1772366400"}, "end": {"1772366460"}},
			`{"status":"success","data":["__name__","instance","job","pod","to"]}`,
		},
		{
			"label values", http.MethodGet, "/api/v1/label/to/values",
			url.Values{"start": {"1772366400"}, "end": {"1772366460"}},
			`{"status":"success","data":["x","y"]}`,
		},
		{"build", http.MethodGet, "/api/v1/status/buildinfo", nil, `{"status":"success","data":{"version":"3`},
		{"runtime", http.MethodGet, "/api/v1/status/runtimeinfo", nil, `"storageRetention":"1d"`},
		{"configuration", http.MethodGet, "/api/v1/status/config", nil, `"status":"success"`},
		{"flags", http.MethodGet, "/api/v1/status/flags", nil, `"query.lookback-delta":"5m"`},
		{"storage", http.MethodGet, "/api/v1/status/tsdb", nil, `"numSeries":7`},
		{"targets", http.MethodGet, "/api/v1/targets", nil, `"activeTargets":[]`},
		{"rules", http.MethodGet, "/api/v1/rules", nil, `{"status":"success","data":{"groups":[]}}`},
		{"alerts", http.MethodGet, "/api/v1/alerts", nil, `{"status":"success","data":{"alerts":[]}}`},
		{"alertmanagers", http.MethodGet, "/api/v1/alertmanagers", nil, `"activeAlertmanagers":[]`},
		{"exemplars", http.MethodGet, "/api/v1/query_exemplars", url.Values{"query": {"calls_total"}, "start": {"1"}, "end": {"2"}}, `{"status":"success","data":[]}`},
		{"metadata", http.MethodGet, "/api/v1/metadata", nil, `{"status":"success","data":{}}`},
		{"ready", http.MethodGet, "/-/ready", nil, "Prometheus Server is Ready."},
		{"healthy", http.MethodGet, "/-/healthy", nil, "Prometheus Server is Healthy."},
		{"page", http.MethodGet, "/", nil, "<h1>Prometheus of the Meshscope demo</h1>"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			require.Contains(t, fetch(t, server.URL, tc.method, tc.path, tc.form), tc.want)
		})
	}
}

func fetch(t *testing.T, base, method, path string, form url.Values) string {
	t.Helper()
	target, body := base+path, io.Reader(nil)
	if method == http.MethodGet {
		target += "?" + form.Encode()
	} else {
		body = strings.NewReader(form.Encode())
	}
	request, err := http.NewRequestWithContext(t.Context(), method, target, body)
	require.NoError(t, err)
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	answer, err := http.DefaultClient.Do(request)
	require.NoError(t, err)
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	require.NoError(t, err)
	return string(text)
}

// TestScrape lets Prometheus's own scrapes run against a small server, and
// then takes the target away.
func TestScrape(t *testing.T) {
	s := open(t)
	exporter := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/plain; version=0.0.4")
		_, _ = w.Write([]byte(two + "path{is=\"" + r.URL.Path + "\"} 1\n"))
	}))
	defer exporter.Close()
	server := httptest.NewServer(s.Handler())
	defer server.Close()

	ctx, cancel := context.WithCancel(t.Context())
	targets, ended := make(chan []ScrapeTarget), make(chan error)
	go func() { ended <- s.Scrape(ctx, time.Second, []string{"pods", "empty"}, targets) }()
	targets <- []ScrapeTarget{{
		Job: "pods", Address: strings.TrimPrefix(exporter.URL, "http://"), Path: "/a/metrics",
		Labels: map[string]string{"instance": "10.0.0.1:15020"},
	}}

	up := func() map[string]float64 {
		vector, err := s.Instant(t.Context(), `sum by (job, instance) (up)`, time.Now())
		require.NoError(t, err)
		found := map[string]float64{}
		for _, v := range vector {
			found[v.Metric.String()] = v.F
		}
		return found
	}
	require.Eventually(t, func() bool { return len(up()) == 1 }, 20*time.Second, 50*time.Millisecond)
	require.Equal(t, map[string]float64{`{instance="10.0.0.1:15020", job="pods"}`: 1}, up())
	vector, err := s.Instant(t.Context(), "path", time.Now())
	require.NoError(t, err)
	require.Equal(t, "/a/metrics", vector[0].Metric.Get("is"))

	var answer struct {
		Data struct {
			ActiveTargets []struct {
				Labels map[string]string `json:"labels"`
				Health string            `json:"health"`
			} `json:"activeTargets"`
		} `json:"data"`
	}
	require.NoError(t, json.Unmarshal([]byte(fetch(t, server.URL, http.MethodGet, "/api/v1/targets", nil)), &answer))
	require.Len(t, answer.Data.ActiveTargets, 1)
	require.Equal(t, "up", answer.Data.ActiveTargets[0].Health)
	require.Equal(t, map[string]string{"instance": "10.0.0.1:15020", "job": "pods"}, answer.Data.ActiveTargets[0].Labels)

	targets <- nil
	require.Eventually(t, func() bool {
		return strings.Contains(fetch(t, server.URL, http.MethodGet, "/api/v1/targets", nil), `"activeTargets":[]`)
	}, 20*time.Second, 100*time.Millisecond)

	cancel()
	require.NoError(t, <-ended)
}

func TestRelease(t *testing.T) {
	require.Equal(t, "3.15.0", release("v0.315.0"))
	require.Equal(t, "3.5.1", release("v0.305.1"))
	require.Equal(t, "(devel)", release("(devel)"))
}
