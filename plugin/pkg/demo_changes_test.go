package main_test

import (
	"bytes"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/go-kit/log"
	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/grafana/grafana-plugin-sdk-go/data"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/meshscope/meshscope/exporter/config"
	"github.com/meshscope/meshscope/exporter/demo"
	"github.com/meshscope/meshscope/exporter/demo/mesh"
	"github.com/meshscope/meshscope/exporter/demo/store"
	"github.com/meshscope/meshscope/exporter/demo/store/storetest"
	"github.com/meshscope/meshscope/exporter/promql"
	"github.com/meshscope/meshscope/exporter/refresh"
)

// idleTTL is after how long without traffic the exporter of the test lets go
// of an edge.
const idleTTL = 4 * time.Minute

// world is the demo's mesh with an exporter that can be started anew, or be
// missed by scrapes.
type world struct {
	t      *testing.T
	mesh   *mesh.Mesh
	player demo.Player
	store  *store.Store
	url    string
	client *promql.Client

	now, started time.Time
	loop         *refresh.Loop
	away         bool
	page         string // what the exporter said last
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{t: t, now: time.Date(2026, time.March, 1, 12, 0, 0, 0, time.UTC)}
	var err error
	w.mesh, err = mesh.New(mesh.Config{Seed: 5, Start: w.now})
	require.NoError(t, err)
	w.store, w.url, w.client = storetest.Open(t)
	w.player = demo.Player{Mesh: w.mesh, Store: w.store, Interval: scrapeInterval}
	w.restart()
	return w
}

// restart starts the exporter anew.
func (w *world) restart() {
	c := config.Default()
	c.Limits.IdleTTL = model.Duration(idleTTL)
	var err error
	w.loop, err = refresh.New(refresh.Options{
		Config: c, Client: w.client, Logger: log.NewNopLogger(), Registry: prometheus.NewRegistry(), Now: func() time.Time { return w.now },
	})
	require.NoError(w.t, err)
	w.started = w.now
}

// play lets time go on.
func (w *world) play(d time.Duration) {
	w.t.Helper()
	from := w.now
	require.NoError(w.t, w.player.Play(w.t.Context(), from, from.Add(d), w.scrapeExporter))
	w.now = from.Add(d)
}

func (w *world) scrapeExporter(at time.Time) error {
	w.now = at
	if err := w.loop.Refresh(w.t.Context()); err != nil {
		return err
	}
	target := labels.FromStrings("job", "meshscope", "instance", "meshscope:9877")
	if w.away {
		return w.store.Missed(at, target)
	}
	r, answer := httptest.NewRequest(http.MethodGet, "/metrics", nil), httptest.NewRecorder()
	r.Header.Set("X-Prometheus-Scrape-Timeout-Seconds", "10")
	w.loop.ServeHTTP(answer, r)
	w.page = answer.Body.String()
	var page bytes.Buffer
	page.WriteString(w.page)
	fmt.Fprintf(&page, "# TYPE process_start_time_seconds gauge\nprocess_start_time_seconds %d\n", w.started.Unix())
	return w.store.Append(at, target, page.Bytes())
}

// publishes tells whether the exporter says that there is an edge.
func (w *world) publishes(source, destination string) bool {
	for line := range strings.Lines(w.page) {
		if strings.HasPrefix(line, "meshscope_edge_first_seen") &&
			strings.Contains(line, `source_workload="`+source+`"`) && strings.Contains(line, `destination_workload="`+destination+`"`) {
			return true
		}
	}
	return false
}

// event is an annotation as Grafana reads it.
type event struct {
	at              time.Time
	title, text, id string
	tags            []string
}

func eventsOf(t *testing.T, frames data.Frames) (events []event) {
	t.Helper()
	require.Len(t, frames, 1)
	f := frames[0]
	column := func(name string) *data.Field {
		field, at := f.FieldByName(name)
		require.GreaterOrEqual(t, at, 0, name)
		return field
	}
	for i := range f.Rows() {
		events = append(events, event{
			at: column("time").At(i).(time.Time), title: column("title").At(i).(string), text: column("text").At(i).(string),
			id: column("id").At(i).(string), tags: strings.Split(column("tags").At(i).(string), ","),
		})
	}
	return events
}

