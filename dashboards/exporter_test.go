package dashboards_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-kit/log"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/meshscope/meshscope/exporter/app"
	"github.com/meshscope/meshscope/exporter/config"
	"github.com/meshscope/meshscope/exporter/demo"
	demomesh "github.com/meshscope/meshscope/exporter/demo/mesh"
	"github.com/meshscope/meshscope/exporter/demo/store"
	"github.com/meshscope/meshscope/exporter/demo/store/storetest"
	"github.com/meshscope/meshscope/exporter/refresh"
	"github.com/meshscope/meshscope/exporter/series"
	exporterweb "github.com/meshscope/meshscope/exporter/web"
	"github.com/meshscope/meshscope/plugin/pkg/derived/derivedtest"
)

const exporterFile = "exporter.json"

var (
	exporterTarget = labels.FromStrings("job", "meshscope", "instance", "meshscope:9877")
	otherTarget    = labels.FromStrings("job", "other", "instance", "other:80")
)

// exporterRun is a real exporter on simulated time that has derived the demo's
// mesh for longer than the range that is shown, with all that can go wrong.
type exporterRun struct {
	bench
	store *store.Store
	// metrics are what it served last.
	metrics string
}

// refusals are how many refreshes the store refused, from 10 minutes on.
const refusals = 4

func runExporter(t *testing.T) *exporterRun {
	t.Helper()
	s, _, client := storetest.Open(t)
	run := &exporterRun{store: s, bench: bench{client, derivedtest.Start}}

	var refuses atomic.Bool
	refusing := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if refuses.Load() {
			http.Error(w, "not now", http.StatusServiceUnavailable)
			return
		}
		s.Handler().ServeHTTP(w, r)
	}))
	t.Cleanup(refusing.Close)

	cfg := config.Default()
	cfg.Limits.MaxEdges = 20
	loop := newExporter(t, cfg, refusing.URL, func() time.Time { return run.now })

	m, err := demomesh.New(demomesh.Config{Seed: 3, Start: run.now})
	require.NoError(t, err)
	refreshes := 0
	require.NoError(t, demo.Play(t.Context(), m, s, run.now, run.now.Add(shown+3*time.Minute), derivedtest.Every, func(at time.Time) error {
		run.now = at
		refreshes++
		began := int((10 * time.Minute) / derivedtest.Every)
		refuses.Store(refreshes > began && refreshes <= began+refusals)
		if err := loop.Refresh(t.Context()); (err != nil) != refuses.Load() {
			return fmt.Errorf("refresh %d: %w", refreshes, err)
		}
		run.metrics = scrape(loop)
		// Kubernetes' resources need an API server, and are told of by hand.
		resources := "meshscope_kubernetes_resource_up{kubernetes_cluster=\"west\",resource=\"pods\"} 1\n" +
			"meshscope_kubernetes_resource_up{kubernetes_cluster=\"west\",resource=\"deployments\"} 0\n"
		if err := s.Append(at, exporterTarget, []byte(run.metrics+resources)); err != nil {
			return err
		}
		return s.Append(at, otherTarget, []byte(notExporters(refreshes)))
	}))
	return run
}

// notExporters is what a program says that is no exporter, and a proxy of which nobody knows whose calls it counts.
func notExporters(scrapes int) string {
	return fmt.Sprintf(`go_goroutines 7
go_memstats_heap_inuse_bytes 7
process_cpu_seconds_total %[1]d
process_open_fds 7
process_resident_memory_bytes 7
process_start_time_seconds 7
istio_requests_total{reporter="nobody",source_workload="a",source_workload_namespace="b",destination_workload="c",destination_workload_namespace="d",destination_service="e",request_protocol="http",response_code="200"} %[1]d
`, 100*scrapes)
}

// newExporter is an exporter as it is, but that it refreshes when the test says so.
func newExporter(t *testing.T, cfg *config.Config, storeURL string, now func() time.Time) *refresh.Loop {
	t.Helper()
	var loop *refresh.Loop
	a, err := app.New(app.Options{
		Source:          app.Source{Config: cfg, PrometheusURL: storeURL},
		ListenAddresses: []string{"127.0.0.1:0"},
		Now:             now,
		NewRefresher: func(o app.RefresherOptions) (app.Refresher, error) {
			var err error
			loop, err = refresh.New(refresh.Options{
				Config: o.Config, Client: o.Client, Inventory: o.Inventory, Logger: log.NewNopLogger(), Registry: o.Registry, Now: o.Now,
			})
			return refresher{Loop: loop}, err
		},
	})
	require.NoError(t, err)
	t.Cleanup(a.Close)
	return loop
}

type refresher struct {
	*refresh.Loop
	asker // nil: nobody asks for graphs here
}

