package istio

// Reason names why a sample was rejected: it is the value of a metric's label.
type Reason string

// The reasons.
const (
	// NoReporter: the label reporter is missing, or not one of Istio's.
	NoReporter Reason = "no_reporter"
	// NoDestination: neither a destination workload nor a service is known.
	NoDestination Reason = "no_destination"
	// AddressAsService: no workload, and a bare IP address in place of a service.
	AddressAsService Reason = "address_as_service"
	// NoSource: the caller's namespace is known, but neither workload nor app.
	NoSource Reason = "no_source"
	// NotANumber: the value is NaN.
	NotANumber Reason = "not_a_number"
	// Infinite: the value is an infinity.
	Infinite Reason = "infinite"
	// Negative: the value is below zero, which no counter's increment is.
	Negative Reason = "negative"
	// NoUpperBound: a bucket without le, or with one that is no number.
	NoUpperBound Reason = "no_upper_bound"
	// MixedBuckets: buckets of proxies with different layouts were summed, and
	// do not rise; counted once per histogram, which is made to rise.
	MixedBuckets Reason = "mixed_buckets"
	// UnknownMetric: an answer named a metric that was not asked for.
	UnknownMetric Reason = "unknown_metric"
)

// Reasons are all reasons.
var Reasons = []Reason{
	NoReporter, NoDestination, AddressAsService, NoSource, NotANumber, Infinite, Negative,
	NoUpperBound, MixedBuckets, UnknownMetric,
}
