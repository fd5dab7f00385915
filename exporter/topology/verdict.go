package topology

// Health is how well a node or an edge is, in Kiali's words and order: a
// greater one is worse.
type Health uint8

// The verdicts.
const (
	HealthNA Health = iota // no data
	HealthHealthy
	HealthNotReady
	HealthDegraded
	HealthFailure
)

var healthNames = [...]string{"NA", "Healthy", "Not Ready", "Degraded", "Failure"}

// String is Kiali's name of it.
func (h Health) String() string { return healthNames[min(int(h), len(healthNames)-1)] }

// Value is the health as series publish it: 0 is healthy, 3 failure. Without data there is none.
func (h Health) Value() (value float64, ok bool) { return float64(h) - 1, h != HealthNA }

// Verdict is a health, and what it was reached by.
type Verdict struct {
	Health Health
	// Replicas is what the replicas of a workload, or of an app's, come to, the
	// worst of them; HealthNA where they are not known.
	Replicas Health
	// By is, of a namespace or a cluster that is not well, who is as unwell in
	// it: the first by Ref. It is the zero Ref otherwise.
	By Ref
	// Ratios are what requests were judged by, sorted: one for each direction,
	// protocol and tolerance that had requests.
	Ratios []ErrorRatio
}

// ErrorRatio is the share of requests that a tolerance takes as errors.
type ErrorRatio struct {
	// Direction is In or Out, of a node; of an edge it is the end whose tolerance it is.
	Direction Direction
	Protocol  Protocol
	// Tolerance is the code as it is written, such as 5XX.
	Tolerance string
	// Errors of Requests are what Tolerance takes as errors.
	Errors, Requests float64
	// Health is what it comes to.
	Health Health
}

// Kiali's default tolerances that are patterns.
const (
	ToleranceGRPC       = "^[1-9]$|^1[0-6]$"
	ToleranceNoResponse = "^-$"
)

// What is what the ratio is of: the tolerance, in words where it is a pattern of
// Kiali's defaults.
func (r ErrorRatio) What() string {
	switch r.Tolerance {
	case ToleranceGRPC:
		return "errors"
	case ToleranceNoResponse:
		return "no response"
	}
	return r.Tolerance
}

// Ratio is the share of errors, from 0 to 1.
func (r ErrorRatio) Ratio() float64 { return r.Errors / r.Requests }
