package series

import (
	"slices"

	"github.com/meshscope/meshscope/exporter/topology"
)

// Type is a metric type of the Prometheus text format.
type Type string

// The types that are published.
const (
	Counter   Type = "counter"
	Gauge     Type = "gauge"
	Histogram Type = "histogram"
)

// Family is all that is fixed of a metric: docs/metrics.md has one row for each.
type Family struct {
	Name string
	Help string
	Type Type
	// Labels are the names of its labels in the order in which they are
	// rendered, less those of an edge where OfEdge is set.
	Labels []string
	OfEdge bool

	order int // in Topology
}

// Names of labels beyond an edge's. Those of calls are Istio's own.
const (
	requestProtocol          = "request_protocol"
	responseCode             = "response_code"
	grpcResponseStatus       = "grpc_response_status"
	responseFlags            = "response_flags"
	connectionSecurityPolicy = "connection_security_policy"
	sourcePrincipal          = "source_principal"
	destinationPrincipal     = "destination_principal"
	reporter                 = "reporter"

	workloadCluster   = "workload_cluster"
	workloadNamespace = "workload_namespace"
	workloadName      = "workload_name"
	canonicalService  = "canonical_service"
	canonicalRevision = "canonical_revision"
	kind              = "kind"
	dataplane         = "dataplane"
	direction         = "direction"
	tolerance         = "tolerance"
	scope             = "scope"
	state             = "state"
)

// Waypoint is the dataplane of a workload that is a waypoint.
const Waypoint = string(topology.WaypointHop)

func ofEdge(name string, typ Type, help string, labels ...string) *Family {
	return &Family{Name: name, Help: help, Type: typ, Labels: labels, OfEdge: true}
}

func plain(name string, typ Type, help string, labels ...string) *Family {
	return &Family{Name: name, Help: help, Type: typ, Labels: labels}
}

func ofWorkload(name, help string, labels ...string) *Family {
	return plain(name, Gauge, help, append([]string{workloadCluster, workloadNamespace, workloadName}, labels...)...)
}