type asker interface {
	exporterweb.Grapher
	Kiali(path string, params url.Values, now time.Time) (exporterweb.Inquiry, error)
}

func scrape(h http.Handler) string {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	return w.Body.String()
}

// serves is the sum of the series that the exporter served last and that begin so.
func (r *exporterRun) serves(t *testing.T, prefix string) (sum float64) {
	t.Helper()
	found := false
	for _, line := range strings.Split(r.metrics, "\n") {
		if !strings.HasPrefix(line, prefix) {
			continue
		}
		found = true
		value, err := strconv.ParseFloat(line[strings.LastIndex(line, " ")+1:], 64)
		require.NoError(t, err, line)
		sum += value
	}
	require.True(t, found, "the exporter serves no %s", prefix)
	return sum
}

// Each query of the dashboard finds something in what a real exporter tells of
// itself, and nothing of other programs. One that cannot be scraped any more is
// not told to be well.
func TestExporter(t *testing.T) {
	run := runExporter(t)
	t.Run("tells all of itself", func(t *testing.T) { tellsAllOfItself(t, run) })
	t.Run("is down", func(t *testing.T) { tellsThatItIsDown(t, run) })
}

func tellsAllOfItself(t *testing.T, run *exporterRun) {
	t.Helper()
	for title, p := range byTitle(named(t, exporterFile)) {
		for _, target := range p.Targets {
			rows := run.run(t, target, choices[0])
			assert.NotEmpty(t, rows, "%s %s", title, target.RefID)
			for _, row := range rows {
				assert.NotEqual(t, otherTarget.Get("instance"), row.labels["instance"], "%s %s", title, target.RefID)
			}
		}
	}

	panels := byTitle(named(t, exporterFile))
	number := func(title string) float64 { return run.number(t, panels[title], choices[0]) }
	assert.InDelta(t, 1, number("Up"), 0)
	assert.InDelta(t, 1, number("Leaders"), 0)
	assert.InDelta(t, 1, number("Refresh"), 0)
	assert.InDelta(t, float64(run.now.Unix())-run.serves(t, "meshscope_refresh_timestamp_seconds "), last(t, run, panels["Age of the map"]), 0)
	assert.InDelta(t, 20, last(t, run, panels["Edges published"]), 0, "limits.max_edges")

	dropped := run.serves(t, "meshscope_edges_dropped_total")
	require.Positive(t, dropped)
	assert.InEpsilon(t, dropped*shown.Minutes()/run.now.Sub(derivedtest.Start).Minutes(), number("Left out"), 0.1)

	failed, all := run.serves(t, `meshscope_promql_queries_total{outcome="unavailable"`), run.serves(t, "meshscope_promql_queries_total")
	require.Positive(t, failed)
	// Of the first refusal there is no sample before.
	assert.InDelta(t, failed*(refusals-1)/refusals/all, number("Failures"), 0.02)

	rejected := run.run(t, panels["Rejected samples"].Targets[1], choices[0])
	require.Len(t, rejected, 1)
	assert.Equal(t, "no_reporter", rejected[0].labels["reason"])

	readable := map[string]float64{}
	for _, row := range run.run(t, panels["Kubernetes"].Targets[0], choices[0]) {
		readable[row.labels["resource"]] = row.value
	}
	assert.Equal(t, map[string]float64{"pods": 1, "deployments": 0}, readable)
}

func last(t *testing.T, run *exporterRun, p panel) float64 {
	t.Helper()
	rows := run.run(t, p.Targets[0], choices[0])
	require.Len(t, rows, 1, p.Title)
	return rows[0].value
}

func tellsThatItIsDown(t *testing.T, run *exporterRun) {
	t.Helper()
	run.now = run.now.Add(derivedtest.Every)
	require.NoError(t, run.store.Missed(run.now, exporterTarget))
	panels := byTitle(named(t, exporterFile))

	assert.Zero(t, run.number(t, panels["Up"], choices[0]))
	for _, title := range []string{"Leaders", "Refresh", "Age"} {
		assert.Empty(t, run.run(t, panels[title].Targets[0], choices[0]), title)
	}
	scraped := run.run(t, panels["Exporters"].Targets[1], choices[0])
	require.Len(t, scraped, 1)
	assert.Equal(t, exporterTarget.Get("instance"), scraped[0].labels["instance"])
	assert.Zero(t, scraped[0].value)
}

// There is a panel for each series of the exporter about itself.
func TestExporterShowsAllOfItself(t *testing.T) {
	var asked []string
	for _, p := range byTitle(named(t, exporterFile)) {
		for _, target := range p.Targets {
			asked = append(asked, target.Expr)
		}
	}
	for _, f := range series.Self {
		assert.Regexp(t, `\b`+f.Name+`(_bucket|_sum)?\b`, strings.Join(asked, "\n"))
	}
}
