package derive_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/stretchr/testify/require"

	"github.com/meshscope/meshscope/exporter/demo/store"
	"github.com/meshscope/meshscope/exporter/derive"
	"github.com/meshscope/meshscope/exporter/istio"
	"github.com/meshscope/meshscope/exporter/promql"
	"github.com/meshscope/meshscope/exporter/topology"
)

const (
	step     = 15 * time.Second
	lookback = 5 * time.Minute
)

// steps are all questions of a refresh.
func steps(d istio.Dialect) []istio.Question {
	return append(d.CounterQuestions(step, lookback), d.LatencyQuestions(istio.LatencyHistogram, step, lookback)...)
}

// said is what reports say of requests: by destination workload and reporter.
func said(reports *topology.Reports) map[string]float64 {
	by := map[string]float64{}
	for r := range reports.All() {
		by[r.Key.Destination.Cluster+"/"+r.Key.Destination.Namespace+"/"+r.Key.Destination.Workload] += r.Traffic.Total()
	}
	return by
}

// request is a line of an exposition: n requests to a workload.
func request(namespace, workload, code string, n float64) string {
	return fmt.Sprintf("istio_requests_total{reporter=\"destination\",source_workload=\"web\",source_workload_namespace=\"shop\","+
		"destination_workload=%q,destination_workload_namespace=%q,destination_service_name=%q,request_protocol=\"http\",response_code=%q} %v\n",
		workload, namespace, workload, code, n)
}

// scrape stores an exposition of a target at each step from one to the other.
func scrape(t *testing.T, s *store.Store, target labels.Labels, from, to int, exposition func(i int) string) {
	t.Helper()
	for i := from; i <= to; i++ {
		require.NoError(t, s.Append(begin.Add(step*time.Duration(i)), target, []byte(exposition(i))))
	}
}

func proxy(pairs ...string) labels.Labels {
	return labels.FromStrings(append([]string{"job", "kubernetes-pods", "instance", "10.0.0.1:15020"}, pairs...)...)
}

// What steps count adds up, whether they are asked for one by one or at once.
func TestInstantsAddUp(t *testing.T) {
	s, asker := openStore(t, derive.Options{})
	scrape(t, s, proxy(), 0, 20, func(i int) string {
		n := float64(i * i)
		if i > 12 {
			n = float64(i) // a reset
		}
		text := request("bookinfo", "reviews", "200", n)
		if i > 5 {
			text += request("bookinfo", "reviews", "503", float64(i-4)) // a birth
		}
		return text
	})
	at := func(i int) time.Time { return begin.Add(step * time.Duration(i)) }
	oneByOne := 0.0
	for i := 1; i <= 20; i++ {
		reports, _, err := asker.Ask(t.Context(), steps(istio.Dialect{}), derive.Instants{From: at(i - 1), To: at(i), Step: step})
		require.NoError(t, err)
		oneByOne += said(reports)["/bookinfo/reviews"]
	}
	require.InDelta(t, 144+20+16, oneByOne, 1e-9)
	atOnce, tally, err := asker.Ask(t.Context(), steps(istio.Dialect{}), derive.Instants{From: at(0), To: at(20), Step: step})
	require.NoError(t, err)
	require.Empty(t, tally.Rejected)
	require.InDelta(t, oneByOne, said(atOnce)["/bookinfo/reviews"], 1e-9)
}

// In a store of several clusters the addresses of targets repeat. A proxy that
// runs for long and is scraped for the first time is a baseline, even where
// another cluster's proxy of the same address was watched before.
func TestBirthsOfTargetsThatShareAnAddress(t *testing.T) {
	clusters := istio.Dialect{ClusterLabel: "k8s_cluster"}
	s, asker := openStore(t, derive.Options{Dialect: clusters})
	scrape(t, s, proxy("k8s_cluster", "west"), 0, 5, func(i int) string {
		text := request("bookinfo", "ratings", "200", float64(i))
		if i == 5 {
			text += request("bookinfo", "ratings", "503", 2)
		}
		return text
	})
	scrape(t, s, proxy("k8s_cluster", "east"), 5, 5, func(int) string {
		return request("bookinfo", "reviews", "200", 1e6) + request("bookinfo", "reviews", "404", 1e6)
	})
	reports, _, err := asker.Ask(t.Context(), steps(clusters), derive.At(begin.Add(5*step)))
	require.NoError(t, err)
	require.Equal(t, map[string]float64{"west/bookinfo/ratings": 1 + 2}, said(reports))

	// On one that is watched, what appears counts from zero.
	scrape(t, s, proxy("k8s_cluster", "east"), 6, 6, func(int) string {
		return request("bookinfo", "reviews", "200", 1e6+2) + request("bookinfo", "reviews", "404", 1e6) + request("bookinfo", "reviews", "503", 3)
	})
	reports, _, err = asker.Ask(t.Context(), steps(clusters), derive.At(begin.Add(6*step)))
	require.NoError(t, err)
	require.InDelta(t, 5, said(reports)["east/bookinfo/reviews"], 1e-6)
}

