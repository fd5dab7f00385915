package topology

import (
	"cmp"
	"maps"
	"slices"
)

// Policy is a connection_security_policy of Istio.
type Policy string

// The security policies that Istio reports. UnknownPolicy is what a reporter
// says that cannot know: Envoy at the source.
const (
	MutualTLS     Policy = "mutual_tls"
	Plaintext     Policy = "none"
	UnknownPolicy Policy = "unknown"
)

// Traffic is what was counted on an edge over one interval. Everything in it
// merges by sum (T3). Which fields are set depends on the protocol.
type Traffic struct {
	// Requests are calls by their response (HTTP, gRPC).
	Requests map[Response]float64
	// Latency is the distribution of request durations, in seconds; nil where none was read.
	Latency *Histogram
	// RequestBytes and ResponseBytes are bytes of request and response bodies (HTTP, gRPC).
	RequestBytes, ResponseBytes float64
	// RequestMessages and ResponseMessages are gRPC messages, client to server and back.
	RequestMessages, ResponseMessages float64
	// TCPRequestBytes and TCPResponseBytes are bytes by Envoy's response flags,
	// client to server and back (T7).
	TCPRequestBytes, TCPResponseBytes map[string]float64
	// Opened and Closed are TCP connections.
	Opened, Closed float64
	// Secured are calls (HTTP, gRPC) or opened connections (TCP) by security policy.
	Secured map[Policy]float64
	// SourcePrincipals and DestinationPrincipals are SPIFFE identities, weighted by traffic.
	SourcePrincipals, DestinationPrincipals map[string]float64
	// Operations are calls by what was asked for, where that was read: of the
	// reporter that knows it, who may count other calls than Requests do.
	Operations map[Operation]float64
}

// AddRequests counts n calls that ended with r. A count of zero is kept: it
// says that such calls have been reported before.
func (t *Traffic) AddRequests(r Response, n float64) { t.Requests = add(t.Requests, r, n) }

// AddSecured counts n calls or connections under policy p.
func (t *Traffic) AddSecured(p Policy, n float64) { t.Secured = add(t.Secured, p, n) }

// AddTCPRequestBytes counts n bytes from client to server under Envoy's flags.
func (t *Traffic) AddTCPRequestBytes(flags string, n float64) {
	t.TCPRequestBytes = add(t.TCPRequestBytes, flags, n)
}

// AddTCPResponseBytes counts n bytes from server to client under Envoy's flags.
func (t *Traffic) AddTCPResponseBytes(flags string, n float64) {
	t.TCPResponseBytes = add(t.TCPResponseBytes, flags, n)
}

// AddPrincipals weighs the identities of a call's two ends by n. Empty ones
// are unknown and not counted.
func (t *Traffic) AddPrincipals(source, destination string, n float64) {
	if source != "" {
		t.SourcePrincipals = add(t.SourcePrincipals, source, n)
	}
	if destination != "" {
		t.DestinationPrincipals = add(t.DestinationPrincipals, destination, n)
	}
}

// LatencyHistogram is t.Latency, made when there is none.
func (t *Traffic) LatencyHistogram() *Histogram {
	if t.Latency == nil {
		t.Latency = new(Histogram)
	}
	return t.Latency
}

// Merge adds o to t. What o holds is copied, not shared.
func (t *Traffic) Merge(o *Traffic) {
	t.Requests = addAll(t.Requests, o.Requests)
	if o.Latency != nil {
		if t.Latency == nil {
			t.Latency = o.Latency.Clone()
		} else {
			t.Latency.Merge(o.Latency)
		}
	}
	t.RequestBytes += o.RequestBytes
	t.ResponseBytes += o.ResponseBytes
	t.RequestMessages += o.RequestMessages
	t.ResponseMessages += o.ResponseMessages
	t.TCPRequestBytes = addAll(t.TCPRequestBytes, o.TCPRequestBytes)
	t.TCPResponseBytes = addAll(t.TCPResponseBytes, o.TCPResponseBytes)
	t.Opened += o.Opened
	t.Closed += o.Closed
	t.mergeSecurity(o)
	t.Operations = addAll(t.Operations, o.Operations)
}

// absorb is Merge for an o that nobody needs any more: what t has none of, it
// takes.
func (t *Traffic) absorb(o *Traffic) {
	take(&t.Requests, &o.Requests)
	take(&t.TCPRequestBytes, &o.TCPRequestBytes)
	take(&t.TCPResponseBytes, &o.TCPResponseBytes)
	take(&t.Secured, &o.Secured)
	take(&t.SourcePrincipals, &o.SourcePrincipals)
	take(&t.DestinationPrincipals, &o.DestinationPrincipals)
	take(&t.Operations, &o.Operations)
	if t.Latency == nil {
		t.Latency, o.Latency = o.Latency, nil
	}
	t.Merge(o)
}

