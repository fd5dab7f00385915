package topology_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/meshscope/meshscope/exporter/topology"
)

// settled are options of a Dedup that remembers.
var settled = topology.DedupOptions{Settle: time.Minute, Forget: time.Hour}

// T1: one call is counted once. The source's report is taken; else the
// waypoint's; else the destination's.
func TestT1OneReporterIsTaken(t *testing.T) {
	by := func(r topology.Reporter) said { return said{by: r, key: pageToReviews, traffic: requests(10, ok)} }
	for _, tc := range []struct {
		name string
		said []said
		want topology.Reporter
	}{
		{"source alone", []said{by(topology.BySource)}, topology.BySource},
		{"source and destination", []said{by(topology.ByDestination), by(topology.BySource)}, topology.BySource},
		{"source and waypoint", []said{by(topology.ByWaypoint), by(topology.BySource)}, topology.BySource},
		{"waypoint and destination", []said{by(topology.ByDestination), by(topology.ByWaypoint)}, topology.ByWaypoint},
		{"destination alone", []said{by(topology.ByDestination)}, topology.ByDestination},
		{"all three", []said{by(topology.ByDestination), by(topology.ByWaypoint), by(topology.BySource)}, topology.BySource},
	} {
		t.Run(tc.name, func(t *testing.T) {
			f := onlyFlow(t, resolveOnce(reports(tc.said...)))
			require.Equal(t, tc.want, f.Reporter)
			require.Equal(t, 10.0, f.Traffic.Total())
		})
	}
}

// T1: the reporter is one for a pair of nodes, whichever hosts were called. A
// call that the source sees on its way to one host and the destination to
// another is one call.
func TestT1OneReporterForAllServicesOfAPair(t *testing.T) {
	byAlias := pageToReviews
	byAlias.Service = service("reviews-alias")
	res := resolveOnce(reports(
		said{by: topology.BySource, key: byAlias, traffic: requests(10, ok)},
		said{by: topology.ByDestination, key: pageToReviews, traffic: requests(10, ok)},
	))
	require.Equal(t, byAlias, onlyFlow(t, res).Key)
}

// T1: errors that never reached the destination are seen by the source alone.
func TestT1SourceKnowsItsErrors(t *testing.T) {
	fromSource := requests(8, ok)
	fromSource.AddRequests(topology.Response{Code: "504", Flags: "UT"}, 2)
	f := onlyFlow(t, resolveOnce(reports(
		said{by: topology.BySource, key: pageToReviews, traffic: fromSource},
		said{by: topology.ByDestination, key: pageToReviews, traffic: requests(10, ok)},
	)))
	require.Equal(t, fromSource.Requests, f.Traffic.Requests, "ten calls, two of them failed: not twelve")
}

// T1: the destination replaces the source where it answered 20 % and 10 calls
// more within five minutes.
func TestT1DestinationReplacesSource(t *testing.T) {
	for _, tc := range []struct {
		name           string
		made, answered float64 // in five minutes
		erred          float64 // at the destination, on top
		want           topology.Reporter
	}{
		{"as many", 1000, 1000, 0, topology.BySource},
		{"19 % more", 1000, 1190, 0, topology.BySource},
		{"20 % more", 1000, 1200, 0, topology.BySource},
		{"21 % more", 1000, 1210, 0, topology.ByDestination},
		{"twice, but only 10 more", 10, 20, 0, topology.BySource},
		{"twice, and 11 more", 11, 22, 0, topology.ByDestination},
		{"source is silent", 0, 11, 0, topology.ByDestination},
		{"retries: thrice as many, all but the last failed", 1000, 1000, 2000, topology.BySource},
	} {
		check := func(t *testing.T, o topology.DedupOptions, length time.Duration, intervals int) {
			d, c := topology.NewDedup(o), newClock()
			c.step = length
			n := float64(intervals)
			var res topology.Resolution
			for range intervals {
				atDestination := requests(tc.answered/n, ok)
				atDestination.AddRequests(failed, tc.erred/n)
				res = d.Resolve(c.tick(), reports(
					said{by: topology.BySource, key: pageToReviews, traffic: requests(tc.made/n, ok)},
					said{by: topology.ByDestination, key: pageToReviews, traffic: atDestination},
				))
			}
			if settled := o.Settle > 0; settled {
				// The comparison is complete; it takes effect with the next interval.
				require.Equal(t, topology.BySource, onlyFlow(t, res).Reporter)
				res = d.Resolve(c.tick(), reports(
					said{by: topology.BySource, key: pageToReviews, traffic: requests(tc.made/n, ok)},
					said{by: topology.ByDestination, key: pageToReviews, traffic: requests(tc.answered/n, ok)},
				))
			}
			require.Equal(t, tc.want, onlyFlow(t, res).Reporter)
		}
		t.Run(tc.name, func(t *testing.T) {
			t.Run("over 20 intervals", func(t *testing.T) { check(t, settled, 15*time.Second, 20) })
			t.Run("over one long interval", func(t *testing.T) { check(t, topology.DedupOptions{}, 5*time.Minute, 1) })
		})
	}
}

