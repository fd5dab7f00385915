package compare

import "math"

// Change is what has become of some calls since the earlier range.
type Change int

// The changes, the ones that matter more last.
const (
	Unchanged Change = iota // or too few calls to tell
	New                     // there was no traffic then
	Gone                    // there is no traffic any more
	Slower
	Failing // more of the calls fail than then
)

var words = [...]string{Unchanged: "unchanged", New: "new", Gone: "gone", Slower: "slower", Failing: "failing more"}

// String is the change in words.
func (c Change) String() string { return words[c] }

// Calls are what is looked at of the traffic of one range.
type Calls struct {
	// Active tells that there was any traffic, calls or connections.
	Active bool
	// Requests are HTTP and gRPC calls, Errors those of them that failed.
	Requests, Errors float64
	// Mean is how long calls took in seconds, Timed of how many that is known.
	Mean, Timed float64
}

// What is more than noise. A change must be seen in enough calls of both
// ranges, be large in itself and large for what there was.
const (
	// MinRequests are how many calls it takes to tell that more of them fail,
	// and MinTimed to tell that they take longer: one slow call moves a mean
	// more than one error moves a ratio.
	MinRequests, MinTimed = 20, 100
	// MinErrors is by what part of all calls, and MinErrorFactor by what factor
	// errors must have risen.
	MinErrors, MinErrorFactor = 0.01, 1.5
	// Sigmas is how far the error ratios must be apart, in standard deviations
	// of what chance makes of as many calls that fail equally often.
	Sigmas = 3
	// MinDelay is by how many seconds, and MinDelayFactor by what factor the
	// mean must have risen.
	MinDelay, MinDelayFactor = 0.010, 1.3
)

// Between is what has become of the calls of then.
func Between(then, now Calls) Change {
	switch {
	case !then.Active && !now.Active:
		return Unchanged
	case !then.Active:
		return New
	case !now.Active:
		return Gone
	case failsMore(then, now):
		return Failing
	case isSlower(then, now):
		return Slower
	}
	return Unchanged
}

func failsMore(then, now Calls) bool {
	if !(then.Requests >= MinRequests && now.Requests >= MinRequests) {
		return false
	}
	before, after := then.Errors/then.Requests, now.Errors/now.Requests
	if after-before < MinErrors || after < MinErrorFactor*before {
		return false
	}
	// The two-proportion test: were all calls alike, this is how far apart
	// chance would take the two ratios.
	all := (then.Errors + now.Errors) / (then.Requests + now.Requests)
	deviation := math.Sqrt(all * (1 - all) * (1/then.Requests + 1/now.Requests))
	return after-before >= Sigmas*deviation
}

func isSlower(then, now Calls) bool {
	enough := then.Timed >= MinTimed && now.Timed >= MinTimed
	return enough && now.Mean-then.Mean >= MinDelay && now.Mean >= MinDelayFactor*then.Mean
}