// picky is a store that refuses what it finds too large.
type picky struct {
	mu      sync.Mutex
	refuses func(query string) bool
	asked   []string
	next    http.Handler
}

func (p *picky) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	query := r.FormValue("query")
	p.mu.Lock()
	p.asked = append(p.asked, query)
	refuse := p.refuses(query)
	p.mu.Unlock()
	if refuse {
		w.WriteHeader(http.StatusUnprocessableEntity)
		_, _ = io.WriteString(w, `{"status":"error","errorType":"execution","error":"query processing would load too many samples into memory in query execution"}`)
		return
	}
	p.next.ServeHTTP(w, r)
}

// forget returns how often was asked since the last time.
func (p *picky) forget() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	n := len(p.asked)
	p.asked = nil
	return n
}

var partMatcher = regexp.MustCompile(`destination_workload_namespace=~?"([^"]*)"`)

// namespacesIn is how many namespaces a query is for: 0 for all of the mesh.
func namespacesIn(query string) int {
	if m := partMatcher.FindStringSubmatch(query); m != nil {
		return 1 + strings.Count(m[1], "|")
	}
	return 0
}

// A question that is too large is asked by namespace, and answered as if it
// were not: with what has no namespace, with births, with what is not Istio's
// to know.
func TestAskInParts(t *testing.T) {
	s, whole := openStore(t, derive.Options{})
	namespaces := []string{"a", "b.c", "it's", `q"`, "unknown", ""}
	scrape(t, s, proxy(), 0, 10, func(i int) (text string) {
		for n, namespace := range namespaces {
			text += request(namespace, "w", "200", float64(i*(n+1)))
			if i == 10 {
				text += request(namespace, "w", "500", 7)
			}
		}
		return text
	})
	at := derive.At(begin.Add(10 * step))
	want, _, err := whole.Ask(t.Context(), steps(istio.Dialect{}), at)
	require.NoError(t, err)
	require.Equal(t, 1+2+3+4+5+6+7*6.0, sum(said(want)))

	for _, most := range []int{1, 3, len(namespaces) + 1} {
		t.Run(fmt.Sprintf("%d at once", most), func(t *testing.T) {
			p := &picky{next: s.Handler(), refuses: func(query string) bool {
				n := namespacesIn(query)
				return !strings.HasPrefix(query, "group ") && (n == 0 || n > most)
			}}
			server := httptest.NewServer(p)
			defer server.Close()
			client, err := promql.New(promql.Options{URL: server.URL})
			require.NoError(t, err)
			outcomes, parted, mu := map[string]int{}, map[string]int{}, sync.Mutex{}
			asker := derive.NewAsker(derive.Options{
				Client:  client,
				Observe: func(o derive.Observation) { mu.Lock(); defer mu.Unlock(); outcomes[o.Outcome]++ },
				Parted: func(query string, parts int, cause error) {
					mu.Lock()
					defer mu.Unlock()
					parted[query] = parts
					require.ErrorContains(t, cause, "too many samples")
				},
			})
			got, tally, err := asker.Ask(t.Context(), steps(istio.Dialect{}), at)
			require.NoError(t, err)
			require.Equal(t, said(want), said(got))
			require.Empty(t, tally.Rejected)
			require.Len(t, parted, len(steps(istio.Dialect{})), "each question")
			require.GreaterOrEqual(t, outcomes["too_large"], len(parted), "is counted")
			require.Equal(t, p.forget(), outcomes["too_large"]+outcomes["success"])

			// The next time it is known, and not refused again.
			clear(outcomes)
			got, _, err = asker.Ask(t.Context(), steps(istio.Dialect{}), at)
			require.NoError(t, err)
			require.Equal(t, said(want), said(got))
			require.Zero(t, outcomes["too_large"])
			require.Equal(t, p.forget(), outcomes["success"])

			// After an hour the whole is tried again.
			p.refuses = func(string) bool { return false }
			clear(outcomes)
			_, _, err = asker.Ask(t.Context(), steps(istio.Dialect{}), derive.At(begin.Add(10*step+61*time.Minute)))
			require.NoError(t, err)
			require.Equal(t, map[string]int{"success": len(steps(istio.Dialect{}))}, outcomes)
		})
	}

	// A single namespace that is too large is an error that says so.
	p := &picky{next: s.Handler(), refuses: func(query string) bool { return !strings.HasPrefix(query, "group ") }}
	server := httptest.NewServer(p)
	defer server.Close()
	client, err := promql.New(promql.Options{URL: server.URL})
	require.NoError(t, err)
	_, _, err = derive.NewAsker(derive.Options{Client: client}).Ask(t.Context(), steps(istio.Dialect{}), at)
	require.True(t, promql.IsTooLarge(err), "%v", err)
	require.Less(t, p.forget(), 200, "it gives up")
}

func sum(by map[string]float64) (total float64) {
	for _, n := range by {
		total += n
	}
	return total
}

