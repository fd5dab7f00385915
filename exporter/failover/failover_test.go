package failover_test

import (
	"context"
	"fmt"
	"math"
	"net/url"
	"syscall"
	"testing"
	"time"

	"github.com/prometheus/common/model"
	"github.com/stretchr/testify/require"
)

const (
	// takeover is the promise: so long after a leader was killed another publishes.
	takeover = 20 * time.Second
	// handover is how long it takes where the leader ends of itself.
	handover = 10 * time.Second
	// rateRange is how far rates look back. Until two that started one after the
	// other have counted for longer than that, their rates differ by their starts.
	rateRange = time.Minute
	// elected are the exporters of which one leads.
	elected = `exporter!="reference",job="meshscope"`
)

// A leader is killed, and the next one told to end. What they have counted
// together is what one has counted that was there all the time.
func TestFailover(t *testing.T) {
	b := newBed(t)
	reference := b.exporter(t, "reference", false)
	first := b.exporter(t, "first", true)
	eventually(t, time.Minute, "the first leads", func() bool { return first.leads(t) })
	second := b.exporter(t, "second", true)
	eventually(t, 2*time.Minute, "two have counted for longer than rates look back", func() bool {
		scrapes := b.ask(t, `count_over_time(meshscope_edges[5m])`, time.Now())
		return reference.leads(t) && min(scrapes["reference"], scrapes["first"]) > float64((rateRange+10*time.Second)/interval)
	})
	b.answersAlike(t, first, second)
	before := b.counted(t, time.Now())

	killed := time.Now()
	first.signal(syscall.SIGKILL)
	<-first.ended
	took := eventually(t, 2*takeover, "the second leads", func() bool { return second.leads(t) })
	t.Logf("the second publishes %.1f s after the first was killed", took.Seconds())
	require.LessOrEqual(t, took, takeover)
	time.Sleep(40 * time.Second)
	after := b.counted(t, time.Now())
	t.Logf("one exporter counted %.0f requests, the two %.0f", after["reference"]-before["reference"], after["elected"]-before["elected"])
	require.InEpsilon(t, after["reference"]-before["reference"], after["elected"]-before["elected"], 0.005)

	third := b.exporter(t, "third", true)
	eventually(t, time.Minute, "the third stands by", func() bool { return third.ready(t) && !third.leads(t) })
	second.signal(syscall.SIGTERM)
	<-second.ended
	took = eventually(t, 2*takeover, "the third leads", func() bool { return third.leads(t) })
	t.Logf("the third publishes %.1f s after the second has ended", took.Seconds())
	require.LessOrEqual(t, took, handover)
	time.Sleep(20 * time.Second)
	from, to := killed.Truncate(time.Second), time.Now().Truncate(time.Second) // which no API rounds
	b.neverTwo(t, from, to)
	b.noDoubling(t, from, to)
	b.noFlip(t, from, to)
}

// answersAlike asks two exporters the same of the graph.
func (b *bed) answersAlike(t *testing.T, one, other *exporter) {
	t.Helper()
	at := time.Now().Add(-5 * time.Second).Truncate(time.Second)
	q := url.Values{"time": {fmt.Sprint(at.Unix())}, "window": {"30s"}, "output": {"json"}}
	graph := one.get(t, "/api/v1/graph?"+q.Encode())
	require.Contains(t, graph, "productpage-v1")
	require.JSONEq(t, graph, other.get(t, "/api/v1/graph?"+q.Encode()))
	path := "/kiali/api/namespaces/graph?namespaces=bookinfo&duration=30s&queryTime=" + fmt.Sprint(at.Unix())
	graph = one.get(t, path)
	require.Contains(t, graph, "productpage-v1")
	require.JSONEq(t, graph, other.get(t, path))
}