// The topology series. Counters hold what Istio's metrics of the named kind
// grew by, each call counted once.
var (
	EdgeRequests = ofEdge("meshscope_edge_requests_total", Counter,
		"Requests on an edge by response, from istio_requests_total.",
		requestProtocol, responseCode, grpcResponseStatus, responseFlags)
	EdgeDuration = ofEdge("meshscope_edge_request_duration_seconds", Histogram,
		"Duration of the requests on an edge, from istio_request_duration_milliseconds.", requestProtocol)
	EdgeRequestBytes = ofEdge("meshscope_edge_request_bytes_total", Counter,
		"Bytes of request bodies on an edge, from istio_request_bytes_sum.", requestProtocol)
	EdgeResponseBytes = ofEdge("meshscope_edge_response_bytes_total", Counter,
		"Bytes of response bodies on an edge, from istio_response_bytes_sum.", requestProtocol)
	EdgeRequestMessages = ofEdge("meshscope_edge_request_messages_total", Counter,
		"gRPC messages from client to server, from istio_request_messages_total.")
	EdgeResponseMessages = ofEdge("meshscope_edge_response_messages_total", Counter,
		"gRPC messages from server to client, from istio_response_messages_total.")
	EdgeTCPRequestBytes = ofEdge("meshscope_edge_tcp_request_bytes_total", Counter,
		"TCP bytes from client to server, from istio_tcp_received_bytes_total.", responseFlags)
	EdgeTCPResponseBytes = ofEdge("meshscope_edge_tcp_response_bytes_total", Counter,
		"TCP bytes from server to client, from istio_tcp_sent_bytes_total.", responseFlags)
	EdgeTCPOpened = ofEdge("meshscope_edge_tcp_connections_opened_total", Counter,
		"TCP connections opened on an edge, from istio_tcp_connections_opened_total.")
	EdgeTCPClosed = ofEdge("meshscope_edge_tcp_connections_closed_total", Counter,
		"TCP connections closed on an edge, from istio_tcp_connections_closed_total.")
	EdgeSecured = ofEdge("meshscope_edge_secured_total", Counter,
		"Requests (HTTP, gRPC) or opened connections (TCP) by security policy, from a reporter that knows it.",
		requestProtocol, connectionSecurityPolicy)
	EdgeInfo = ofEdge("meshscope_edge_info", Gauge,
		"Who speaks on an edge, and whose report was taken; always 1.",
		requestProtocol, sourcePrincipal, destinationPrincipal, reporter)
	EdgeFirstSeen = ofEdge("meshscope_edge_first_seen_timestamp_seconds", Gauge,
		"When traffic was first seen on an edge, as Unix time.")
	EdgeHealth = ofEdge("meshscope_edge_health", Gauge,
		"Verdict on an edge: 0 healthy, 1 not ready, 2 degraded, 3 failure; absent without data.")
	WorkloadHealth = ofWorkload("meshscope_workload_health",
		"Verdict on a workload: 0 healthy, 1 not ready, 2 degraded, 3 failure; absent without data.")
	AppHealth = plain("meshscope_app_health", Gauge,
		"Verdict on an app: 0 healthy, 1 not ready, 2 degraded, 3 failure; absent without data.",
		"app_cluster", "app_namespace", "app_name")
	ServiceHealth = plain("meshscope_service_health", Gauge,
		"Verdict on a service: 0 healthy, 1 not ready, 2 degraded, 3 failure; absent without data.",
		"service_cluster", "service_namespace", "service_name")
	NamespaceHealth = plain("meshscope_namespace_health", Gauge,
		"Verdict on a namespace: 0 healthy, 1 not ready, 2 degraded, 3 failure; absent without data.",
		"namespace_cluster", "namespace_name")
	WorkloadErrorRatio = ofWorkload("meshscope_workload_error_ratio",
		"Share of a workload's requests that a tolerance takes as errors, from 0 to 1.",
		direction, requestProtocol, tolerance)
	WorkloadFaultOrigin = ofWorkload("meshscope_workload_fault_origin",
		"Whether a workload fails its callers while none of its dependencies explains it (1) or not (0).")
	WorkloadFaultInfo = ofWorkload("meshscope_workload_fault_info",
		"Whose fault it is that a workload fails: of an origin itself, else the origin; always 1.",
		"origin_cluster", "origin_namespace", "origin_name")
	WorkloadDependents = ofWorkload("meshscope_workload_dependents",
		"Workloads that call a workload: themselves (direct), or by way of others too (all).", scope)
	WorkloadDependencies = ofWorkload("meshscope_workload_dependencies",
		"Workloads that a workload calls: itself (direct), or by way of others too (all).", scope)
	WorkloadInfo = ofWorkload("meshscope_workload_info",
		"What is known of a workload; always 1.",
		kind, canonicalService, canonicalRevision, dataplane)
	WorkloadReplicas = ofWorkload("meshscope_workload_replicas",
		"Pods of a workload that are desired, current and available.", state)
	IstioObjectStatus = plain("meshscope_istio_object_status", Gauge,
		"Whether a condition of an object of Istio or the Gateway API holds (1) or not (0), or a message of its validation is there (1).",
		"object_cluster", "object_kind", "object_namespace", "object_name", "condition")
	TopologyChanges = plain("meshscope_topology_changes_total", Counter,
		"Nodes and edges that came or went.", kind, "change")
	Edges = plain("meshscope_edges", Gauge,
		"Edges that are published.")
)

