package truth_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/meshscope/meshscope/exporter/topology"
)

// The graph of a generated mesh is what happened in it: each call once, with
// the end, the bytes and the duration that the right reporter tells, whatever
// others say of it.
func TestPropertyTheGraphIsWhatHappened(t *testing.T) {
	s := openShelf(t)
	rapid.Check(t, func(t *rapid.T) {
		w := worlds().Draw(t, "world")
		g := build(shortInterval, flows(t, s.put(t, w.series(short))), view{})
		want, got := w.edges(short), edgeFigures(g)
		require.ElementsMatch(t, slices.Collect(maps.Keys(want)), slices.Collect(maps.Keys(got)))
		for id := range want {
			requireSame(t, want[id], withoutSecurity(got[id]), id)
		}
	})
}

// edgeFigures are the figures of all edges by their names.
func edgeFigures(g *topology.Graph) map[string]map[string]float64 {
	by := map[string]map[string]float64{}
	for _, e := range g.Edges {
		by[fmt.Sprintf("%s -> %s %s", name(e.Source.Ref), name(e.Target.Ref), e.Protocol)] = figures(&e.Traffic)
	}
	return by
}

func withoutSecurity(by map[string]float64) map[string]float64 {
	by = maps.Clone(by)
	maps.DeleteFunc(by, func(what string, _ float64) bool { return strings.HasPrefix(what, "secured ") })
	return by
}

// requireSame compares figures to what floating point holds.
func requireSame(t require.TestingT, want, got map[string]float64, of string) {
	require.ElementsMatch(t, slices.Collect(maps.Keys(want)), slices.Collect(maps.Keys(got)), "%s", of)
	for what, n := range want {
		require.InEpsilon(t, n, got[what], tolerance, "%s of %s", what, of)
	}
}

// Permuting samples changes nothing. Whatever the order in which a store
// answers, each number is the same to the last bit; and in whatever order
// proxies are scraped and show their series, the JSON is equal to the byte.
func TestPropertyOrderChangesNothing(t *testing.T) {
	s := openShelf(t)
	rapid.Check(t, func(t *rapid.T) {
		w := worlds().Draw(t, "world")
		series := w.series(short)
		permuted := rapid.Permutation(series).Draw(t, "permuted")
		asker := s.put(t, series)
		first, again, second := flows(t, asker), flows(t, asker), flows(t, s.put(t, permuted))
		for _, level := range topology.Levels {
			v := view{level: level}
			g := build(shortInterval, first, v)
			require.Equal(t, edgeFigures(g), edgeFigures(build(shortInterval, again, v)), "by %s", level)
			require.Equal(t, jsonLines(t, g), jsonLines(t, build(shortInterval, second, v)), "by %s", level)
		}
	})
}

// Renaming namespaces consistently changes names, and no number.
func TestPropertyRenamingNamespacesChangesNoNumber(t *testing.T) {
	s := openShelf(t)
	rapid.Check(t, func(t *rapid.T) {
		w := worlds().Draw(t, "world")
		before := flows(t, s.put(t, w.series(short)))
		names := map[string]string{"alpha": "zeta", "beta": "kube-system", "gamma": "a"}
		for i := range w.workloads {
			w.workloads[i].namespace = names[w.workloads[i].namespace]
		}
		after := flows(t, s.put(t, w.series(short)))

		renamed := strings.NewReplacer("alpha", "zeta", "beta", "kube-system", "gamma", "a")
		for _, level := range []topology.Level{topology.ByWorkload, topology.ByVersionedApp, topology.ByApp, topology.ByService, topology.ByNamespace} {
			want, got := map[string]map[string]float64{}, edgeFigures(build(shortInterval, after, view{level: level}))
			for id, numbers := range edgeFigures(build(shortInterval, before, view{level: level})) {
				want[renamed.Replace(id)] = numbers
			}
			require.ElementsMatch(t, slices.Collect(maps.Keys(want)), slices.Collect(maps.Keys(got)), "by %s", level)
			for id := range want {
				requireSame(t, want[id], got[id], id)
			}
		}
	})
}

// Asking for more namespaces changes no number of what fewer show: each node
// and edge of the part is, to the byte, one of the larger part's.
func TestPropertyMoreNamespacesChangeNoNumber(t *testing.T) {
	s := openShelf(t)
	rapid.Check(t, func(t *rapid.T) {
		all := flows(t, s.put(t, worlds().Draw(t, "world").series(short)))
		level := rapid.SampledFrom(topology.Levels).Draw(t, "level")
		asked := rapid.Permutation([]string{"alpha", "beta", "gamma", "unknown"}).Draw(t, "namespaces")
		larger := jsonLines(t, build(shortInterval, all, view{level: level}))
		for n := len(asked) - 1; n > 0; n-- {
			fewer := jsonLines(t, build(shortInterval, all, view{level: level, namespaces: asked[:n]}))
			require.Subset(t, larger, fewer, "%v by %s", asked[:n], level)
			larger = fewer
		}
	})
}

