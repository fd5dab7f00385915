package refresh_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"hash/fnv"
	"io"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-kit/log"
	"github.com/prometheus/client_golang/prometheus"
	promlabels "github.com/prometheus/prometheus/model/labels"
	"github.com/stretchr/testify/require"

	"github.com/meshscope/meshscope/exporter/config"
	"github.com/meshscope/meshscope/exporter/demo/mesh"
	"github.com/meshscope/meshscope/exporter/demo/store"
	"github.com/meshscope/meshscope/exporter/promql"
	"github.com/meshscope/meshscope/exporter/refresh"
)

// scrapeInterval is that of all targets of a bed.
const scrapeInterval = 15 * time.Second

// bed is a mesh, a store that scrapes it and an exporter, all on simulated
// time: nothing happens but by play.
type bed struct {
	t      testing.TB
	now    time.Time
	start  time.Time
	mesh   *mesh.Mesh
	store  *store.Store
	server *httptest.Server
	away   atomic.Bool // the store does not answer the exporter
	loop   *refresh.Loop
	oracle *oracle
	// skip leaves out a scrape: as failed, or as if the target was not known yet.
	fails, unknown func(mesh.Target) bool
	known          map[string]promlabels.Labels // targets that were scraped
	// late is how much later than usual the exporter's timer fires.
	late time.Duration
}

func newBed(t testing.TB, c mesh.Config) *bed {
	t.Helper()
	b := &bed{
		t: t, oracle: newOracle(), known: map[string]promlabels.Labels{},
		fails: func(mesh.Target) bool { return false }, unknown: func(mesh.Target) bool { return false },
	}
	b.start = time.Date(2026, 1, 2, 3, 0, 0, 0, time.UTC)
	b.now = b.start
	c.Start = b.start
	var err error
	b.mesh, err = mesh.New(c)
	require.NoError(t, err)
	b.store, err = store.Open(store.Options{})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, b.store.Close()) })
	api := b.store.Handler()
	b.server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if b.away.Load() {
			http.Error(w, "upstream connect error", http.StatusServiceUnavailable)
			return
		}
		api.ServeHTTP(w, r)
	}))
	t.Cleanup(b.server.Close)
	return b
}

// startExporter starts a new exporter, as after a restart.
func (b *bed) startExporter(change ...func(*config.Config)) {
	b.t.Helper()
	c := config.Default()
	for _, f := range change {
		f(c)
	}
	client, err := promql.New(promql.Options{URL: b.server.URL})
	require.NoError(b.t, err)
	b.loop, err = refresh.New(refresh.Options{
		Config: c, Client: client, Logger: log.NewNopLogger(), Registry: prometheus.NewRegistry(),
		Now: func() time.Time { return b.now },
	})
	require.NoError(b.t, err)
}

// play lets time pass, second by second: every target is scraped at its own
// phase of the interval, and the exporter refreshes and is scraped at its.
func (b *bed) play(d time.Duration) {
	b.t.Helper()
	for end := b.now.Add(d); b.now.Before(end); {
		b.now = b.now.Add(time.Second)
		b.mesh.Advance(b.now)
		b.scrapeMesh()
		if b.loop == nil {
			continue
		}
		if b.phase(refreshPhase+b.late) && !b.away.Load() {
			require.NoError(b.t, b.loop.Refresh(context.Background()), "refresh at %s", b.now)
		} else if b.phase(refreshPhase + b.late) {
			require.Error(b.t, b.loop.Refresh(context.Background()))
		}
		if b.phase(exporterPhase) {
			b.scrapeExporter()
		}
	}
}

const (
	refreshPhase  = 4 * time.Second
	exporterPhase = 11 * time.Second
)

func (b *bed) phase(p time.Duration) bool {
	return b.now.Sub(b.start)%scrapeInterval == p%scrapeInterval
}

func (b *bed) scrapeMesh() {
	here := map[string]bool{}
	for _, target := range b.mesh.Targets() {
		here[target.Instance] = true
		if b.unknown(target) || !b.phase(phaseOf(target.Instance)) {
			continue
		}
		lbls := promlabels.FromStrings("job", target.Job, "instance", target.Instance,
			"namespace", target.Namespace, "pod", target.Pod, "app", target.App)
		b.known[target.Instance] = lbls
		if b.fails(target) {
			require.NoError(b.t, b.store.Missed(b.now, lbls))
			continue
		}
		var text bytes.Buffer
		require.NoError(b.t, target.WriteMetrics(&text))
		require.NoError(b.t, b.store.Append(b.now, lbls, text.Bytes()))
		if b.oracle == nil {
			continue
		}
		b.oracle.scraped(b.t, b.now, target.Instance, text.Bytes())
	}
	for instance, lbls := range b.known {
		if !here[instance] {
			require.NoError(b.t, b.store.Gone(b.now, lbls))
			delete(b.known, instance)
		}
	}
}

func phaseOf(instance string) time.Duration {
	h := fnv.New32a()
	io.WriteString(h, instance)
	return time.Duration(h.Sum32()%uint32(scrapeInterval/time.Second)) * time.Second
}

// metrics is what the exporter answers to a scrape.
func (b *bed) metrics() string {
	b.t.Helper()
	r := httptest.NewRequest(http.MethodGet, "/metrics", nil)
	r.Header.Set("Accept-Encoding", "gzip")
	r.Header.Set("X-Prometheus-Scrape-Timeout-Seconds", "10")
	w := httptest.NewRecorder()
	b.loop.ServeHTTP(w, r)
	require.Equal(b.t, http.StatusOK, w.Code)
	var body io.Reader = w.Body
	if w.Header().Get("Content-Encoding") == "gzip" {
		unzipped, err := gzip.NewReader(w.Body)
		require.NoError(b.t, err)
		body = unzipped
	}
	text, err := io.ReadAll(body)
	require.NoError(b.t, err)
	return string(text)
}

func (b *bed) scrapeExporter() {
	lbls := promlabels.FromStrings("job", "meshscope", "instance", "meshscope:9877")
	require.NoError(b.t, b.store.Append(b.now, lbls, []byte(b.metrics())))
}

// query is the answer of the store to an instant query, now.
func (b *bed) query(text string) map[string]float64 {
	b.t.Helper()
	vector, err := b.store.Instant(context.Background(), text, b.now)
	require.NoError(b.t, err, text)
	values := map[string]float64{}
	for _, s := range vector {
		values[s.Metric.String()] = s.F
	}
	return values
}
