package istio

import "github.com/meshscope/meshscope/exporter/topology"

// Label is a label of Istio's standard metrics that Meshscope reads.
type Label uint8

// The labels, as Istio names them.
const (
	ReporterLabel Label = iota
	SourceCluster
	SourceWorkloadNamespace
	SourceWorkload
	SourceCanonicalService
	SourceCanonicalRevision
	DestinationCluster
	DestinationWorkloadNamespace
	DestinationWorkload
	DestinationCanonicalService
	DestinationCanonicalRevision
	DestinationService
	DestinationServiceName
	DestinationServiceNamespace
	RequestProtocol
	ResponseCode
	GRPCResponseStatus
	ResponseFlags
	ConnectionSecurityPolicy
	SourcePrincipal
	DestinationPrincipal
	UpperBound // le
	numLabels
)

// labelNames has those of an edge from topology's one list.
var labelNames = [numLabels]string{
	ReporterLabel:            "reporter",
	RequestProtocol:          "request_protocol",
	ResponseCode:             "response_code",
	GRPCResponseStatus:       "grpc_response_status",
	ResponseFlags:            "response_flags",
	ConnectionSecurityPolicy: "connection_security_policy",
	SourcePrincipal:          "source_principal",
	DestinationPrincipal:     "destination_principal",
	UpperBound:               "le",
}

// String is the label's name.
func (l Label) String() string {
	if SourceCluster <= l && l <= DestinationServiceNamespace {
		return topology.EdgeLabels[l-SourceCluster]
	}
	return labelNames[l]
}

// edgeLabels are the labels that identify an edge, in topology's order.
var edgeLabels = func() (labels []Label) {
	for l := SourceCluster; l <= DestinationServiceNamespace; l++ {
		labels = append(labels, l)
	}
	return labels
}()

// securityLabels say who the peers are, and whether their connection is encrypted.
var securityLabels = []Label{ConnectionSecurityPolicy, SourcePrincipal, DestinationPrincipal}

// Labels are a sample's values by label. A missing label and an empty one are
// the same (T2).
type Labels [numLabels]string
