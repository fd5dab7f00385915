package truth_test

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/meshscope/meshscope/exporter/demo/store/storetest"
	"github.com/meshscope/meshscope/exporter/derive"
	"github.com/meshscope/meshscope/exporter/istio"
	"github.com/meshscope/meshscope/exporter/istio/istiotest"
	"github.com/meshscope/meshscope/exporter/topology"
)

const (
	window  = 10 * time.Minute
	scrapes = 40 // one every 15 s
)

var (
	begin    = time.Date(2026, time.March, 1, 12, 0, 0, 0, time.UTC)
	interval = topology.Interval{End: begin.Add(window), Length: window}
)

// mesh is what the proxies of a mesh count. Each counter grows evenly, at the
// rate that is said, from the window's begin to its end.
type mesh struct {
	series []istiotest.Series
	asker  *derive.Asker // once it was asked
}

// call is what Istio's labels say of a call between two workloads, each as
// namespace/workload, with sidecars on both sides. Its workloads are version
// v1 of the app and the service of the workload's name.
func call(from, to string) labels {
	l := labels{
		"request_protocol": "http", "response_code": "200", "response_flags": "-",
	}
	l.peer("source", from)
	l.peer("destination", to)
	namespace, name, _ := strings.Cut(to, "/")
	return l.to(name, namespace)
}

// labels are those of a sample, by name.
type labels map[string]string

func (l labels) peer(end, workload string) {
	namespace, name, _ := strings.Cut(workload, "/")
	l[end+"_cluster"] = "Kubernetes"
	l[end+"_workload_namespace"] = namespace
	l[end+"_workload"] = name
	l[end+"_canonical_service"] = name
	l[end+"_canonical_revision"] = "v1"
	l[end+"_principal"] = "spiffe://cluster.local/ns/" + namespace + "/sa/" + name
}

// to is a call that was addressed to a service of the mesh.
func (l labels) to(service, namespace string) labels {
	return l.with(
		"destination_service", service+"."+namespace+".svc.cluster.local",
		"destination_service_name", service,
		"destination_service_namespace", namespace)
}

// ended is a call that ended with a code and Envoy's flags.
func (l labels) ended(code, flags string) labels {
	return l.with("response_code", code, "response_flags", flags)
}

// with has other values for some labels.
func (l labels) with(pairs ...string) labels {
	changed := maps.Clone(l)
	for i := 0; i < len(pairs); i += 2 {
		changed[pairs[i]] = pairs[i+1]
	}
	return changed
}

// without lacks some labels.
func (l labels) without(names ...string) labels {
	fewer := maps.Clone(l)
	for _, name := range names {
		delete(fewer, name)
	}
	return fewer
}

// noWorkload is a call that reached no workload.
func (l labels) noWorkload() labels {
	for name := range l {
		if strings.HasPrefix(name, "destination_") && !strings.HasPrefix(name, "destination_service") {
			l = l.with(name, "unknown")
		}
	}
	return l
}

// noSource is a call from a client without a proxy.
func (l labels) noSource() labels {
	for name := range l {
		if strings.HasPrefix(name, "source_") {
			l = l.with(name, "unknown")
		}
	}
	return l.with("connection_security_policy", "none")
}

// by is the call as a reporter's proxy tells it. An Envoy that is the source
// does not know whether the connection was encrypted.
func (l labels) by(reporter string) labels {
	policy := "mutual_tls"
	if reporter == "source" {
		policy = "unknown"
	}
	return l.with("reporter", reporter, "connection_security_policy", cmp.Or(l["connection_security_policy"], policy))
}

