package kube

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"

	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/meshscope/meshscope/exporter/topology"
)

// The labels and annotations that are read of workloads and pods.
const (
	healthRateAnnotation = "health.kiali.io/rate"
	redirectAnnotation   = "ambient.istio.io/redirection"
	sidecarAnnotation    = "sidecar.istio.io/status"
	injectKey            = "sidecar.istio.io/inject" // a label, formerly an annotation
	templatesAnnotation  = "inject.istio.io/templates"
	workloadNameLabel    = "service.istio.io/workload-name"
	managedLabel         = "gateway.istio.io/managed"
	meshManaged          = "istio.io-mesh-controller"    // a waypoint's
	gatewayManaged       = "istio.io-gateway-controller" // a gateway's
	proxyContainer       = "istio-proxy"
	templateHash         = "pod-template-hash"
	rolloutHash          = "rollouts-pod-template-hash"
)

// podLabels are given to single pods by what controls them: the workload's
// are those without them.
var podLabels = []string{
	templateHash, rolloutHash, "controller-revision-hash", "pod-template-generation", "controller-uid", "job-name",
	"batch.kubernetes.io/controller-uid", "batch.kubernetes.io/job-name", "batch.kubernetes.io/job-completion-index",
	"statefulset.kubernetes.io/pod-name", "apps.kubernetes.io/pod-index",
}

// owner is the controller of an object.
type owner struct{ kind, name string }

func ownerOf(o metav1.Object) owner {
	if ref := metav1.GetControllerOfNoCopy(o); ref != nil {
		return owner{ref.Kind, ref.Name}
	}
	return owner{}
}

// template is what a pod, or the template that a controller makes pods of,
// tells of the workload.
type template struct {
	labels     map[string]string
	healthRate string
	// inject is the annotation that asks for a sidecar or refuses it; the label of the same name is among the labels.
	inject string
	// gatewayInjection tells that the sidecar's place is taken by a gateway's proxy.
	gatewayInjection bool
}

func newTemplate(o metav1.Object) template {
	labels := o.GetLabels()
	for _, label := range podLabels {
		delete(labels, label)
	}
	annotations := o.GetAnnotations()
	return template{
		labels: labels, healthRate: annotations[healthRateAnnotation], inject: annotations[injectKey],
		gatewayInjection: annotations[templatesAnnotation] == "gateway",
	}
}

// workloadName is what Istio calls a workload: its own name, but for a label.
func (t *template) workloadName(own string) string {
	if given := t.labels[workloadNameLabel]; given != "" {
		return given
	}
	return own
}

// podFact is what is kept of a pod.
type podFact struct {
	template
	owner owner
	// workload and kind are what Istio takes for the pod's workload, by what the pod alone tells.
	workload, kind string
	phase          corev1.PodPhase
	ready          bool
	// sidecar and ambient tell by which proxy the pod is part of the mesh.
	sidecar, ambient bool
}

// ended tells that the pod has done its work, or failed, and will not run again.
func (p *podFact) ended() bool { return p.phase == corev1.PodSucceeded || p.phase == corev1.PodFailed }

func keepPod(p *corev1.Pod) fact {
	f := &podFact{owner: ownerOf(p), phase: p.Status.Phase}
	f.workload, f.kind = p.Name, "Pod"
	if p.GenerateName != "" && f.owner.name != "" { // else it is static, or made by hand
		f.workload, f.kind = guessWorkload(f.owner, p.Labels)
	}
	f.ambient = p.Annotations[redirectAnnotation] == "enabled"
	f.sidecar = hasSidecar(p)
	f.template = newTemplate(p)
	f.workload = f.workloadName(f.workload)
	f.ready = slices.ContainsFunc(p.Status.Conditions, func(c corev1.PodCondition) bool {
		return c.Type == corev1.PodReady && c.Status == corev1.ConditionTrue
	})
	return f
}

// cronJobName is the name of a job that a CronJob made.
var cronJobName = regexp.MustCompile(`^(.+)-\d{8,10}$`)

