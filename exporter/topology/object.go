package topology

import "iter"

// Object is what Kubernetes and Istio's configuration tell of a node, a
// workload, an app or a service. What stands in it is known; nothing is made
// up of telemetry.
type Object struct {
	// Kind is Kubernetes' kind of a workload, such as Deployment, or Service.
	Kind string
	// CanonicalService and CanonicalRevision are what Istio calls a workload's app and version, by its labels. Of a
	// service the first is the app that its own labels name, or empty.
	CanonicalService, CanonicalRevision string
	// Labels are the pods' of a workload and the service's own. They are shared and must not be written to.
	Labels map[string]string
	// HealthRate is the annotation health.kiali.io/rate.
	HealthRate string
	// Dataplane tells how a workload is part of the mesh; empty where it is not known.
	Dataplane Dataplane
	// Workloads are the names of those that a service selects, sorted.
	Workloads []string
	// Replicas are of the workload, or of each of the app's. None is not known.
	Replicas []Replicas
	// NoPods tells of a workload that is known to have no pods, or an app of such. Without traffic, Kiali calls it dead.
	NoPods bool
	// Idle tells that the node has no traffic: it is there because the object is.
	Idle bool
	// Gateway is set of a workload that a Gateway configures.
	Gateway *Gateway
	// WorkloadEntries are the names of those that have the node's labels.
	WorkloadEntries []string
	// ServiceEntry is set of a service that one declares.
	ServiceEntry *ServiceEntry
	// VirtualServiceHosts are the hosts of the virtual services that route to the service or workload.
	VirtualServiceHosts []string
	// CircuitBreaker and the others tell what is configured for calls to the service or workload.
	CircuitBreaker, FaultInjection, Mirroring, RequestRouting, RequestTimeout, TCPTrafficShifting, TrafficShifting bool
	// MTLS is the mode that PeerAuthentications give a workload, such as STRICT; empty where none does.
	MTLS string
	// IngressWaypoint tells of a service that calls from gateways go to through its waypoint.
	IngressWaypoint bool
}

// Dataplane is how a workload is part of the mesh.
type Dataplane string

// The data planes.
const (
	Sidecar      Dataplane = "sidecar"
	Ambient      Dataplane = "ambient"
	GatewayProxy Dataplane = "gateway"
	WaypointHop  Dataplane = "waypoint"
	NoDataplane  Dataplane = "none"
)

// Replicas are the pods of a workload: how many are wanted, are there, and are ready.
type Replicas struct {
	Workload                    string
	Desired, Current, Available int
}

// Gateway is what a gateway serves.
type Gateway struct {
	// GatewayAPI tells a Gateway of the Gateway API from Istio's.
	GatewayAPI bool
	// Egress tells an egress gateway from an ingress gateway.
	Egress bool
	Hosts  []string
}

// ServiceEntry is one of Istio's.
type ServiceEntry struct {
	Namespace, Name string
	// Location is MESH_INTERNAL or MESH_EXTERNAL.
	Location string
	Hosts    []string
}

// Objects are all that is known of a mesh's clusters at one moment.
type Objects interface {
	// Object is what is known of a node of kind workload, app or service; nil is nothing.
	Object(Ref) *Object
	// All are the workloads and services that there are, sorted by Ref.
	All() iter.Seq2[Ref, *Object]
	// Knows tells that all objects of a kind in a namespace are known, so that what is not among them is not there.
	Knows(kind Kind, cluster, namespace string) bool
}