// counted is what was counted until an instant: by those that are elected,
// together, and by the reference. The two are compared at the latest time up
// to which both have counted; one may have come to that later than the other.
func (b *bed) counted(t *testing.T, at time.Time) map[string]float64 {
	t.Helper()
	type instants map[float64]time.Time // by the time up to which was counted
	ofReference, ofElected := instants{}, instants{}
	for back := range 60 {
		at := at.Add(-time.Duration(back) * 500 * time.Millisecond)
		through := b.ask(t, `max by (exporter) (meshscope_refresh_timestamp_seconds)`, at)
		ofReference[through["reference"]] = at
		delete(through, "reference")
		latest := 0.0
		for _, v := range through {
			latest = math.Max(latest, v)
		}
		ofElected[latest] = at
	}
	common := 0.0
	for through := range ofReference {
		if _, both := ofElected[through]; both {
			common = math.Max(common, through)
		}
	}
	require.NotZero(t, common, "the exporters never count up to the same time")
	return map[string]float64{
		"reference": b.ask(t, `sum(meshscope_edge_requests_total{exporter="reference"})`, ofReference[common])[""],
		"elected":   b.ask(t, `sum(last_over_time(meshscope_edge_requests_total{`+elected+`}[10m]))`, ofElected[common])[""],
	}
}

// neverTwo checks that there was one topology at a time, and none for no longer
// than it takes to take over.
func (b *bed) neverTwo(t *testing.T, from, to time.Time) {
	t.Helper()
	counts := b.over(t, `count(meshscope_edges{`+elected+`})`, from, to)
	gap, longest := 0, 0
	for at := from; at.Before(to); at = at.Add(time.Second) {
		n := counts[model.TimeFromUnixNano(at.UnixNano()).Time()]
		require.LessOrEqual(t, n, 1.0, "at %s, two topologies", at)
		if gap++; n > 0 {
			gap = 0
		}
		longest = max(longest, gap)
	}
	t.Logf("the longest time without topology was %d s", longest)
	require.LessOrEqual(t, time.Duration(longest)*time.Second, takeover+2*interval)
	for at, n := range b.over(t, `sum(meshscope_leader{`+elected+`})`, from, to) {
		require.LessOrEqual(t, n, 1.0, "at %s, two leaders", at)
	}
}

// noDoubling compares rates with those of the exporter that was always there.
// What the next one catches up with comes at once, and so is seen in a rate:
// over a minute, that is the gap's share of it. In the gap itself, a third of
// the minute is missing, and the first scrapes of the next exporter.
func (b *bed) noDoubling(t *testing.T, from, to time.Time) {
	t.Helper()
	rate := func(of string) string {
		return fmt.Sprintf(`sum(rate(meshscope_edge_requests_total{%s}[%s]))`, of, model.Duration(rateRange))
	}
	rates := b.over(t, rate(elected)+" / "+rate(`exporter="reference"`), from, to)
	least, most := math.Inf(1), 0.0
	for _, ratio := range rates {
		least, most = math.Min(least, ratio), math.Max(most, ratio)
	}
	t.Logf("sum(rate()) over all that were elected was %.2f to %.2f times the rate", least, most)
	require.NotEmpty(t, rates)
	require.Less(t, most, 1.5)
	require.Greater(t, least, 0.4)
}

// noFlip checks that no verdict changed because of who judged.
func (b *bed) noFlip(t *testing.T, from, to time.Time) {
	t.Helper()
	window := fmt.Sprintf("[%ds]", int(to.Sub(from).Seconds()))
	const by = `by (workload_cluster, workload_namespace, workload_name)`
	result, _, err := b.store.Query(context.WithoutCancel(t.Context()),
		`max `+by+` (max_over_time(meshscope_workload_health{`+elected+`}`+window+`)) != min `+by+` (min_over_time(meshscope_workload_health{`+elected+`}`+window+`))`, to)
	require.NoError(t, err)
	for _, s := range result.(model.Vector) {
		reference, _, err := b.store.Query(t.Context(), fmt.Sprintf(
			`changes(meshscope_workload_health{exporter="reference",workload_namespace=%q,workload_name=%q}%s)`,
			s.Metric["workload_namespace"], s.Metric["workload_name"], window), to)
		require.NoError(t, err)
		changes := reference.(model.Vector)
		require.True(t, len(changes) > 0 && changes[0].Value > 0, "%s: the verdict changed with who judged", s.Metric)
	}
}