// T1: one interval is too short to compare by, and what is older than five
// minutes is not compared.
func TestT1ReplacementNeedsFiveMinutes(t *testing.T) {
	d, c := topology.NewDedup(settled), newClock()
	resolve := func(made, answered float64) topology.Reporter {
		return onlyFlow(t, d.Resolve(c.tick(), reports(
			said{by: topology.BySource, key: pageToReviews, traffic: requests(made, ok)},
			said{by: topology.ByDestination, key: pageToReviews, traffic: requests(answered, ok)},
		))).Reporter
	}
	require.Equal(t, topology.BySource, resolve(0, 1000), "the source is scraped later than the destination")
	require.Equal(t, topology.BySource, resolve(1000, 0))
	for i := range 40 {
		require.Equal(t, topology.BySource, resolve(10, 10), "interval %d", i)
	}
}

// T1: having replaced the source, the destination is taken until it is less
// than 10 % ahead.
func TestT1ReplacementEndsBelowTenPercent(t *testing.T) {
	d, c := topology.NewDedup(settled), newClock()
	resolve := func(answered float64) topology.Reporter {
		return onlyFlow(t, d.Resolve(c.tick(), reports(
			said{by: topology.BySource, key: pageToReviews, traffic: requests(100, ok)},
			said{by: topology.ByDestination, key: pageToReviews, traffic: requests(answered, ok)},
		))).Reporter
	}
	after := func(answered float64) (last topology.Reporter) {
		for range 22 {
			last = resolve(answered)
		}
		return last
	}
	require.Equal(t, topology.BySource, after(115), "between the two thresholds nothing changes")
	require.Equal(t, topology.ByDestination, after(130))
	require.Equal(t, topology.ByDestination, after(115), "between the two thresholds nothing changes")
	require.Equal(t, topology.BySource, after(105))
	require.Equal(t, topology.BySource, after(115))
}

// T1: a change of reporter takes effect with the next interval, as both have
// said the same of this one.
func TestT1ChangeOfReporterCountsNothingTwice(t *testing.T) {
	d, c := topology.NewDedup(settled), newClock()
	d.Remember(reviewsToRatings, topology.HTTP, topology.ByDestination, c.now)
	both := func() *topology.Reports {
		return reports(
			said{by: topology.BySource, key: reviewsToRatings, traffic: requests(10, ok)},
			said{by: topology.ByDestination, key: reviewsToRatings, traffic: requests(10, ok)},
		)
	}
	alone := reports(said{by: topology.ByDestination, key: reviewsToRatings, traffic: requests(10, ok)})

	require.Equal(t, topology.ByDestination, onlyFlow(t, d.Resolve(c.tick(), alone)).Reporter)
	require.Equal(t, topology.ByDestination, onlyFlow(t, d.Resolve(c.tick(), both())).Reporter, "the source came")
	require.Equal(t, topology.BySource, onlyFlow(t, d.Resolve(c.tick(), both())).Reporter)
}

