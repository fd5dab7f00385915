package topology_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/meshscope/meshscope/exporter/topology"
)

// The mesh of the tests: Bookinfo, and what they need beside it.

const home = "Kubernetes"

func peer(name, version string) topology.Peer {
	return topology.Peer{
		Cluster:           home,
		Namespace:         "bookinfo",
		Workload:          name + "-" + version,
		CanonicalService:  name,
		CanonicalRevision: version,
	}
}

func service(name string) topology.Service {
	return topology.Service{Host: name + ".bookinfo.svc.cluster.local", Name: name, Namespace: "bookinfo"}
}

var (
	productpage = peer("productpage", "v1")
	reviews     = peer("reviews", "v2")
	ratings     = peer("ratings", "v1")

	pageToReviews    = topology.EdgeKey{Source: productpage, Destination: reviews, Service: service("reviews")}
	reviewsToRatings = topology.EdgeKey{Source: reviews, Destination: ratings, Service: service("ratings")}
	strangerToPage   = topology.EdgeKey{
		Source:      topology.Peer{Cluster: home},
		Destination: productpage,
		Service:     service("productpage"),
	}

	ok     = topology.Response{Code: "200"}
	failed = topology.Response{Code: "503", Flags: "UF"}
)

// said is one report, in a test's words.
type said struct {
	by       topology.Reporter
	key      topology.EdgeKey
	protocol topology.Protocol // HTTP where empty
	traffic  topology.Traffic
	samples  int
	assumed  bool
}

func (s said) addTo(rs *topology.Reports) {
	if s.protocol == "" {
		s.protocol = topology.HTTP
	}
	r := rs.Report(s.key, s.protocol, s.by)
	r.Traffic.Merge(&s.traffic)
	r.Samples += s.samples
	r.AssumedCluster = r.AssumedCluster || s.assumed
}

func reports(all ...said) *topology.Reports {
	rs := topology.NewReports(len(all))
	for _, s := range all {
		s.addTo(rs)
	}
	return rs
}

func requests(n float64, r topology.Response) topology.Traffic {
	var t topology.Traffic
	t.AddRequests(r, n)
	return t
}

func connections(n float64) topology.Traffic { return topology.Traffic{Opened: n} }

func secured(t topology.Traffic, p topology.Policy, n float64) topology.Traffic {
	t.AddSecured(p, n)
	return t
}

// clock gives one interval after the other.
type clock struct {
	now  time.Time
	step time.Duration
}

func newClock() *clock {
	return &clock{now: time.Date(2026, 9, 1, 12, 0, 0, 0, time.UTC), step: 15 * time.Second}
}

func (c *clock) tick() topology.Interval {
	c.now = c.now.Add(c.step)
	return topology.Interval{End: c.now, Length: c.step}
}

// resolveOnce is what a Dedup without a memory makes of reports.
func resolveOnce(rs *topology.Reports) topology.Resolution {
	iv := newClock().tick()
	return topology.NewDedup(topology.DedupOptions{}).Resolve(iv, rs)
}

// onlyFlow is the flow of a resolution that has one.
func onlyFlow(t *testing.T, res topology.Resolution) topology.Flow {
	t.Helper()
	require.Len(t, res.Flows, 1)
	return res.Flows[0]
}

// dumpFlows writes all that flows hold, to the last bit of each number.
func dumpFlows(flows []topology.Flow) string {
	var b strings.Builder
	for _, f := range flows {
		fmt.Fprintf(&b, "%+v %s %s %s\n", f.Key, f.Protocol, f.Reporter, dumpTraffic(f.Traffic))
	}
	return b.String()
}

// dumpGraph writes all that a graph holds, to the last bit of each number.
func dumpGraph(g *topology.Graph) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %v\n", g.Level, g.Interval)
	for _, n := range g.Nodes {
		fmt.Fprintf(&b, "%s %q %q %q %q injected %t waypoint %t\n", n.ID(), n.Workload, n.App, n.Version, n.Service, n.Injected, n.Waypoint)
		for _, p := range protocols {
			for _, side := range [...]map[topology.Protocol]*topology.Traffic{n.In, n.Out} {
				if t, ok := side[p]; ok {
					fmt.Fprintf(&b, "  %s %s\n", p, dumpTraffic(t))
				}
			}
		}
	}
	for _, e := range g.Edges {
		fmt.Fprintf(&b, "%s %s %s %v %+v %s\n", e.Source.ID(), e.Target.ID(), e.Protocol, e.Reporters, e.Services, dumpTraffic(&e.Traffic))
		b.WriteString(dumpFlows(e.Flows))
	}
	return b.String()
}

func dumpTraffic(t *topology.Traffic) string {
	c := *t
	latency := "-"
	if c.Latency != nil {
		latency = fmt.Sprintf("%+v", *c.Latency)
	}
	c.Latency = nil
	return fmt.Sprintf("%+v latency %s", c, latency)
}

var (
	protocols = []topology.Protocol{topology.HTTP, topology.GRPC, topology.TCP}
	reporters = []topology.Reporter{topology.BySource, topology.ByWaypoint, topology.ByDestination}
)

// Generators. Their vocabulary is small, so that what they draw meets.

// oneOf draws from values, among which "" is an unknown one.
func oneOf(values ...string) *rapid.Generator[string] { return rapid.SampledFrom(values) }

