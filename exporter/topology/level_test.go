package topology_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/meshscope/meshscope/exporter/topology"
)

// sums are what a level must conserve: by protocol, all that was counted.
func sums(traffics map[topology.Protocol][]*topology.Traffic) map[topology.Protocol]map[string]float64 {
	all := map[topology.Protocol]map[string]float64{}
	for p, ts := range traffics {
		n := map[string]float64{}
		for _, t := range ts {
			for r, v := range t.Requests {
				n["requests "+r.Code+" "+r.GRPCStatus] += v
			}
			if t.Latency != nil {
				n["latency sum"] += t.Latency.Sum
				n["latency count"] += t.Latency.Count()
			}
			request, response := t.TCPBytes()
			n["tcp request bytes"] += request
			n["tcp response bytes"] += response
			n["request bytes"] += t.RequestBytes
			n["response bytes"] += t.ResponseBytes
			n["request messages"] += t.RequestMessages
			n["response messages"] += t.ResponseMessages
			n["opened"] += t.Opened
			n["closed"] += t.Closed
			for policy, v := range t.Secured {
				n["secured "+string(policy)] += v
			}
		}
		all[p] = n
	}
	return all
}

func requireSameSums(t require.TestingT, want, got map[topology.Protocol]map[string]float64, where string) {
	require.Len(t, got, len(want), "%s", where)
	for p, sums := range want {
		require.Len(t, got[p], len(sums), "%s, %s", where, p)
		for name, n := range sums {
			require.InDelta(t, n, got[p][name], 1e-6, "%s, %s, %s", where, p, name)
		}
	}
}

// T3: every level conserves every sum, on its edges and on both sides of its nodes.
func TestT3LevelsConserveSums(t *testing.T) {
	iv := newClock().tick()
	rapid.Check(t, func(t *rapid.T) {
		flows := flowsOf(home, "east", "").Draw(t, "flows")
		told := map[topology.Protocol][]*topology.Traffic{}
		for _, f := range flows {
			told[f.Protocol] = append(told[f.Protocol], f.Traffic)
		}
		want := sums(told)
		for _, level := range topology.Levels {
			g := topology.Build(iv, flows, topology.BuildOptions{Level: level, Idle: true})
			onEdges, inFlows, in, out := map[topology.Protocol][]*topology.Traffic{}, map[topology.Protocol][]*topology.Traffic{}, map[topology.Protocol][]*topology.Traffic{}, map[topology.Protocol][]*topology.Traffic{}
			for _, e := range g.Edges {
				onEdges[e.Protocol] = append(onEdges[e.Protocol], &e.Traffic)
				for _, f := range e.Flows {
					inFlows[e.Protocol] = append(inFlows[e.Protocol], f.Traffic)
				}
			}
			for _, n := range g.Nodes {
				for p, t := range n.In {
					in[p] = append(in[p], t)
				}
				for p, t := range n.Out {
					out[p] = append(out[p], t)
				}
			}
			requireSameSums(t, want, sums(onEdges), string(level)+", edges")
			requireSameSums(t, want, sums(inFlows), string(level)+", flows of edges")
			requireSameSums(t, want, sums(in), string(level)+", into nodes")
			requireSameSums(t, want, sums(out), string(level)+", out of nodes")
		}
	})
}

