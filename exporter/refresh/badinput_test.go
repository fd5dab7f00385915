package refresh_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"maps"
	"math"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/go-kit/log"
	"github.com/go-kit/log/level"
	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
	promlabels "github.com/prometheus/prometheus/model/labels"
	"github.com/stretchr/testify/require"

	"github.com/meshscope/meshscope/exporter/config"
	"github.com/meshscope/meshscope/exporter/demo/mesh"
	"github.com/meshscope/meshscope/exporter/derive"
	"github.com/meshscope/meshscope/exporter/promql"
	"github.com/meshscope/meshscope/exporter/refresh"
	"github.com/meshscope/meshscope/exporter/series"
)

// rough is a bed with a few proxies instead of a mesh, of which each line is
// known, and with a store that can be made to answer as badly as stores do.
type rough struct {
	*bed
	proxies []*proxy
	every   time.Duration // between two scrapes of a proxy
	// expose changes what a proxy exposes, or is nil. What it does not show the
	// oracle does not see either; what it puts there must not be counted.
	expose func(p *proxy, text string) string

	config *config.Config
	dial   atomic.Bool // can the store be reached?
	bad    atomic.Pointer[http.HandlerFunc]
	api    http.Handler
	log    logBuffer
	first  time.Time // when counting begins
	// failed is why the last refresh failed.
	failed error
}

// proxy is a sidecar with counters of constant growth.
type proxy struct {
	instance string
	series   []*counter
}

type counter struct {
	text      string
	perSecond float64
	value     float64
}

// edge are labels of a call with few names: from and to are workloads of the
// namespace bookinfo. Empty labels are left out.
func edge(reporter, from, to string, more ...string) map[string]string {
	lbls := map[string]string{
		"reporter":       reporter,
		"source_cluster": "Kubernetes", "source_workload_namespace": "bookinfo", "source_workload": from,
		"source_canonical_service": from, "source_canonical_revision": "v1",
		"destination_cluster": "Kubernetes", "destination_workload_namespace": "bookinfo", "destination_workload": to,
		"destination_canonical_service": to, "destination_canonical_revision": "v1",
		"destination_service": to + ".bookinfo.svc.cluster.local", "destination_service_name": to, "destination_service_namespace": "bookinfo",
		"request_protocol": "http", "connection_security_policy": "unknown",
	}
	for i := 0; i < len(more); i += 2 {
		lbls[more[i]] = more[i+1]
	}
	return lbls
}

func line(metric string, lbls map[string]string, more ...string) string {
	all := maps.Clone(lbls)
	for i := 0; i < len(more); i += 2 {
		all[more[i]] = more[i+1]
	}
	var parts []string
	for _, name := range slices.Sorted(maps.Keys(all)) {
		if all[name] != "" {
			parts = append(parts, name+`="`+strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`).Replace(all[name])+`"`)
		}
	}
	return metric + "{" + strings.Join(parts, ",") + "}"
}

// requests lets a proxy report calls, so many per second: with a code and
// durations by upper bound.
func (p *proxy) requests(perSecond float64, lbls map[string]string, bounds ...string) {
	p.count(perSecond, line("istio_requests_total", lbls, "response_code", "200", "response_flags", "-"))
	if len(bounds) == 0 {
		bounds = []string{"5", "50"}
	}
	for i, le := range append(bounds, "+Inf") {
		p.count(perSecond*float64(i+1)/float64(len(bounds)+1), line("istio_request_duration_milliseconds_bucket", lbls, "le", le))
	}
	p.count(perSecond*20, line("istio_request_duration_milliseconds_sum", lbls))
	p.count(perSecond, line("istio_request_duration_milliseconds_count", lbls))
}

func (p *proxy) count(perSecond float64, text string) {
	p.series = append(p.series, &counter{text: text, perSecond: perSecond, value: 1000 * perSecond})
}

func (p *proxy) text() string {
	var b strings.Builder
	b.WriteString("# TYPE istio_requests_total counter\n# TYPE istio_tcp_connections_opened_total counter\n")
	for _, c := range p.series {
		fmt.Fprintf(&b, "%s %v\n", c.text, c.value)
	}
	return b.String()
}

// bookinfo are three proxies that call each other, by both reporters.
func bookinfo() []*proxy {
	page := &proxy{instance: "10.0.0.1:15020"}
	page.requests(8, edge("source", "productpage", "reviews"))
	page.count(1, line("istio_requests_total", edge("source", "productpage", "reviews"), "response_code", "503", "response_flags", "UF"))
	page.requests(3, edge("source", "productpage", "details"))
	reviews := &proxy{instance: "10.0.0.2:15020"}
	reviews.requests(8, edge("destination", "productpage", "reviews", "connection_security_policy", "mutual_tls"))
	reviews.requests(4, edge("source", "reviews", "ratings"))
	ratings := &proxy{instance: "10.0.0.3:15020"}
	ratings.requests(4, edge("destination", "reviews", "ratings", "connection_security_policy", "mutual_tls"))
	ratings.count(2, line("istio_tcp_connections_opened_total", edge("source", "ratings", "mysql", "request_protocol", "tcp", "response_flags", "-")))
	return []*proxy{page, reviews, ratings}
}

func newRough(t *testing.T, proxies []*proxy, change ...func(*config.Config)) *rough {
	t.Helper()
	r := &rough{bed: newBed(t, mesh.Config{}), proxies: proxies, every: scrapeInterval, config: config.Default()}
	r.api = r.store.Handler()
	r.dial.Store(true)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		if bad := r.bad.Load(); bad != nil {
			(*bad)(w, q)
			return
		}
		r.api.ServeHTTP(w, q)
	}))
	t.Cleanup(server.Close)
	r.server = server
	for _, f := range change {
		f(r.config)
	}
	return r
}