// T1: where the reporter that was taken has gone, there is nothing to wait for.
func TestT1ReporterThatWentIsReplacedAtOnce(t *testing.T) {
	d, c := topology.NewDedup(settled), newClock()
	d.Remember(reviewsToRatings, topology.HTTP, topology.BySource, c.now)
	f := onlyFlow(t, d.Resolve(c.tick(), reports(
		said{by: topology.ByDestination, key: reviewsToRatings, traffic: requests(10, ok)},
	)))
	require.Equal(t, topology.ByDestination, f.Reporter)
	require.Equal(t, 10.0, f.Traffic.Total())
}

// T1: a restart is no news. A destination that stood in for a source that
// misses callers still does, without five minutes of the source's view.
func TestT1RememberedReplacementLasts(t *testing.T) {
	d, c := topology.NewDedup(settled), newClock()
	d.Remember(pageToReviews, topology.HTTP, topology.ByDestination, c.now)
	for i := range 40 {
		f := onlyFlow(t, d.Resolve(c.tick(), reports(
			said{by: topology.BySource, key: pageToReviews, traffic: requests(50, ok)},
			said{by: topology.ByDestination, key: pageToReviews, traffic: requests(100, ok)},
		)))
		require.Equal(t, topology.ByDestination, f.Reporter, "interval %d", i)
	}
}

// T1: a new pair waits for its source, and then loses nothing that it counted.
func TestT1NewPairWaitsForItsSource(t *testing.T) {
	server := said{by: topology.ByDestination, key: pageToReviews, traffic: requests(10, ok)}
	client := said{by: topology.BySource, key: pageToReviews, traffic: requests(7, ok)}

	t.Run("it comes", func(t *testing.T) {
		d, c := topology.NewDedup(settled), newClock()
		for range 2 {
			res := d.Resolve(c.tick(), reports(server))
			require.Empty(t, res.Flows)
			require.Equal(t, 1, res.Waiting)
		}
		f := onlyFlow(t, d.Resolve(c.tick(), reports(server, client)))
		require.Equal(t, topology.BySource, f.Reporter)
		require.Equal(t, 7.0, f.Traffic.Total())
	})
	t.Run("it does not come", func(t *testing.T) {
		d, c := topology.NewDedup(settled), newClock()
		total := 0.0
		for i := range 5 {
			res := d.Resolve(c.tick(), reports(server))
			for _, f := range res.Flows {
				require.Equal(t, topology.ByDestination, f.Reporter)
				total += f.Traffic.Total()
			}
			require.Equal(t, i < 4, res.Waiting == 1, "interval %d", i)
		}
		require.Equal(t, 50.0, total)
	})
	t.Run("it does not come, and the pair falls silent", func(t *testing.T) {
		d, c := topology.NewDedup(settled), newClock()
		d.Resolve(c.tick(), reports(server))
		total := 0.0
		for range 10 {
			for _, f := range d.Resolve(c.tick(), reports()).Flows {
				total += f.Traffic.Total()
			}
		}
		require.Equal(t, 10.0, total)
	})
	t.Run("it came before the pair was known", func(t *testing.T) {
		d, c := topology.NewDedup(settled), newClock()
		require.Equal(t, topology.BySource, onlyFlow(t, d.Resolve(c.tick(), reports(client))).Reporter)
	})
	t.Run("a remembered pair does not wait", func(t *testing.T) {
		d, c := topology.NewDedup(settled), newClock()
		d.Remember(pageToReviews, topology.HTTP, topology.ByDestination, c.now)
		require.Equal(t, 10.0, onlyFlow(t, d.Resolve(c.tick(), reports(server))).Traffic.Total())
	})
	t.Run("a graph of one interval does not wait", func(t *testing.T) {
		require.Equal(t, 10.0, onlyFlow(t, resolveOnce(reports(server))).Traffic.Total())
	})
}