// T3: services and operations on the way of calls neither add nor lose any:
// the requests into a node are those of the edges into it, and so are those
// out of it; and leaving out what only passes through, all are as told.
func TestT3NodesOnTheWayConserveRequests(t *testing.T) {
	iv := newClock().tick()
	type side struct {
		node     *topology.Node
		protocol topology.Protocol
	}
	rapid.Check(t, func(t *rapid.T) {
		flows := flowsOf(home, "east", "").Draw(t, "flows")
		o := options().Draw(t, "options")
		o.Idle = true
		g := topology.Build(iv, flows, o)
		in, out := map[side]float64{}, map[side]float64{}
		for _, e := range g.Edges {
			out[side{e.Source, e.Protocol}] += e.Traffic.Total()
			in[side{e.Target, e.Protocol}] += e.Traffic.Total()
		}
		ended, began := 0.0, 0.0
		for _, n := range g.Nodes {
			passes := n.Kind == topology.KindOperation || n.Injected && g.Level != topology.ByService
			for p, traffic := range n.In {
				require.InDelta(t, in[side{n, p}], traffic.Total(), 1e-6, "into %s, %s", n.ID(), p)
				ended += traffic.Total()
			}
			for p, traffic := range n.Out {
				require.InDelta(t, out[side{n, p}], traffic.Total(), 1e-6, "out of %s, %s", n.ID(), p)
				if passes {
					ended -= traffic.Total()
				} else {
					began += traffic.Total()
				}
			}
		}
		told := 0.0
		for _, f := range flows {
			told += f.Traffic.Total()
		}
		require.InDelta(t, told, ended, 1e-6)
		require.InDelta(t, told, began, 1e-6)
	})
}

func TestLevels(t *testing.T) {
	v3 := peer("reviews", "v3")
	bare := topology.Peer{Cluster: home, Namespace: "bookinfo", Workload: "cron"}
	onlyApp := topology.Peer{Cluster: home, Namespace: "bookinfo", CanonicalService: "legacy", CanonicalRevision: "latest"}
	flows := []topology.Flow{
		flow(strangerToPage, topology.HTTP, topology.ByDestination, requests(1, ok)),
		flow(pageToReviews, topology.HTTP, topology.BySource, requests(2, ok)),
		flow(topology.EdgeKey{Source: productpage, Destination: v3, Service: service("reviews")}, topology.HTTP, topology.BySource, requests(4, ok)),
		flow(reviewsToRatings, topology.HTTP, topology.BySource, requests(8, ok)),
		flow(topology.EdgeKey{Source: v3, Destination: ratings, Service: service("ratings")}, topology.HTTP, topology.BySource, requests(16, ok)),
		flow(topology.EdgeKey{Source: bare, Destination: topology.Peer{Cluster: home}, Service: service("reviews")}, topology.HTTP, topology.BySource, requests(32, failed)),
		flow(topology.EdgeKey{Source: onlyApp, Destination: ratings}, topology.HTTP, topology.BySource, requests(64, ok)),
	}
	for level, want := range map[topology.Level]map[string]float64{
		topology.ByWorkload: {
			"unknown/Kubernetes/~/~ > workload/Kubernetes/bookinfo/productpage-v1":                  1,
			"workload/Kubernetes/bookinfo/productpage-v1 > workload/Kubernetes/bookinfo/reviews-v2": 2,
			"workload/Kubernetes/bookinfo/productpage-v1 > workload/Kubernetes/bookinfo/reviews-v3": 4,
			"workload/Kubernetes/bookinfo/reviews-v2 > workload/Kubernetes/bookinfo/ratings-v1":     8,
			"workload/Kubernetes/bookinfo/reviews-v3 > workload/Kubernetes/bookinfo/ratings-v1":     16,
			"workload/Kubernetes/bookinfo/cron > service/Kubernetes/bookinfo/reviews":               32,
			"app/Kubernetes/bookinfo/legacy > workload/Kubernetes/bookinfo/ratings-v1":              64,
		},
		topology.ByApp: {
			"unknown/Kubernetes/~/~ > app/Kubernetes/bookinfo/productpage":            1,
			"app/Kubernetes/bookinfo/productpage > app/Kubernetes/bookinfo/reviews":   6,
			"app/Kubernetes/bookinfo/reviews > app/Kubernetes/bookinfo/ratings":       24,
			"workload/Kubernetes/bookinfo/cron > service/Kubernetes/bookinfo/reviews": 32,
			"app/Kubernetes/bookinfo/legacy > app/Kubernetes/bookinfo/ratings":        64,
		},
		topology.ByVersionedApp: {
			"unknown/Kubernetes/~/~ > app/Kubernetes/bookinfo/productpage/productpage-v1":                     1,
			"app/Kubernetes/bookinfo/productpage/productpage-v1 > app/Kubernetes/bookinfo/reviews/reviews-v2": 2,
			"app/Kubernetes/bookinfo/productpage/productpage-v1 > app/Kubernetes/bookinfo/reviews/reviews-v3": 4,
			"app/Kubernetes/bookinfo/reviews/reviews-v2 > app/Kubernetes/bookinfo/ratings/ratings-v1":         8,
			"app/Kubernetes/bookinfo/reviews/reviews-v3 > app/Kubernetes/bookinfo/ratings/ratings-v1":         16,
			"workload/Kubernetes/bookinfo/cron > service/Kubernetes/bookinfo/reviews":                         32,
			"app/Kubernetes/bookinfo/legacy > app/Kubernetes/bookinfo/ratings/ratings-v1":                     64,
		},
		// A root of the mesh is called by nobody, and stays the workload that it is.
		// Ratings, which others call by its service, is one node: legacy, which
		// does not, calls it too.
		topology.ByService: {
			"unknown/Kubernetes/~/~ > service/Kubernetes/bookinfo/productpage":              1,
			"service/Kubernetes/bookinfo/productpage > service/Kubernetes/bookinfo/reviews": 6,
			"service/Kubernetes/bookinfo/reviews > service/Kubernetes/bookinfo/ratings":     24,
			"workload/Kubernetes/bookinfo/cron > service/Kubernetes/bookinfo/reviews":       32,
			"app/Kubernetes/bookinfo/legacy > service/Kubernetes/bookinfo/ratings":          64,
		},
		topology.ByNamespace: {
			"unknown/Kubernetes/~/~ > namespace/Kubernetes/~/bookinfo":          1,
			"namespace/Kubernetes/~/bookinfo > namespace/Kubernetes/~/bookinfo": 126,
		},
		topology.ByCluster: {"cluster/~/~/Kubernetes > cluster/~/~/Kubernetes": 127},
	} {
		t.Run(string(level), func(t *testing.T) {
			got := map[string]float64{}
			for _, e := range topology.Build(newClock().tick(), flows, topology.BuildOptions{Level: level}).Edges {
				got[e.Source.ID()+" > "+e.Target.ID()] = e.Traffic.Total()
			}
			require.Equal(t, want, got)
		})
	}
}

