package objects

import (
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/meshscope/meshscope/exporter/demo/mesh"
)

// port is that of all services.
const port = 8080

// service is the one by which a workload is called.
func service(w mesh.Workload) *corev1.Service {
	at := named("Service", w.Service.Namespace, w.Service.Name)
	at.Labels = map[string]string{"app": w.Service.Name}
	selector := map[string]string{"app": w.App}
	if w.App == "" { // of a waypoint
		selector = selection(w)
	}
	protocol := w.Protocol
	return &corev1.Service{
		TypeMeta: metav1.TypeMeta{APIVersion: "v1", Kind: "Service"}, ObjectMeta: at,
		Spec: corev1.ServiceSpec{
			Selector: selector,
			Ports:    []corev1.ServicePort{{Name: protocol, Port: port, TargetPort: intstr.FromInt32(port), AppProtocol: &protocol}},
		},
	}
}

// appendService adds a service unless it is there: several workloads, such as
// versions of an app, may be behind one.
func appendService(objects []runtime.Object, s *corev1.Service) []runtime.Object {
	for _, o := range objects {
		if same, ok := o.(*corev1.Service); ok && same.Namespace == s.Namespace && same.Name == s.Name {
			return objects
		}
	}
	return append(objects, s)
}
