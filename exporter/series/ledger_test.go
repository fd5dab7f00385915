package series

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil/promlint"
	"github.com/stretchr/testify/require"

	"github.com/meshscope/meshscope/exporter/topology"
)

var (
	start    = time.Date(2026, 1, 2, 3, 0, 0, 0, time.UTC)
	generous = Limits{MaxEdges: 1000, MaxSeries: 10000, IdleTTL: time.Hour}
	ok200    = topology.Response{Code: "200"}
	err503   = topology.Response{Code: "503", Flags: "UH"}
)

func noWaypoint(topology.Peer) bool { return false }

func edge(source, destination string) topology.EdgeKey {
	return topology.EdgeKey{
		Source:      topology.Peer{Cluster: "c", Namespace: "n", Workload: source, CanonicalService: source, CanonicalRevision: "v1"},
		Destination: topology.Peer{Cluster: "c", Namespace: "n", Workload: destination, CanonicalService: destination, CanonicalRevision: "v1"},
		Service:     topology.Service{Host: destination + ".n.svc.cluster.local", Name: destination, Namespace: "n"},
	}
}

func calls(key topology.EdgeKey, n float64, r topology.Response) topology.Flow {
	t := new(topology.Traffic)
	t.AddRequests(r, n)
	return topology.Flow{Key: key, Protocol: topology.HTTP, Traffic: t}
}

// book is a ledger with a clock of 15 s steps.
type book struct {
	*Ledger
	now time.Time
}

func newBook(limits Limits) *book { return &book{NewLedger(limits, noWaypoint), start} }

func (b *book) post(flows ...topology.Flow) map[DropReason]int {
	return b.after(15*time.Second, flows...)
}

func (b *book) after(d time.Duration, flows ...topology.Flow) map[DropReason]int {
	b.now = b.now.Add(d)
	return b.Post(topology.Interval{End: b.now, Length: d}, flows)
}

// scrape serves what is posted, and returns the lines of a family.
func (b *book) scrape(f *Family) []string {
	b.Served(b.generation)
	return b.lines(f)
}

func (b *book) lines(f *Family) (lines []string) {
	for line := range strings.Lines(b.Text()) {
		if strings.HasPrefix(line, f.Name+"{") || strings.HasPrefix(line, f.Name+" ") || strings.HasPrefix(line, f.Name+"_") {
			lines = append(lines, strings.TrimSpace(line))
		}
	}
	return lines
}

// value is a sample's, of the one line that contains all of the given texts.
func (b *book) value(t *testing.T, f *Family, texts ...string) string {
	t.Helper()
	var found []string
	for _, line := range b.lines(f) {
		all := true
		for _, text := range texts {
			all = all && strings.Contains(line, text)
		}
		if all {
			found = append(found, line[strings.LastIndexByte(line, ' ')+1:])
		}
	}
	require.Len(t, found, 1, "%s %v in\n%s", f.Name, texts, b.Text())
	return found[0]
}

func TestNewSeriesStartsAtZeroUntilScraped(t *testing.T) {
	b, ab := newBook(generous), edge("a", "b")
	b.post(calls(ab, 3, ok200))
	require.Equal(t, "0", b.value(t, EdgeRequests, `response_code="200"`))
	b.post(calls(ab, 2, ok200))
	require.Equal(t, "0", b.value(t, EdgeRequests, `response_code="200"`), "not scraped yet")
	b.scrape(EdgeRequests)
	b.post(calls(ab, 1, ok200), calls(ab, 4, err503))
	require.Equal(t, "6", b.value(t, EdgeRequests, `response_code="200"`), "all that has accumulated")
	require.Equal(t, "0", b.value(t, EdgeRequests, `response_code="503"`), "a new code on an old edge is a new series")
}

func TestNewSeriesWaitsForAScrapeTwoMinutesAtMost(t *testing.T) {
	b, ab := newBook(generous), edge("a", "b")
	b.post(calls(ab, 3, ok200))
	for range 7 {
		b.post()
		require.Equal(t, "0", b.value(t, EdgeRequests))
	}
	b.post()
	require.Equal(t, "3", b.value(t, EdgeRequests))
}

