package topology_test

import (
	"math"
	"testing"

	"github.com/prometheus/prometheus/promql"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/meshscope/meshscope/exporter/topology"
)

var inf = math.Inf(1)

// histograms are complete ones, of one of two layouts or of a random one.
func histograms() *rapid.Generator[*topology.Histogram] {
	return rapid.Custom(func(t *rapid.T) *topology.Histogram {
		h := &topology.Histogram{Sum: amounts().Draw(t, "sum")}
		bounds := rapid.OneOf(
			rapid.SampledFrom([][]float64{{0.005, 0.01, 0.1, 1}, {0.01, 0.5, 1}}),
			rapid.SliceOfNDistinct(rapid.SampledFrom([]float64{0.001, 0.01, 0.1, 0.25, 1, 2.5, 10}), 1, 7, rapid.ID),
		).Draw(t, "bounds")
		for i, n := range layered(t, len(bounds)+1) {
			if i == len(bounds) {
				h.AddBucket(inf, n)
			} else {
				h.AddBucket(bounds[i], 0)
			}
		}
		n := 0.0
		for i := range h.Cumulative {
			n += amounts().Draw(t, "observations")
			h.Cumulative[i] = n
		}
		return h
	})
}

func layered(t *rapid.T, n int) []float64 {
	return rapid.SliceOfN(amounts(), n, n).Draw(t, "counts")
}

func buckets(h *topology.Histogram) promql.Buckets {
	all := make(promql.Buckets, len(h.Bounds))
	for i := range h.Bounds {
		all[i] = promql.Bucket{UpperBound: h.Bounds[i], Count: h.Cumulative[i]}
	}
	return all
}

// T3: a quantile is that which PromQL gives for the summed buckets.
func TestT3QuantileIsHistogramQuantile(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h := histograms().Draw(t, "histogram")
		q := rapid.Float64Range(0.001, 1).Draw(t, "q")
		want, _, _, _, _, _ := promql.BucketQuantile(q, buckets(h))
		got := h.Quantile(q)
		if math.IsNaN(want) {
			require.True(t, math.IsNaN(got), "got %v, want none", got)
			return
		}
		require.InDelta(t, want, got, 1e-9*(1+want))
	})
}

func TestQuantile(t *testing.T) {
	of := func(pairs ...float64) *topology.Histogram {
		h := new(topology.Histogram)
		for i := 0; i < len(pairs); i += 2 {
			h.AddBucket(pairs[i], pairs[i+1])
		}
		return h
	}
	for _, tc := range []struct {
		name string
		h    *topology.Histogram
		q    float64
		want float64
	}{
		{"of nothing", new(topology.Histogram), 0.5, math.NaN()},
		{"of no observations", of(1, 0, inf, 0), 0.5, math.NaN()},
		{"of one bucket without end", of(inf, 10), 0.5, math.NaN()},
		{"the lowest bucket begins at 0", of(1, 10, inf, 10), 0.5, 0.5},
		{"linear within a bucket", of(1, 10, 3, 20, inf, 20), 0.75, 2},
		{"beyond the highest bound", of(1, 10, 3, 10, inf, 20), 0.95, 3},
		{"on a bound", of(1, 10, 2, 20, inf, 20), 0.5, 1},
		{"over an empty bucket", of(1, 10, 2, 10, 4, 20, inf, 20), 0.75, 3},
		{"below 0 is 0", of(1, 10, inf, 10), -1, 0},
		{"above 1 is 1", of(1, 10, inf, 10), 2, 1},
		{"of no q", of(1, 10, inf, 10), math.NaN(), math.NaN()},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got := tc.h.Quantile(tc.q)
			if math.IsNaN(tc.want) {
				require.True(t, math.IsNaN(got), "got %v", got)
				return
			}
			require.InDelta(t, tc.want, got, 1e-12)
		})
	}
}

// T3: histograms merge by sum, whatever their layouts: nothing is lost, and a
// bound that both have counts both.
func TestT3MergeOfDifferentLayouts(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := histograms().Draw(t, "a"), histograms().Draw(t, "b")
		m := a.Clone()
		m.Merge(b)
		require.InDelta(t, a.Count()+b.Count(), m.Count(), 1e-9)
		require.InDelta(t, a.Sum+b.Sum, m.Sum, 1e-9)
		require.IsIncreasing(t, m.Bounds)
		require.IsNonDecreasing(t, m.Cumulative)
		for i, bound := range m.Bounds {
			in := func(h *topology.Histogram) (n float64) {
				for j, b := range h.Bounds {
					if b <= bound {
						n = h.Cumulative[j]
					}
				}
				return n
			}
			require.InDelta(t, in(a)+in(b), m.Cumulative[i], 1e-9, "le %v", bound)
		}

		other := b.Clone()
		other.Merge(a)
		require.Equal(t, m, other, "the order does not matter")
	})
}

func TestMergeSharesNothing(t *testing.T) {
	a, b := new(topology.Histogram), new(topology.Histogram)
	a.AddBucket(1, 5)
	a.Merge(nil)
	b.Merge(a)
	b.AddBucket(1, 5)
	require.Equal(t, 5.0, a.Count())
	require.Equal(t, 10.0, b.Count())
	require.Nil(t, (*topology.Histogram)(nil).Clone())
	require.Zero(t, (*topology.Histogram)(nil).Count())
}

func TestAddBucketInAnyOrder(t *testing.T) {
	h := new(topology.Histogram)
	for _, bound := range []float64{inf, 0.1, 1, 0.1, 0.5} {
		h.AddBucket(bound, 1)
	}
	require.Equal(t, []float64{0.1, 0.5, 1, inf}, h.Bounds)
	require.Equal(t, []float64{2, 1, 1, 1}, h.Cumulative)
	require.True(t, h.MakeMonotone())
	require.Equal(t, []float64{2, 2, 2, 2}, h.Cumulative)
	require.False(t, h.MakeMonotone())
}

func TestMean(t *testing.T) {
	h := &topology.Histogram{Bounds: []float64{inf}, Cumulative: []float64{4}, Sum: 2}
	require.Equal(t, 0.5, h.Mean())
	require.True(t, math.IsNaN(new(topology.Histogram).Mean()))
}
