package topology_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/meshscope/meshscope/exporter/topology"
)

// ztunnel is what ztunnel says, at the destination, of n connections.
func ztunnel(n float64) said {
	t := secured(connections(n), topology.MutualTLS, n)
	t.AddTCPRequestBytes("-", 1000*n)
	t.AddPrincipals("spiffe://cluster.local/ns/bookinfo/sa/productpage", "", n)
	return said{by: topology.ByDestination, key: pageToReviews, protocol: topology.TCP, traffic: t, samples: 3}
}

// T9: transport is not traffic. TCP below the calls of a sidecar, a gateway or
// a waypoint makes no edge and no bytes, but tells of mutual TLS.
func TestT9TransportIsFoldedIntoItsCalls(t *testing.T) {
	for _, tc := range []struct {
		name     string
		by       topology.Reporter
		protocol topology.Protocol
	}{
		{"below a sidecar's HTTP", topology.BySource, topology.HTTP},
		{"below a sidecar's gRPC", topology.BySource, topology.GRPC},
		{"below a waypoint's HTTP", topology.ByWaypoint, topology.HTTP},
	} {
		t.Run(tc.name, func(t *testing.T) {
			res := resolveOnce(reports(
				said{by: tc.by, key: pageToReviews, protocol: tc.protocol, traffic: secured(requests(10, ok), topology.UnknownPolicy, 10)},
				ztunnel(2),
			))
			f := onlyFlow(t, res)
			require.Equal(t, tc.protocol, f.Protocol)
			require.Equal(t, map[topology.Policy]float64{topology.MutualTLS: 2}, f.Traffic.Secured)
			require.Equal(t, "spiffe://cluster.local/ns/bookinfo/sa/productpage", topology.Busiest(f.Traffic.SourcePrincipals))
			require.Zero(t, f.Traffic.Opened)
			request, response := f.Traffic.TCPBytes()
			require.Zero(t, request+response)
			require.Equal(t, map[topology.FoldReason]int{topology.FoldTransport: 3}, res.Folded)
		})
	}
}

// T9: TCP that no call explains is traffic.
func TestT9OtherTCPIsTraffic(t *testing.T) {
	other := ztunnel(2)
	other.key = reviewsToRatings
	bySource, byWaypoint := ztunnel(2), ztunnel(2)
	bySource.by, byWaypoint.by = topology.BySource, topology.ByWaypoint
	calls := func(by topology.Reporter) said { return said{by: by, key: pageToReviews, traffic: requests(10, ok)} }
	for _, tc := range []struct {
		name string
		said []said
		want int
	}{
		{"alone", []said{ztunnel(2)}, 1},
		{"of another pair", []said{calls(topology.BySource), other}, 2},
		{"beside the source's own calls", []said{calls(topology.BySource), bySource}, 2},
		{"beside the waypoint's own calls", []said{calls(topology.ByWaypoint), byWaypoint}, 2},
		{"beside the destination's own calls", []said{calls(topology.ByDestination), ztunnel(2)}, 2},
		{"beside calls that both report, as TCP", []said{calls(topology.BySource), calls(topology.ByDestination), bySource, ztunnel(2)}, 2},
	} {
		t.Run(tc.name, func(t *testing.T) {
			res := resolveOnce(reports(tc.said...))
			require.Len(t, res.Flows, tc.want)
			require.Empty(t, res.Folded)
		})
	}
}

