package mesh

import (
	"math/rand/v2"
)

// unknown is Istio's word for what a proxy cannot know.
const unknown = "unknown"

// homeCluster is the name that Istio gives to a cluster by default.
const homeCluster = "Kubernetes"

// dataplane tells which proxy stands before a workload's pods.
type dataplane int

const (
	// sidecar: an Envoy in each pod reports both what comes and what goes.
	sidecar dataplane = iota
	// gateway: an Envoy that is the workload; it reports what it sends on.
	gateway
	// ambient: the node's ztunnel reports connections.
	ambient
	// waypoint: an Envoy that reports the requests sent through it.
	waypoint
	// nodeProxy: a ztunnel itself.
	nodeProxy
	// outside: no proxy, hence no report: a client or a host outside the mesh.
	outside
)

// envoy reports whether the workload's own pods expose metrics of an Envoy.
func (d dataplane) envoy() bool { return d == sidecar || d == gateway || d == waypoint }

// reportsRequests reports whether a proxy of the workload tells about the
// requests that it sends.
func (d dataplane) reportsRequests() bool { return d == sidecar || d == gateway }

// workload is a deployment, or a host outside the mesh.
type workload struct {
	cluster, namespace, name string
	// app is the canonical service, and the label "app" where hasApp.
	app string
	// version is the label "version", empty where there is none.
	version        string
	serviceAccount string
	service        service
	dataplane      dataplane
	controller     Controller
	replicas       int
	// protocol is what the workload's port speaks: http, grpc or tcp.
	protocol string
	// sizes are the bounds of the histograms of request and response sizes.
	sizes buckets
	// unserved workloads have no service of their own.
	unserved bool
	// labelled is false where the pods have no label "app" (waypoints).
	labelled bool
	// hidesCluster makes callers' proxies report destination_cluster as
	// unknown, as they do for endpoints of some multi-cluster setups.
	hidesCluster bool
	// namespaceOfPeer makes the workload's proxies take the service's namespace
	// from the peer, and lose it where there is none (istio/istio#49842).
	namespaceOfPeer bool

	// asks are the calls that each of its answers takes: of alternatives one.
	asks [][]*requestEdge

	initialReplicas int
	rng             *rand.Rand
	template        string
	pods            []*pod
}

// Controller is the kind of object that keeps a workload's pods.
type Controller string

// The kinds of controllers.
const (
	Deployment  Controller = "Deployment"
	StatefulSet Controller = "StatefulSet"
	DaemonSet   Controller = "DaemonSet"
)

// service is what a proxy reports a call's destination to be, whoever answers.
type service struct {
	host, name, namespace string
}

// kubernetesService is the service that a cluster's own DNS names.
func kubernetesService(namespace, name string) service {
	return service{host: name + "." + namespace + ".svc.cluster.local", name: name, namespace: namespace}
}

// ask adds a call to those that each answer takes, or to the alternatives of
// one to the same app.
func (w *workload) ask(e *requestEdge) {
	for i, alternatives := range w.asks {
		if alternatives[0].destination.service == e.destination.service {
			w.asks[i] = append(alternatives, e)
			return
		}
	}
	w.asks = append(w.asks, []*requestEdge{e})
}

// key names the workload in faults: namespace/name, or a host by itself.
func (w *workload) key() string {
	if w.namespace == "" {
		return w.name
	}
	return w.namespace + "/" + w.name
}

// external reports whether calls to the workload leave the mesh.
func (w *workload) external() bool { return w.namespace == "" }

// peer is what a proxy knows of one end of a call.
type peer struct {
	cluster, namespace, workload, app, appLabel, version, revision, principal string
}

// nobody is the peer of which nothing is known.
var nobody = peer{unknown, unknown, unknown, unknown, unknown, unknown, unknown, unknown}

func (w *workload) peer() peer {
	p := peer{
		cluster: w.cluster, namespace: w.namespace, workload: w.name,
		app: w.app, appLabel: w.app, version: w.version, revision: w.version,
		principal: "spiffe://cluster.local/ns/" + w.namespace + "/sa/" + w.serviceAccount,
	}
	if !w.labelled {
		p.appLabel = unknown
	}
	if w.version == "" {
		p.version, p.revision = unknown, "latest"
	}
	return p
}

// asSeenByZtunnel fills what a ztunnel derives from the canonical names, as it
// does not know the pod's labels.
func (p peer) asSeenByZtunnel() peer {
	if p != nobody {
		p.appLabel, p.version = p.app, p.revision
	}
	return p
}
