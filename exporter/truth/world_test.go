package truth_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	promlabels "github.com/prometheus/prometheus/model/labels"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/meshscope/meshscope/exporter/demo/store"
	"github.com/meshscope/meshscope/exporter/demo/store/storetest"
	"github.com/meshscope/meshscope/exporter/derive"
	"github.com/meshscope/meshscope/exporter/istio"
	"github.com/meshscope/meshscope/exporter/istio/istiotest"
	"github.com/meshscope/meshscope/exporter/promql"
	"github.com/meshscope/meshscope/exporter/promql/expr"
	"github.com/meshscope/meshscope/exporter/topology"
)

// world is a mesh of which every call is known. What its proxies report of
// them follows the reporter table.
type world struct {
	workloads []workload
	calls     []trueCall
}

type workload struct {
	cluster, namespace, name string
	app                      string
	plane                    plane
	// waypoint tells that calls from the ambient mesh come through one.
	waypoint bool
}

// plane is what stands between a workload and the network.
type plane string

const (
	bare    plane = "bare" // nothing
	sidecar plane = "sidecar"
	ambient plane = "ambient" // the node's ztunnel
)

// trueCall is what one workload calls of another.
type trueCall struct {
	from, to      *workload
	protocol      topology.Protocol
	code, flags   string
	grpc          string
	rate          float64
	slow          bool // takes up to a second, where others take 10 ms
	undelivered   bool // fails before it arrives
	noEndpoint    bool // and there was no workload to call
	gaveUp        bool // the server answered well, and the client did not wait for it
	retries       float64
	hidesCluster  bool // the client's proxy does not know where the server is
	replicas      int  // of the client
	anotherPolicy bool // plaintext
	besideCalls   bool // of TCP: its client calls its server by requests too
}

// worlds are generated meshes of one or two clusters and a few namespaces.
func worlds() *rapid.Generator[*world] {
	return rapid.Custom(func(t *rapid.T) *world {
		w := &world{workloads: make([]workload, rapid.IntRange(2, 7).Draw(t, "workloads"))}
		namespaces := []string{"alpha", "beta", "gamma"}
		clusters := []string{"Kubernetes", "Kubernetes", "west"}
		for i := range w.workloads {
			n := rapid.IntRange(0, 2).Draw(t, "namespace")
			w.workloads[i] = workload{
				cluster: clusters[n], namespace: namespaces[n], name: fmt.Sprintf("w%d-v1", i),
				app:   fmt.Sprintf("app%d", i/2),
				plane: rapid.SampledFrom([]plane{sidecar, sidecar, ambient, bare}).Draw(t, "plane"),
			}
			w.workloads[i].waypoint = w.workloads[i].plane == ambient && rapid.Bool().Draw(t, "waypoint")
		}
		for range rapid.IntRange(1, 12).Draw(t, "calls") {
			if c := drawCall(t, w); c.isReported() {
				w.calls = append(w.calls, c)
			}
		}
		for i := range w.calls {
			c := &w.calls[i]
			c.besideCalls = c.protocol == topology.TCP && slices.ContainsFunc(w.calls, func(o trueCall) bool {
				return o.from == c.from && o.to == c.to && o.protocol != topology.TCP
			})
		}
		return w
	})
}

