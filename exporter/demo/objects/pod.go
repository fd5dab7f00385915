package objects

import (
	"maps"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/meshscope/meshscope/exporter/demo/mesh"
)

// gatewayLabel is by which Istio's gateways choose the pods that they configure.
var gatewayLabel = [2]string{"istio", "ingressgateway"}

// podLabels are what a workload's template has.
func podLabels(w mesh.Workload) map[string]string {
	labels := selection(w)
	switch w.Dataplane {
	case mesh.Gateway:
		labels[gatewayLabel[0]] = gatewayLabel[1]
	case mesh.Waypoint:
		labels["gateway.istio.io/managed"] = "istio.io-mesh-controller"
	case mesh.Ztunnel:
		// As Istio's chart has it. By its name Kiali tells that a mesh is ambient.
		labels["app.kubernetes.io/name"] = w.App
		labels[dataplaneLabel] = "none"
		labels[injectKey] = "false"
	case mesh.Outside:
		labels[injectKey] = "false"
	case mesh.Sidecar, mesh.Ambient:
	}
	return labels
}

// selection are the labels that tell a workload's pods from others.
func selection(w mesh.Workload) map[string]string {
	labels := map[string]string{}
	if w.Dataplane == mesh.Waypoint {
		labels["gateway.networking.k8s.io/gateway-name"] = w.Name
	}
	if w.App != "" {
		labels["app"] = w.App
	}
	if w.Version != "" {
		labels["version"] = w.Version
	}
	return labels
}

func podAnnotations(w mesh.Workload) map[string]string {
	switch w.Dataplane {
	case mesh.Outside, mesh.Ztunnel:
		return map[string]string{injectKey: "false"}
	case mesh.Sidecar, mesh.Ambient, mesh.Gateway, mesh.Waypoint:
	}
	return nil
}

// proxy is the name of Envoy's container.
const proxy = "istio-proxy"

// podSpec is what a pod runs: what its template says, and the sidecar if it
// has been injected.
func podSpec(w mesh.Workload, injected bool) corev1.PodSpec {
	name := w.App
	switch w.Dataplane {
	case mesh.Gateway, mesh.Waypoint, mesh.Ztunnel:
		name = proxy
	case mesh.Outside, mesh.Sidecar, mesh.Ambient:
	}
	spec := corev1.PodSpec{
		ServiceAccountName: w.ServiceAccount,
		Containers:         []corev1.Container{{Name: name, Image: "registry.example.com/" + w.Namespace + "/" + w.Name + ":1.0.0"}},
	}
	if injected && w.Dataplane == mesh.Sidecar {
		spec.Containers = append(spec.Containers, corev1.Container{Name: proxy, Image: "docker.io/istio/proxyv2:1.31.1"})
	}
	return spec
}

func pod(w mesh.Workload, p mesh.Pod, labels map[string]string, owners []metav1.OwnerReference) *corev1.Pod {
	at := named("Pod", w.Namespace, p.Name)
	at.Labels, at.OwnerReferences = maps.Clone(labels), owners
	at.GenerateName = owners[0].Name + "-" // by which it is told from a pod made by hand
	at.Annotations = map[string]string{}
	maps.Copy(at.Annotations, podAnnotations(w))
	switch w.Dataplane {
	case mesh.Sidecar:
		at.Labels["security.istio.io/tlsMode"] = "istio"
		at.Labels["service.istio.io/canonical-name"] = w.App
		at.Labels["service.istio.io/canonical-revision"] = "latest"
		if w.Version != "" {
			at.Labels["service.istio.io/canonical-revision"] = w.Version
		}
		at.Annotations["sidecar.istio.io/status"] = `{"containers":["` + proxy + `"],"revision":"default"}`
	case mesh.Ambient:
		at.Annotations["ambient.istio.io/redirection"] = "enabled"
	case mesh.Gateway, mesh.Waypoint, mesh.Ztunnel, mesh.Outside:
	}
	spec := podSpec(w, true)
	return &corev1.Pod{TypeMeta: metav1.TypeMeta{APIVersion: "v1", Kind: "Pod"}, ObjectMeta: at, Spec: spec, Status: podStatus(p, spec.Containers)}
}

// podStatus is what is said of a pod all of whose containers run. The first is
// the one that calls are for.
func podStatus(p mesh.Pod, containers []corev1.Container) corev1.PodStatus {
	started, yes := metav1.NewTime(p.Started), true
	status := corev1.PodStatus{Phase: corev1.PodRunning, PodIP: p.IP, PodIPs: []corev1.PodIP{{IP: p.IP}}, StartTime: &started}
	ready := corev1.ConditionFalse
	if p.Ready {
		ready = corev1.ConditionTrue
	}
	for _, condition := range []corev1.PodConditionType{corev1.ContainersReady, corev1.PodReady} {
		status.Conditions = append(status.Conditions, corev1.PodCondition{Type: condition, Status: ready})
	}
	for i, c := range containers {
		status.ContainerStatuses = append(status.ContainerStatuses, corev1.ContainerStatus{
			Name: c.Name, Image: c.Image, Ready: p.Ready || i > 0, Started: &yes,
			State: corev1.ContainerState{Running: &corev1.ContainerStateRunning{StartedAt: started}},
		})
	}
	return status
}

// with is labels and one more.
func with(labels map[string]string, name, value string) map[string]string {
	more := maps.Clone(labels)
	more[name] = value
	return more
}