// The sum of a node's incoming edges is its inbound traffic, by protocol, in
// each figure, and that of its outgoing edges the outbound; by every level, and
// with the services between callers and what they reach.
func TestPropertyEdgesSumToTheirNodes(t *testing.T) {
	s := openShelf(t)
	rapid.Check(t, func(t *rapid.T) {
		all := flows(t, s.put(t, worlds().Draw(t, "world").series(short)))
		services := rapid.Bool().Draw(t, "service nodes")
		for _, level := range topology.Levels {
			g := build(shortInterval, all, view{level: level, services: services})
			in, out := map[*topology.Node]map[topology.Protocol]map[string]float64{}, map[*topology.Node]map[topology.Protocol]map[string]float64{}
			for _, e := range g.Edges {
				addFigures(in, e.Target, e)
				addFigures(out, e.Source, e)
			}
			for _, n := range g.Nodes {
				for _, side := range []struct {
					sums map[topology.Protocol]map[string]float64
					has  map[topology.Protocol]*topology.Traffic
				}{{in[n], n.In}, {out[n], n.Out}} {
					require.Len(t, side.has, len(side.sums))
					for p, sums := range side.sums {
						requireSame(t, sums, figures(side.has[p]), name(n.Ref))
					}
				}
			}
		}
	})
}

func addFigures(to map[*topology.Node]map[topology.Protocol]map[string]float64, n *topology.Node, e *topology.Edge) {
	if to[n] == nil {
		to[n] = map[topology.Protocol]map[string]float64{}
	}
	if to[n][e.Protocol] == nil {
		to[n][e.Protocol] = map[string]float64{}
	}
	for what, v := range figures(&e.Traffic) {
		to[n][e.Protocol][what] += v
	}
}

// Level aggregation conserves every sum: over all edges of a protocol, each
// figure is the same by workload as by cluster, and by all levels between.
// Services that are shown on the way change no number of other nodes.
func TestPropertyLevelsConserveEverySum(t *testing.T) {
	s := openShelf(t)
	rapid.Check(t, func(t *rapid.T) {
		all := flows(t, s.put(t, worlds().Draw(t, "world").series(short)))
		whole := totals(build(shortInterval, all, view{}))
		for _, level := range topology.Levels {
			plain := build(shortInterval, all, view{level: level})
			got := totals(plain)
			require.Len(t, got, len(whole))
			for p := range whole {
				requireSame(t, whole[p], got[p], fmt.Sprintf("%s by %s", p, level))
			}
			services := build(shortInterval, all, view{level: level, services: true})
			for p, sums := range totals(services) {
				requireSame(t, whole[p], sums, fmt.Sprintf("%s by %s, with services", p, level))
			}
			for _, n := range services.Nodes {
				if onTheWay(services, n) {
					continue
				}
				i := slices.IndexFunc(plain.Nodes, func(o *topology.Node) bool { return o.Ref == n.Ref })
				require.GreaterOrEqual(t, i, 0, "%s is there without service nodes", name(n.Ref))
				requireSameSides(t, plain.Nodes[i], n)
			}
		}
	})
}

// onTheWay tells that a node stands between callers and what they reach. In the
// graph of services all of them are what is reached.
func onTheWay(g *topology.Graph, n *topology.Node) bool {
	return n.Injected && g.Level != topology.ByService
}

func requireSameSides(t require.TestingT, want, got *topology.Node) {
	for _, side := range [][2]map[topology.Protocol]*topology.Traffic{{want.In, got.In}, {want.Out, got.Out}} {
		require.Len(t, side[1], len(side[0]), "%s", name(want.Ref))
		for p := range side[0] {
			requireSame(t, figures(side[0][p]), figures(side[1][p]), name(want.Ref))
		}
	}
}

// totals are the sums of all edges, by protocol: of calls on their way through
// a service, those into it.
func totals(g *topology.Graph) map[topology.Protocol]map[string]float64 {
	by := map[topology.Protocol]map[string]float64{}
	for _, e := range g.Edges {
		if onTheWay(g, e.Source) {
			continue
		}
		if by[e.Protocol] == nil {
			by[e.Protocol] = map[string]float64{}
		}
		for what, v := range figures(&e.Traffic) {
			by[e.Protocol][what] += v
		}
	}
	return by
}
