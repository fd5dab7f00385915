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
	bySource := ztunnel(2)
	bySource.by = topology.BySource
	for _, tc := range []struct {
		name string
		said []said
		want int
	}{
		{"alone", []said{ztunnel(2)}, 1},
		{"of another pair", []said{{by: topology.BySource, key: pageToReviews, traffic: requests(10, ok)}, other}, 2},
		{"that the source reports too", []said{{by: topology.BySource, key: pageToReviews, traffic: requests(10, ok)}, ztunnel(2), bySource}, 2},
		{"below HTTP that the destination alone reports", []said{{by: topology.ByDestination, key: pageToReviews, traffic: requests(10, ok)}, ztunnel(2)}, 2},
	} {
		t.Run(tc.name, func(t *testing.T) {
			res := resolveOnce(reports(tc.said...))
			require.Len(t, res.Flows, tc.want)
			require.Empty(t, res.Folded)
		})
	}
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
	failing := namedHop
	failing.Traffic = &topology.Traffic{}
	failing.Traffic.Merge(namedHop.Traffic)
	failing.Traffic.AddRequests(topology.Response{Code: "503", Flags: "UF"}, 1)
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
		{"a failing waypoint is seen", []topology.Flow{named, failing}, []topology.Flow{named, failing}},
		{"direct connections stay", []topology.Flow{call, direct, hops[0]}, []topology.Flow{call, direct}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			require.Equal(t, tc.want, topology.FoldWaypoints(tc.flows, isWaypoint))
		})
	}
}