// client is one of the store. Its connections are new for each query: whether
// the store can be reached is found out each time.
func (r *rough) client(timeout time.Duration) *promql.Client {
	r.t.Helper()
	transport := &http.Transport{
		DisableKeepAlives: true,
		DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
			if !r.dial.Load() {
				return nil, &net.OpError{Op: "dial", Net: network, Err: syscall.ECONNREFUSED}
			}
			return new(net.Dialer).DialContext(ctx, network, address)
		},
	}
	r.t.Cleanup(transport.CloseIdleConnections)
	client, err := promql.New(promql.Options{
		URL: r.server.URL, HTTPClient: &http.Client{Transport: transport}, Params: r.config.Prometheus.QueryParams, Timeout: timeout,
	})
	require.NoError(r.t, err)
	return client
}

const patient = 2 * time.Minute

// start starts the exporter: what is scraped from here on is to be counted.
func (r *rough) start() {
	r.t.Helper()
	var err error
	r.loop, err = refresh.New(refresh.Options{
		Config: r.config, Client: r.client(patient), Logger: level.NewFilter(log.NewLogfmtLogger(&r.log), level.AllowInfo()), Registry: prometheus.NewRegistry(),
		Now: func() time.Time { return r.now },
	})
	require.NoError(r.t, err)
	r.first = r.now.Add(refreshPhase - 10*time.Second).Truncate(scrapeInterval)
}

// play lets time pass. Whether refreshes fail is for the caller to say.
func (r *rough) play(d time.Duration, fails bool) {
	r.t.Helper()
	for end := r.now.Add(d); r.now.Before(end); {
		r.now = r.now.Add(time.Second)
		for _, p := range r.proxies {
			for _, c := range p.series {
				c.value += c.perSecond
			}
			if r.now.Sub(r.bed.start)%r.every == phaseOf(p.instance) {
				r.scrape(p)
			}
		}
		if r.loop == nil {
			continue
		}
		if r.phase(refreshPhase) {
			r.failed = r.loop.Refresh(context.Background())
			require.Equal(r.t, fails, r.failed != nil, "refresh at %s: %v", r.now, r.failed)
			require.Equal(r.t, map[bool]float64{true: 0, false: 1}[fails], r.own("meshscope_refresh_success"))
		}
		if r.phase(exporterPhase) {
			r.scrapeExporter()
		}
	}
}

func (r *rough) scrape(p *proxy) {
	r.t.Helper()
	target := promlabels.FromStrings("job", "istio-proxies", "instance", p.instance)
	text := p.text()
	r.oracle.scraped(r.t, r.now, p.instance, []byte(text))
	if r.expose != nil {
		text = r.expose(p, text)
	}
	require.NoError(r.t, r.store.Append(r.now, target, []byte(text)))
}

// peek is what the exporter shows to one who is no scraper.
func (r *rough) peek() string {
	r.t.Helper()
	w := httptest.NewRecorder()
	r.loop.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	require.Equal(r.t, http.StatusOK, w.Code)
	return w.Body.String()
}

// own is the sum of the exporter's series of a name that have the labels.
func (r *rough) own(name string, lbls ...string) (total float64) {
	r.t.Helper()
	parser := expfmt.NewTextParser(model.UTF8Validation)
	families, err := parser.TextToMetricFamilies(bytes.NewReader(linesOf([]byte(r.peek()), []string{name})))
	require.NoError(r.t, err)
	for _, m := range families[name].GetMetric() {
		have := map[string]string{}
		for _, l := range m.GetLabel() {
			have[l.GetName()] = l.GetValue()
		}
		matches := true
		for i := 0; i < len(lbls); i += 2 {
			matches = matches && have[lbls[i]] == lbls[i+1]
		}
		if matches {
			total += valueOf(m)
		}
	}
	return total
}