// T9: where one side of a pair reports calls and the other does not, the
// other's proxies see connections alone. TCP is what the side with the calls
// says it is, whatever there is more of at the other; and without a word of it,
// there is none.
func TestT9TCPIsTakenFromTheSideThatReportsCalls(t *testing.T) {
	tcp := func(by topology.Reporter, n float64) said {
		s := ztunnel(n)
		s.by = by
		return s
	}
	for _, protocol := range []topology.Protocol{topology.HTTP, topology.GRPC} {
		calls := func(by topology.Reporter) said {
			return said{by: by, key: pageToReviews, protocol: protocol, traffic: requests(600, ok)}
		}
		for _, tc := range []struct {
			name   string
			said   []said
			by     topology.Reporter // whose TCP it is
			want   float64           // connections; 0 is no edge
			folded int
		}{
			{"source", []said{calls(topology.BySource), tcp(topology.BySource, 60), tcp(topology.ByDestination, 660)}, topology.BySource, 60, 3},
			{"source, without TCP", []said{calls(topology.BySource), tcp(topology.ByDestination, 600)}, 0, 0, 3},
			{"waypoint", []said{calls(topology.ByWaypoint), tcp(topology.ByWaypoint, 60), tcp(topology.ByDestination, 660)}, topology.ByWaypoint, 60, 3},
			{"destination", []said{calls(topology.ByDestination), tcp(topology.BySource, 72), tcp(topology.ByDestination, 60)}, topology.ByDestination, 60, 3},
			{"destination, without TCP", []said{calls(topology.ByDestination), tcp(topology.BySource, 12)}, 0, 0, 3},
			{"destination, without TCP, through a waypoint", []said{calls(topology.ByDestination), tcp(topology.BySource, 12), tcp(topology.ByWaypoint, 12)}, 0, 0, 6},
			{"both", []said{calls(topology.BySource), calls(topology.ByDestination), tcp(topology.BySource, 60), tcp(topology.ByDestination, 60)}, topology.BySource, 60, 0},
			{"both, and TCP comes through a waypoint", []said{calls(topology.BySource), calls(topology.ByDestination), tcp(topology.ByWaypoint, 60), tcp(topology.ByDestination, 60)}, topology.ByWaypoint, 60, 0},
			{"both, and the source misses callers", []said{calls(topology.BySource), calls(topology.ByDestination), tcp(topology.BySource, 60), tcp(topology.ByDestination, 660)}, topology.ByDestination, 660, 0},
		} {
			t.Run(string(protocol)+" at the "+tc.name, func(t *testing.T) {
				res := resolveOnce(reports(tc.said...))
				require.Equal(t, tc.folded, res.Folded[topology.FoldTransport])
				flows := map[topology.Protocol]topology.Flow{}
				for _, f := range res.Flows {
					flows[f.Protocol] = f
				}
				require.Equal(t, 600.0, flows[protocol].Traffic.Total())
				if tc.want == 0 {
					require.Len(t, res.Flows, 1)
					return
				}
				require.Len(t, res.Flows, 2)
				require.Equal(t, tc.by, flows[topology.TCP].Reporter)
				require.Equal(t, tc.want, flows[topology.TCP].Traffic.Opened)
			})
		}
	}
}

// T9: a destination that stood in for its source is no longer taken when the
// source begins to report calls of which the destination knows connections alone.
func TestT9ReplacementEndsWithTransport(t *testing.T) {
	d, c := topology.NewDedup(settled), newClock()
	d.Remember(pageToReviews, topology.TCP, topology.ByDestination, c.now)
	source := ztunnel(60)
	source.by = topology.BySource
	flows := d.Resolve(c.tick(), reports(
		said{by: topology.BySource, key: pageToReviews, traffic: requests(600, ok)}, source, ztunnel(660),
	)).Flows
	require.Len(t, flows, 2)
	require.Equal(t, topology.BySource, flows[1].Reporter)
	require.Equal(t, 60.0, flows[1].Traffic.Opened)
}

