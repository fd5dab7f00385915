package objects

import (
	"slices"
	"time"

	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/wrapperspb"
	networking "istio.io/api/networking/v1alpha3"
	istio "istio.io/client-go/pkg/apis/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	gateway "sigs.k8s.io/gateway-api/apis/v1"

	"github.com/meshscope/meshscope/exporter/demo/mesh"
)

// ingress is the name of the Gateway by which the world reaches the applications.
const ingress = "public"

// configuration is what Istio is told, of the cluster that has these
// workloads. It says what the mesh does: which services the world reaches, and
// where calls are shared out, limited in time, tried again or cut off.
func configuration(census mesh.Census, workloads []mesh.Workload) []runtime.Object {
	var objects []runtime.Object
	for _, w := range workloads {
		switch w.Dataplane {
		case mesh.Gateway:
			objects = append(objects, exposed(w.Namespace, census.Exposed)...)
		case mesh.Waypoint:
			objects = append(objects, waypoint(w, census.Start))
		case mesh.Sidecar, mesh.Ambient, mesh.Ztunnel, mesh.Outside:
		}
	}
	has := func(namespace, name string) bool {
		return slices.ContainsFunc(workloads, func(w mesh.Workload) bool { return w.Namespace == namespace && w.Name == name })
	}
	if has("bookinfo", "reviews-v3") {
		objects = append(objects, reviews()...)
	}
	if has("online-boutique", "adservice") {
		objects = append(objects, retried("online-boutique", "adservice"))
	}
	for _, w := range census.Workloads {
		if w.Cluster == "" && hasNamespace(workloads, w.Service.Namespace) {
			objects = append(objects, outside(w))
		}
	}
	return objects
}

func ofIstio(kind string) metav1.TypeMeta {
	return metav1.TypeMeta{APIVersion: "networking.istio.io/v1", Kind: kind}
}

func virtualService(namespace, name string, spec *networking.VirtualService) *istio.VirtualService {
	v := &istio.VirtualService{TypeMeta: ofIstio("VirtualService"), ObjectMeta: named("VirtualService", namespace, name)}
	spec.DeepCopyInto(&v.Spec)
	return v
}

// exposed is a Gateway, and where calls go from it: each application has a
// host of its own.
func exposed(namespace string, services []mesh.Service) []runtime.Object {
	g := &istio.Gateway{TypeMeta: ofIstio("Gateway"), ObjectMeta: named("Gateway", namespace, ingress)}
	g.Spec.Selector = map[string]string{gatewayLabel[0]: gatewayLabel[1]}
	server := &networking.Server{Port: &networking.Port{Number: 80, Name: "http", Protocol: "HTTP"}}
	g.Spec.Servers = append(g.Spec.Servers, server)
	objects := []runtime.Object{g}
	for _, s := range services {
		host := s.Namespace + ".example.com"
		if slices.Contains(server.Hosts, host) {
			host = s.Name + "." + host
		}
		server.Hosts = append(server.Hosts, host)
		objects = append(objects, virtualService(s.Namespace, s.Name+"-public", &networking.VirtualService{
			Hosts: []string{host}, Gateways: []string{namespace + "/" + ingress},
			Http: []*networking.HTTPRoute{{Route: []*networking.HTTPRouteDestination{to(s.Name, "", 0)}}},
		}))
	}
	return objects
}

// to is where a route goes; a weight of 0 is that of the only destination.
func to(service, subset string, weight int32) *networking.HTTPRouteDestination {
	return &networking.HTTPRouteDestination{Destination: &networking.Destination{Host: service, Subset: subset}, Weight: weight}
}

// reviews shares calls out to three versions, does not wait longer than the
// mesh does, and leaves out pods that fail.
func reviews() []runtime.Object {
	rule := &istio.DestinationRule{TypeMeta: ofIstio("DestinationRule"), ObjectMeta: named("DestinationRule", "bookinfo", "reviews")}
	rule.Spec.Host = "reviews"
	rule.Spec.TrafficPolicy = &networking.TrafficPolicy{
		ConnectionPool: &networking.ConnectionPoolSettings{Http: &networking.ConnectionPoolSettings_HTTPSettings{Http1MaxPendingRequests: 100}},
		OutlierDetection: &networking.OutlierDetection{
			Consecutive_5XxErrors: wrapperspb.UInt32(50), Interval: durationpb.New(10 * time.Second),
			BaseEjectionTime: durationpb.New(30 * time.Second), MaxEjectionPercent: 50,
		},
	}
	route := &networking.HTTPRoute{Timeout: durationpb.New(3 * time.Second)}
	for i, version := range []string{"v1", "v2", "v3"} {
		rule.Spec.Subsets = append(rule.Spec.Subsets, &networking.Subset{Name: version, Labels: map[string]string{"version": version}})
		route.Route = append(route.Route, to("reviews", version, []int32{34, 33, 33}[i]))
	}
	return []runtime.Object{rule, virtualService("bookinfo", "reviews", &networking.VirtualService{
		Hosts: []string{"reviews"}, Http: []*networking.HTTPRoute{route},
	})}
}

// retried is a service whose callers' proxies try twice more.
func retried(namespace, name string) runtime.Object {
	return virtualService(namespace, name, &networking.VirtualService{
		Hosts: []string{name},
		Http: []*networking.HTTPRoute{{
			Retries: &networking.HTTPRetry{Attempts: 2, RetryOn: "unavailable"},
			Route:   []*networking.HTTPRouteDestination{to(name, "", 0)},
		}},
	})
}

// outside is a host that the mesh knows, and does not run.
func outside(w mesh.Workload) runtime.Object {
	e := &istio.ServiceEntry{TypeMeta: ofIstio("ServiceEntry"), ObjectMeta: named("ServiceEntry", w.Service.Namespace, "stripe")}
	e.Spec.Hosts = []string{w.Service.Host}
	e.Spec.Location = networking.ServiceEntry_MESH_EXTERNAL
	e.Spec.Resolution = networking.ServiceEntry_DNS
	e.Spec.Ports = []*networking.ServicePort{{Number: 80, Name: "http", Protocol: "HTTP"}}
	return e
}

// waypoint is the Gateway that Istio makes a waypoint of, as it has been since
// then.
func waypoint(w mesh.Workload, since time.Time) runtime.Object {
	is := func(condition gateway.GatewayConditionType, reason gateway.GatewayConditionReason) metav1.Condition {
		return metav1.Condition{
			Type: string(condition), Status: metav1.ConditionTrue, Reason: string(reason), LastTransitionTime: metav1.NewTime(since),
		}
	}
	at := named("Gateway", w.Namespace, w.Name)
	at.Labels = map[string]string{"istio.io/waypoint-for": "service"}
	return &gateway.Gateway{
		TypeMeta: metav1.TypeMeta{APIVersion: gateway.GroupVersion.String(), Kind: "Gateway"}, ObjectMeta: at,
		Spec: gateway.GatewaySpec{
			GatewayClassName: "istio-waypoint",
			Listeners:        []gateway.Listener{{Name: "mesh", Port: 15008, Protocol: "HBONE"}},
		},
		Status: gateway.GatewayStatus{Conditions: []metav1.Condition{
			is(gateway.GatewayConditionAccepted, gateway.GatewayReasonAccepted),
			is(gateway.GatewayConditionProgrammed, gateway.GatewayReasonProgrammed),
		}},
	}
}