func TestScrapeOfAnOlderSnapshotServesOnlyItsSeries(t *testing.T) {
	b := newBook(generous)
	b.post(calls(edge("a", "b"), 3, ok200))
	old := b.generation
	b.post(calls(edge("c", "d"), 5, ok200))
	b.Served(old)
	b.post()
	require.Equal(t, "3", b.value(t, EdgeRequests, `source_workload="a"`))
	require.Equal(t, "0", b.value(t, EdgeRequests, `source_workload="c"`))
}

func TestEdgeWithoutTrafficMakesNoSeries(t *testing.T) {
	b := newBook(generous)
	b.post(calls(edge("a", "b"), 0, ok200))
	require.Zero(t, b.Edges())
	require.Empty(t, b.lines(EdgeRequests))
}

func TestIdleEdgesAndSeriesLeave(t *testing.T) {
	b, ab, cd := newBook(generous), edge("a", "b"), edge("c", "d")
	b.post(calls(ab, 1, ok200), calls(ab, 1, err503), calls(cd, 1, ok200))
	for range 4*60 + 2 {
		b.post(calls(ab, 1, ok200))
	}
	require.Equal(t, 1, b.Edges())
	require.Len(t, b.lines(EdgeRequests), 1, "the code that came no more is gone too")
	require.Equal(t, b.countedLines(), b.Ledger.lines)
}

// countedLines is the number of series, by counting them.
func (b *book) countedLines() (n int) {
	for _, f := range Topology {
		if f.OfEdge {
			n += len(b.lines(f))
		}
	}
	return n
}

func TestHistogram(t *testing.T) {
	b, ab := newBook(generous), edge("a", "b")
	f := calls(ab, 3, ok200)
	h := f.Traffic.LatencyHistogram()
	h.AddBucket(.005, 1)
	h.AddBucket(.01, 2)
	h.AddBucket(1e300, 3)
	h.Sum = .5
	b.post(f)
	require.Equal(t, "0", b.value(t, EdgeDuration, `le="+Inf"`))
	b.scrape(EdgeDuration)
	b.post()
	require.Equal(t, "1", b.value(t, EdgeDuration, `le="0.005"`))
	require.Equal(t, "2", b.value(t, EdgeDuration, `le="0.01"`))
	require.Equal(t, "3", b.value(t, EdgeDuration, `le="+Inf"`), "made where the raw one lacks it")
	require.Equal(t, "3", b.value(t, EdgeDuration, "_count"))
	require.Equal(t, "0.5", b.value(t, EdgeDuration, "_sum"))
}

func TestUnknownAndAbsentLabels(t *testing.T) {
	b := newBook(generous)
	b.post(calls(topology.EdgeKey{Destination: topology.Peer{Workload: "b"}}, 1, topology.Response{}))
	line := b.lines(EdgeRequests)[0]
	require.Contains(t, line, `source_workload="unknown"`)
	require.Contains(t, line, `response_flags="-"`)
	require.Contains(t, line, `response_code="unknown"`)
	require.NotContains(t, line, "grpc_response_status")
}

func TestOddLabelValues(t *testing.T) {
	b := newBook(generous)
	odd := "quote\" back\\slash new\nline \U0001F980 " + strings.Repeat("x", 4096)
	b.post(calls(edge(odd, "b"), 1, ok200))
	problems, err := promlint.New(strings.NewReader(b.Text())).Lint()
	require.NoError(t, err)
	require.Empty(t, problems)
	require.Contains(t, b.Text(), `source_workload="quote\" back\\slash new\nline `+"\U0001F980")
}

