package kube

import corev1 "k8s.io/api/core/v1"

// The labels that are read of services and namespaces.
const (
	useWaypointLabel     = "istio.io/use-waypoint"
	ingressWaypointLabel = "istio.io/ingress-use-waypoint"
	dataplaneLabel       = "istio.io/dataplane-mode"
	injectionLabel       = "istio-injection"
	revisionLabel        = "istio.io/rev"
)

// namespaceFact is what is kept of a namespace: what its labels say for all in it.
type namespaceFact struct {
	dataplane, injection, revision string
	waypoint, ingressWaypoint      string
}

func keepNamespace(n *corev1.Namespace) fact {
	return &namespaceFact{
		dataplane: n.Labels[dataplaneLabel], injection: n.Labels[injectionLabel], revision: n.Labels[revisionLabel],
		waypoint: n.Labels[useWaypointLabel], ingressWaypoint: n.Labels[ingressWaypointLabel],
	}
}

// serviceFact is what is kept of a service.
type serviceFact struct {
	labels, selector map[string]string
	healthRate       string
}

func keepService(s *corev1.Service) fact {
	return &serviceFact{labels: s.Labels, selector: s.Spec.Selector, healthRate: s.Annotations[healthRateAnnotation]}
}
