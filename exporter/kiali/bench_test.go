package kiali_test

import (
	"bytes"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	promconfig "github.com/prometheus/common/config"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"

	"github.com/meshscope/meshscope/exporter/app"
	"github.com/meshscope/meshscope/exporter/config"
	"github.com/meshscope/meshscope/exporter/demo/mesh"
	"github.com/meshscope/meshscope/exporter/demo/store"
)

// BenchmarkAnswer asks for the graph of a mesh of 50 namespaces of 20 workloads
// over HTTP, and compares with "bare": the same requests to the store, at the
// same concurrency, whose answers are read and thrown away. Both take turns,
// and medians are reported. "own-ms" is the answer from a store that has its
// answers ready.
func BenchmarkAnswer(b *testing.B) {
	bed := newBenchBed(b, mesh.Config{Seed: 1, Namespaces: 50, Workloads: 20})
	for _, tc := range []struct{ name, params string }{
		{"requests", "graphType=workload&appenders="},
		{"services", "graphType=versionedApp&injectServiceNodes=true&appenders=&rateGrpc=total&rateTcp=total"},
		{"all", "graphType=versionedApp&injectServiceNodes=true"},
	} {
		b.Run(tc.name, func(b *testing.B) {
			path := fmt.Sprintf("/kiali/api/namespaces/graph?refreshInterval=0&queryTime=%d&namespaces=%s&%s",
				bed.now.Unix(), strings.Join(bed.namespaces, ","), tc.params)
			var took, bare, own []time.Duration
			size := int64(0)
			ask := func() time.Duration {
				start := time.Now()
				response, err := http.Get(bed.exporter + path)
				require.NoError(b, err)
				size, err = io.Copy(io.Discard, response.Body)
				require.NoError(b, err)
				require.NoError(b, response.Body.Close())
				require.Equal(b, http.StatusOK, response.StatusCode)
				return time.Since(start)
			}
			bed.keepAnswers(true)
			ask()
			b.ReportAllocs()
			for b.Loop() {
				own = append(own, ask())
				bed.keepAnswers(false)
				bed.reset()
				took = append(took, ask())
				bare = append(bare, bed.replay(b))
				bed.keepAnswers(true)
			}
			bed.keepAnswers(false)
			b.ReportMetric(float64(median(own).Microseconds())/1000, "own-ms")
			b.ReportMetric(float64(len(bed.requests)), "queries")
			b.ReportMetric(float64(median(took).Microseconds())/1000, "answer-ms")
			b.ReportMetric(float64(median(took))/float64(median(bare)), "x-bare")
			b.ReportMetric(float64(size)/(1<<20), "answer-MiB")
			b.ReportMetric(0, "ns/op") // the bare requests are in it
		})
	}
}

func median(d []time.Duration) time.Duration {
	slices.Sort(d)
	return d[len(d)/2]
}

// benchBed is a store with a mesh in it, and an exporter on it.
type benchBed struct {
	now        time.Time
	namespaces []string
	store      string // its URL
	exporter   string

	mu       sync.Mutex
	requests []benchRequest // that the store got
	answers  map[string]*httptest.ResponseRecorder
	keeps    bool
}

type benchRequest struct {
	path, contentType string
	body              []byte
}

func newBenchBed(b *testing.B, c mesh.Config) *benchBed {
	bed := &benchBed{now: time.Date(2026, time.March, 1, 12, 0, 0, 0, time.UTC)}
	c.Start = bed.now
	simulated, err := mesh.New(c)
	require.NoError(b, err)
	s, err := store.Open(store.Options{})
	require.NoError(b, err)
	b.Cleanup(func() { require.NoError(b, s.Close()) })
	namespaces := map[string]bool{}
	for range 11 * 4 {
		bed.now = bed.now.Add(15 * time.Second)
		simulated.Advance(bed.now)
		for _, target := range simulated.Targets() {
			var text bytes.Buffer
			require.NoError(b, target.WriteMetrics(&text))
			require.NoError(b, s.Append(bed.now, labels.FromStrings("job", target.Job, "instance", target.Instance,
				"namespace", target.Namespace, "pod", target.Pod, "app", target.App), text.Bytes()))
			namespaces[target.Namespace] = true
		}
	}
	for name := range namespaces {
		bed.namespaces = append(bed.namespaces, name)
	}
	slices.Sort(bed.namespaces)

	api := s.Handler()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		bed.mu.Lock()
		bed.requests = append(bed.requests, benchRequest{r.URL.Path, r.Header.Get("Content-Type"), body})
		bed.mu.Unlock()
		r.Body = io.NopCloser(bytes.NewReader(body))
		bed.answer(w, r, string(body), api)
	}))
	b.Cleanup(server.Close)
	bed.store = server.URL

	cfg := config.Default()
	storeURL, err := config.ParseURL(server.URL)
	require.NoError(b, err)
	cfg.Prometheus.URL = promconfig.URL{URL: storeURL}
	cfg.Refresh.Interval = cfg.Limits.IdleTTL // the exporter has nothing else to do
	exporter := startExporter(b, app.Options{Source: app.Source{Config: cfg}, Now: func() time.Time { return bed.now }})
	bed.exporter = "http://" + exporter.Addresses()[0]
	return bed
}

// keepAnswers has the store give the answers that it gave before, or not.
func (b *benchBed) keepAnswers(keep bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.keeps = keep
	if b.answers == nil {
		b.answers = map[string]*httptest.ResponseRecorder{}
	}
}

func (b *benchBed) answer(w http.ResponseWriter, r *http.Request, question string, store http.Handler) {
	question = r.URL.Path + " " + regexp.MustCompile("timeout=[^&]*").ReplaceAllString(question, "")
	b.mu.Lock()
	keeps, kept := b.keeps, b.answers[question]
	b.mu.Unlock()
	if !keeps {
		store.ServeHTTP(w, r)
		return
	}
	if kept == nil {
		kept = httptest.NewRecorder()
		store.ServeHTTP(kept, r)
		b.mu.Lock()
		b.answers[question] = kept
		b.mu.Unlock()
	}
	maps.Copy(w.Header(), kept.Header())
	w.WriteHeader(kept.Code)
	_, _ = w.Write(kept.Body.Bytes())
}

func (b *benchBed) reset() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.requests = nil
}

// replay sends the store's requests again.
func (b *benchBed) replay(t testing.TB) time.Duration {
	b.mu.Lock()
	requests := slices.Clone(b.requests)
	b.mu.Unlock()
	start := time.Now()
	var group errgroup.Group
	group.SetLimit(config.Default().Prometheus.MaxConcurrency)
	for _, r := range requests {
		group.Go(func() error {
			response, err := http.Post(b.store+r.path, r.contentType, bytes.NewReader(r.body))
			if err != nil {
				return err
			}
			defer response.Body.Close()
			_, err = io.Copy(io.Discard, response.Body)
			return err
		})
	}
	require.NoError(t, group.Wait())
	took := time.Since(start)
	b.mu.Lock()
	b.requests = requests
	b.mu.Unlock()
	return took
}