// T9: a client's ztunnel that is scraped before the server's sidecar makes no
// edge in the meantime. Of TCP that is traffic, nothing is lost by the wait.
func TestT9NewConnectionsWaitForTheirCalls(t *testing.T) {
	source := ztunnel(12)
	source.by = topology.BySource
	calls := said{by: topology.ByDestination, key: pageToReviews, traffic: requests(600, ok)}
	t.Run("they come", func(t *testing.T) {
		d, c := topology.NewDedup(settled), newClock()
		res := d.Resolve(c.tick(), reports(source))
		require.Empty(t, res.Flows)
		require.Equal(t, 1, res.Waiting)
		for range 4 {
			for _, f := range d.Resolve(c.tick(), reports(calls, source)).Flows {
				require.Equal(t, topology.HTTP, f.Protocol)
			}
		}
	})
	t.Run("they do not come", func(t *testing.T) {
		d, c := topology.NewDedup(settled), newClock()
		require.Empty(t, d.Resolve(c.tick(), reports(source)).Flows)
		standing := reports(source)
		for r := range standing.All() {
			r.Standing = true
		}
		f := onlyFlow(t, d.Resolve(c.tick(), standing))
		require.Equal(t, topology.BySource, f.Reporter)
		require.Equal(t, 24.0, f.Traffic.Opened)
	})
	t.Run("the server's proxy reports TCP too", func(t *testing.T) {
		d, c := topology.NewDedup(settled), newClock()
		require.Equal(t, topology.BySource, onlyFlow(t, d.Resolve(c.tick(), reports(source, ztunnel(12)))).Reporter)
	})
}

// T9: a ztunnel that is scraped before the sidecar above it makes no edge of
// its own in the meantime, and what it said is counted as folded.
func TestT9TransportThatCameFirstIsFolded(t *testing.T) {
	calls := said{by: topology.BySource, key: pageToReviews, traffic: requests(10, ok)}
	for _, tc := range []struct {
		name  string
		later []said
		want  int
	}{
		{"and speaks again", []said{calls, ztunnel(2)}, 6},
		{"and is silent then", []said{calls}, 3},
	} {
		t.Run(tc.name, func(t *testing.T) {
			d, c := topology.NewDedup(settled), newClock()
			require.Empty(t, d.Resolve(c.tick(), reports(ztunnel(2))).Flows)
			res := d.Resolve(c.tick(), reports(tc.later...))
			require.Equal(t, topology.HTTP, onlyFlow(t, res).Protocol)
			require.Equal(t, tc.want, res.Folded[topology.FoldTransport])
			for range 10 {
				require.Empty(t, d.Resolve(c.tick(), reports()).Flows)
			}
		})
	}
}

// T9: transport of calls that wait for their source's report is kept for them.
func TestT9TransportOfWaitingCallsIsKept(t *testing.T) {
	d, c := topology.NewDedup(settled), newClock()
	c.step = 30 * time.Second
	byWaypoint := said{by: topology.ByWaypoint, key: pageToReviews, traffic: requests(10, ok)}
	require.Empty(t, d.Resolve(c.tick(), reports(byWaypoint, ztunnel(2))).Flows)
	require.Empty(t, d.Resolve(c.tick(), reports(byWaypoint, ztunnel(2))).Flows)
	f := onlyFlow(t, d.Resolve(c.tick(), reports(byWaypoint, ztunnel(2))))
	require.Equal(t, 30.0, f.Traffic.Total())
	require.Equal(t, map[topology.Policy]float64{topology.MutualTLS: 6}, f.Traffic.Secured)
}