// T1: a reporter that does not know the destination's cluster, or the peer's
// canonical names, speaks of the same edge as the one that does.
func TestT1WhatOneSideCannotKnowIsCompleted(t *testing.T) {
	remote := pageToReviews
	remote.Destination.Cluster = "east"

	assumed := remote
	assumed.Destination.Cluster = remote.Source.Cluster // istio#29373
	unknown := remote
	unknown.Destination.Cluster = ""
	anonymous := remote
	anonymous.Source.Cluster = ""
	nameless := remote
	nameless.Source.CanonicalService, nameless.Source.CanonicalRevision = "", ""
	nameless.Destination.CanonicalRevision = ""

	atServer := said{by: topology.ByDestination, key: remote, traffic: requests(10, ok)}
	for _, tc := range []struct {
		name string
		said []said
	}{
		{"destination_cluster assumed by the source", []said{{by: topology.BySource, key: assumed, assumed: true, traffic: requests(10, ok)}, atServer}},
		{"destination_cluster unknown to the source", []said{{by: topology.BySource, key: unknown, traffic: requests(10, ok)}, atServer}},
		{"source_cluster unknown to the destination", []said{
			{by: topology.BySource, key: remote, traffic: requests(10, ok)},
			{by: topology.ByDestination, key: anonymous, traffic: requests(10, ok)},
		}},
		{"canonical names unknown to the source", []said{{by: topology.BySource, key: nameless, traffic: requests(10, ok)}, atServer}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			res := resolveOnce(reports(tc.said...))
			f := onlyFlow(t, res)
			require.Equal(t, remote, f.Key)
			require.Equal(t, topology.BySource, f.Reporter)
			require.Equal(t, 10.0, f.Traffic.Total())
			require.Empty(t, res.Folded)
		})
	}
}

// T1: who has spoken of a pair for longer than an interval is not waited with:
// all others have been scraped since.
func TestT1StandingReportDoesNotWait(t *testing.T) {
	d, c := topology.NewDedup(settled), newClock()
	born := reports(said{by: topology.ByDestination, key: pageToReviews, traffic: requests(10, ok)})
	require.Empty(t, d.Resolve(c.tick(), born).Flows)
	standing := reports(said{by: topology.ByDestination, key: pageToReviews, traffic: requests(20, ok)})
	for r := range standing.All() {
		r.Standing = true
	}
	f := onlyFlow(t, d.Resolve(c.tick(), standing))
	require.Equal(t, 30.0, f.Traffic.Total(), "with what was said before")
}

// T1: what a pair said while it waited is completed by what is known later. It
// is not an edge of its own.
func TestT1WhatWaitedIsCompleted(t *testing.T) {
	anonymous := pageToReviews
	anonymous.Source.Cluster = ""
	atServer := said{by: topology.ByDestination, key: anonymous, traffic: requests(10, ok)}
	atClient := said{by: topology.BySource, key: pageToReviews, traffic: requests(20, ok)}

	d, c := topology.NewDedup(settled), newClock()
	require.Empty(t, d.Resolve(c.tick(), reports(atServer)).Flows)
	f := onlyFlow(t, d.Resolve(c.tick(), reports(atServer, atClient)))
	require.Equal(t, pageToReviews, f.Key)
	require.Equal(t, 20.0, f.Traffic.Total())
	for range 10 {
		require.Empty(t, d.Resolve(c.tick(), reports()).Flows)
	}
}

// T1: parts of one source's report that become one edge are added.
func TestT1CompletedReportsAreMerged(t *testing.T) {
	unknown := pageToReviews
	unknown.Destination.Cluster = ""
	f := onlyFlow(t, resolveOnce(reports(
		said{by: topology.BySource, key: pageToReviews, traffic: requests(10, ok), samples: 1},
		said{by: topology.BySource, key: unknown, traffic: requests(5, ok), samples: 1},
	)))
	require.Equal(t, pageToReviews, f.Key)
	require.Equal(t, 15.0, f.Traffic.Total())
}

