package topology

import (
	"math"
	"slices"
)

// Histogram is a classic Prometheus histogram over one interval: for each
// upper bound the number of observations at or below it. Bounds are sorted and
// unique; the last is +Inf in a complete histogram. Units are those of the
// bounds (seconds, for latency).
type Histogram struct {
	Bounds     []float64
	Cumulative []float64
	Sum        float64
}

// AddBucket adds n observations at or below bound, as the cumulative bucket
// series of one more proxy, or of one more label set, says.
func (h *Histogram) AddBucket(bound, n float64) {
	i, found := slices.BinarySearch(h.Bounds, bound)
	if !found {
		if h.Bounds == nil {
			const istioDefaultBuckets = 20
			h.Bounds = make([]float64, 0, istioDefaultBuckets)
			h.Cumulative = make([]float64, 0, istioDefaultBuckets)
		}
		h.Bounds = slices.Insert(h.Bounds, i, bound)
		h.Cumulative = slices.Insert(h.Cumulative, i, 0)
	}
	h.Cumulative[i] += n
}

// Count is the number of observations: that of the highest bucket.
func (h *Histogram) Count() float64 {
	if h == nil || len(h.Cumulative) == 0 {
		return 0
	}
	return h.Cumulative[len(h.Cumulative)-1]
}

// MakeMonotone raises each bucket to the one below it, where it is lower, and
// tells whether that was needed. It is where proxies with different bucket
// layouts were summed by their bounds: a bound that only some of them have
// then counts only theirs. What floating point loses is raised without a word.
func (h *Histogram) MakeMonotone() (raised bool) {
	for i := 1; i < len(h.Cumulative); i++ {
		if below := h.Cumulative[i-1]; h.Cumulative[i] < below {
			raised = raised || h.Cumulative[i] < below*(1-1e-9)
			h.Cumulative[i] = below
		}
	}
	return raised
}

// Merge adds o's observations. Where the layouts differ, an observation keeps
// the upper bound that it had, in the union of the bounds.
func (h *Histogram) Merge(o *Histogram) {
	if o == nil {
		return
	}
	h.Sum += o.Sum
	if slices.Equal(h.Bounds, o.Bounds) {
		for i, n := range o.Cumulative {
			h.Cumulative[i] += n
		}
		return
	}
	union := slices.Concat(h.Bounds, o.Bounds)
	slices.Sort(union)
	union = slices.Compact(union)
	merged := make([]float64, len(union))
	for i, bound := range union {
		merged[i] = h.atOrBelow(bound) + o.atOrBelow(bound)
	}
	h.Bounds, h.Cumulative = union, merged
}

// Clone is a copy that shares nothing with h.
func (h *Histogram) Clone() *Histogram {
	if h == nil {
		return nil
	}
	return &Histogram{Bounds: slices.Clone(h.Bounds), Cumulative: slices.Clone(h.Cumulative), Sum: h.Sum}
}

func (h *Histogram) atOrBelow(bound float64) float64 {
	i, found := slices.BinarySearch(h.Bounds, bound)
	if !found {
		i--
	}
	if i < 0 {
		return 0
	}
	return h.Cumulative[i]
}

// Quantile is the q-quantile (0..1) by linear interpolation within the bucket
// that holds it, as PromQL's histogram_quantile gives it: the lowest bucket
// begins at 0, and a quantile in the +Inf bucket is the highest finite bound.
// Without observations it is NaN.
func (h *Histogram) Quantile(q float64) float64 {
	total := h.Count()
	if !(total > 0) || math.IsNaN(q) {
		return math.NaN()
	}
	rank := min(max(q, 0), 1) * total
	i, _ := slices.BinarySearch(h.Cumulative, rank)
	i = min(i, len(h.Bounds)-1)
	if math.IsInf(h.Bounds[i], 1) {
		if i == 0 {
			return math.NaN()
		}
		return h.Bounds[i-1]
	}
	lowerBound, lowerCount := 0.0, 0.0
	if i > 0 {
		lowerBound, lowerCount = h.Bounds[i-1], h.Cumulative[i-1]
	}
	inBucket := h.Cumulative[i] - lowerCount
	if !(inBucket > 0) {
		return h.Bounds[i]
	}
	return lowerBound + (h.Bounds[i]-lowerBound)*(rank-lowerCount)/inBucket
}

// Mean is the mean of the observations, NaN without any.
func (h *Histogram) Mean() float64 {
	if n := h.Count(); n > 0 {
		return h.Sum / n
	}
	return math.NaN()
}