// guessWorkload is what Istio takes for the workload of a pod, by its
// controller's name: proxies know no more, and name it so in their telemetry.
func guessWorkload(o owner, labels map[string]string) (workload, kind string) {
	switch o.kind {
	case "ReplicaSet":
		if hash := labels[templateHash]; hash != "" && strings.HasSuffix(o.name, hash) {
			return strings.TrimSuffix(o.name, "-"+hash), "Deployment"
		}
		if hash := labels[rolloutHash]; hash != "" && strings.HasSuffix(o.name, hash) {
			return strings.TrimSuffix(o.name, "-"+hash), "Rollout"
		}
	case "ReplicationController":
		if config := labels["deploymentconfig"]; config != "" {
			return config, "DeploymentConfig"
		}
	case "Job":
		if m := cronJobName.FindStringSubmatch(o.name); m != nil {
			return m[1], "CronJob"
		}
	}
	return o.name, o.kind
}

// hasSidecar tells that Istio has put its proxy into the pod, as a container
// or as an init container that stays.
func hasSidecar(p *corev1.Pod) bool {
	var injected struct{ Containers, InitContainers []string }
	if json.Unmarshal([]byte(p.Annotations[sidecarAnnotation]), &injected) == nil {
		if len(injected.Containers) > 0 || slices.Contains(injected.InitContainers, proxyContainer) {
			return true
		}
	}
	isProxy := func(c corev1.Container) bool { return c.Name == proxyContainer }
	return slices.ContainsFunc(p.Spec.Containers, isProxy) || slices.ContainsFunc(p.Spec.InitContainers, isProxy)
}

// controllerFact is what is kept of what makes pods.
type controllerFact struct {
	template
	kind  string
	owner owner
	// waypoint tells that Istio made it for a waypoint.
	waypoint bool
	// replicas are known when something has counted them.
	counted                     bool
	desired, current, available int
}

// newController keeps a controller by its metadata and the template of its
// pods. Kiali reads its annotation from the pods' template, and from the
// controller itself where that has none.
func newController(kind string, meta, pods metav1.Object) *controllerFact {
	f := &controllerFact{kind: kind, owner: ownerOf(meta)}
	f.waypoint = pods.GetLabels()[managedLabel] == meshManaged || meta.GetLabels()[managedLabel] == meshManaged
	f.template = newTemplate(pods)
	if f.healthRate == "" {
		f.healthRate = meta.GetAnnotations()[healthRateAnnotation]
	}
	return f
}

// count notes replicas that the controller's own controller has counted: until
// it has seen the object, its status says nothing.
func (f *controllerFact) count(observed int64, desired, current, available int32) *controllerFact {
	f.counted = observed > 0
	f.desired, f.current, f.available = int(desired), int(current), int(available)
	return f
}

func (f *controllerFact) replicas(workload string) []topology.Replicas {
	if !f.counted {
		return nil
	}
	return []topology.Replicas{{Workload: workload, Desired: f.desired, Current: f.current, Available: f.available}}
}

// orOne is a number of replicas, which is 1 where none is asked for.
func orOne(replicas *int32) int32 {
	if replicas == nil {
		return 1
	}
	return *replicas
}

func keepDeployment(d *appsv1.Deployment) fact {
	return newController("Deployment", d, &d.Spec.Template).
		count(d.Status.ObservedGeneration, orOne(d.Spec.Replicas), d.Status.Replicas, d.Status.AvailableReplicas)
}

func keepStatefulSet(s *appsv1.StatefulSet) fact {
	return newController("StatefulSet", s, &s.Spec.Template).
		count(s.Status.ObservedGeneration, orOne(s.Spec.Replicas), s.Status.Replicas, s.Status.ReadyReplicas)
}

func keepDaemonSet(d *appsv1.DaemonSet) fact {
	return newController("DaemonSet", d, &d.Spec.Template).
		count(d.Status.ObservedGeneration, d.Status.DesiredNumberScheduled, d.Status.CurrentNumberScheduled, d.Status.NumberAvailable)
}

func keepReplicaSet(r *appsv1.ReplicaSet) fact {
	return newController("ReplicaSet", r, &r.Spec.Template).
		count(r.Status.ObservedGeneration, orOne(r.Spec.Replicas), r.Status.Replicas, r.Status.AvailableReplicas)
}

// keepJob counts a job's pods as Kiali does: those that it had take the place
// of those that it wants.
func keepJob(j *batchv1.Job) fact {
	s := &j.Status
	f := newController("Job", j, &j.Spec.Template)
	if all := s.Active + s.Succeeded + s.Failed; all > 0 {
		f.count(1, all, all, s.Active+s.Succeeded)
	}
	return f
}

func keepCronJob(c *batchv1.CronJob) fact {
	return newController("CronJob", c, &c.Spec.JobTemplate.Spec.Template)
}