func drawCall(t *rapid.T, w *world) trueCall {
	end := rapid.IntRange(0, len(w.workloads)-1)
	c := trueCall{
		from: &w.workloads[end.Draw(t, "from")], to: &w.workloads[end.Draw(t, "to")],
		rate:          float64(rapid.IntRange(1, 200).Draw(t, "rate")) * 0.1,
		slow:          rapid.Bool().Draw(t, "slow"),
		replicas:      rapid.IntRange(1, 3).Draw(t, "replicas"),
		hidesCluster:  rapid.Bool().Draw(t, "hides cluster"),
		anotherPolicy: rapid.Bool().Draw(t, "plaintext"),
		code:          "200",
	}
	// A pair of workloads speaks requests, plain TCP, or both.
	pair := len(c.from.name) + strings.Compare(c.from.name, c.to.name) + int(c.from.name[1]+c.to.name[1])
	switch {
	case pair%4 == 0 || pair%4 == 1 && rapid.Bool().Draw(t, "is TCP"):
		c.protocol = topology.TCP
		return c
	case rapid.Bool().Draw(t, "is gRPC"):
		c.protocol, c.grpc = topology.GRPC, rapid.SampledFrom([]string{"0", "0", "14"}).Draw(t, "status")
	default:
		c.protocol, c.code = topology.HTTP, rapid.SampledFrom([]string{"200", "200", "404", "500"}).Draw(t, "code")
	}
	if c.from.plane != sidecar {
		return c
	}
	switch rapid.SampledFrom([]string{"arrives", "arrives", "undelivered", "no endpoint", "gave up", "retried"}).Draw(t, "fate") {
	case "undelivered":
		c.undelivered, c.code, c.flags, c.grpc = true, "503", "UF", ""
	case "no endpoint":
		c.undelivered, c.noEndpoint, c.code, c.flags, c.grpc = true, true, "503", "UH", ""
	case "gave up":
		c.gaveUp, c.code, c.flags, c.grpc = true, "504", "UT", ""
	case "retried":
		c.retries = c.rate * float64(rapid.IntRange(1, 3).Draw(t, "retries"))
	}
	return c
}

// isReported tells that some proxy sees the call.
func (c *trueCall) isReported() bool { return c.from.plane != bare || c.to.plane != bare }

// carrier is what the call's edge is: requests are but TCP to a ztunnel,
// where no sidecar and no waypoint sees them.
func (c *trueCall) carrier() topology.Protocol {
	if c.from.plane == sidecar || c.to.plane == sidecar || c.throughWaypoint() {
		return c.protocol
	}
	return topology.TCP
}

// isTransport tells that a proxy at an end of this plane sees but connections,
// where the other end's sees requests.
func (c *trueCall) isTransport(end plane) bool { return end == ambient && c.carrier() != topology.TCP }

func (c *trueCall) throughWaypoint() bool {
	return c.from.plane == ambient && c.to.waypoint && c.protocol != topology.TCP
}

// taken is whose report of the call is the true one.
func (c *trueCall) taken() string {
	switch {
	case c.throughWaypoint():
		return "waypoint"
	case c.from.plane == bare, c.from.plane == ambient && c.to.plane == sidecar && (c.protocol != topology.TCP || c.besideCalls):
		return "destination" // a client's ztunnel cannot tell TCP from what carries requests
	}
	return "source"
}

// ends are the nodes that the call is an edge between, as name names them.
func (c *trueCall) ends() [2]string {
	ref := func(w *workload) string {
		return name(topology.Ref{Kind: topology.KindWorkload, Cluster: w.cluster, Namespace: w.namespace, Name: w.name})
	}
	ends := [2]string{ref(c.from), ref(c.to)}
	if c.from.plane == bare {
		ends[0] = "unknown"
	}
	if c.noEndpoint {
		ends[1] = name(topology.Ref{Kind: topology.KindService, Cluster: c.to.cluster, Namespace: c.to.namespace, Name: c.to.app})
	}
	return ends
}

// Sizes of calls: bytes of bodies for a request, and of a connection. Only the
// reporter that is to be taken tells the first; others tell more.
const (
	bodyBytes, otherBodyBytes = 7, 5000
	tcpThere, tcpBack         = 11, 13
)

// edges are the true ones: figures by the names of the ends and the protocol.
func (w *world) edges(window time.Duration) map[string]map[string]float64 {
	edges := map[string]map[string]float64{}
	for _, c := range w.calls {
		ends := c.ends()
		id := fmt.Sprintf("%s -> %s %s", ends[0], ends[1], c.carrier())
		if edges[id] == nil {
			edges[id] = map[string]float64{}
		}
		n := c.rate * window.Seconds()
		if c.carrier() == topology.TCP {
			edges[id]["opened"] += n
			edges[id]["closed"] += n
			edges[id]["tcp request bytes "] += tcpThere * n
			edges[id]["tcp response bytes "] += tcpBack * n
			continue
		}
		edges[id][fmt.Sprintf("requests %s %s %s", c.code, c.grpc, c.flags)] += n
		edges[id]["request bytes"] += bodyBytes * n
		edges[id]["response bytes"] += 2 * bodyBytes * n
		for _, le := range []float64{10, 100, 1000} {
			if !c.slow || le == 1000 {
				edges[id][fmt.Sprint("latency ", le/1000)] += n
			}
		}
		edges[id]["latency +Inf"] += n
		edges[id]["seconds"] += n * map[bool]float64{false: 0.0075, true: 0.75}[c.slow]
	}
	return edges
}

