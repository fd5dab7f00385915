package filter_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/meshscope/meshscope/exporter/topology"
)

func sorted(words string) []string { return slices.Sorted(slices.Values(strings.Fields(words))) }

// TestEdgeFields looks at each field of an edge: where it is something, and
// where it is absent.
func TestEdgeFields(t *testing.T) {
	g := mesh()
	for _, c := range []struct{ expression, want string }{
		{`edge.protocol == "grpc"`, "reviews>ratings:grpc"},
		{`edge.requestRate == 10`, "page>reviews:http"},
		{`edge.requestRate == 0.0003`, "unknown>page:http"},
		{`edge.requestRate <= 0.0003`, "unknown>page:http"},
		{`edge.errorRatio == 0.05`, "page>reviews:http"},
		{`edge.errorRatio == 0`, "unknown>page:http prometheus>page:http page>prometheus:http"},
		{`edge.ratio3xx > 0`, ""},
		{`edge.ratio4xx == 0.1`, "page>details:http"},
		{`edge.ratio5xx == 0.05`, "page>reviews:http"},
		{`edge.ratioGRPCError == 0.25`, "reviews>ratings:grpc"},
		{`edge.ratioNoResponse == 1`, "page>dead:http"},
		{`edge.share == 30/42`, "page>details:http"},
		{`edge.share == 1 && edge.protocol == "tcp"`, "ratings>db:tcp reviews>ratings:tcp"},
		{`edge.avg == 1.5`, "page>reviews:http"},
		{`edge.p50 == 1.5 && edge.p95 == 1.95 && edge.p99 == 1.99`, "page>reviews:http"},
		{`edge.requestBytesRate == 100`, "page>reviews:http ratings>db:tcp"},
		{`edge.responseBytesRate in [900, 4000]`, "page>reviews:http ratings>db:tcp"},
		{`edge.requestMessagesRate * 2 == edge.responseMessagesRate`, "reviews>ratings:grpc"},
		{`edge.connectionsOpenedRate == 2 && edge.connectionsClosedRate == 1`, "ratings>db:tcp"},
		{`edge.mutualTLSShare == 0.9`, "page>reviews:http"},
		{`edge.mutualTLSShare == 0`, "unknown>page:http"},
		{`edge.mutualTLSShare < 1`, "unknown>page:http page>reviews:http"},
		{`edge.sourcePrincipal endsWith "/page" && edge.destinationPrincipal matches "^spiffe://.*/reviews$"`, "page>reviews:http"},
		{`"db.shop.svc.cluster.local" in edge.services`, "ratings>db:tcp"},
		{`"503" in edge.codes`, "page>reviews:http"},
		{`"504" in edge.codes`, ""},
		{`"0" in edge.codes`, "page>dead:http"},
		{`"14" in edge.grpcStatuses`, "reviews>ratings:grpc"},
		{`"UO" in edge.flags || "DC" in edge.flags`, "page>reviews:http ratings>db:tcp"},
		{`"source" in edge.reporters && edge.p95 > 0`, "page>reviews:http"},
		{`!edge.hasTraffic`, ""},
		{`not known(edge.p95) and edge.protocol == "grpc"`, "reviews>ratings:grpc"},
		{`known(edge.p95)`, "page>reviews:http"},
		{`known(edge.sourcePrincipal)`, "page>reviews:http"},
		{`1 < edge.p95 < 2`, "page>reviews:http"},
		{`1 < edge.p95 + edge.p50 < 4 and edge["p95"] > 0`, "page>reviews:http"},
		{`edge.requestRate in [1, 30.0, -5] and edge.errorRatio not in [0, 1]`, "page>details:http"},
		{`(edge.requestBytesRate + edge.responseBytesRate) / 2 ** 2 >= 1000 - 500`, "page>reviews:http"},
	} {
		t.Run(c.expression, func(t *testing.T) {
			assert.Equal(t, sorted(c.want), sorted(shown(compile(t, c.expression).Apply(g))))
		})
	}
}

