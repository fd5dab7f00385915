package mesh

import (
	"cmp"
	"slices"
	"strings"
)

// Link names an edge of the mesh, as a graph of it should: who calls whom, by
// which service, with which protocol. What nobody can know is "unknown".
type Link struct {
	// SourceCluster, SourceNamespace and SourceWorkload name the client, and
	// are "unknown" for one outside the mesh.
	SourceCluster   string `json:"source_cluster"`
	SourceNamespace string `json:"source_workload_namespace"`
	SourceWorkload  string `json:"source_workload"`
	// DestinationNamespace and DestinationWorkload name the server, and are
	// "unknown" for a host outside the mesh and for calls that reached nobody.
	DestinationNamespace string `json:"destination_workload_namespace"`
	DestinationWorkload  string `json:"destination_workload"`
	// DestinationCluster is the server's. Where no workload answered it is the
	// client's if the service belongs to a namespace, else "unknown".
	DestinationCluster string `json:"destination_cluster"`
	// DestinationService is the host called, DestinationServiceName and
	// DestinationServiceNamespace its parts.
	DestinationService          string `json:"destination_service"`
	DestinationServiceName      string `json:"destination_service_name"`
	DestinationServiceNamespace string `json:"destination_service_namespace"`
	// Protocol is http, grpc or tcp.
	Protocol string `json:"request_protocol"`
	// Waypoint is true for the connections to and from a waypoint that carry
	// the requests of other links.
	Waypoint bool `json:"waypoint,omitempty"`
}

// String is the link in one line, for messages.
func (l Link) String() string {
	source, destination := l.SourceNamespace+"/"+l.SourceWorkload, l.DestinationNamespace+"/"+l.DestinationWorkload
	if l.SourceWorkload == unknown {
		source = unknown
	}
	if l.DestinationWorkload == unknown {
		destination = "service " + l.DestinationServiceName
	}
	return source + " -> " + destination + " (" + l.Protocol + ")"
}

func compareLinks(a, b Link) int {
	return cmp.Or(
		strings.Compare(a.SourceCluster, b.SourceCluster),
		strings.Compare(a.SourceNamespace, b.SourceNamespace),
		strings.Compare(a.SourceWorkload, b.SourceWorkload),
		strings.Compare(a.DestinationCluster, b.DestinationCluster),
		strings.Compare(a.DestinationNamespace, b.DestinationNamespace),
		strings.Compare(a.DestinationWorkload, b.DestinationWorkload),
		strings.Compare(a.DestinationService, b.DestinationService),
		strings.Compare(a.DestinationServiceName, b.DestinationServiceName),
		strings.Compare(a.Protocol, b.Protocol),
	)
}

// linkBetween names the calls from one workload to another, or to nobody of it.
func linkBetween(source, destination *workload, protocol string, reached bool) Link {
	l := Link{
		SourceCluster: unknown, SourceNamespace: unknown, SourceWorkload: unknown,
		DestinationCluster: unknown, DestinationNamespace: unknown, DestinationWorkload: unknown,
		DestinationService:          destination.service.host,
		DestinationServiceName:      destination.service.name,
		DestinationServiceNamespace: destination.service.namespace,
		Protocol:                    protocol,
	}
	if source.dataplane != outside {
		l.SourceCluster, l.SourceNamespace, l.SourceWorkload = source.cluster, source.namespace, source.name
	}
	switch {
	case reached && !destination.external():
		l.DestinationCluster, l.DestinationNamespace, l.DestinationWorkload = destination.cluster, destination.namespace, destination.name
	case l.DestinationServiceNamespace != unknown:
		l.DestinationCluster = l.SourceCluster
	}
	return l
}

// Edge is what truly happened on a link since the start of the mesh, for one
// way that its calls ended: as the one reporter counts it that a graph should
// believe, had no pod ever stopped and no scrape ever failed.
type Edge struct {
	Link
	// Reporter is that one: source where an Envoy or ztunnel stands at the
	// client, else waypoint, else destination.
	Reporter string `json:"reporter"`
	// ResponseCode is the HTTP status, "0" for none, and "" for tcp.
	ResponseCode string `json:"response_code,omitempty"`
	// GRPCStatus is "" where the call is not gRPC.
	GRPCStatus string `json:"grpc_response_status,omitempty"`
	// ResponseFlags are "-" where there are none.
	ResponseFlags string `json:"response_flags"`

	// Requests are calls, or attempts where the reporter is the destination.
	// They are 0 for tcp.
	Requests uint64 `json:"requests,omitempty"`
	// RequestMessages and ResponseMessages are those of gRPC calls.
	RequestMessages  uint64 `json:"request_messages,omitempty"`
	ResponseMessages uint64 `json:"response_messages,omitempty"`
	// RequestBytes and ResponseBytes are sizes of http and grpc calls with
	// their headers, and what flowed for tcp; requests go to the server.
	RequestBytes  uint64 `json:"request_bytes"`
	ResponseBytes uint64 `json:"response_bytes"`
	// ConnectionsOpened and ConnectionsClosed are those of tcp.
	ConnectionsOpened uint64 `json:"connections_opened,omitempty"`
	ConnectionsClosed uint64 `json:"connections_closed,omitempty"`
}

func compareEdges(a, b Edge) int {
	return cmp.Or(
		compareLinks(a.Link, b.Link),
		strings.Compare(a.ResponseCode, b.ResponseCode),
		strings.Compare(a.GRPCStatus, b.GRPCStatus),
		strings.Compare(a.ResponseFlags, b.ResponseFlags),
	)
}

// Truth returns what truly happened on each link up to now, by outcome, sorted.
func (m *Mesh) Truth() []Edge {
	m.mu.Lock()
	defer m.mu.Unlock()
	var truth []Edge
	for _, e := range m.edges {
		truth = append(truth, e.truth()...)
	}
	slices.SortFunc(truth, compareEdges)
	return truth
}

// Edges returns the links that calls are made on, and those made on before,
// sorted. A link that only faults bring about appears with its first call.
func (m *Mesh) Edges() []Link {
	m.mu.Lock()
	defer m.mu.Unlock()
	var links []Link
	for _, e := range m.edges {
		links = append(links, e.links()...)
		for _, t := range e.truth() {
			links = append(links, t.Link)
		}
	}
	slices.SortFunc(links, compareLinks)
	return slices.Compact(links)
}