func valueOf(m *dto.Metric) float64 { return m.GetCounter().GetValue() + m.GetGauge().GetValue() }

// checkExact compares the counters with what was scraped since the exporter's
// start.
func (r *rough) checkExact(except ...func(map[oracleEdge]float64)) {
	r.t.Helper()
	through := time.Unix(int64(r.own("meshscope_refresh_timestamp_seconds")), 0)
	require.WithinDuration(r.t, r.now, through, 40*time.Second, "all is counted")
	want := r.oracle.totals(r.first.Add(-scrapeInterval), through)
	for _, f := range except {
		f(want)
	}
	r.scrapeExporter() // with what is known by now
	for _, metric := range []string{"requests", "tcp_connections_opened"} {
		name := "istio_" + metric + "_total"
		if slices.ContainsFunc(slices.Collect(maps.Keys(want)), func(e oracleEdge) bool { return e.metric == name }) {
			r.compare("meshscope_edge_"+metric+"_total", name, want, func(float64) float64 { return 1e-6 })
		}
	}
}

// logBuffer takes a log.
type logBuffer struct {
	mu   sync.Mutex
	text strings.Builder
}

func (b *logBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func (b *logBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}

// answersBadly makes the store answer so, from the next query on.
func (r *rough) answersBadly(h http.HandlerFunc) { r.bad.Store(&h) }
func (r *rough) answersWell()                    { r.bad.Store(nil) }

// real is the store's own answer to a query.
func (r *rough) real(q *http.Request) []byte {
	q.Header.Del("Accept-Encoding")
	w := httptest.NewRecorder()
	r.api.ServeHTTP(w, q)
	return w.Body.Bytes()
}

func says(status int, contentType, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", contentType)
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

// A store that answers badly: each refresh fails, says why and counts it; what
// was published stays; and as soon as the store answers well the counters are
// again what was scraped.
func TestStoreThatAnswersBadly(t *testing.T) {
	for _, tc := range []struct {
		name    string
		bad     func(r *rough) http.HandlerFunc
		outcome string
		want    []string // in the error
	}{
		{
			"dies", func(*rough) http.HandlerFunc {
				return func(_ http.ResponseWriter, q *http.Request) {
					_, _ = io.Copy(io.Discard, q.Body) // or the connection may be reset instead
					panic(http.ErrAbortHandler)
				}
			}, "unavailable", []string{"EOF"},
		},
		{
			"fails", func(*rough) http.HandlerFunc { return says(500, "text/plain", "out of memory") },
			"unavailable",
			[]string{"status 500", "out of memory"},
		},
		{
			"wants credentials", func(*rough) http.HandlerFunc { return says(401, "text/plain", "who are you?") },
			"unauthorized",
			[]string{"status 401", "who are you?"},
		},
		{
			"is at another path", func(*rough) http.HandlerFunc { return says(404, "text/plain", "404 page not found") },
			"unsupported",
			[]string{"status 404", "is the prefix of the URL right?"},
		},
		{
			"is a login page", func(*rough) http.HandlerFunc {
				return says(200, "text/html", "<!DOCTYPE html><html><title>Sign in</title></html>")
			}, "not_prometheus", []string{"not a JSON object", "Sign in"},
		},
		{
			"cuts answers short", func(r *rough) http.HandlerFunc {
				return func(w http.ResponseWriter, q *http.Request) {
					whole := r.real(q)
					_, _ = w.Write(whole[:len(whole)*2/3])
				}
			}, "truncated", []string{"the answer is cut short"},
		},
		{
			"breaks off answers", func(r *rough) http.HandlerFunc {
				return func(w http.ResponseWriter, q *http.Request) {
					whole := r.real(q)
					_, _ = w.Write(whole[:len(whole)*2/3])
					_ = http.NewResponseController(w).Flush()
					panic(http.ErrAbortHandler)
				}
			}, "truncated", []string{"the connection ended before the answer did"},
		},
		{
			"answers something else", func(*rough) http.HandlerFunc {
				return says(200, "application/json", `{"status":"success","data":{"resultType":"vector","result":[{"metric":{},"value":[1,2,3]}]}}`)
			}, "malformed", []string{"the answer is malformed"},
		},
		{
			"answers in part", func(r *rough) http.HandlerFunc {
				return func(w http.ResponseWriter, q *http.Request) {
					_, _ = w.Write(bytes.Replace(r.real(q), []byte(`{"status":"success",`), []byte(`{"status":"success","warnings":["store-2:10901 is unreachable"],`), 1))
				}
			}, derive.OutcomePartial, []string{"the store's answer may be partial", "store-2:10901 is unreachable"},
		},
		{
			"does not know a function", func(*rough) http.HandlerFunc {
				return says(400, "application/json", `{"status":"error","errorType":"bad_data","error":"parse error: unknown function with name \"irate\""}`)
			}, "bad_query", []string{"status 400 (bad_data)", "unknown function"},
		},
		{
			"fails for one of the questions", func(r *rough) http.HandlerFunc {
				return func(w http.ResponseWriter, q *http.Request) {
					if strings.Contains(q.FormValue("query"), "15 * sum by (reporter") && strings.Contains(q.FormValue("query"), "istio_tcp_connections_closed_total") {
						says(500, "text/plain", "a bad block")(w, q)
						return
					}
					r.api.ServeHTTP(w, q)
				}
			}, "unavailable", []string{"query tcp_closed", "a bad block"},
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			r := newRough(t, bookinfo())
			r.play(2*time.Minute, false)
			r.start()
			r.play(2*time.Minute, false)
			before := r.own("meshscope_promql_queries_total", "outcome", tc.outcome)
			published := topologyOf(r.peek())
			require.NotEmpty(t, published)

			r.answersBadly(tc.bad(r))
			r.play(time.Minute, true)
			for _, text := range append(tc.want, "query ") {
				require.ErrorContains(t, r.failed, text)
			}
			require.NotContains(t, r.failed.Error(), "\n", "one line")
			require.GreaterOrEqual(t, r.own("meshscope_promql_queries_total", "outcome", tc.outcome)-before, 4.0, "one for each refresh at least")
			require.Equal(t, published, topologyOf(r.peek()), "the last snapshot stays")
			require.True(t, r.loop.Tried())

			r.answersWell()
			r.play(time.Minute, false)
			r.checkExact()
			require.Zero(t, r.own("meshscope_refresh_skipped_seconds_total"))
			require.Zero(t, r.own("meshscope_samples_rejected_total"))
		})
	}
}

// topologyOf is the part of an exposition that is about the mesh.
func topologyOf(text string) string {
	var kept strings.Builder
	for l := range strings.Lines(text) {
		if strings.HasPrefix(l, "meshscope_edge_") || strings.HasPrefix(l, "meshscope_workload_") {
			kept.WriteString(l)
		}
	}
	return kept.String()
}

// A store that hangs is not waited for longer than prometheus.timeout.
func TestStoreThatHangs(t *testing.T) {
	r := newRough(t, bookinfo())
	r.play(2*time.Minute, false)
	r.start()
	r.play(time.Minute, false)
	over := make(chan struct{})
	r.answersBadly(func(_ http.ResponseWriter, q *http.Request) {
		select {
		case <-q.Context().Done():
		case <-over:
		}
	})
	require.NoError(t, r.loop.Apply(r.config, r.client(10*time.Millisecond)))
	r.play(time.Minute, true)
	require.ErrorContains(t, r.failed, "no whole answer in time, which is 10ms or less")
	require.GreaterOrEqual(t, r.own("meshscope_promql_queries_total", "outcome", "timeout"), 4.0)
	close(over)
	r.answersWell()
	require.NoError(t, r.loop.Apply(r.config, r.client(patient)))
	r.play(time.Minute, false)
	r.checkExact()
}

// Without a store at its start the exporter lives, says so, and begins when
// there is one.
func TestNoStoreAtStart(t *testing.T) {
	r := newRough(t, bookinfo())
	r.play(2*time.Minute, false)
	r.dial.Store(false)
	r.start()
	require.False(t, r.loop.Tried())
	r.play(2*time.Minute, true)
	require.True(t, r.loop.Tried())
	require.ErrorContains(t, r.failed, "recall what was published before: query recall_edges")
	require.ErrorContains(t, r.failed, "connection refused")
	require.Equal(t, 8.0, r.own("meshscope_promql_queries_total", "query", "recall_edges", "outcome", "unavailable"))
	require.Empty(t, topologyOf(r.peek()))
	require.Zero(t, r.own("meshscope_refresh_timestamp_seconds"))

	r.dial.Store(true)
	r.first = r.now.Add(refreshPhase - 10*time.Second).Truncate(scrapeInterval)
	r.play(3*time.Minute, false)
	r.checkExact()
}

// What fails is in the log, of each refresh.
func TestRunLogsWhyRefreshesFail(t *testing.T) {
	r := newRough(t, bookinfo(), func(c *config.Config) { c.Refresh.Interval = model.Duration(time.Millisecond) })
	r.play(2*time.Minute, false)
	r.answersBadly(says(503, "text/plain", "upstream connect error"))
	r.start()
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() { ended <- r.loop.Run(ctx) }()
	require.Eventually(t, func() bool { return strings.Count(r.log.String(), "\n") >= 3 }, time.Minute, time.Millisecond)
	cancel()
	require.NoError(t, <-ended)
	for l := range strings.Lines(r.log.String()) {
		require.Contains(t, l, `level=error msg="refresh failed" err="recall what was published before: query recall_edges: `+r.server.URL)
		require.Contains(t, l, "status 503: upstream connect error")
	}
}

// A store that finds every question too large gets it in parts: no refresh
// fails, nothing is lost, and what was refused is counted.
func TestStoreThatFindsQueriesTooLarge(t *testing.T) {
	proxies := bookinfo()
	for i := range 5 { // more namespaces, and what has none
		p := &proxy{instance: fmt.Sprintf("10.0.1.%d:15020", i)}
		namespace := []string{"shop", "bank", "", "unknown", `a"b\c`}[i]
		p.requests(1, edge("source", "gateway", "w", "destination_workload_namespace", namespace, "destination_service", fmt.Sprintf("w%d.example.com", i)))
		proxies = append(proxies, p)
	}
	r := newRough(t, proxies)
	r.play(2*time.Minute, false)
	r.start()
	r.play(time.Minute, false)
	var refused atomic.Int64
	r.answersBadly(func(w http.ResponseWriter, q *http.Request) {
		query := q.FormValue("query")
		if strings.Contains(query, "istio_") && !strings.HasPrefix(query, "group ") && !strings.Contains(query, "destination_workload_namespace=") {
			refused.Add(1)
			says(422, "application/json", `{"status":"error","errorType":"execution","error":"query processing would load too many samples into memory in query execution"}`)(w, q)
			return
		}
		r.api.ServeHTTP(w, q)
	})
	r.play(2*time.Minute, false)
	// Published, a namespace that is not known is "unknown".
	published := func(want map[oracleEdge]float64) {
		for e, n := range want {
			if e.destinationNamespace == "" {
				delete(want, e)
				e.destinationNamespace = "unknown"
				want[e] += n
			}
		}
	}
	r.checkExact(published)
	questions := refused.Load()
	require.Equal(t, float64(questions), r.own("meshscope_promql_queries_total", "outcome", "too_large"))
	require.Equal(t, 1.0, r.own("meshscope_promql_queries_total", "outcome", "too_large", "query", "requests"), "the next refresh knows it")
	require.Contains(t, r.log.String(), `level=warn msg="the store finds a query too large; asking in parts, by namespace" query=requests parts=2 err=`)

	r.answersWell()
	r.play(time.Minute, false)
	r.checkExact(published)
}

// Partial answers are for those who ask for them.
func TestPartialAnswersThatWereAskedFor(t *testing.T) {
	r := newRough(t, bookinfo(), func(c *config.Config) {
		c.Prometheus.QueryParams = map[string][]string{"partial_response": {"true"}}
	})
	r.play(2*time.Minute, false)
	r.start()
	var asked atomic.Bool
	r.answersBadly(func(w http.ResponseWriter, q *http.Request) {
		asked.Store(q.URL.Query().Get("partial_response") == "true")
		_, _ = w.Write(bytes.Replace(r.real(q), []byte(`{"status":"success",`), []byte(`{"status":"success","warnings":["store-2:10901 is unreachable"],`), 1))
	})
	r.play(3*time.Minute, false)
	require.True(t, asked.Load(), "of the store, too")
	r.checkExact()
	require.Zero(t, r.own("meshscope_promql_queries_total", "outcome", derive.OutcomePartial))
}

// Where only request durations fail, all else goes on; they are made up for.
func TestRequestDurationsFailAlone(t *testing.T) {
	r := newRough(t, bookinfo())
	r.play(2*time.Minute, false)
	r.start()
	r.play(2*time.Minute, false)
	r.pause(2*time.Minute, false)
	durations := func() float64 { return r.query("sum(meshscope_edge_request_duration_seconds_count)")["{}"] }
	requests := func() float64 {
		return r.query(`sum(meshscope_edge_requests_total{response_flags="-"})`)["{}"]
	}
	durationsBefore, requestsBefore := durations(), requests()

	r.answersBadly(func(w http.ResponseWriter, q *http.Request) {
		if strings.Contains(q.FormValue("query"), "istio_request_duration") {
			says(500, "text/plain", "out of memory")(w, q)
			return
		}
		r.api.ServeHTTP(w, q)
	})
	for range 12 { // one in four refreshes asks for durations, until one has failed
		r.playOne()
	}
	require.ErrorContains(t, r.failed, "request durations: query latency")
	require.ErrorContains(t, r.failed, "out of memory")
	require.Greater(t, requests(), requestsBefore)
	require.Equal(t, durationsBefore, durations())

	r.answersWell()
	r.pause(3*time.Minute, false)
	r.checkExact()
	require.InDelta(t, requests()-requestsBefore, durations()-durationsBefore, 1e-6)
	require.Greater(t, requests(), requestsBefore)
}

// pause lets time pass without traffic.
func (r *rough) pause(d time.Duration, fails bool) {
	r.t.Helper()
	var rates []float64
	for _, p := range r.proxies {
		for _, c := range p.series {
			rates = append(rates, c.perSecond)
			c.perSecond = 0
		}
	}
	r.play(d, fails)
	for _, p := range r.proxies {
		for _, c := range p.series {
			c.perSecond, rates = rates[0], rates[1:]
		}
	}
}

// playOne lets the time of one refresh pass, whether it fails or not.
func (r *rough) playOne() {
	r.t.Helper()
	loop := r.loop
	r.loop = nil
	r.play(scrapeInterval, false)
	r.loop = loop
	r.failed = r.loop.Refresh(context.Background())
	r.scrapeExporter()
}

// After limits.stale_after without a refresh the topology is gone, not frozen;
// why is told by the exporter's own series, which stay.
func TestStaleTopologyIsGone(t *testing.T) {
	r := newRough(t, bookinfo(), func(c *config.Config) { c.Limits.StaleAfter = model.Duration(2 * time.Minute) })
	r.play(2*time.Minute, false)
	r.start()
	r.play(2*time.Minute, false)
	through := r.own("meshscope_refresh_timestamp_seconds")
	r.answersBadly(says(503, "text/plain", "upstream connect error"))
	r.play(100*time.Second, true)
	require.NotEmpty(t, topologyOf(r.peek()), "not stale yet")
	require.NotEmpty(t, r.query("meshscope_edge_requests_total"))
	r.play(30*time.Second, true)
	text := r.peek()
	require.Empty(t, topologyOf(text))
	for _, f := range series.Topology {
		require.NotContains(t, text, "# TYPE "+f.Name+" ")
	}
	require.Empty(t, r.query("meshscope_edge_requests_total"), "absent at once")
	require.Len(t, r.query("meshscope_refresh_success"), 1)
	require.Equal(t, through, r.own("meshscope_refresh_timestamp_seconds"), "tells since when")

	r.answersWell()
	r.play(time.Minute, false)
	require.NotEmpty(t, topologyOf(r.peek()))
	r.checkExact()
}

// An absence beyond refresh.catch_up is skipped, counted and told; counting
// goes on after it.
func TestAbsenceBeyondCatchUp(t *testing.T) {
	r := newRough(t, bookinfo(), func(c *config.Config) { c.Refresh.CatchUp = model.Duration(2 * time.Minute) })
	r.play(2*time.Minute, false)
	r.start()
	r.play(2*time.Minute, false)
	r.dial.Store(false)
	r.play(5*time.Minute, true)
	r.dial.Store(true)
	r.play(time.Minute, false)
	// The last refresh before and the first after it count up to instants that
	// are 5 minutes and 15 seconds apart, of which 2 minutes are made up for.
	const skipped = 3*time.Minute + 15*time.Second
	require.Equal(t, skipped.Seconds(), r.own("meshscope_refresh_skipped_seconds_total"))
	require.Contains(t, r.log.String(), "longer ago than refresh.catch_up")
	want := 0.0
	through := time.Unix(int64(r.own("meshscope_refresh_timestamp_seconds")), 0)
	for e, n := range r.oracle.totals(r.first.Add(-scrapeInterval), through) {
		if e.metric == "istio_requests_total" {
			want += n
		}
	}
	const perSecond = 8 + 1 + 3 + 4
	r.scrapeExporter()
	require.InDelta(t, want-perSecond*skipped.Seconds(), r.query("sum(meshscope_edge_requests_total)")["{}"], 1e-6)
}

// Samples that are no numbers are refused, counted, and cost no more than
// themselves: the series' growth up to them and from them.
func TestRawSamplesThatAreNoNumbers(t *testing.T) {
	r := newRough(t, bookinfo())
	r.play(2*time.Minute, false)
	r.start()
	r.play(time.Minute, false)
	nan := r.proxies[0].series[0] // calls of reviews with code 200, 8 per second
	r.expose = func(_ *proxy, text string) string {
		return strings.Replace(text, nan.text+" "+fmt.Sprint(nan.value), nan.text+" NaN", 1)
	}
	r.play(scrapeInterval, false)
	r.expose = nil
	r.play(time.Minute, false)
	pageToReviews := oracleEdge{
		metric: "istio_requests_total", protocol: "http",
		sourceNamespace: "bookinfo", source: "productpage", destinationNamespace: "bookinfo", destination: "reviews",
	}
	lost := 2 * 8 * scrapeInterval.Seconds()
	withoutLost := func(want map[oracleEdge]float64) {
		require.Contains(t, want, pageToReviews)
		want[pageToReviews] -= lost
	}
	r.checkExact(withoutLost)
	require.Equal(t, 2.0, r.own("meshscope_samples_rejected_total", "reason", "not_a_number"))

	// An infinite one, and then the proxy's restart.
	infinite := r.proxies[1].series[0]
	require.Contains(t, infinite.text, `reporter="destination"`)
	restarted := r.proxies[0]
	r.expose = func(_ *proxy, text string) string {
		return strings.Replace(text, nan.text+" "+fmt.Sprint(nan.value), nan.text+" +Inf", 1)
	}
	r.play(scrapeInterval, false)
	r.expose = nil
	for _, c := range restarted.series {
		c.value = 0
	}
	r.play(time.Minute, false)
	lost += 8 * scrapeInterval.Seconds()
	r.checkExact(withoutLost)
	require.Equal(t, 1.0, r.own("meshscope_samples_rejected_total", "reason", "infinite"))
	require.Equal(t, 3.0, r.own("meshscope_samples_rejected_total"))
}

// Labels may be missing, empty or odd. What has a place is counted under the
// names that it has; what has none is counted by reason.
func TestOddLabels(t *testing.T) {
	odd := []string{`say "hi"`, `back\slash`, "new\nline", "🚢", "zürich", "Unknown", strings.Repeat("x", 4096)}
	p := &proxy{instance: "10.0.0.9:15020"}
	for i, name := range odd {
		p.requests(float64(i+1), edge("source", name, name))
	}
	for i, label := range []string{
		"source_workload", "source_workload_namespace", "source_cluster", "source_canonical_service", "destination_cluster",
		"destination_workload_namespace", "destination_canonical_service", "destination_service", "destination_service_name",
		"destination_service_namespace", "request_protocol", "connection_security_policy",
	} {
		p.requests(1, edge("source", fmt.Sprint("missing-", i), fmt.Sprint("w", i), label, ""))
		p.requests(2, edge("source", fmt.Sprint("missing-", i), fmt.Sprint("w", i), label, "unknown", "request_protocol", "grpc"))
	}
	p.count(1, line("istio_requests_total", edge("", "nobody", "a")))
	p.count(1, line("istio_requests_total", edge("observer", "nobody", "b")))
	p.count(1, line("istio_requests_total", edge("source", "a", "", "destination_service", "", "destination_service_name", "unknown")))
	p.count(1, line("istio_requests_total", edge("source", "a", "unknown", "destination_service", "10.0.0.1:80", "destination_service_name", "10.0.0.1:80")))
	p.count(1, line("istio_requests_total", edge("source", "", "a", "source_canonical_service", "")))
	r := newRough(t, append(bookinfo(), p))
	r.expose = func(_ *proxy, text string) string { return text }
	r.play(2*time.Minute, false)
	r.start()
	r.play(3*time.Minute, false)

	// Counted since the same time, all edges are to each other as their rates.
	r.scrapeExporter()
	vector, err := r.store.Instant(context.Background(), "sum by (source_workload, destination_workload, request_protocol) (meshscope_edge_requests_total)", r.now)
	require.NoError(t, err)
	got := map[string]float64{}
	for _, s := range vector {
		got[s.Metric.Get("source_workload")+" "+s.Metric.Get("destination_workload")+" "+s.Metric.Get("request_protocol")] = s.F
	}
	unit := got["productpage details http"] / 3
	require.Positive(t, unit)
	for i, name := range odd {
		require.InDelta(t, unit*float64(i+1), got[name+" "+name+" http"], 1e-6, "%.20q", name)
	}
	for i := range 12 {
		source := fmt.Sprint("missing-", i)
		if i == 0 {
			source = "unknown"
		}
		destination := fmt.Sprint("w", i)
		unlabelled, unknown := unit, 2*unit
		require.InDelta(t, unlabelled, got[source+" "+destination+" http"], 1e-6, "label %d", i)
		require.InDelta(t, unknown, got[source+" "+destination+" grpc"], 1e-6, "label %d", i)
	}
	require.Len(t, got, 3+len(odd)+2*12, "and no other")
	for reason, n := range map[string]float64{"no_reporter": 2, "no_destination": 1, "address_as_service": 1, "no_source": 1} {
		refreshes := math.Round(unit / scrapeInterval.Seconds())
		require.Equal(t, n*refreshes, r.own("meshscope_samples_rejected_total", "reason", reason), reason)
	}
	require.Equal(t, 5*math.Round(unit/scrapeInterval.Seconds()), r.own("meshscope_samples_rejected_total"))
}

// Proxies of one workload with different buckets: what comes of their sum is a
// histogram still, with the right count, and is counted as mixed.
func TestMixedBuckets(t *testing.T) {
	one, other := &proxy{instance: "10.0.0.1:15020"}, &proxy{instance: "10.0.0.2:15020"}
	one.requests(4, edge("source", "reviews", "ratings"), "1", "10", "100")
	other.requests(10, edge("source", "reviews", "ratings"), "2", "20", "200", "2000")
	r := newRough(t, []*proxy{one, other})
	r.play(2*time.Minute, false)
	r.start()
	r.play(5*time.Minute, false)
	r.checkExact()
	require.Positive(t, r.own("meshscope_samples_rejected_total", "reason", "mixed_buckets"))
	require.LessOrEqual(t, r.own("meshscope_samples_rejected_total", "reason", "mixed_buckets"), 6.0, "once for a histogram and an answer")

	parser := expfmt.NewTextParser(model.UTF8Validation)
	const name = "meshscope_edge_request_duration_seconds"
	families, err := parser.TextToMetricFamilies(strings.NewReader(string(linesOf([]byte(r.peek()), []string{name}))))
	require.NoError(t, err)
	require.Len(t, families[name].GetMetric(), 1)
	h := families[name].GetMetric()[0].GetHistogram()
	var bounds, counts []float64
	for _, b := range h.GetBucket() {
		bounds, counts = append(bounds, b.GetUpperBound()), append(counts, float64(b.GetCumulativeCount()))
	}
	require.Equal(t, []float64{.001, .002, .01, .02, .1, .2, 2, math.Inf(1)}, bounds)
	require.IsNonDecreasing(t, counts)
	require.EqualValues(t, counts[len(counts)-1], h.GetSampleCount())
	require.Zero(t, h.GetSampleCount()%(14*60), "whole minutes of 14 calls per second")
	require.NotZero(t, h.GetSampleCount())
	require.InDelta(t, 20e-3*float64(h.GetSampleCount()), h.GetSampleSum(), 1e-6)
}

// A mesh in which nothing is, or nothing happens, is no failure.
func TestEmptyMesh(t *testing.T) {
	r := newRough(t, nil)
	r.start()
	r.play(10*time.Minute, false)
	require.Zero(t, r.own("meshscope_edges"))
	require.Contains(t, r.peek(), "\nmeshscope_edges 0\n")
	require.Empty(t, r.log.String())

	silent := bookinfo()
	for _, p := range silent {
		for _, c := range p.series {
			c.perSecond = 0
		}
	}
	r.proxies = silent
	r.play(10*time.Minute, false)
	require.Contains(t, r.peek(), "\nmeshscope_edges 0\n")
	require.Empty(t, r.log.String())
	diagnoses := func() float64 { return r.own("meshscope_promql_queries_total", "query", "diagnosis") }
	require.LessOrEqual(t, diagnoses(), 2*5.0, "it is looked into every five minutes")

	r.first = r.now.Add(refreshPhase - 10*time.Second).Truncate(scrapeInterval)
	for _, p := range silent {
		for _, c := range p.series {
			c.perSecond = 1
		}
	}
	r.play(2*time.Minute, false)
	r.checkExact()
	before := diagnoses()
	r.play(6*time.Minute, false)
	require.Equal(t, before, diagnoses(), "and not where there are edges")
}

// Scrapes that are too rare for the lookback give no increments: the refresh
// says so by name, and is right with a lookback that fits.
func TestScrapesTooRareForTheLookback(t *testing.T) {
	r := newRough(t, bookinfo())
	r.every = 10 * time.Minute
	r.start()
	r.play(time.Minute, false) // one scrape tells nothing yet
	loop := r.loop
	r.loop = nil
	r.play(20*time.Minute, false)
	r.loop = loop
	r.play(time.Minute, true)
	require.ErrorContains(t, r.failed, "refresh.lookback (5m0s)")
	require.ErrorContains(t, r.failed, "raise refresh.lookback to at least twice the scrape interval")
	require.Contains(t, r.peek(), "\nmeshscope_edges 0\n", "an empty mesh, but not without a word")
	r.play(time.Minute, true) // not once and then silence

	r.config.Refresh.Lookback = model.Duration(20 * time.Minute)
	require.NoError(t, r.loop.Apply(r.config, r.client(patient)))
	r.first = r.now.Add(refreshPhase - 10*time.Second).Truncate(scrapeInterval)
	r.play(25*time.Minute, false)
	r.checkExact()
}