func TestFirstSeenAndInfo(t *testing.T) {
	b, ab := newBook(generous), edge("a", "b")
	b.Know(ab, start.Add(-time.Hour), start)
	f := calls(ab, 1, ok200)
	f.Reporter = topology.ByDestination
	f.Traffic.AddPrincipals("spiffe://a", "", 1)
	b.post(f, calls(edge("c", "d"), 1, ok200))
	require.Equal(t, fmt.Sprint(start.Add(-time.Hour).Unix()), b.value(t, EdgeFirstSeen, `source_workload="a"`))
	require.Equal(t, fmt.Sprint(b.now.Unix()), b.value(t, EdgeFirstSeen, `source_workload="c"`))
	require.Equal(t, "1", b.value(t, EdgeInfo, `source_principal="spiffe://a",destination_principal="unknown",reporter="destination"`))
}

func TestPrincipalStaysUntilAnotherIsTwiceAsBusy(t *testing.T) {
	var i identity
	i.hear(map[string]float64{"a": 10})
	i.hear(map[string]float64{"a": 1, "b": 15})
	require.Equal(t, "a", i.name)
	i.hear(map[string]float64{"b": 30})
	require.Equal(t, "b", i.name)
	for n := range 100 {
		i.hear(map[string]float64{fmt.Sprint(n): 1})
	}
	require.LessOrEqual(t, len(i.weights), maxIdentities)
}

func TestMaxEdgesKeepsTheBusiest(t *testing.T) {
	b := newBook(Limits{MaxEdges: 2, MaxSeries: 1000, IdleTTL: time.Hour})
	a, c, d, e := edge("a", "x"), edge("c", "x"), edge("d", "x"), edge("e", "x")
	dropped := b.post(calls(a, 10, ok200), calls(c, 30, ok200), calls(d, 20, ok200))
	require.Equal(t, map[DropReason]int{TooManyEdges: 1}, dropped)
	require.Len(t, b.lines(EdgeRequests), 2)
	require.NotContains(t, b.Text(), `source_workload="a"`)

	dropped = b.post(calls(c, 30, ok200), calls(d, 20, ok200), calls(e, 35, ok200))
	require.Equal(t, map[DropReason]int{TooManyEdges: 1}, dropped, "not twice as busy as the least busy")
	dropped = b.post(calls(c, 30, ok200), calls(d, 20, ok200), calls(e, 45, ok200))
	require.Equal(t, map[DropReason]int{Displaced: 1}, dropped)
	require.NotContains(t, b.Text(), `source_workload="d"`)
	require.Contains(t, b.Text(), `source_workload="e"`)
	require.Equal(t, b.countedLines(), b.Ledger.lines)
}

func TestMaxSeriesBoundsWhatIsPublished(t *testing.T) {
	limits := Limits{MaxEdges: 1000, MaxSeries: 60, IdleTTL: time.Hour}
	b := newBook(limits)
	for round := range 20 {
		var flows []topology.Flow
		for n := range 30 {
			flows = append(flows, calls(edge(fmt.Sprint("w", n), "x"), float64(n+1), topology.Response{Code: fmt.Sprint(200 + round)}))
		}
		b.post(flows...)
		require.LessOrEqual(t, b.countedLines(), limits.MaxSeries+3, "an edge's info and first-seen come with it")
		require.Equal(t, b.countedLines(), b.Ledger.lines)
	}
	require.Contains(t, b.Text(), `source_workload="w29"`)
}

func TestChanges(t *testing.T) {
	b := newBook(Limits{MaxEdges: 100, MaxSeries: 1000, IdleTTL: 10 * time.Minute})
	ab, cd, ce := edge("a", "b"), edge("c", "d"), edge("c", "e")
	change := func(kind, change string) string {
		return b.value(t, TopologyChanges, `kind="`+kind+`",change="`+change+`"`)
	}
	b.post(calls(ab, 1, ok200))
	require.Equal(t, "0", change("edge", "added"), "what is there at the start is no news")
	for range 20 {
		b.post(calls(ab, 1, ok200))
	}
	b.post(calls(ab, 1, ok200), calls(cd, 1, ok200))
	b.post(calls(ab, 1, ok200), calls(ce, 1, ok200))
	require.Equal(t, "2", change("edge", "added"))
	require.Equal(t, "3", change("node", "added"))
	for range 41 {
		b.post(calls(ab, 1, ok200), calls(ce, 1, ok200))
	}
	require.Equal(t, "1", change("edge", "removed"))
	require.Equal(t, "1", change("node", "removed"), "c is still there")
}

