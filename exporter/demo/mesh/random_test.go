package mesh

import (
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestPoisson(t *testing.T) {
	for _, mean := range []float64{0, 0.05, 1, 50, 300} {
		t.Run(fmt.Sprint(mean), func(t *testing.T) {
			rng := stream(1, "poisson")
			const draws = 20000
			sum, squares := 0.0, 0.0
			for range draws {
				n := float64(poisson(rng, mean))
				sum += n
				squares += n * n
			}
			average := sum / draws
			tolerance := 5 * math.Sqrt(mean/draws)
			require.InDelta(t, mean, average, tolerance)
			require.InDelta(t, mean, squares/draws-average*average, 0.1*mean+1e-9, "variance is the mean")
		})
	}
}

func TestDistribution(t *testing.T) {
	for _, tc := range []struct {
		name   string
		shape  shape
		bounds buckets
		mean   float64
	}{
		{"latency", shape{median: 10, sigma: 0.5}, istioBuckets, 10 * math.Exp(0.125)},
		{"shifted", shape{median: 10, sigma: 0.5, shift: 400}, istioBuckets, 400 + 10*math.Exp(0.125)},
		{"few buckets", shape{median: 600, sigma: 0.3}, thinBuckets, 600 * math.Exp(0.045)},
	} {
		t.Run(tc.name, func(t *testing.T) {
			d := tc.shape.cut(tc.bounds)
			rng := stream(1, tc.name)
			sum := 0.0
			const draws = 50000
			for range draws {
				bucket, value := d.draw(rng)
				sum += value
				if bucket > 0 {
					require.GreaterOrEqual(t, value, tc.bounds[bucket-1])
				}
				if bucket < len(tc.bounds) {
					require.LessOrEqual(t, value, tc.bounds[bucket])
				}
			}
			require.InEpsilon(t, tc.mean, sum/draws, 0.02)
		})
	}
}