// labels are those of the call in the report of a proxy that knows all of it.
func (c *trueCall) labels() labels {
	l := labels{"request_protocol": string(c.protocol), "response_code": c.code, "response_flags": c.flags}
	if c.flags == "" {
		l["response_flags"] = "-"
	}
	if c.grpc != "" {
		l["grpc_response_status"] = c.grpc
	}
	for end, w := range map[string]*workload{"source": c.from, "destination": c.to} {
		l.peer(end, w.namespace+"/"+w.name)
		l[end+"_cluster"], l[end+"_canonical_service"] = w.cluster, w.app
	}
	return l.to(c.to.app, c.to.namespace)
}

// series are what the world's proxies count at the end of a window. What a
// call adds to a series that there is already is added to it.
func (w *world) series(window time.Duration) []istiotest.Series {
	totals := map[istiotest.Series]float64{}
	var order []istiotest.Series
	for i := range w.calls {
		var m mesh
		w.calls[i].report(&m)
		for _, one := range m.series {
			total := one.Total / interval.Length.Seconds() * window.Seconds()
			one.Total = 0
			if _, seen := totals[one]; !seen {
				order = append(order, one)
			}
			totals[one] += total
		}
	}
	for i := range order {
		order[i].Total = totals[order[i]]
	}
	return order
}

// report has each proxy on the call's way report it, as the reporter table
// says.
func (c *trueCall) report(m *mesh) {
	l := c.labels()
	if c.from.plane == bare {
		l = l.noSource()
	}
	if c.anotherPolicy {
		l = l.with("connection_security_policy", "none")
	}
	mine := l
	switch {
	case c.noEndpoint:
		mine = l.noWorkload().with("destination_cluster", c.to.cluster)
	case c.hidesCluster && !c.undelivered && c.to.plane != bare:
		mine = l.with("destination_cluster", "unknown")
	}
	switch {
	case c.from.plane == bare:
	case c.from.plane == sidecar:
		c.split(m, func(part *mesh, share float64) { c.counts(part, "source", mine, share) })
	case c.throughWaypoint():
		c.counts(m, "waypoint", l, 1)
		hop := l.with("destination_workload", "waypoint", "destination_canonical_service", "waypoint")
		m.tcp("source", hop, c.rate, 1, 1)
	case c.isTransport(c.from.plane):
		m.tcp("source", mine.connection(), c.rate, tcpThere, tcpBack)
	default:
		c.counts(m, "source", mine, 1)
	}
	switch {
	case c.undelivered || c.to.plane == bare:
	case c.throughWaypoint():
		hop := l.with("source_cluster", c.to.cluster, "source_workload_namespace", c.to.namespace, "source_workload", "waypoint", "source_canonical_service", "waypoint")
		m.tcp("destination", hop, c.rate, 1, 1)
	case c.isTransport(c.to.plane):
		m.tcp("destination", l.connection(), c.rate+c.retries, tcpThere, tcpBack)
	default:
		served := l
		if c.gaveUp {
			served = l.ended("200", "-")
		}
		c.counts(m, "destination", served, 1)
		if c.retries > 0 {
			m.requests("destination", l.ended("503", "-").with("grpc_response_status", ""), c.retries)
		}
	}
}

// connection is what is said of the connection that carries a call.
func (l labels) connection() labels {
	return l.without("grpc_response_status").with("response_flags", "-")
}

// split has the client's pods share its calls.
func (c *trueCall) split(m *mesh, counts func(part *mesh, share float64)) {
	for pod := range c.replicas {
		var part mesh
		counts(&part, 1/float64(c.replicas))
		for _, one := range part.series {
			one.Target = fmt.Sprintf("%d.%s", pod, one.Target)
			m.series = append(m.series, one)
		}
	}
}

