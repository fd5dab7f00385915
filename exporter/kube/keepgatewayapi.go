package kube

import (
	"slices"

	gatewayv1 "sigs.k8s.io/gateway-api/apis/v1"
)

// waypointClass is the class of gateways that are waypoints.
const waypointClass = "istio-waypoint"

func keepAPIGateway(g *gatewayv1.Gateway) fact {
	f := &gatewayFact{class: string(g.Spec.GatewayClassName)}
	statuses := apiConditions(g.Status.Conditions)
	for _, listener := range g.Status.Listeners {
		statuses = append(statuses, apiConditions(listener.Conditions)...)
	}
	f.conditions = merged(statuses)
	for _, listener := range g.Spec.Listeners {
		if listener.Hostname != nil && *listener.Hostname != "" {
			f.hosts = append(f.hosts, string(*listener.Hostname))
		}
	}
	if len(f.hosts) == 0 {
		f.hosts = []string{"*"}
	}
	return f
}

// apiRoute begins a route of the Gateway API.
func apiRoute(status *gatewayv1.RouteStatus, hosts []gatewayv1.Hostname) *routeFact {
	f := &routeFact{}
	var statuses conditions
	for _, parent := range status.Parents {
		statuses = append(statuses, apiConditions(parent.Conditions)...)
	}
	f.conditions = merged(statuses)
	for _, host := range hosts {
		f.hosts = append(f.hosts, string(host))
	}
	return f
}

// to adds the service that a rule routes to.
func (f *routeFact) to(namespace string, backend gatewayv1.BackendObjectReference) {
	f.routing = true
	kind, group := gatewayv1.Kind("Service"), gatewayv1.Group(coreGroup)
	if backend.Kind != nil {
		kind = *backend.Kind
	}
	if backend.Group != nil {
		group = *backend.Group
	}
	switch {
	case kind == "Hostname" && group == networkingGroup:
		f.targets = append(f.targets, servicesOf(string(backend.Name), namespace)...)
	case kind == "Service" && group == coreGroup:
		if backend.Namespace != nil {
			namespace = string(*backend.Namespace)
		}
		f.targets = append(f.targets, name{namespace, string(backend.Name)})
	}
}

func keepHTTPRoute(r *gatewayv1.HTTPRoute) fact {
	f := apiRoute(&r.Status.RouteStatus, r.Spec.Hostnames)
	for i := range r.Spec.Rules {
		rule := &r.Spec.Rules[i]
		f.timeout = f.timeout || rule.Timeouts != nil && (rule.Timeouts.Request != nil || rule.Timeouts.BackendRequest != nil)
		f.shifting = f.shifting || len(rule.BackendRefs) > 1
		mirrors := func(filter gatewayv1.HTTPRouteFilter) bool { return filter.RequestMirror != nil }
		f.mirroring = f.mirroring || slices.ContainsFunc(rule.Filters, mirrors)
		for _, backend := range rule.BackendRefs {
			f.mirroring = f.mirroring || slices.ContainsFunc(backend.Filters, mirrors)
			f.to(r.Namespace, backend.BackendObjectReference)
		}
	}
	f.targets = distinct(f.targets)
	return f
}

func keepGRPCRoute(r *gatewayv1.GRPCRoute) fact {
	f := apiRoute(&r.Status.RouteStatus, r.Spec.Hostnames)
	for i := range r.Spec.Rules {
		rule := &r.Spec.Rules[i]
		f.shifting = f.shifting || len(rule.BackendRefs) > 1
		mirrors := func(filter gatewayv1.GRPCRouteFilter) bool { return filter.RequestMirror != nil }
		f.mirroring = f.mirroring || slices.ContainsFunc(rule.Filters, mirrors)
		for _, backend := range rule.BackendRefs {
			f.mirroring = f.mirroring || slices.ContainsFunc(backend.Filters, mirrors)
			f.to(r.Namespace, backend.BackendObjectReference)
		}
	}
	f.targets = distinct(f.targets)
	return f
}

func keepTCPRoute(r *gatewayv1.TCPRoute) fact {
	f := apiRoute(&r.Status.RouteStatus, nil)
	for _, rule := range r.Spec.Rules {
		f.tcpShifting = f.tcpShifting || len(rule.BackendRefs) > 1
		for _, backend := range rule.BackendRefs {
			f.to(r.Namespace, backend.BackendObjectReference)
		}
	}
	f.targets = distinct(f.targets)
	return f
}

func keepTLSRoute(r *gatewayv1.TLSRoute) fact {
	f := apiRoute(&r.Status.RouteStatus, r.Spec.Hostnames)
	for _, rule := range r.Spec.Rules {
		f.tcpShifting = f.tcpShifting || len(rule.BackendRefs) > 1
		for _, backend := range rule.BackendRefs {
			f.to(r.Namespace, backend.BackendObjectReference)
		}
	}
	f.targets = distinct(f.targets)
	return f
}