// Topology are the families of a Snapshot, in the order of its text.
var Topology = ordered(
	EdgeRequests, EdgeDuration, EdgeRequestBytes, EdgeResponseBytes, EdgeRequestMessages, EdgeResponseMessages,
	EdgeTCPRequestBytes, EdgeTCPResponseBytes, EdgeTCPOpened, EdgeTCPClosed, EdgeSecured, EdgeInfo, EdgeFirstSeen,
	EdgeHealth, WorkloadHealth, AppHealth, ServiceHealth, NamespaceHealth, WorkloadErrorRatio, WorkloadFaultOrigin, WorkloadFaultInfo,
	WorkloadDependents, WorkloadDependencies, WorkloadInfo, WorkloadReplicas, IstioObjectStatus,
	TopologyChanges, Edges,
)

// Healths are the families of verdicts.
var Healths = []*Family{EdgeHealth, WorkloadHealth, AppHealth, ServiceHealth, NamespaceHealth}

func ordered(families ...*Family) []*Family {
	for i, f := range families {
		f.order = i
	}
	return families
}

// The exporter's series about itself.
var (
	RefreshSuccess = plain("meshscope_refresh_success", Gauge,
		"Whether the last refresh succeeded (1) or failed (0).")
	RefreshTimestamp = plain("meshscope_refresh_timestamp_seconds", Gauge,
		"Up to when the topology series hold what the store has scraped, as Unix time; 0 before the first refresh.")
	RefreshDuration = plain("meshscope_refresh_duration_seconds", Histogram,
		"Duration of a refresh by stage.", "stage")
	RefreshSkipped = plain("meshscope_refresh_skipped_seconds_total", Counter,
		"Seconds of telemetry that were not counted because an absence was longer than refresh.catch_up.")
	Leader = plain("meshscope_leader", Gauge,
		"Whether this exporter publishes topology series (1) or stands by (0).")
	Queries = plain("meshscope_promql_queries_total", Counter,
		"Queries to the store by name and outcome.", "query", "outcome")
	QueryDuration = plain("meshscope_promql_query_duration_seconds", Histogram,
		"Duration of a query to the store, its answer's reading included.", "query")
	Samples = plain("meshscope_samples_total", Counter,
		"Samples read from the store by raw metric.", "metric")
	SamplesRejected = plain("meshscope_samples_rejected_total", Counter,
		"Samples that could not be placed or counted, by reason.", "reason")
	SamplesFolded = plain("meshscope_samples_folded_total", Counter,
		"Samples that became part of another edge, by reason.", "reason")
	EdgesDropped = plain("meshscope_edges_dropped_total", Counter,
		"Edges with traffic that were not published because of a limit, counted at each refresh, by reason.", "reason")
	GaugesDropped = plain("meshscope_gauges_dropped_total", Counter,
		"Series of health, workloads and objects that were not published because of limits.max_series, counted at each refresh.")
	KubernetesResourceUp = plain("meshscope_kubernetes_resource_up", Gauge,
		"Whether the objects of a resource can be read from a cluster (1) or not (0); absent where a cluster does not have the resource.",
		"kubernetes_cluster", "resource")
	HealthAnnotationProblems = plain("meshscope_health_annotation_problems", Gauge,
		"Parts of the annotations health.kiali.io/rate that are not valid, or match nothing.")
	ConfigReloaded = plain("meshscope_config_last_reload_successful", Gauge,
		"Whether the last attempt to load the configuration succeeded.")
	ConfigReloadedTimestamp = plain("meshscope_config_last_reload_success_timestamp_seconds", Gauge,
		"When the configuration was last loaded, as Unix time.")
)

// Self are the families about the exporter itself. To them come build_info,
// and the usual go_* and process_*.
var Self = []*Family{
	RefreshSuccess, RefreshTimestamp, RefreshDuration, RefreshSkipped, Leader, Queries, QueryDuration,
	Samples, SamplesRejected, SamplesFolded, EdgesDropped, GaugesDropped, KubernetesResourceUp, HealthAnnotationProblems,
	ConfigReloaded, ConfigReloadedTimestamp,
}

// labelNames are all labels of the family, an edge's first.
func (f *Family) labelNames() []string {
	if f.OfEdge {
		return slices.Concat(topology.EdgeLabels[:], f.Labels)
	}
	return f.Labels
}
