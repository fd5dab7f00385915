package derived_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/stretchr/testify/require"

	"github.com/meshscope/meshscope/exporter/promql"
	"github.com/meshscope/meshscope/exporter/series"
	"github.com/meshscope/meshscope/exporter/topology"
	"github.com/meshscope/meshscope/plugin/pkg/derived"
	"github.com/meshscope/meshscope/plugin/pkg/derived/derivedtest"
	"github.com/meshscope/meshscope/plugin/pkg/frames"
	"github.com/meshscope/meshscope/plugin/pkg/query"
	"github.com/meshscope/meshscope/plugin/pkg/source"
)

// BenchmarkFlows reads a mesh of 2,800 edges over 5 minutes from a real
// store, with and without quantiles; "bare" is the same questions without
// anything made of the answers, "answer" is all that a panel waits for.
func BenchmarkFlows(b *testing.B) {
	flows := derivedtest.Mesh(2800)
	store := derivedtest.Open(b)
	store.Assess(derivedtest.Judged(flows))
	store.Publish(flows, 40)
	iv := topology.Interval{End: store.Now, Length: 5 * time.Minute}
	client, err := promql.New(promql.Options{URL: store.URL, MaxConcurrency: 8})
	require.NoError(b, err)
	source := sourceOf(b, store)

	for _, stats := range [][]query.Stat{{query.RequestRate, query.ErrorRatio}, {query.RequestRate, query.P95}} {
		q := query.Default()
		q.EdgeStats = stats
		answer, err := source.Flows(context.Background(), iv, q)
		require.NoError(b, err)
		b.Run(fmt.Sprintf("bare/%s", stats[1]), func(b *testing.B) { bare(b, client, answer.Queries) })
		b.Run(fmt.Sprintf("flows/%s", stats[1]), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				_, err := source.Flows(context.Background(), iv, q)
				require.NoError(b, err)
			}
		})
		b.Run(fmt.Sprintf("answer/%s", stats[1]), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				answer, err := source.Flows(context.Background(), iv, q)
				require.NoError(b, err)
				draw(iv, answer, q)
			}
		})
	}
}

// draw makes of an answer what a panel gets.
func draw(iv topology.Interval, answer source.Answer, q query.Query) {
	g := topology.Build(iv, answer.Flows, topology.BuildOptions{Level: q.Level, Idle: q.Idle, IsWaypoint: answer.IsWaypoint})
	if answer.Health != nil {
		answer.Health.Attach(g)
	}
	frames.Graph(g, frames.View{Query: q, History: answer.History})
}

// bare puts queries at once, and makes nothing of the answers.
func bare(b *testing.B, client *promql.Client, queries []source.Query) {
	for b.Loop() {
		var group errgroup.Group
		for _, q := range queries {
			group.Go(func() error {
				_, err := client.Query(context.Background(), q.Text, q.At, func(*promql.Series) error { return nil })
				return err
			})
		}
		require.NoError(b, group.Wait())
	}
}

// BenchmarkDay reads a mesh of 2,800 edges, scraped once a minute, over 24
// hours: without the mixin's rollups and with them. "bare" is what the first
// asks.
func BenchmarkDay(b *testing.B) {
	flows := derivedtest.Mesh(2800)
	for i := range flows {
		flows[i].Traffic.Latency = nil // not shown by default
		if i%2 == 0 {
			flows[i].Reporter = topology.ByWaypoint // of half of the mesh it is asked which calls went by one
		}
	}
	waypoint := flow(peer("client"), peer("waypoint"), topology.TCP)
	waypoint.Traffic.Opened = 1
	flows = append(flows, waypoint)
	store := derivedtest.Open(b)
	store.Assess(derivedtest.Judged(flows))
	store.Every = time.Minute
	store.Publish(flows, 40)
	for range 24 {
		store.Publish(flows, 60)
		store.RollUp()
	}
	store.Publish(flows, 20)
	store.Compact()
	iv := topology.Interval{End: store.Now, Length: 24 * time.Hour}

	client, err := promql.New(promql.Options{URL: store.URL, MaxConcurrency: 8})
	require.NoError(b, err)
	rolled, plain := derived.New(client), derived.New(withoutRollups{client})
	read := func(b *testing.B, from *derived.Source) {
		b.ReportAllocs()
		for b.Loop() {
			answer, err := from.Flows(context.Background(), iv, query.Default())
			require.NoError(b, err)
			draw(iv, answer, query.Default())
		}
	}
	answer, err := plain.Flows(context.Background(), iv, query.Default())
	require.NoError(b, err)
	b.Run("bare", func(b *testing.B) { bare(b, client, answer.Queries) })
	b.Run("answer", func(b *testing.B) { read(b, plain) })
	b.Run("rolled", func(b *testing.B) { read(b, rolled) })
}

// withoutRollups is a store without the mixin's rules.
type withoutRollups struct{ source.Store }

func (s withoutRollups) Query(ctx context.Context, text string, at time.Time, each func(*promql.Series) error) (promql.Answer, error) {
	if strings.HasPrefix(text, series.RollupCount) {
		return promql.Answer{}, nil
	}
	return s.Store.Query(ctx, text, at, each)
}