func take[K comparable](m, o *map[K]float64) {
	if len(*m) == 0 {
		*m, *o = *o, nil
	}
}

func (t *Traffic) mergeSecurity(o *Traffic) {
	t.Secured = addAll(t.Secured, o.Secured)
	t.SourcePrincipals = addAll(t.SourcePrincipals, o.SourcePrincipals)
	t.DestinationPrincipals = addAll(t.DestinationPrincipals, o.DestinationPrincipals)
}

// Calls is the number of requests, or of opened connections where there are
// no requests.
func (t *Traffic) Calls() float64 { return sum(t.Requests) + t.Opened }

// Answered is the number of calls that reached their destination and ended
// without an error. Connections that were opened count as such.
func (t *Traffic) Answered(p Protocol) float64 {
	var few [8]float64
	values := few[:0]
	for r, v := range t.Requests {
		if !r.Outcome(p).IsError() {
			values = append(values, v)
		}
	}
	return t.Opened + sumOf(values)
}

// Outcomes are the requests by class.
func (t *Traffic) Outcomes(p Protocol) (by [NumOutcomes]float64) {
	for _, r := range t.Responses() {
		by[r.Outcome(p)] += t.Requests[r]
	}
	return by
}

// Responses are the keys of Requests in a fixed order.
func (t *Traffic) Responses() []Response { return sortedKeysFunc(t.Requests, Response.compare) }

// Total is the number of requests.
func (t *Traffic) Total() float64 { return sum(t.Requests) }

// TCPBytes are all bytes of both directions.
func (t *Traffic) TCPBytes() (request, response float64) {
	return sum(t.TCPRequestBytes), sum(t.TCPResponseBytes)
}

// Activity is a measure of how busy an edge is, for ranking alone: its calls,
// and where these are not known, any sign of traffic at all.
func (t *Traffic) Activity() float64 {
	if calls := t.Calls(); calls > 0 {
		return calls
	}
	request, response := t.TCPBytes()
	connections := request + response + t.Closed
	messages := t.RequestMessages + t.ResponseMessages
	bodies := t.RequestBytes + t.ResponseBytes
	if connections+messages+bodies+t.Latency.Count() > 0 {
		return 1
	}
	return 0
}

// KnowsSecurity tells that some of the traffic was reported by a proxy that
// knows whether it was encrypted.
func (t *Traffic) KnowsSecurity() bool {
	for p := range t.Secured {
		if p != UnknownPolicy {
			return true
		}
	}
	return false
}

// MutualTLSShare is the part (0..1) of the traffic of known security that was
// mutual TLS; ok is false where none is known.
func (t *Traffic) MutualTLSShare() (share float64, ok bool) {
	known := 0.0
	for _, p := range sortedKeys(t.Secured) {
		if p != UnknownPolicy {
			known += t.Secured[p]
		}
	}
	if !(known > 0) {
		return 0, false
	}
	return t.Secured[MutualTLS] / known, true
}

// Busiest is the key of the greatest weight; of equals, the first by name; ""
// where there is none.
func Busiest(weights map[string]float64) string {
	best, most := "", 0.0
	for name, n := range weights {
		if best == "" || n > most || n == most && name < best {
			best, most = name, n
		}
	}
	return best
}

func add[K comparable](m map[K]float64, k K, n float64) map[K]float64 {
	if m == nil {
		m = make(map[K]float64, 1)
	}
	m[k] += n
	return m
}

func addAll[K comparable](m, o map[K]float64) map[K]float64 {
	if len(o) == 0 {
		return m
	}
	if m == nil {
		return maps.Clone(o)
	}
	for k, n := range o {
		m[k] += n
	}
	return m
}

// sum adds in an order that depends on the values alone, so that equal data
// give equal sums (T4): floating-point addition is not associative.
func sum[K comparable](m map[K]float64) float64 {
	switch len(m) {
	case 0:
		return 0
	case 1, 2:
		total := 0.0
		for _, v := range m {
			total += v
		}
		return total
	}
	var few [8]float64 // most maps are small, and this is called for each edge
	values := few[:0]
	for _, v := range m {
		values = append(values, v)
	}
	return sumOf(values)
}

// sumOf sorts the values, and adds them.
func sumOf(values []float64) float64 {
	slices.Sort(values)
	total := 0.0
	for _, v := range values {
		total += v
	}
	return total
}

func sortedKeys[K ~string, V any](m map[K]V) []K { return sortedKeysFunc(m, cmp.Compare[K]) }

func sortedKeysFunc[K comparable, V any](m map[K]V, compare func(a, b K) int) []K {
	keys := make([]K, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	if len(keys) > 1 {
		slices.SortFunc(keys, compare)
	}
	return keys
}