// Either all questions are answered, or there is an error and nothing else.
func TestAskIsAllOrNothing(t *testing.T) {
	for _, failing := range []string{"istio_requests_total", "istio_tcp_connections_closed_total"} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if strings.Contains(r.FormValue("query"), failing) {
				http.Error(w, "out of memory", http.StatusInternalServerError)
				return
			}
			_, _ = io.WriteString(w, `{"status":"success","data":{"resultType":"vector","result":[]}}`)
		}))
		client, err := promql.New(promql.Options{URL: server.URL})
		require.NoError(t, err)
		reports, tally, err := derive.NewAsker(derive.Options{Client: client}).Ask(t.Context(), steps(istio.Dialect{}), derive.At(begin))
		require.ErrorContains(t, err, "out of memory")
		require.ErrorContains(t, err, "query ")
		require.Nil(t, reports)
		require.Zero(t, tally)
		server.Close()
	}
}

// An answer with a warning may lack something, and is taken only by who has
// asked for that.
func TestPartialAnswers(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, `{"status":"success","data":{"resultType":"vector","result":[]},"warnings":["store 2 is unreachable"]}`)
	}))
	defer server.Close()
	client, err := promql.New(promql.Options{URL: server.URL})
	require.NoError(t, err)
	for _, allow := range []bool{false, true} {
		outcomes, mu := map[string]int{}, sync.Mutex{}
		asker := derive.NewAsker(derive.Options{Client: client, AllowPartial: allow, Observe: func(o derive.Observation) {
			mu.Lock()
			defer mu.Unlock()
			outcomes[o.Outcome]++
		}})
		_, _, err := asker.Ask(t.Context(), istio.Dialect{}.Increments(step, lookback, istio.Requests), derive.At(begin))
		if allow {
			require.NoError(t, err)
			require.Equal(t, map[string]int{"success": 1}, outcomes)
			continue
		}
		require.ErrorIs(t, err, derive.ErrPartial)
		require.ErrorContains(t, err, "store 2 is unreachable")
		require.ErrorContains(t, err, "query requests")
		require.Equal(t, map[string]int{derive.OutcomePartial: 1}, outcomes)
	}
}

// A question that cannot be put into PromQL is an error, and not asked.
func TestQuestionThatCannotBeAsked(t *testing.T) {
	asked := false
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked = true }))
	defer server.Close()
	client, err := promql.New(promql.Options{URL: server.URL})
	require.NoError(t, err)
	asker := derive.NewAsker(derive.Options{Client: client})
	_, _, err = asker.Ask(t.Context(), istio.Dialect{ClusterLabel: "no label"}.Increments(step, lookback, istio.Requests), derive.At(begin))
	require.ErrorContains(t, err, `query requests: promql expression: "no label"`)
	require.False(t, asked)
}

func TestScalar(t *testing.T) {
	s, asker := openStore(t, derive.Options{})
	scrape(t, s, proxy(), 0, 4, func(i int) string { return request("bookinfo", "reviews", "200", float64(i)) })
	value, ok, err := asker.Scalar(t.Context(), "diagnosis", "max(count_over_time(istio_requests_total[2m]))", begin.Add(4*step))
	require.NoError(t, err)
	require.True(t, ok)
	require.Equal(t, 5.0, value)
	_, ok, err = asker.Scalar(t.Context(), "diagnosis", "max(no_such_metric)", begin)
	require.NoError(t, err)
	require.False(t, ok)
	canceled, cancel := context.WithCancel(t.Context())
	cancel()
	_, ok, err = asker.Scalar(canceled, "diagnosis", "1", begin)
	require.True(t, promql.IsCanceled(err))
	require.False(t, ok)
}

// What a graph shows does not depend on the namespaces that are selected (T4).
func TestT4GraphOfANamespace(t *testing.T) {
	s, asker := openStore(t, derive.Options{})
	scrape(t, s, proxy(), 0, 10, func(i int) string {
		return request("bookinfo", "reviews", "200", float64(i)) + request("shop", "carts", "200", float64(2*i))
	})
	edges := func(namespaces ...string) map[string]float64 {
		g, _, err := asker.Graph(t.Context(), derive.GraphOptions{
			FlowOptions: derive.FlowOptions{
				Interval: topology.Interval{End: begin.Add(10 * step), Length: 2 * time.Minute},
				Metrics:  istio.Counters, IsWaypoint: istio.Waypoints(nil),
			},
			Selection: topology.Selection{Namespaces: namespaces},
		})
		require.NoError(t, err)
		by := map[string]float64{}
		for _, e := range g.Edges {
			by[e.Target.Namespace] = e.Traffic.Total()
		}
		return by
	}
	all := edges()
	require.InDeltaMapValues(t, map[string]float64{"bookinfo": 8, "shop": 16}, all, 1e-9)
	delete(all, "shop")
	require.Equal(t, all, edges("bookinfo"))
	require.Equal(t, all, edges("book*"))
}
