package health_test

import (
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/meshscope/meshscope/exporter/health"
	"github.com/meshscope/meshscope/exporter/topology"
)

// what judges give for each health of a workload that nobody calls.
var podsOf = map[topology.Health]*topology.Object{
	na: {}, healthy: pods(2, 2, 2), notReady: pods(0, 0, 0), degraded: pods(2, 2, 1), failure: pods(2, 2, 0),
}

// play shows a Settled one health after the other, 15 s apart, and tells what
// was published after each.
func play(s *health.Settled, input ...topology.Health) (published []topology.Health) {
	for i, h := range input {
		v := judge(objects{"workload shop/cart-v1": podsOf[h]})
		s.Observe(noon.Add(time.Duration(i)*15*time.Second), v, v.Faults())
		published = append(published, s.Of(ref("workload shop/cart-v1")))
	}
	return published
}

func times(n int, h topology.Health) (all []topology.Health) {
	for range n {
		all = append(all, h)
	}
	return all
}

func join(parts ...[]topology.Health) (all []topology.Health) {
	for _, p := range parts {
		all = append(all, p...)
	}
	return all
}

func TestSettled(t *testing.T) {
	for name, tc := range map[string]struct{ input, want []topology.Health }{
		"a good one holds at once": {times(2, healthy), times(2, healthy)},
		"a bad one when it has lasted": {
			join(times(2, healthy), times(6, failure)),
			join(times(6, healthy), times(2, failure)),
		},
		"and a better one": {
			join(times(5, failure), times(6, healthy)),
			join(times(4, na), times(5, failure), times(2, healthy)),
		},
		"what goes back and forth changes nothing": {
			join([]topology.Health{healthy, failure, failure, healthy, failure, failure, failure, healthy, degraded, healthy}),
			times(10, healthy),
		},
		"nor does it at the other end": {
			join(times(5, failure), []topology.Health{healthy, healthy, failure, degraded, healthy, healthy, failure}),
			join(times(4, na), times(8, failure)),
		},
		"the mildest of what was worse": {
			join(times(1, healthy), times(2, failure), times(2, degraded), times(2, failure), times(3, failure)),
			join(times(5, healthy), times(4, degraded), times(1, failure)),
		},
		"the worst of what was better": {
			join(times(5, failure), times(2, healthy), times(2, degraded), times(5, healthy)),
			join(times(4, na), times(5, failure), times(4, degraded), times(1, healthy)),
		},
		"no data is kept as long": {
			join(times(5, failure), times(3, na), times(1, failure), times(6, na)),
			join(times(4, na), times(9, failure), times(2, na)),
		},
		"not ready": {
			join(times(1, healthy), times(5, notReady), times(4, healthy), times(1, healthy)),
			join(times(5, healthy), times(5, notReady), times(1, healthy)),
		},
	} {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, tc.want, play(health.NewSettled(time.Minute), tc.input...))
		})
	}
	require.Equal(t, join(times(1, failure), times(1, healthy), times(1, degraded)),
		play(health.NewSettled(0), failure, healthy, degraded), "without a delay all is published")
}

// An input that flaps for an hour, and then stays, gives one change.
func TestFlappingGivesOneChange(t *testing.T) {
	input := times(4, healthy)
	for range 120 {
		input = append(input, failure, healthy)
	}
	input = append(input, times(10, failure)...)
	changes := 0
	published := play(health.NewSettled(time.Minute), input...)
	for i := 1; i < len(published); i++ {
		if published[i] != published[i-1] {
			changes++
		}
	}
	require.Equal(t, 1, changes)
	require.Equal(t, failure, published[len(published)-1])
}

