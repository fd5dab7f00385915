package topology_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/meshscope/meshscope/exporter/topology"
)

func names(g *topology.Graph) []string {
	all := make([]string, len(g.Nodes))
	for i, n := range g.Nodes {
		all[i] = n.Name
	}
	return all
}

func TestLimit(t *testing.T) {
	flows := []topology.Flow{
		flow(call("hub", "big", ""), topology.HTTP, topology.BySource, requests(1000, ok)),
		flow(call("hub", "small", ""), topology.HTTP, topology.BySource, requests(1, ok)),
		flow(call("hub", "wide", ""), topology.TCP, topology.BySource, topology.Traffic{
			Opened: 1, TCPRequestBytes: map[string]float64{"": 4e6}, TCPResponseBytes: map[string]float64{"": 4e6},
		}),
		flow(call("cron", "failing", ""), topology.HTTP, topology.BySource, requests(2, failed)),
		flow(call("other", "failing", ""), topology.HTTP, topology.BySource, requests(1, failed)),
		flow(call("other", "failing", ""), topology.TCP, topology.BySource, connections(3)),
		flow(call("hub", "degraded", ""), topology.GRPC, topology.BySource, requests(50, ok)),
		flow(call("cron", "degraded", ""), topology.GRPC, topology.BySource, requests(1, failed)),
	}
	g := topology.Build(newClock().tick(), flows, topology.BuildOptions{})
	for n, want := range [][]string{
		{},
		{"failing"},
		{"degraded", "failing"},
		{"degraded", "failing", "hub"},
		{"degraded", "failing", "hub", "other"}, // 4 calls by both protocols, cron 2
		{"big", "degraded", "failing", "hub", "other"},
		{"big", "degraded", "failing", "hub", "other", "wide"},
		{"big", "cron", "degraded", "failing", "hub", "other", "wide"},
		{"big", "cron", "degraded", "failing", "hub", "other", "small", "wide"},
		{"big", "cron", "degraded", "failing", "hub", "other", "small", "wide"},
	} {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			part, rest := g.Limit(n)
			require.Equal(t, want, names(part))
			require.Equal(t, 8-len(want), rest.Nodes)
			require.Equal(t, 8-len(part.Edges), rest.Edges)
		})
	}
	part, rest := g.Limit(4)
	require.Equal(t, []string{"hub > degraded", "other > failing", "other > failing"}, drawn(part))
	require.Equal(t, topology.Rest{Nodes: 4, Edges: 5}, rest)

	tcp, _ := g.Part(func(e *topology.Edge) bool { return e.Protocol == topology.TCP }).Limit(2)
	require.Equal(t, []string{"hub", "wide"}, names(tcp), "where only TCP is shown, failed requests are no reason")
}

// Whole edges: both ends of an edge are shown, or it is not; and all are that
// have both ends.
func TestLimitKeepsWholeEdges(t *testing.T) {
	iv := newClock().tick()
	rapid.Check(t, func(t *rapid.T) {
		g := topology.Build(iv, flowsOf(home, "east", "").Draw(t, "flows"), options().Draw(t, "options"))
		part, _ := g.Limit(rapid.IntRange(0, 6).Draw(t, "limit"))
		shown := map[*topology.Node]bool{}
		for _, n := range part.Nodes {
			shown[n] = true
		}
		for _, e := range g.Edges {
			if shown[e.Source] && shown[e.Target] {
				require.Contains(t, part.Edges, e)
			} else {
				require.NotContains(t, part.Edges, e)
			}
		}
	})
}

func TestSeverity(t *testing.T) {
	of := func(ok, failed float64, code string) topology.Traffic {
		t := requests(ok, topology.Response{Code: "200"})
		t.AddRequests(topology.Response{Code: code}, failed)
		return t
	}
	for _, tc := range []struct {
		name     string
		protocol topology.Protocol
		traffic  topology.Traffic
		want     topology.Severity
	}{
		{"nothing", topology.HTTP, topology.Traffic{}, topology.Quiet},
		{"what does not move", topology.HTTP, of(0, 0, "500"), topology.Quiet},
		{"no errors", topology.HTTP, of(1, 0, "500"), topology.Healthy},
		{"redirects", topology.HTTP, of(1, 9, "302"), topology.Healthy},
		{"one 5xx", topology.HTTP, of(9999, 1, "500"), topology.Degraded},
		{"10 % of 5xx", topology.HTTP, of(90, 10, "503"), topology.Failing},
		{"some 4xx", topology.HTTP, of(91, 9, "404"), topology.Healthy},
		{"10 % of 4xx", topology.HTTP, of(90, 10, "404"), topology.Degraded},
		{"20 % of 4xx", topology.HTTP, of(80, 20, "404"), topology.Failing},
		{"no response", topology.HTTP, of(99, 1, "0"), topology.Degraded},
		{"gRPC over a 404", topology.GRPC, of(90, 10, "404"), topology.Failing},
		{"connections", topology.TCP, connections(1), topology.Healthy},
		{"connections that stay", topology.TCP, topology.Traffic{TCPRequestBytes: map[string]float64{"": 1}}, topology.Healthy},
		{"no connections", topology.TCP, topology.Traffic{TCPRequestBytes: map[string]float64{"UF": 0}}, topology.Quiet},
	} {
		t.Run(tc.name, func(t *testing.T) { require.Equal(t, tc.want, tc.traffic.Severity(tc.protocol)) })
	}
}