// T9: views fold the hops through a waypoint into the call's own edge.
func TestT9WaypointHopsAreFolded(t *testing.T) {
	waypoint := topology.Peer{Cluster: home, Namespace: "bookinfo", Workload: "waypoint"}
	isWaypoint := func(p topology.Peer) bool { return p.Namespace == "bookinfo" && p.Workload == "waypoint" }
	flow := func(from, to topology.Peer, p topology.Protocol, by topology.Reporter) topology.Flow {
		traffic := requests(10, ok)
		if p == topology.TCP {
			traffic = connections(10)
		}
		return topology.Flow{Key: topology.EdgeKey{Source: from, Destination: to}, Protocol: p, Reporter: by, Traffic: &traffic}
	}
	call := flow(productpage, reviews, topology.HTTP, topology.ByWaypoint)
	gateway := flow(productpage, reviews, topology.HTTP, topology.BySource)
	hops := []topology.Flow{
		flow(productpage, waypoint, topology.TCP, topology.BySource),
		flow(waypoint, reviews, topology.TCP, topology.BySource),
	}
	stray := flow(ratings, waypoint, topology.TCP, topology.BySource)
	toWaypoint := flow(productpage, waypoint, topology.HTTP, topology.BySource)
	direct := flow(productpage, reviews, topology.TCP, topology.BySource)
	forService := func(f topology.Flow) topology.Flow { f.Key.Service = service("reviews"); return f }
	named, namedHop := forService(call), forService(toWaypoint)
	namedHops := []topology.Flow{forService(hops[0]), forService(hops[1])}
	toItself := hops[0]
	toItself.Key.Service = service("waypoint")
	elsewhere := func(f topology.Flow) topology.Flow { f.Key.Service = service("other"); return f }
	atServer := forService(flow(waypoint, reviews, topology.HTTP, topology.ByDestination))
	namesake := atServer
	namesake.Key.Service = service(reviews.Workload)
	forwardedTCP := flow(productpage, reviews, topology.TCP, topology.ByWaypoint)
	for _, tc := range []struct {
		name        string
		flows, want []topology.Flow
	}{
		{"no waypoint", []topology.Flow{direct}, []topology.Flow{direct}},
		{"call and hops", []topology.Flow{call, hops[0], hops[1]}, []topology.Flow{call}},
		{"hops come first", []topology.Flow{hops[1], hops[0], call}, []topology.Flow{call}},
		{"a gateway's call and hops", []topology.Flow{gateway, hops[0], hops[1]}, []topology.Flow{gateway}},
		{"hops without a call stay", hops, hops},
		{"a hop of another caller stays", []topology.Flow{call, stray}, []topology.Flow{call, stray}},
		{"calls to the waypoint itself stay", []topology.Flow{call, toWaypoint}, []topology.Flow{call, toWaypoint}},
		{"calls that the waypoint forwards are its calls", []topology.Flow{named, namedHop}, []topology.Flow{named}},
		{"call and hops of a service", []topology.Flow{named, namedHops[0], namedHops[1]}, []topology.Flow{named}},
		{"hops of another service stay", []topology.Flow{named, elsewhere(hops[0]), elsewhere(hops[1])}, []topology.Flow{named, elsewhere(hops[0]), elsewhere(hops[1])}},
		{"a hop that names the waypoint's own service", []topology.Flow{named, toItself}, []topology.Flow{named}},
		{"hops that name no service", []topology.Flow{named, hops[0], hops[1]}, []topology.Flow{named}},
		{"calls that name no service", []topology.Flow{call, namedHops[0], namedHops[1]}, []topology.Flow{call}},
		{"connections that a waypoint forwards", []topology.Flow{forwardedTCP, hops[0], hops[1]}, []topology.Flow{forwardedTCP}},
		{"what a server's sidecar has from the waypoint", []topology.Flow{named, atServer}, []topology.Flow{named}},
		{"what it has of another service stays, though that has the server's name", []topology.Flow{named, namesake}, []topology.Flow{named, namesake}},
		{"what it has of another service stays", []topology.Flow{named, elsewhere(atServer)}, []topology.Flow{named, elsewhere(atServer)}},
		{"requests that a waypoint forwards as connections stay", []topology.Flow{forwardedTCP, atServer}, []topology.Flow{forwardedTCP, atServer}},
		{"direct connections stay", []topology.Flow{call, direct, hops[0]}, []topology.Flow{call, direct}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			require.Equal(t, tc.want, topology.FoldWaypoints(tc.flows, isWaypoint))
		})
	}
}