// TestChanges has a new dependency in the demo, which ends; the exporter is
// started anew while it lasts, and is missed by scrapes for a while.
func TestChanges(t *testing.T) {
	skipInShort(t)
	w := newWorld(t)
	begin := w.now
	w.play(8 * time.Minute)
	call := mesh.Fault{
		Kind: mesh.NewDependency, SourceNamespace: "bookinfo", SourceWorkload: "details-v1",
		DestinationNamespace: "sock-shop", DestinationWorkload: "catalogue", Value: 5,
	}
	require.False(t, w.publishes("details-v1", "catalogue"))
	require.NoError(t, w.mesh.Set(call))
	called := w.now
	w.play(2 * time.Minute)
	require.True(t, w.publishes("details-v1", "catalogue"))

	restarted := w.now
	w.restart()
	w.play(2 * time.Minute)
	require.True(t, w.publishes("details-v1", "catalogue"))
	w.away = true
	w.play(time.Minute)
	w.away = false
	w.play(time.Minute)
	require.NoError(t, w.mesh.Clear(call))
	w.play(3 * time.Minute)
	require.True(t, w.publishes("details-v1", "catalogue"))
	w.play(3 * time.Minute)
	require.False(t, w.publishes("details-v1", "catalogue"))
	gone := w.now
	w.play(5 * time.Minute)

	derived := dataSource(t, w.url, "auto")
	ask := func(from, to time.Time, stored string) []event {
		return eventsOf(t, framesOf(t, derived, backend.DataQuery{TimeRange: backend.TimeRange{From: from, To: to}, JSON: []byte(stored)}))
	}
	past := w.now.Add(-4 * time.Minute)
	for _, level := range []struct{ level, source, target string }{
		{"workload", "details-v1", "catalogue"}, {"app", "details", "catalogue"}, {"service", "details", "catalogue"}, {"namespace", "bookinfo", "sock-shop"},
	} {
		t.Run(level.level, func(t *testing.T) {
			all := ask(begin, past, fmt.Sprintf(`{"queryType": "changes", "level": %q, "limit": 1000}`, level.level))
			var of []event
			for _, e := range all {
				assert.False(t, e.at.Before(begin.Add(5*time.Minute)), "what an exporter finds when it begins has not changed: %s", e.title)
				assert.False(t, e.at.After(restarted.Add(-scrapeInterval)) && e.at.Before(restarted.Add(2*time.Minute)), "a restart is no change: %s", e.title)
				if strings.HasSuffix(e.title, ": "+level.source+" → "+level.target) {
					of = append(of, e)
				}
			}
			require.Len(t, of, 2, "%v", all)
			assert.Equal(t, "Edge added: "+level.source+" → "+level.target, of[0].title)
			assert.Equal(t, []string{"added", "edge", "bookinfo", "sock-shop"}, of[0].tags)
			assert.WithinDuration(t, called.Add(30*time.Second), of[0].at, 45*time.Second)
			assert.Equal(t, "Edge removed: "+level.source+" → "+level.target, of[1].title)
			assert.Equal(t, []string{"removed", "edge", "bookinfo", "sock-shop"}, of[1].tags)
			assert.WithinDuration(t, gone.Add(-90*time.Second), of[1].at, 90*time.Second)
			assert.NotEqual(t, of[0].id, of[1].id)
		})
	}

	t.Run("exact", func(t *testing.T) {
		var since time.Time
		_, err := w.client.Query(t.Context(), `meshscope_edge_first_seen_timestamp_seconds{source_workload="details-v1", destination_workload="catalogue"}`,
			called.Add(time.Minute), func(s *promql.Series) error {
				since = time.UnixMilli(int64(s.Points[0].Value * 1000))
				return nil
			})
		require.NoError(t, err)
		came := ask(called, called.Add(time.Minute), `{"queryType": "changes", "filter": "edge.protocol == \"http\"", "namespaces": ["sock-shop"]}`)
		var titles []string
		for _, e := range came {
			titles = append(titles, e.title)
		}
		require.Contains(t, titles, "Edge added: details-v1 → catalogue")
		for _, e := range came {
			if e.title == "Edge added: details-v1 → catalogue" {
				assert.True(t, since.Equal(e.at), "%s %s", since, e.at)
			}
		}
	})
	t.Run("nothing of it", func(t *testing.T) {
		for _, stored := range []string{
			`{"queryType": "changes", "namespaces": ["online-boutique"]}`, `{"queryType": "changes", "protocols": ["tcp"]}`,
			`{"queryType": "changes", "filter": "edge.errorRatio > 2"}`, `{"queryType": "changes", "focus": {"name": "ratings-v1"}}`,
		} {
			for _, e := range ask(called.Add(-time.Minute), past, stored) {
				assert.NotContains(t, e.title, "details-v1 → catalogue", stored)
			}
		}
	})
	t.Run("raw", func(t *testing.T) {
		response, err := dataSource(t, w.url, "raw").QueryData(t.Context(), &backend.QueryDataRequest{Queries: []backend.DataQuery{{
			RefID: "A", TimeRange: backend.TimeRange{From: begin, To: past}, JSON: []byte(`{"queryType": "changes"}`),
		}}})
		require.NoError(t, err)
		require.ErrorContains(t, response.Responses["A"].Error, "changes are told by the series of the Meshscope exporter")
		assert.Equal(t, backend.StatusBadRequest, response.Responses["A"].Status)
	})
}
