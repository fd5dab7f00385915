package mesh

import (
	"math"
	"math/rand/v2"
)

// buckets are the upper bounds of a histogram, without +Inf.
type buckets []float64

var (
	// istioBuckets are Istio's default bounds, for milliseconds and bytes alike.
	istioBuckets = buckets{
		0.5, 1, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10000,
		30000, 60000, 300000, 600000, 1800000, 3600000,
	}
	// thinBuckets are what large meshes set for sizes by the annotation
	// sidecar.istio.io/statsHistogramBuckets, where only the sum is read.
	thinBuckets = buckets{1000}
)

// histogram counts observations by bucket; the last count is +Inf's.
type histogram struct {
	counts []uint64
	sum    float64
}

func newHistogram(bounds buckets) histogram {
	return histogram{counts: make([]uint64, len(bounds)+1)}
}

func (h *histogram) observe(bucket int, value float64) {
	h.counts[bucket]++
	h.sum += value
}

// distribution is a log-normal one, moved up by a shift and cut into buckets.
// A draw yields a bucket and the mean of the values that fall into it: all
// that a histogram can tell, without the cost of a logarithm per call.
type distribution struct {
	cumulative []float64
	means      []float64
}

// shape is what makes a distribution: the median of the log-normal part, the
// standard deviation of its logarithm, and the shift.
type shape struct {
	median, sigma, shift float64
}

func (s shape) cut(bounds buckets) *distribution {
	d := &distribution{
		cumulative: make([]float64, len(bounds)+1),
		means:      make([]float64, len(bounds)+1),
	}
	mu, mean := math.Log(s.median), s.median*math.Exp(s.sigma*s.sigma/2)
	below, belowPart, last := 0.0, 0.0, 0
	for i := range d.cumulative {
		upTo, upToPart := 1.0, 1.0
		if i < len(bounds) {
			upTo, upToPart = 0, 0
			if x := bounds[i] - s.shift; x > 0 {
				z := (math.Log(x) - mu) / s.sigma
				upTo, upToPart = normal(z), normal(z-s.sigma)
			}
		}
		d.cumulative[i] = upTo
		if share := upTo - below; share > 1e-9 {
			d.means[i] = s.shift + mean*(upToPart-belowPart)/share
			last = i
		}
		below, belowPart = upTo, upToPart
	}
	for i := last; i < len(d.cumulative); i++ {
		d.cumulative[i] = 1
	}
	return d
}

// whole rounds the means, for what is counted in whole units: their sums are
// exact, so that two reporters that add in another order still agree.
func (d *distribution) whole() *distribution {
	for i, mean := range d.means {
		d.means[i] = math.Round(mean)
	}
	return d
}

func (d *distribution) draw(rng *rand.Rand) (bucket int, value float64) {
	u := rng.Float64()
	for u >= d.cumulative[bucket] {
		bucket++
	}
	return bucket, d.means[bucket]
}

// normal is the cumulative distribution of the standard normal one.
func normal(z float64) float64 { return math.Erfc(-z/math.Sqrt2) / 2 }
