package dashboards_test

import (
	"context"
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/meshscope/meshscope/exporter/promql"
	"github.com/meshscope/meshscope/exporter/topology"
	"github.com/meshscope/meshscope/plugin/pkg/derived/derivedtest"
)

// bench is a dashboard in front of a store that has scraped an exporter for
// more than the range that is shown.
type bench struct {
	client *promql.Client
	now    time.Time
}

const shown = 15 * time.Minute

func newBench(t testing.TB, flows []topology.Flow) bench {
	t.Helper()
	store := derivedtest.Open(t)
	judged := derivedtest.Judged(flows)
	judged.Objects = deployments(flows)
	judged.Statuses = policies()
	store.Assess(judged)
	store.Settle(flows)
	store.Publish(flows, int((shown+5*time.Minute)/derivedtest.Every))
	return benchOf(t, store)
}

func benchOf(t testing.TB, store *derivedtest.Store) bench {
	t.Helper()
	client, err := promql.New(promql.Options{URL: store.URL})
	require.NoError(t, err)
	return bench{client, store.Now}
}

// row is a series of an answer, with its last value.
type row struct {
	labels map[string]string
	value  float64
}

// run asks for a target as Grafana does, and returns what is drawn: no value
// that is not a number.
func (b bench) run(t testing.TB, target target, c choice) (rows []row) {
	t.Helper()
	scrape, step := derivedtest.Every, derivedtest.Every
	if target.Interval != "" {
		var err error
		scrape, err = time.ParseDuration(target.Interval)
		require.NoError(t, err)
		step = scrape
	}
	expr := interpolate(t, target.Expr, c.values(max(step+scrape, 4*scrape), shown))
	take := func(s *promql.Series) error {
		r := row{labels: map[string]string{}, value: math.NaN()}
		for name, value := range s.All() {
			r.labels[string(name)] = string(value)
		}
		for _, p := range s.Points {
			if !math.IsNaN(p.Value) {
				r.value = p.Value
			}
		}
		if !math.IsNaN(r.value) {
			rows = append(rows, r)
		}
		return nil
	}
	var err error
	if target.Instant {
		_, err = b.client.Query(context.Background(), expr, b.now, take)
	} else {
		_, err = b.client.QueryRange(context.Background(), expr, promql.Range{Start: b.now.Add(-shown), End: b.now, Step: step}, take)
	}
	require.NoError(t, err, expr)
	return rows
}

// number is the one value of a panel.
func (b bench) number(t testing.TB, p panel, c choice) float64 {
	t.Helper()
	require.Len(t, p.Targets, 1)
	rows := b.run(t, p.Targets[0], c)
	require.Len(t, rows, 1, p.Title)
	return rows[0].value
}
