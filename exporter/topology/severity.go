package topology

// Severity is how bad traffic looks by its responses alone. It is no verdict,
// which tolerances of one's own and Kubernetes have a say in; it takes Kiali's
// default tolerances: any 5xx, gRPC error or missing response is Degraded,
// 10 % of them are Failing; of 4xx it takes 10 % and 20 %.
type Severity uint8

// The severities, from best to worst.
const (
	Quiet Severity = iota // no traffic
	Healthy
	Degraded
	Failing
)

// Severity judges the traffic of one protocol, each kind of error by itself.
// TCP has no responses to fail by.
func (t *Traffic) Severity(p Protocol) Severity {
	if len(t.Requests) > 0 {
		return SeverityOf(t.Outcomes(p))
	}
	if t.Activity() > 0 {
		return Healthy
	}
	return Quiet
}

// SeverityOf judges the outcomes of the requests of one protocol.
func SeverityOf(by [NumOutcomes]float64) Severity {
	total := 0.0
	for _, n := range by {
		total += n
	}
	if !(total > 0) {
		return Quiet
	}
	worst := Healthy
	for _, o := range [...]Outcome{ServerError, NoResponse, GRPCError} {
		switch ratio := by[o] / total; {
		case ratio >= 0.1:
			worst = max(worst, Failing)
		case ratio > 0:
			worst = max(worst, Degraded)
		}
	}
	switch ratio := by[ClientError] / total; {
	case ratio >= 0.2:
		worst = max(worst, Failing)
	case ratio >= 0.1:
		worst = max(worst, Degraded)
	}
	return worst
}
