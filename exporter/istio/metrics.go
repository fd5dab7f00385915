package istio

import "slices"

// Metric is one of Istio's standard metrics, or a part of one.
type Metric struct {
	// Name is the series' name, as Istio's proxies expose it.
	Name string
	// Key is a short name for it, used in self metrics and logs.
	Key string
	// labels are asked for beyond reporter and EdgeLabels.
	labels []Label
	// existence tells that a series that does not move matters too: which
	// reporters speak of a pair is decided by it (T1).
	existence bool
	// operation is the label that calls are classified by; empty where it is
	// not asked for.
	operation string
	// noSecurity tells that the labels about security are not asked for.
	noSecurity bool
}

// classifiedBy is the metric with one more label, of calls' operations. Other
// metrics than Requests are not classified, as a rule, and stay as they are.
func (m Metric) classifiedBy(label string) Metric {
	if m.Name == Requests.Name {
		m.operation = label
	}
	return m
}

// unsecured is the metric without what it tells of security.
func (m Metric) unsecured() Metric {
	m.labels = slices.DeleteFunc(slices.Clone(m.labels), func(l Label) bool { return slices.Contains(securityLabels, l) })
	m.noSecurity = true
	return m
}

// The metrics that are read. Istio names TCP bytes as a proxy sees them from
// downstream: what it received is what the client sent (T7, istio#32399).
var (
	Requests = Metric{
		Name: "istio_requests_total", Key: "requests", existence: true,
		labels: slices.Concat([]Label{RequestProtocol, ResponseCode, GRPCResponseStatus, ResponseFlags}, securityLabels),
	}
	LatencyBuckets   = Metric{Name: "istio_request_duration_milliseconds_bucket", Key: "latency", labels: []Label{RequestProtocol, UpperBound}}
	LatencySum       = Metric{Name: "istio_request_duration_milliseconds_sum", Key: "latency_sum", labels: []Label{RequestProtocol}}
	LatencyCount     = Metric{Name: "istio_request_duration_milliseconds_count", Key: "latency_count", labels: []Label{RequestProtocol}}
	RequestBytes     = Metric{Name: "istio_request_bytes_sum", Key: "request_bytes", labels: []Label{RequestProtocol}}
	ResponseBytes    = Metric{Name: "istio_response_bytes_sum", Key: "response_bytes", labels: []Label{RequestProtocol}}
	RequestMessages  = Metric{Name: "istio_request_messages_total", Key: "request_messages"}
	ResponseMessages = Metric{Name: "istio_response_messages_total", Key: "response_messages"}
	TCPRequestBytes  = Metric{Name: "istio_tcp_received_bytes_total", Key: "tcp_request_bytes", labels: []Label{ResponseFlags}, existence: true}
	TCPResponseBytes = Metric{Name: "istio_tcp_sent_bytes_total", Key: "tcp_response_bytes", labels: []Label{ResponseFlags}, existence: true}
	TCPOpened        = Metric{Name: "istio_tcp_connections_opened_total", Key: "tcp_opened", labels: securityLabels, existence: true}
	TCPClosed        = Metric{Name: "istio_tcp_connections_closed_total", Key: "tcp_closed"}
)

// wantsStill tells that series that did not move are asked for too. Buckets
// that stay empty are part of a histogram's layout: a quantile lies between the
// bounds around it, also where nothing is below; and published from the start,
// they miss nothing later.
func (m Metric) wantsStill() bool { return m.existence || m.Name == LatencyBuckets.Name }

// isTCP tells that the metric speaks of connections, whatever its labels say.
func (m Metric) isTCP() bool {
	switch m.Name {
	case TCPRequestBytes.Name, TCPResponseBytes.Name, TCPOpened.Name, TCPClosed.Name:
		return true
	}
	return false
}

// isMessages tells that the metric counts gRPC messages; it has no protocol label of its own.
func (m Metric) isMessages() bool {
	return m.Name == RequestMessages.Name || m.Name == ResponseMessages.Name
}

// isLatency tells that the metric is part of the request durations.
func (m Metric) isLatency() bool {
	switch m.Name {
	case LatencyBuckets.Name, LatencySum.Name, LatencyCount.Name:
		return true
	}
	return false
}