func TestKnownEdgesAreNoNews(t *testing.T) {
	b, ab := newBook(generous), edge("a", "b")
	b.Know(ab, start.Add(-time.Hour), start)
	b.post(calls(ab, 1, ok200), calls(edge("c", "d"), 1, ok200))
	require.Equal(t, "1", b.value(t, TopologyChanges, `kind="edge",change="added"`), "the other one is: this is no first start")
}

func TestEqualLedgersGiveEqualText(t *testing.T) {
	flows := []topology.Flow{calls(edge("a", "b"), 1, ok200), calls(edge("c", "d"), 2, err503), calls(edge("a", "b"), 5, err503)}
	b, c := newBook(generous), newBook(generous)
	b.post(flows...)
	c.post(flows[2], flows[1], flows[0])
	require.Equal(t, b.Text(), c.Text())
}

// Where there is room for some of a flow's series alone, it is the same ones
// each time (T4).
func TestLimitsLeaveTheSameSeries(t *testing.T) {
	text := ""
	for range 20 {
		f := calls(edge("a", "b"), 1, ok200)
		for n := range 12 {
			f.Traffic.AddRequests(topology.Response{Code: fmt.Sprint(400 + n)}, float64(n))
		}
		b := newBook(Limits{MaxEdges: 10, MaxSeries: 6, IdleTTL: time.Hour})
		require.Equal(t, map[DropReason]int{TooManySeries: 1}, b.post(f))
		require.Len(t, b.lines(EdgeRequests), 4)
		if text == "" {
			text = b.Text()
		}
		require.Equal(t, text, b.Text())
	}
}

// Two names may be published as one: what has no code, and a code of that name.
func TestTwoNamesOfOneSeries(t *testing.T) {
	f := calls(edge("a", "b"), 1, topology.Response{})
	f.Traffic.AddRequests(topology.Response{Code: topology.Unknown}, 2)
	b := newBook(generous)
	b.post(f)
	require.Len(t, b.scrape(EdgeRequests), 1)
	b.post(f)
	require.Equal(t, "6", b.value(t, EdgeRequests))
	require.Equal(t, b.countedLines(), b.Ledger.lines)
}

func TestTextIsLinted(t *testing.T) {
	b := newBook(generous)
	f := calls(edge("a", "b"), 1, ok200)
	f.Traffic.LatencyHistogram().AddBucket(1, 1)
	f.Traffic.AddSecured(topology.MutualTLS, 1)
	f.Traffic.RequestBytes, f.Traffic.ResponseBytes = 1, 1
	f.Traffic.RequestMessages, f.Traffic.ResponseMessages = 1, 1
	tcp := topology.Flow{Key: edge("c", "d"), Protocol: topology.TCP, Traffic: &topology.Traffic{Opened: 1, Closed: 1}}
	tcp.Traffic.AddTCPRequestBytes("", 1)
	tcp.Traffic.AddTCPResponseBytes("", 1)
	b.Assess(everything())
	b.post(f, tcp)
	problems, err := promlint.New(strings.NewReader(b.Text())).Lint()
	require.NoError(t, err)
	require.Empty(t, problems)
	for _, family := range Topology {
		require.NotEmpty(t, b.lines(family), family.Name)
	}
	for _, line := range strings.Split(b.Text(), "\n") {
		for _, target := range []string{"instance", "job", "namespace", "cluster", "service", "pod", "container", "node", "app", "version"} {
			require.NotContains(t, line, "{"+target+"=", "collides with a target's label")
			require.NotContains(t, line, ","+target+"=", "collides with a target's label")
		}
	}
}