// T9: calls that a gateway says to end at the waypoint are the waypoint's own
// calls, as long as the waypoint accounts for them. From there on each call is
// counted once all the same: to the server what both know, to the waypoint what
// only the gateway does.
func TestT9WhatAWaypointDoesNotAccountForIsSeen(t *testing.T) {
	isWaypoint := func(p topology.Peer) bool { return p.Workload == "waypoint" }
	timeout := topology.Response{Code: "504", Flags: "UT"}
	type responses = map[topology.Response]float64
	for _, tc := range []struct {
		name             string
		gateway          responses
		waypoint         [2]responses // of two versions of the server
		atWaypoint       responses    // of the gateway's edge to it; nil is no edge
		atV1, atV2, both responses
	}{
		{"as many", responses{ok: 100}, [2]responses{{ok: 60}, {ok: 40}}, nil, responses{ok: 60}, responses{ok: 40}, responses{ok: 100}},
		{"fewer", responses{ok: 50}, [2]responses{{ok: 60}, {ok: 40}}, nil, responses{ok: 60}, responses{ok: 40}, responses{ok: 100}},
		{"20 % more", responses{ok: 120}, [2]responses{{ok: 60}, {ok: 40}}, nil, responses{ok: 60}, responses{ok: 40}, responses{ok: 100}},
		{"21 % more", responses{ok: 121}, [2]responses{{ok: 60}, {ok: 40}}, responses{ok: 21}, responses{ok: 60}, responses{ok: 40}, responses{ok: 121}},
		{"1 % more errors", responses{ok: 99, failed: 1}, [2]responses{{ok: 60}, {ok: 40}}, nil, responses{ok: 60}, responses{ok: 40}, responses{ok: 100}},
		{"2 % more errors", responses{ok: 98, failed: 2}, [2]responses{{ok: 58}, {ok: 40}}, responses{failed: 2}, responses{ok: 58}, responses{ok: 40}, responses{ok: 98, failed: 2}},
		{"errors that both know", responses{ok: 50, failed: 50}, [2]responses{{ok: 30, failed: 30}, {ok: 20, failed: 20}}, nil, responses{ok: 30, failed: 30}, responses{ok: 20, failed: 20}, responses{ok: 50, failed: 50}},
		{"the gateway gave up what was answered", responses{ok: 50, timeout: 50}, [2]responses{{ok: 60}, {ok: 40}}, responses{timeout: 50}, responses{ok: 30}, responses{ok: 20}, responses{ok: 50, timeout: 50}},
		{"one failure of one call", responses{failed: 1}, [2]responses{{ok: 0}, nil}, responses{failed: 1}, responses{ok: 0}, nil, responses{failed: 1}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			gateway := topology.Peer{Cluster: home, Namespace: "istio-system", Workload: "gateway"}
			flow := func(to topology.Peer, by topology.Reporter, counts responses) topology.Flow {
				f := topology.Flow{Key: topology.EdgeKey{Source: gateway, Destination: to, Service: service("reviews")}, Protocol: topology.HTTP, Reporter: by, Traffic: new(topology.Traffic)}
				for r, n := range counts {
					f.Traffic.AddRequests(r, n)
				}
				return f
			}
			// Two proxies of the gateway know the hop by two names of its end.
			hop := topology.Peer{Cluster: home, Namespace: "bookinfo", Workload: "waypoint"}
			sameHop := hop
			sameHop.CanonicalService = "waypoint"
			half := responses{}
			for r, n := range tc.gateway {
				half[r] = n / 2
			}
			flows := []topology.Flow{flow(hop, topology.BySource, half), flow(sameHop, topology.BySource, half)}
			for i, counts := range tc.waypoint {
				if counts != nil {
					flows = append(flows, flow(peer("reviews", []string{"v1", "v2"}[i]), topology.ByWaypoint, counts))
				}
			}
			before := dumpFlows(flows)
			got, both := map[string]responses{}, responses{}
			for _, f := range topology.FoldWaypoints(flows, isWaypoint) {
				of := f.Key.Destination.Workload
				if got[of] == nil {
					got[of] = responses{}
				}
				for r, n := range f.Traffic.Requests {
					got[of][r] += n
					if n > 0 {
						both[r] += n
					}
				}
			}
			require.Equal(t, before, dumpFlows(flows), "what it is given stays as it is")
			for i, counts := range [][2]responses{
				{tc.both, both}, {tc.atV1, got["reviews-v1"]}, {tc.atV2, got["reviews-v2"]}, {tc.atWaypoint, got["waypoint"]},
			} {
				require.Equal(t, counts[0] == nil, counts[1] == nil, "%d", i)
				require.InDeltaMapValues(t, counts[0], counts[1], 1e-9, "%d", i)
			}
		})
	}
}