func peers(clusters ...string) *rapid.Generator[topology.Peer] {
	return rapid.Custom(func(t *rapid.T) topology.Peer {
		p := topology.Peer{
			Cluster:   oneOf(clusters...).Draw(t, "cluster"),
			Namespace: oneOf("bookinfo", "bookinfo", "shop", "").Draw(t, "namespace"),
			Workload:  oneOf("a", "b", "c", "").Draw(t, "workload"),
		}
		p.CanonicalService = oneOf("app", p.Workload, p.Workload, "").Draw(t, "canonical service")
		p.CanonicalRevision = oneOf("v1", "v2", "latest", "").Draw(t, "canonical revision")
		return p
	})
}

func services() *rapid.Generator[topology.Service] {
	return rapid.Custom(func(t *rapid.T) topology.Service {
		s := topology.Service{
			Name:      oneOf("a", "b", "").Draw(t, "service"),
			Namespace: oneOf("bookinfo", "shop", "").Draw(t, "service namespace"),
		}
		if s.Name == "" || rapid.Bool().Draw(t, "has host") {
			s.Host = oneOf("a.bookinfo.svc.cluster.local", "httpbin.org", "").Draw(t, "host")
		}
		return s
	})
}

func edgeKeys(clusters ...string) *rapid.Generator[topology.EdgeKey] {
	return rapid.Custom(func(t *rapid.T) topology.EdgeKey {
		return topology.EdgeKey{
			Source:      peers(clusters...).Draw(t, "source"),
			Destination: peers(clusters...).Draw(t, "destination"),
			Service:     services().Draw(t, "service"),
		}
	})
}

// amounts are no whole numbers, so that the order of additions shows.
func amounts() *rapid.Generator[float64] {
	return rapid.Map(rapid.IntRange(0, 1000), func(n int) float64 { return float64(n) * 0.1 })
}

func traffics(p topology.Protocol) *rapid.Generator[topology.Traffic] {
	return rapid.Custom(func(t *rapid.T) topology.Traffic {
		var tr topology.Traffic
		n := amounts().Draw(t, "n")
		if p == topology.TCP {
			tr.Opened = n
			tr.Closed = amounts().Draw(t, "closed")
			tr.AddTCPRequestBytes(oneOf("-", "UF").Draw(t, "flags"), amounts().Draw(t, "bytes"))
			tr.AddTCPResponseBytes("-", amounts().Draw(t, "bytes back"))
		} else {
			for range rapid.IntRange(1, 3).Draw(t, "responses") {
				r := topology.Response{Code: oneOf("200", "404", "503", "0").Draw(t, "code")}
				if p == topology.GRPC {
					r.GRPCStatus = oneOf("0", "14").Draw(t, "status")
					tr.RequestMessages = amounts().Draw(t, "messages")
				}
				tr.AddRequests(r, amounts().Draw(t, "requests"))
				if rapid.Bool().Draw(t, "is classified") {
					tr.AddOperation(oneOf("list", "get", "").Draw(t, "operation"), r, amounts().Draw(t, "requests of it"))
				}
			}
			tr.RequestBytes = amounts().Draw(t, "bytes")
			tr.ResponseBytes = amounts().Draw(t, "bytes back")
			if rapid.Bool().Draw(t, "has latency") {
				tr.Latency = histograms().Draw(t, "latency")
			}
		}
		tr.AddSecured(rapid.SampledFrom([]topology.Policy{topology.MutualTLS, topology.Plaintext, topology.UnknownPolicy}).Draw(t, "policy"), n)
		tr.AddPrincipals(oneOf("", "spiffe://a").Draw(t, "source principal"), oneOf("", "spiffe://b").Draw(t, "destination principal"), n)
		return tr
	})
}

// distinctReports are reports of which no two are of one edge, protocol and
// reporter. Each is said by a proxy that knows its own cluster.
func distinctReports(clusters ...string) *rapid.Generator[[]said] {
	one := rapid.Custom(func(t *rapid.T) said {
		s := said{
			by:       rapid.SampledFrom(reporters).Draw(t, "reporter"),
			key:      edgeKeys(clusters...).Draw(t, "key"),
			protocol: rapid.SampledFrom(protocols).Draw(t, "protocol"),
			samples:  rapid.IntRange(1, 3).Draw(t, "samples"),
			assumed:  rapid.Bool().Draw(t, "assumed cluster"),
		}
		s.traffic = traffics(s.protocol).Draw(t, "traffic")
		return s
	})
	return rapid.SliceOfNDistinct(one, 0, 25, func(s said) string {
		return fmt.Sprintf("%+v %s %s", s.key, s.protocol, s.by)
	})
}

// options are all that Build can be asked for.
func options() *rapid.Generator[topology.BuildOptions] {
	return rapid.Custom(func(t *rapid.T) topology.BuildOptions {
		o := topology.BuildOptions{
			Level:        rapid.SampledFrom(topology.Levels).Draw(t, "level"),
			Idle:         rapid.Bool().Draw(t, "idle"),
			ServiceNodes: rapid.Bool().Draw(t, "service nodes"),
			Operations:   rapid.Bool().Draw(t, "operations"),
		}
		if rapid.Bool().Draw(t, "knows waypoints") {
			o.IsWaypoint = func(p topology.Peer) bool { return p.Workload == "c" }
		}
		return o
	})
}

func flowsOf(clusters ...string) *rapid.Generator[[]topology.Flow] {
	return rapid.Map(distinctReports(clusters...), func(all []said) []topology.Flow {
		flows := make([]topology.Flow, len(all))
		for i, s := range all {
			flows[i] = topology.Flow{Key: s.key, Protocol: s.protocol, Reporter: s.by, Traffic: &s.traffic}
		}
		return flows
	})
}
