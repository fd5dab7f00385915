// Package derivedtest gives tests a store with the series of an exporter:
// Prometheus's own storage, engine and API, filled on simulated time.
package derivedtest

import (
	"bytes"
	"fmt"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/stretchr/testify/require"

	"github.com/meshscope/meshscope/exporter/demo/store"
	"github.com/meshscope/meshscope/exporter/series"
	"github.com/meshscope/meshscope/exporter/topology"
)

// Every is the time between two scrapes of the exporter, where a test sets no other.
const Every = 15 * time.Second

// Start is when simulated time begins.
var Start = time.Date(2026, time.March, 1, 12, 0, 0, 0, time.UTC)

// Store is a store that scrapes an exporter.
type Store struct {
	// URL is where it answers.
	URL string
	// Now is how far time has come.
	Now time.Time
	// Every is the time between two scrapes; a test may set another.
	Every time.Duration

	t      testing.TB
	store  *store.Store
	ledger *series.Ledger
}

// Open starts an empty store, at Start.
func Open(t testing.TB) *Store { return OpenAt(t, Start) }

// OpenAt starts an empty store at a time of the test's own.
func OpenAt(t testing.TB, now time.Time) *Store {
	t.Helper()
	inner, err := store.Open(store.Options{Retention: 30 * 24 * time.Hour})
	require.NoError(t, err)
	server := httptest.NewServer(inner.Handler())
	t.Cleanup(func() {
		server.Close()
		require.NoError(t, inner.Close())
	})
	isWaypoint := func(p topology.Peer) bool { return topology.MatchGlob("*waypoint*", p.Workload) }
	limits := series.Limits{MaxEdges: 10_000, MaxSeries: 1_000_000, IdleTTL: time.Hour}
	return &Store{URL: server.URL, Now: now, Every: Every, t: t, store: inner, ledger: series.NewLedger(limits, isWaypoint)}
}

// exporter is the exporter as a scrape target.
var exporter = labels.FromStrings("job", "meshscope", "instance", "meshscope:9877", "namespace", "meshscope")

// Publish lets the mesh have these flows in each of so many intervals of
// s.Every, and scrapes the exporter after each.
func (s *Store) Publish(flows []topology.Flow, intervals int) {
	s.t.Helper()
	for range intervals {
		s.Now = s.Now.Add(s.Every)
		s.ledger.Post(topology.Interval{End: s.Now, Length: s.Every}, flows)
		s.scrape()
	}
}

// PublishFrozen is Publish for one interval, of an exporter that is scraped, and
// has not refreshed since.
func (s *Store) PublishFrozen(flows []topology.Flow, since time.Time) {
	s.t.Helper()
	s.Now = s.Now.Add(s.Every)
	s.ledger.Post(topology.Interval{End: s.Now, Length: s.Every}, flows)
	s.scrapeRefreshed(since)
}

// Assess tells what the exporter publishes from now on beside its counters.
func (s *Store) Assess(a series.Assessment) { s.ledger.Assess(a) }

// Settle lets the flows' series come into being, at 0, and be scraped: what
// Publish adds from here on is all that they grow by.
func (s *Store) Settle(flows []topology.Flow) {
	s.t.Helper()
	s.Publish(flows, 4)
}

// Compact lets the store tidy up what is of the past, as one that has run for
// long has done.
func (s *Store) Compact() {
	s.t.Helper()
	require.NoError(s.t, s.store.Compact(s.t.Context()))
}

// ScrapeRaw stores an exposition as that of a proxy.
func (s *Store) ScrapeRaw(exposition string) {
	s.t.Helper()
	proxy := labels.FromStrings("job", "proxies", "instance", "10.0.0.1:15020")
	require.NoError(s.t, s.store.Append(s.Now, proxy, []byte(exposition)))
}

func (s *Store) scrape() {
	s.t.Helper()
	s.scrapeRefreshed(s.Now)
}

func (s *Store) scrapeRefreshed(at time.Time) {
	s.t.Helper()
	snapshot, err := s.ledger.Snapshot(s.Now)
	require.NoError(s.t, err)
	var text bytes.Buffer
	require.NoError(s.t, snapshot.WriteText(&text))
	fmt.Fprintf(&text, "# TYPE %[1]s gauge\n%[1]s %[2]d\n", series.RefreshTimestamp.Name, at.Unix())
	require.NoError(s.t, s.store.Append(s.Now, exporter, text.Bytes()))
	s.ledger.Served(snapshot.Generation)
}
