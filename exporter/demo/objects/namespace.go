package objects

import (
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/meshscope/meshscope/exporter/demo/mesh"
)

// Labels of Istio's that tell how a namespace or a pod is part of the mesh.
const (
	injectionLabel   = "istio-injection"
	dataplaneLabel   = "istio.io/dataplane-mode"
	useWaypointLabel = "istio.io/use-waypoint"
	injectKey        = "sidecar.istio.io/inject" // of pods, an annotation too
)

// namespaces are those that the workloads are in, which are sorted.
func namespaces(workloads []mesh.Workload) []runtime.Object {
	labels := map[string]map[string]string{}
	var names []string
	for _, w := range workloads {
		of, known := labels[w.Namespace]
		if !known {
			of = map[string]string{"kubernetes.io/metadata.name": w.Namespace}
			labels[w.Namespace], names = of, append(names, w.Namespace)
		}
		switch w.Dataplane {
		case mesh.Sidecar:
			of[injectionLabel] = "enabled"
		case mesh.Ambient:
			of[dataplaneLabel] = "ambient"
		case mesh.Waypoint:
			of[useWaypointLabel] = w.Name
		}
	}
	objects := make([]runtime.Object, 0, len(names))
	for _, name := range names {
		objects = append(objects, &corev1.Namespace{
			TypeMeta:   metav1.TypeMeta{APIVersion: "v1", Kind: "Namespace"},
			ObjectMeta: metav1.ObjectMeta{Name: name, UID: uid("Namespace", "", name), Labels: labels[name]},
			Status:     corev1.NamespaceStatus{Phase: corev1.NamespaceActive},
		})
	}
	return objects
}