// T1: where destinations in several clusters report a caller that does not
// know which of them it called, they alone can tell.
func TestT1AmbiguousClusterIsLeftToDestinations(t *testing.T) {
	east, west, assumed := pageToReviews, pageToReviews, pageToReviews
	east.Destination.Cluster, west.Destination.Cluster = "east", "west"
	res := resolveOnce(reports(
		said{by: topology.BySource, key: assumed, assumed: true, traffic: requests(30, ok), samples: 3},
		said{by: topology.ByDestination, key: east, traffic: requests(10, ok), samples: 1},
		said{by: topology.ByDestination, key: west, traffic: requests(20, ok), samples: 1},
	))
	require.Len(t, res.Flows, 2)
	require.Equal(t, east, res.Flows[0].Key)
	require.Equal(t, 10.0, res.Flows[0].Traffic.Total())
	require.Equal(t, west, res.Flows[1].Key)
	require.Equal(t, 20.0, res.Flows[1].Traffic.Total())
	require.Equal(t, map[topology.FoldReason]int{topology.FoldAmbiguousCluster: 3}, res.Folded)
}

// T1: where no one knows the destination's cluster, the assumed one stands.
func TestT1AssumedClusterStandsWhereNoOneKnows(t *testing.T) {
	f := onlyFlow(t, resolveOnce(reports(
		said{by: topology.BySource, key: pageToReviews, assumed: true, traffic: requests(10, ok)},
	)))
	require.Equal(t, pageToReviews, f.Key)
}

// T1: mutual TLS comes from a reporter that knows of it, all else from the
// reporter that was taken.
func TestT1SecurityComesFromThoseWhoKnow(t *testing.T) {
	unknown := secured(requests(10, ok), topology.UnknownPolicy, 10)
	for _, tc := range []struct {
		name string
		said []said
		want map[topology.Policy]float64
	}{
		{"no one", []said{{by: topology.BySource, traffic: unknown}}, map[topology.Policy]float64{topology.UnknownPolicy: 10}},
		{"the destination", []said{
			{by: topology.BySource, traffic: unknown},
			{by: topology.ByDestination, traffic: secured(secured(requests(9, ok), topology.MutualTLS, 8), topology.Plaintext, 1)},
		}, map[topology.Policy]float64{topology.MutualTLS: 8, topology.Plaintext: 1}},
		{"the waypoint before the destination", []said{
			{by: topology.BySource, traffic: unknown},
			{by: topology.ByWaypoint, traffic: secured(requests(10, ok), topology.MutualTLS, 10)},
			{by: topology.ByDestination, traffic: secured(requests(10, ok), topology.Plaintext, 10)},
		}, map[topology.Policy]float64{topology.MutualTLS: 10}},
		{"the source itself (ztunnel)", []said{
			{by: topology.BySource, traffic: secured(requests(10, ok), topology.MutualTLS, 10)},
			{by: topology.ByDestination, traffic: secured(requests(10, ok), topology.Plaintext, 10)},
		}, map[topology.Policy]float64{topology.MutualTLS: 10}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			for i := range tc.said {
				tc.said[i].key = pageToReviews
			}
			f := onlyFlow(t, resolveOnce(reports(tc.said...)))
			require.Equal(t, topology.BySource, f.Reporter)
			require.Equal(t, tc.want, f.Traffic.Secured)
			require.Equal(t, 10.0, f.Traffic.Total())
		})
	}
}

