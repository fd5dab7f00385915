package kube

import (
	"slices"

	networkingv1 "istio.io/client-go/pkg/apis/networking/v1"
	securityv1 "istio.io/client-go/pkg/apis/security/v1"
	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	gatewayv1 "sigs.k8s.io/gateway-api/apis/v1"
)

// resource is a kind of object that is read.
type resource struct {
	group string
	// versions are those that can be read, the best first. All have the form of the Go type.
	versions []string
	plural   string
	kind     string
	// custom tells of a resource that a cluster has only when its definition was installed.
	custom bool
	// new and newList make empty objects of the Go type.
	new, newList func() runtime.Object
	// keep takes what is used of an object.
	keep func(runtime.Object) fact
}

// String is the resource as Kubernetes writes it in full, such as
// deployments.apps.
func (r *resource) String() string {
	return schema.GroupResource{Group: r.group, Resource: r.plural}.String()
}

// The groups that are read.
const (
	coreGroup       = ""
	appsGroup       = "apps"
	batchGroup      = "batch"
	networkingGroup = "networking.istio.io"
	securityGroup   = "security.istio.io"
	gatewayGroup    = "gateway.networking.k8s.io"
)

var (
	only           = []string{"v1"}
	istioVersions  = []string{"v1", "v1beta1", "v1alpha3"}
	mtlsVersions   = []string{"v1", "v1beta1"}
	gatewayStable  = []string{"v1", "v1beta1"}
	routeVersions  = []string{"v1", "v1alpha2"}
	tlsRouteStages = []string{"v1", "v1alpha3", "v1alpha2"}
)

// resources are all that is read. What is in it needs the right to be listed
// and watched, and nothing else does.
var resources = []*resource{
	builtIn[corev1.Namespace, corev1.NamespaceList](coreGroup, "namespaces", "Namespace", keepNamespace),
	builtIn[corev1.Service, corev1.ServiceList](coreGroup, "services", "Service", keepService),
	builtIn[corev1.Pod, corev1.PodList](coreGroup, "pods", "Pod", keepPod),
	builtIn[appsv1.Deployment, appsv1.DeploymentList](appsGroup, "deployments", "Deployment", keepDeployment),
	builtIn[appsv1.StatefulSet, appsv1.StatefulSetList](appsGroup, "statefulsets", "StatefulSet", keepStatefulSet),
	builtIn[appsv1.DaemonSet, appsv1.DaemonSetList](appsGroup, "daemonsets", "DaemonSet", keepDaemonSet),
	builtIn[appsv1.ReplicaSet, appsv1.ReplicaSetList](appsGroup, "replicasets", "ReplicaSet", keepReplicaSet),
	builtIn[batchv1.Job, batchv1.JobList](batchGroup, "jobs", "Job", keepJob),
	builtIn[batchv1.CronJob, batchv1.CronJobList](batchGroup, "cronjobs", "CronJob", keepCronJob),
	custom[networkingv1.VirtualService, networkingv1.VirtualServiceList](networkingGroup, istioVersions, "virtualservices", "VirtualService", keepVirtualService),
	custom[networkingv1.DestinationRule, networkingv1.DestinationRuleList](networkingGroup, istioVersions, "destinationrules", "DestinationRule", keepDestinationRule),
	custom[networkingv1.Gateway, networkingv1.GatewayList](networkingGroup, istioVersions, "gateways", "Gateway", keepGateway),
	custom[networkingv1.ServiceEntry, networkingv1.ServiceEntryList](networkingGroup, istioVersions, "serviceentries", "ServiceEntry", keepServiceEntry),
	custom[networkingv1.WorkloadEntry, networkingv1.WorkloadEntryList](networkingGroup, istioVersions, "workloadentries", "WorkloadEntry", keepWorkloadEntry),
	custom[securityv1.PeerAuthentication, securityv1.PeerAuthenticationList](securityGroup, mtlsVersions, "peerauthentications", "PeerAuthentication", keepPeerAuthentication),
	custom[gatewayv1.Gateway, gatewayv1.GatewayList](gatewayGroup, gatewayStable, "gateways", "Gateway", keepAPIGateway),
	custom[gatewayv1.HTTPRoute, gatewayv1.HTTPRouteList](gatewayGroup, gatewayStable, "httproutes", "HTTPRoute", keepHTTPRoute),
	custom[gatewayv1.GRPCRoute, gatewayv1.GRPCRouteList](gatewayGroup, routeVersions, "grpcroutes", "GRPCRoute", keepGRPCRoute),
	custom[gatewayv1.TCPRoute, gatewayv1.TCPRouteList](gatewayGroup, routeVersions, "tcproutes", "TCPRoute", keepTCPRoute),
	custom[gatewayv1.TLSRoute, gatewayv1.TLSRouteList](gatewayGroup, tlsRouteStages, "tlsroutes", "TLSRoute", keepTLSRoute),
}

// pointer is *T that is a Kubernetes object.
type pointer[T any] interface {
	*T
	runtime.Object
}

func builtIn[T, L any, P pointer[T], Q pointer[L]](group, plural, kind string, keep func(P) fact) *resource {
	return &resource{
		group: group, versions: only, plural: plural, kind: kind,
		new: func() runtime.Object { return P(new(T)) }, newList: func() runtime.Object { return Q(new(L)) },
		keep: func(o runtime.Object) fact { return keep(o.(P)) },
	}
}

func custom[T, L any, P pointer[T], Q pointer[L]](group string, versions []string, plural, kind string, keep func(P) fact) *resource {
	r := builtIn[T, L, P, Q](group, plural, kind, keep)
	r.versions, r.custom = versions, true
	return r
}

// newScheme knows the Go types of all resources, in each of their versions.
func newScheme() *runtime.Scheme {
	scheme := runtime.NewScheme()
	for _, r := range resources {
		for _, version := range r.versions {
			gv := schema.GroupVersion{Group: r.group, Version: version}
			scheme.AddKnownTypeWithName(gv.WithKind(r.kind), r.new())
			scheme.AddKnownTypeWithName(gv.WithKind(r.kind+"List"), r.newList())
			metav1.AddToGroupVersion(scheme, gv)
		}
	}
	return scheme
}

// Rule is a right that reading a cluster takes, as it stands in a ClusterRole.
type Rule struct{ APIGroups, Resources, Verbs []string }

// Resources are the rights that reading a cluster takes, one rule for each API
// group. The ClusterRole that is shipped has these and no others for it.
func Resources() []Rule {
	var rules []Rule
	for _, r := range resources {
		i := slices.IndexFunc(rules, func(rule Rule) bool { return rule.APIGroups[0] == r.group })
		if i < 0 {
			i = len(rules)
			rules = append(rules, Rule{APIGroups: []string{r.group}, Verbs: []string{"list", "watch"}})
		}
		rules[i].Resources = append(rules[i].Resources, r.plural)
	}
	return rules
}