var escape = strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`)

func (l labels) String() string {
	parts := make([]string, 0, len(l))
	for _, name := range slices.Sorted(maps.Keys(l)) {
		parts = append(parts, name+`="`+escape.Replace(l[name])+`"`)
	}
	return "{" + strings.Join(parts, ",") + "}"
}

// proxy is the target that the sample is scraped from: the workload's own
// proxy.
func (l labels) proxy() string {
	end := "destination"
	if l["reporter"] == "source" {
		end = "source"
	}
	return l[end+"_workload"] + "." + l[end+"_workload_namespace"] + ":15020"
}

// counts has a metric grow at a rate, per second, in the report of a reporter.
func (m *mesh) counts(metric istio.Metric, reporter string, l labels, rate float64) {
	l = l.by(reporter)
	switch metric.Name {
	case istio.Requests.Name:
	case istio.TCPRequestBytes.Name, istio.TCPResponseBytes.Name, istio.TCPOpened.Name, istio.TCPClosed.Name:
		l = l.with("request_protocol", "tcp").without("response_code")
	default:
		l = l.without("response_code", "response_flags")
	}
	m.series = append(m.series, istiotest.Series{Target: l.proxy(), Text: metric.Name + l.String(), Total: rate * window.Seconds()})
}

// requests are rate calls per second in the report of a reporter.
func (m *mesh) requests(reporter string, l labels, rate float64) {
	m.counts(istio.Requests, reporter, l, rate)
}

// durations are rate calls per second that took between half of a bucket's
// upper bound, in milliseconds, and that bound.
func (m *mesh) durations(reporter string, l labels, milliseconds, rate float64) {
	for _, le := range []float64{10, 100, 1000, math.Inf(1)} {
		n := 0.0
		if le >= milliseconds {
			n = rate
		}
		bound := fmt.Sprintf("%v", le)
		if math.IsInf(le, 1) {
			bound = "+Inf"
		}
		m.counts(istio.LatencyBuckets, reporter, l.with("le", bound), n)
	}
	m.counts(istio.LatencySum, reporter, l, 0.75*milliseconds*rate)
	m.counts(istio.LatencyCount, reporter, l, rate)
}

// tcp are connections per second, and the bytes per second on them from client
// to server and back, in the report of a reporter.
func (m *mesh) tcp(reporter string, l labels, opened, there, back float64) {
	m.counts(istio.TCPOpened, reporter, l, opened)
	m.counts(istio.TCPClosed, reporter, l, opened)
	m.counts(istio.TCPRequestBytes, reporter, l, there)
	m.counts(istio.TCPResponseBytes, reporter, l, back)
}

// view is what of a mesh is asked for.
type view struct {
	level      topology.Level // ByWorkload by default
	namespaces []string
	waypoints  bool
	idle       bool
	services   bool // between callers and what they reach
}

// graph is the graph of the window. No sample may be rejected on the way.
func (m *mesh) graph(t testing.TB, v view) *topology.Graph {
	t.Helper()
	if m.asker == nil {
		s, _, client := storetest.Open(t)
		for i := range scrapes + 1 {
			istiotest.Scrape(t, s, begin.Add(window*time.Duration(i)/scrapes), m.series, float64(i)/scrapes)
		}
		m.asker = derive.NewAsker(derive.Options{Client: client})
	}
	flows, tally, err := m.asker.Flows(t.Context(), derive.FlowOptions{
		Interval:   interval,
		Metrics:    istio.GraphMetrics(istio.LatencyHistogram),
		Waypoints:  v.waypoints,
		IsWaypoint: istio.Waypoints(istio.DefaultWaypoints),
	})
	require.NoError(t, err)
	require.Empty(t, tally.Rejected)
	return build(interval, flows, v)
}

// build makes a view's graph of flows.
func build(iv topology.Interval, flows []topology.Flow, v view) *topology.Graph {
	g := topology.Build(iv, flows, topology.BuildOptions{Level: cmp.Or(v.level, topology.ByWorkload), Idle: v.idle, ServiceNodes: v.services})
	return g.Select(topology.Selection{Namespaces: v.namespaces})
}

// edgeOf is the edge between two nodes that are named as name names them.
func edgeOf(t testing.TB, g *topology.Graph, from, to string, p topology.Protocol) *topology.Edge {
	t.Helper()
	for _, e := range g.Edges {
		if name(e.Source.Ref) == from && name(e.Target.Ref) == to && e.Protocol == p {
			return e
		}
	}
	require.Failf(t, "no such edge", "%s -> %s %s is not among:\n%s", from, to, p, strings.Join(drawn(g), "\n"))
	return nil
}

// nodeOf is the node of a name.
func nodeOf(t testing.TB, g *topology.Graph, named string) *topology.Node {
	t.Helper()
	i := slices.IndexFunc(g.Nodes, func(n *topology.Node) bool { return name(n.Ref) == named })
	require.GreaterOrEqual(t, i, 0, "no node %s in:\n%s", named, strings.Join(drawn(g), "\n"))
	return g.Nodes[i]
}

// rate is how much of something there was per second.
func rate(n float64) float64 { return n / window.Seconds() }

// errorRatio is the part of requests that failed.
func errorRatio(p topology.Protocol, t *topology.Traffic) float64 {
	failed := 0.0
	for outcome, n := range t.Outcomes(p) {
		if topology.Outcome(outcome).IsError() {
			failed += n
		}
	}
	return failed / t.Total()
}

// tolerance is what PromQL's extrapolation loses in floating point.
const tolerance = 1e-9