func TestNodeFields(t *testing.T) {
	g := mesh()
	for _, c := range []struct{ expression, want string }{
		{`node.kind == "service"`, "dead"},
		{`node.kind == "unknown" && node.name == "unknown" && node.namespace == "unknown"`, "unknown"},
		{`node.cluster != "east"`, ""},
		{`node.namespace == "monitoring"`, "prometheus"},
		{`node.name == "dead"`, "dead"},
		{`node.workload == ""`, "dead unknown"},
		{`node.app == "page"`, "page"},
		{`node.version != "v1"`, "dead unknown"},
		{`node.service == "dead"`, "dead"},
		{`node.namespace + "/" + node.app == "shop/db"`, "db"},
		{`node.requestRateIn == 20`, "ratings"},
		{`node.requestRateOut == 42`, "page"},
		{`node.httpIn == 1.0003`, "page"},
		{`node.httpOut == 0.0003`, "unknown"},
		{`node.grpcIn == 20`, "ratings"},
		{`node.grpcOut == 20`, "reviews"},
		{`node.tcpIn == 7`, "ratings"},
		{`node.tcpOut == 100`, "ratings"},
		{`!(node.tcpOut < 1e9) && node.tcpIn > 0`, "db"},
		{`node.errorRatioIn == 0.25`, "ratings"},
		{`node.errorRatioOut == 4.5/42`, "page"},
		{`node.avgIn == 1.5 && node.p50In == 1.5 && node.p95In == 1.95 && node.p99In == 1.99`, "reviews"},
		{`node.mutualTLSShareIn == 0`, "page"},
		{`node.mutualTLSShareIn == 0.9`, "reviews"},
		{`node.callers == 2`, "page"},
		{`node.callees == 4`, "page"},
		{`node.callers == 1 && node.rankIn == 1`, "ratings"},
		{`node.rankIn == 3`, "unknown"},
		{`node.rankOut == 1`, "page"},
		{`node.rank == 1`, "page"},
		{`node.root`, "unknown"},
		{`node.inaccessible`, "unknown"},
		{`node.outside`, ""},
		{`node.waypoint || node.injected`, ""},
		{`node.operation != ""`, ""},
		{`node.idle`, ""},
		{`not known(node.version)`, "dead unknown"},
	} {
		t.Run(c.expression, func(t *testing.T) {
			j := compile(t, c.expression).Over(g, topology.Selection{})
			var got []string
			for _, n := range g.Nodes {
				if j.MatchNode(n) {
					got = append(got, short(n))
				}
			}
			assert.Equal(t, sorted(c.want), sorted(strings.Join(got, " ")))
		})
	}
}

// TestGroups: a namespace's and a cluster's own nodes are in what they are.
func TestGroups(t *testing.T) {
	iv := mesh().Interval
	key := topology.EdgeKey{
		Source:      topology.Peer{Cluster: "east", Namespace: "a", Workload: "w"},
		Destination: topology.Peer{Cluster: "west", Namespace: "b", Workload: "w"},
	}
	traffic := new(topology.Traffic)
	traffic.AddRequests(topology.Response{Code: "200"}, 1)
	flows := []topology.Flow{{Key: key, Protocol: topology.HTTP, Traffic: traffic}}
	namespaces := buildAt(topology.ByNamespace, iv, flows)
	assert.Len(t, compile(t, `node.namespace == "a" && node.cluster == "east"`).Apply(namespaces).Nodes, 1)
	clusters := buildAt(topology.ByCluster, iv, flows)
	assert.Len(t, compile(t, `node.cluster == "west" && node.namespace == ""`).Apply(clusters).Nodes, 1)
}

// TestOutside: who is outside depends on what is shown, and nothing else does.
func TestOutside(t *testing.T) {
	g := mesh()
	shop := topology.Selection{Namespaces: []string{"sh*"}}
	j := compile(t, `node.outside || node.name == "page-v1" && node.callers == 2`).Over(g, shop)
	var got []string
	for _, n := range g.Select(shop).Nodes {
		if j.MatchNode(n) {
			got = append(got, short(n))
		}
	}
	assert.Equal(t, []string{"prometheus", "page"}, got)
}

// TestStandIns: what a graph shows beside workloads.
func TestStandIns(t *testing.T) {
	iv := mesh().Interval
	waypoint := topology.Peer{Cluster: "east", Namespace: "a", Workload: "waypoint"}
	traffic := new(topology.Traffic)
	traffic.AddRequests(topology.Response{Code: "200"}, 1)
	traffic.AddOperation("Checkout", topology.Response{Code: "200"}, 1)
	key := topology.EdgeKey{
		Source: waypoint, Destination: topology.Peer{Cluster: "east", Namespace: "a", Workload: "w"},
		Service: topology.Service{Host: "s.a.svc.cluster.local", Name: "s", Namespace: "a"},
	}
	fromClient := key
	fromClient.Source.Workload = "client"
	g := topology.Build(iv, []topology.Flow{
		{Key: key, Protocol: topology.HTTP, Traffic: traffic},
		{Key: fromClient, Protocol: topology.HTTP, Traffic: traffic},
	}, topology.BuildOptions{ServiceNodes: true, Operations: true, IsWaypoint: func(p topology.Peer) bool { return p == waypoint }})
	for filter, want := range map[string]string{
		`node.waypoint`:                "waypoint",
		`node.injected`:                "s",
		`node.operation == "Checkout"`: "Checkout",
		`node.kind == "operation"`:     "Checkout",
	} {
		assert.Equal(t, want, shown(compile(t, filter).Apply(g)), filter)
	}
}
