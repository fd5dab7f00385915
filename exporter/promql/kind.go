package promql

// Kind says what an error means to the one who asked.
type Kind uint8

// The kinds of errors.
const (
	// Unavailable: the store could not be reached, or was not able to answer
	// (refused connections, unknown hosts, TLS, status 429 and 5xx). Asking later may help.
	Unavailable Kind = iota + 1
	// Timeout: the time for the call ran out, here or in the store.
	Timeout
	// Canceled: the caller's context was canceled.
	Canceled
	// Unauthorized: the store or a proxy wants other credentials (status 401 and 403).
	Unauthorized
	// TooLarge: the query would touch too much for the store's limits, or the
	// answer is above MaxResponseBytes. Asking for less at once helps.
	TooLarge
	// BadQuery: the store does not understand or cannot evaluate the query.
	// Asking again does not help.
	BadQuery
	// Unsupported: the path or the method is not served there (status 404, 405, 414, 501).
	Unsupported
	// NotPrometheus: what answers is not a Prometheus API, but for example a login page.
	NotPrometheus
	// Truncated: the answer was cut short.
	Truncated
	// Malformed: the answer is not what the API promises.
	Malformed
)

var outcomes = [...]string{
	0:             "success",
	Unavailable:   "unavailable",
	Timeout:       "timeout",
	Canceled:      "canceled",
	Unauthorized:  "unauthorized",
	TooLarge:      "too_large",
	BadQuery:      "bad_query",
	Unsupported:   "unsupported",
	NotPrometheus: "not_prometheus",
	Truncated:     "truncated",
	Malformed:     "malformed",
}

// outcomeOther is the outcome of errors that are not this package's.
const outcomeOther = "other"

// String returns the kind as Outcome does.
func (k Kind) String() string {
	if k == 0 || int(k) >= len(outcomes) {
		return outcomeOther
	}
	return outcomes[k]
}

// Outcomes lists all that Outcome can return, for metrics that start with all
// their series at 0.
func Outcomes() []string { return append(outcomes[:len(outcomes):len(outcomes)], outcomeOther) }