// counts has a reporter count all that it sees of a share of the calls.
func (c *trueCall) counts(m *mesh, reporter string, l labels, share float64) {
	n := c.rate * share
	if c.carrier() == topology.TCP {
		l = l.connection()
		there, back := tcpThere*n, tcpBack*n
		if reporter != c.taken() {
			there, back = 10*there, 10*back
		}
		m.tcp(reporter, l, n, there, back)
		return
	}
	m.requests(reporter, l, n)
	l = l.without("grpc_response_status")
	size, milliseconds := float64(bodyBytes), 10.0
	switch {
	case reporter != c.taken():
		size, milliseconds = otherBodyBytes, 100
	case c.slow:
		milliseconds = 1000
	}
	m.counts(istio.RequestBytes, reporter, l, size*n)
	m.counts(istio.ResponseBytes, reporter, l, 2*size*n)
	m.durations(reporter, l, milliseconds, n)
}

// shelf is a store of many worlds, each under a label of its own. Its answers
// come in another order each time.
type shelf struct {
	store  *store.Store
	client *promql.Client
	worlds int
}

func openShelf(t *testing.T) *shelf {
	t.Helper()
	s, _, _ := storetest.Open(t)
	server := httptest.NewServer(shuffle(s.Handler()))
	t.Cleanup(server.Close)
	client, err := promql.New(promql.Options{URL: server.URL})
	require.NoError(t, err)
	return &shelf{store: s, client: client}
}

// shuffle puts the series of each answer into a random order.
func shuffle(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.Header.Del("Accept-Encoding")
		recorder := httptest.NewRecorder()
		next.ServeHTTP(recorder, r)
		var answer struct {
			Status string `json:"status"`
			Data   struct {
				ResultType string            `json:"resultType"`
				Result     []json.RawMessage `json:"result"`
			} `json:"data"`
		}
		if err := json.Unmarshal(recorder.Body.Bytes(), &answer); err != nil || answer.Status != "success" {
			http.Error(w, recorder.Body.String(), http.StatusInternalServerError)
			return
		}
		result := answer.Data.Result
		rand.Shuffle(len(result), func(i, j int) { result[i], result[j] = result[j], result[i] })
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(answer)
	})
}

// short is the window of worlds, a scrape every 15 s.
const short = time.Minute

var shortInterval = topology.Interval{End: begin.Add(short), Length: short}

// put scrapes a world into the store, its proxies and their series in the
// order given, and returns an asker of it alone.
func (s *shelf) put(t require.TestingT, series []istiotest.Series) *derive.Asker {
	s.worlds++
	number := strconv.Itoa(s.worlds)
	var targets []string
	expositions := map[string][]istiotest.Series{}
	for _, one := range series {
		if !slices.Contains(targets, one.Target) {
			targets = append(targets, one.Target)
		}
		expositions[one.Target] = append(expositions[one.Target], one)
	}
	const steps = 4
	for step := range steps + 1 {
		for _, target := range targets {
			var exposition bytes.Buffer
			for _, one := range expositions[target] {
				fmt.Fprintf(&exposition, "%s %g\n", one.Text, one.Total*float64(step)/steps)
			}
			of := promlabels.FromStrings("job", "istio-proxies", "instance", target, "world", number)
			require.NoError(t, s.store.Append(begin.Add(short*time.Duration(step)/steps), of, exposition.Bytes()))
		}
	}
	return derive.NewAsker(derive.Options{Client: s.client, Dialect: istio.Dialect{Matchers: []expr.Matcher{expr.OneOf("world", number)}}})
}

// flows are the flows of a world that was put into the store.
func flows(t require.TestingT, asker *derive.Asker) []topology.Flow {
	all, tally, err := asker.Flows(context.Background(), derive.FlowOptions{
		Interval: shortInterval, Metrics: istio.GraphMetrics(istio.LatencyHistogram), IsWaypoint: istio.Waypoints(istio.DefaultWaypoints),
	})
	require.NoError(t, err)
	require.Empty(t, tally.Rejected)
	return all
}