// What was published before a restart holds on.
func TestRecall(t *testing.T) {
	cart, edge := ref("workload shop/cart-v1"), key("shop/web-v1", "shop/cart-v1")
	s := health.NewSettled(time.Minute)
	s.Recall(cart, failure)
	s.RecallEdge(edge, degraded)
	s.RecallOrigin(cart)
	require.Equal(t, failure, s.Of(cart))
	require.Equal(t, degraded, s.OfEdge(edge))
	require.True(t, s.IsOrigin(cart))
	require.Equal(t, join(times(4, failure), times(1, healthy)), play(s, times(5, healthy)...))
	require.Equal(t, na, s.OfEdge(edge), "nothing has been seen of it for a minute")
	require.False(t, s.IsOrigin(cart))
}

// What is gone for long is forgotten.
func TestSettledDoesNotGrow(t *testing.T) {
	s := health.NewSettled(time.Minute)
	for i := range 100 {
		v := judge(nil, http("shop/web-v1", "shop/cart-v"+number(float64(i)), ends{"500": 100}))
		s.Observe(noon.Add(time.Duration(i)*15*time.Second), v, v.Faults())
		require.Less(t, s.Remembered(), 40)
	}
}

// Edges and origins settle as nodes do.
func TestEdgesAndOriginsSettle(t *testing.T) {
	s := health.NewSettled(time.Minute)
	cart, edge := ref("workload shop/cart-v1"), key("shop/web-v1", "shop/cart-v1")
	see := func(at time.Duration, e ends) {
		v := judge(nil, http("shop/web-v1", "shop/cart-v1", e))
		s.Observe(noon.Add(at), v, v.Faults())
	}
	see(0, ends{"200": 100})
	require.Equal(t, healthy, s.OfEdge(edge))
	see(30*time.Second, ends{"500": 100})
	see(60*time.Second, ends{"500": 100})
	require.Equal(t, healthy, s.OfEdge(edge))
	require.False(t, s.IsOrigin(cart))
	see(90*time.Second, ends{"500": 100})
	require.Equal(t, failure, s.OfEdge(edge))
	require.True(t, s.IsOrigin(cart))
	require.False(t, s.IsOrigin(ref("workload shop/web-v1")))

	var nodes, edges []string
	verdicts := s.All()
	for _, r := range slices.SortedFunc(maps.Keys(verdicts), topology.Ref.Compare) {
		nodes = append(nodes, text(r)+" "+verdicts[r].String())
	}
	for k, h := range s.Edges() {
		edges = append(edges, k.Source.Workload+" "+h.String())
	}
	require.Equal(t, []string{
		"cluster Kubernetes Failure",
		"namespace shop Failure",
		"app shop/cart Failure",
		"service shop/cart Failure",
		"workload shop/cart-v1 Failure",
		"app shop/web Failure",
		"workload shop/web-v1 Failure",
	}, nodes)
	require.Equal(t, []string{"web-v1 Failure"}, edges)

	see(120*time.Second, ends{"200": 100})
	require.True(t, s.IsOrigin(cart))
	see(180*time.Second, ends{"200": 100})
	require.False(t, s.IsOrigin(cart))
	require.Equal(t, healthy, s.OfEdge(edge))
}

// Whatever is seen: a change to worse is to what was no better for a minute,
// and one to better to what was no worse, but for the first good verdict.
func TestSettledProperty(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		const steps = 4 // in a minute
		input := rapid.SliceOfN(rapid.SampledFrom([]topology.Health{na, healthy, notReady, degraded, failure}), 1, 40).Draw(t, "input")
		published := play(health.NewSettled(time.Minute), input...)
		for i, p := range published {
			before := na
			if i > 0 {
				before = published[i-1]
			}
			if p == before || before == na && p == healthy {
				continue
			}
			if i < steps {
				t.Fatalf("changed to %s after %d steps", p, i)
			}
			for _, seen := range input[i-steps : i+1] {
				if p > before && seen < p || p < before && seen > p {
					t.Fatalf("changed from %s to %s at %d, where %s was seen within a minute", before, p, i, seen)
				}
			}
		}
	})
}