// In the service graph a caller stands for the service that it is mostly called by.
func TestServiceLevelTakesTheBusiestService(t *testing.T) {
	alias, toAlias := service("alias"), pageToReviews
	toAlias.Service = alias
	build := func(byName, byAlias float64) *topology.Graph {
		return topology.Build(newClock().tick(), []topology.Flow{
			flow(pageToReviews, topology.HTTP, topology.BySource, requests(byName, ok)),
			flow(toAlias, topology.HTTP, topology.BySource, requests(byAlias, ok)),
			flow(reviewsToRatings, topology.HTTP, topology.BySource, requests(1, ok)),
		}, topology.BuildOptions{Level: topology.ByService})
	}
	callerOfRatings := func(g *topology.Graph) string {
		for _, e := range g.Edges {
			if e.Target.Name == "ratings" {
				return e.Source.Name
			}
		}
		return ""
	}
	require.Equal(t, "reviews", callerOfRatings(build(2, 1)))
	require.Equal(t, "alias", callerOfRatings(build(1, 2)))
	require.Equal(t, "alias", callerOfRatings(build(1, 1)), "of equals, the first by name")
}

func TestParseLevel(t *testing.T) {
	for _, level := range topology.Levels {
		got, err := topology.ParseLevel(string(level))
		require.NoError(t, err)
		require.Equal(t, level, got)
	}
	_, err := topology.ParseLevel("Workload")
	require.EqualError(t, err, `unknown level "Workload", want one of workload, versionedApp, app, service, namespace, cluster`)
}