// T1: of several hosts that a pair is called by, each has the security that is
// reported of it; that of a host which the other side does not name is not lost.
func TestT1SecurityIsMatchedByService(t *testing.T) {
	alias, stray := pageToReviews, pageToReviews
	alias.Service, stray.Service = service("alias"), service("stray")
	res := resolveOnce(reports(
		said{by: topology.BySource, key: pageToReviews, traffic: requests(1, ok)},
		said{by: topology.BySource, key: alias, traffic: requests(2, ok)},
		said{by: topology.ByDestination, key: pageToReviews, traffic: secured(requests(1, ok), topology.MutualTLS, 1)},
		said{by: topology.ByDestination, key: alias, traffic: secured(requests(1, ok), topology.Plaintext, 2)},
		said{by: topology.ByDestination, key: stray, traffic: secured(requests(1, ok), topology.MutualTLS, 4)},
	))
	require.Len(t, res.Flows, 2)
	by, total := map[topology.Service]map[topology.Policy]float64{}, 0.0
	for _, f := range res.Flows {
		by[f.Key.Service] = f.Traffic.Secured
		for _, n := range f.Traffic.Secured {
			total += n
		}
	}
	require.Equal(t, 2.0, by[alias.Service][topology.Plaintext])
	require.Equal(t, 7.0, total)
}

// T1, as a property: what a pair counts is what one reporter said of it, never
// the sum of two, and no pair is left out.
func TestT1PropertyNeverTwoReporters(t *testing.T) {
	type pair struct {
		source, destination topology.Ref
		protocol            topology.Protocol
	}
	rapid.Check(t, func(t *rapid.T) {
		all := distinctReports(home, "east").Draw(t, "reports")
		spoken := map[pair]map[topology.Reporter]float64{}
		for i, s := range all {
			if s.protocol == topology.TCP {
				s.protocol = topology.HTTP // transport is T9's matter
			}
			s.assumed = false
			all[i] = s
		}
		rs := reports(all...)
		for _, s := range all {
			p := pair{s.key.SourceRef(), s.key.DestinationRef(), s.protocol}
			if spoken[p] == nil {
				spoken[p] = map[topology.Reporter]float64{}
			}
			spoken[p][s.by] += s.traffic.Calls()
		}
		res := resolveOnce(rs)
		counted := map[pair]map[topology.Reporter]float64{}
		for _, f := range res.Flows {
			p := pair{f.Key.SourceRef(), f.Key.DestinationRef(), f.Protocol}
			if counted[p] == nil {
				counted[p] = map[topology.Reporter]float64{}
			}
			counted[p][f.Reporter] += f.Traffic.Calls()
		}
		require.Len(t, counted, len(spoken))
		for p, by := range counted {
			require.Len(t, by, 1, "%v", p)
			for r, n := range by {
				require.InDelta(t, spoken[p][r], n, 1e-6, "%v by %s", p, r)
			}
		}
	})
}

// The memory is bounded: pairs beyond MaxPairs are refused and counted, and
// those of which no one speaks any more make room.
func TestDedupMemoryIsBounded(t *testing.T) {
	d := topology.NewDedup(topology.DedupOptions{Settle: time.Second, Forget: time.Minute, MaxPairs: 2})
	c := newClock()
	callers := func(from, to int) *topology.Reports {
		rs := topology.NewReports(0)
		for i := from; i < to; i++ {
			key := pageToReviews
			key.Source.Workload = fmt.Sprintf("caller-%d", i)
			said{by: topology.BySource, key: key, traffic: requests(1, ok)}.addTo(rs)
		}
		return rs
	}
	res := d.Resolve(c.tick(), callers(0, 5))
	require.Len(t, res.Flows, 2)
	require.Equal(t, 3, res.Refused)

	c.step = 2 * time.Minute
	d.Resolve(c.tick(), callers(0, 0))
	res = d.Resolve(c.tick(), callers(3, 5))
	require.Len(t, res.Flows, 2)
	require.Zero(t, res.Refused)

	d.Use(topology.DedupOptions{Settle: time.Second, Forget: time.Minute, MaxPairs: 5})
	res = d.Resolve(c.tick(), callers(0, 6))
	require.Len(t, res.Flows, 5, "with more room, and what was remembered")
	require.Equal(t, 1, res.Refused)
}
