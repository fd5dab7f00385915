package objects

import (
	"github.com/google/uuid"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"

	"github.com/meshscope/meshscope/exporter/demo/mesh"
)

// workload is the controller of a workload, and what it controls.
func workload(w mesh.Workload) []runtime.Object {
	labels := podLabels(w)
	template := corev1.PodTemplateSpec{ObjectMeta: metav1.ObjectMeta{Labels: labels, Annotations: podAnnotations(w)}, Spec: podSpec(w, false)}
	selector := &metav1.LabelSelector{MatchLabels: selection(w)}
	wanted, there := int32(w.Replicas), int32(len(w.Pods))
	ready := int32(0)
	for _, p := range w.Pods {
		if p.Ready {
			ready++
		}
	}
	apps := func(kind string) metav1.TypeMeta { return metav1.TypeMeta{APIVersion: "apps/v1", Kind: kind} }
	at := named(string(w.Controller), w.Namespace, w.Name)
	at.Labels, at.Generation = labels, 1

	var objects []runtime.Object
	owner, podLabels := at, labels
	kind := string(w.Controller)
	switch w.Controller {
	case mesh.StatefulSet:
		objects = append(objects, &appsv1.StatefulSet{
			TypeMeta: apps(kind), ObjectMeta: at,
			Spec: appsv1.StatefulSetSpec{Replicas: &wanted, Selector: selector, Template: template, ServiceName: w.Name},
			Status: appsv1.StatefulSetStatus{
				ObservedGeneration: 1, Replicas: there, CurrentReplicas: there, UpdatedReplicas: there, ReadyReplicas: ready, AvailableReplicas: ready,
			},
		})
	case mesh.DaemonSet:
		objects = append(objects, &appsv1.DaemonSet{
			TypeMeta: apps(kind), ObjectMeta: at,
			Spec: appsv1.DaemonSetSpec{Selector: selector, Template: template},
			Status: appsv1.DaemonSetStatus{
				ObservedGeneration: 1, DesiredNumberScheduled: wanted, CurrentNumberScheduled: there, UpdatedNumberScheduled: there,
				NumberReady: ready, NumberAvailable: ready, NumberUnavailable: wanted - ready,
			},
		})
	case mesh.Deployment:
		objects = append(objects, &appsv1.Deployment{
			TypeMeta: apps(kind), ObjectMeta: at,
			Spec: appsv1.DeploymentSpec{Replicas: &wanted, Selector: selector, Template: template},
			Status: appsv1.DeploymentStatus{
				ObservedGeneration: 1, Replicas: there, UpdatedReplicas: there, ReadyReplicas: ready, AvailableReplicas: ready,
				UnavailableReplicas: max(wanted-ready, 0),
			},
		})
		// A deployment's pods are those of its newest replica set.
		hashed := with(labels, appsv1.DefaultDeploymentUniqueLabelKey, w.Template)
		set := named("ReplicaSet", w.Namespace, w.Name+"-"+w.Template)
		set.Labels, set.OwnerReferences, set.Generation = hashed, ownedBy(kind, at), 1
		template.Labels = hashed
		objects = append(objects, &appsv1.ReplicaSet{
			TypeMeta: apps("ReplicaSet"), ObjectMeta: set,
			Spec: appsv1.ReplicaSetSpec{
				Replicas: &wanted, Template: template,
				Selector: &metav1.LabelSelector{MatchLabels: with(selection(w), appsv1.DefaultDeploymentUniqueLabelKey, w.Template)},
			},
			Status: appsv1.ReplicaSetStatus{ObservedGeneration: 1, Replicas: there, ReadyReplicas: ready, AvailableReplicas: ready, FullyLabeledReplicas: there},
		})
		owner, kind, podLabels = set, "ReplicaSet", hashed
	}
	for _, p := range w.Pods {
		objects = append(objects, pod(w, p, podLabels, ownedBy(kind, owner)))
	}
	return objects
}

func named(kind, namespace, name string) metav1.ObjectMeta {
	return metav1.ObjectMeta{Namespace: namespace, Name: name, UID: uid(kind, namespace, name)}
}

// uid is an object's, the same whenever it is asked for.
func uid(kind, namespace, name string) types.UID {
	return types.UID(uuid.NewSHA1(uuid.NameSpaceURL, []byte(kind+" "+namespace+"/"+name)).String())
}

func ownedBy(kind string, owner metav1.ObjectMeta) []metav1.OwnerReference {
	yes := true
	return []metav1.OwnerReference{{APIVersion: "apps/v1", Kind: kind, Name: owner.Name, UID: owner.UID, Controller: &yes, BlockOwnerDeletion: &yes}}
}
