package kube

import (
	"cmp"
	"slices"

	networking "istio.io/api/networking/v1alpha3"
	networkingv1 "istio.io/client-go/pkg/apis/networking/v1"
	securityv1 "istio.io/client-go/pkg/apis/security/v1"
)

// features are what configuration does with the calls of a service.
type features struct {
	breaker, faults, mirroring, routing, timeout, shifting, tcpShifting bool
}

func (f features) or(o features) features {
	return features{
		breaker: f.breaker || o.breaker, faults: f.faults || o.faults, mirroring: f.mirroring || o.mirroring,
		routing: f.routing || o.routing, timeout: f.timeout || o.timeout,
		shifting: f.shifting || o.shifting, tcpShifting: f.tcpShifting || o.tcpShifting,
	}
}

// routeFact is what is kept of a virtual service, or of a route of the Gateway
// API. What it says is said of all services that it routes to, as in Kiali.
type routeFact struct {
	conditions
	// hosts are what callers call; targets the services that they get to.
	hosts   []string
	targets []name
	features
}

func keepVirtualService(v *networkingv1.VirtualService) fact {
	f := &routeFact{conditions: istioConditions(&v.Status), hosts: v.Spec.Hosts}
	to := func(d *networking.Destination) {
		if d != nil {
			f.targets = append(f.targets, servicesOf(d.Host, v.Namespace)...)
		}
	}
	for _, route := range v.Spec.Http {
		f.timeout = f.timeout || route.Timeout != nil
		f.faults = f.faults || route.Fault != nil
		f.mirroring = f.mirroring || route.Mirror != nil || len(route.Mirrors) > 0
		f.shifting = f.shifting || len(route.Route) > 1
		f.routing = f.routing || len(route.Route) > 0
		for _, d := range route.Route {
			to(d.GetDestination())
		}
	}
	for _, route := range v.Spec.Tcp {
		f.tcpShifting = f.tcpShifting || len(route.Route) > 1
		f.routing = f.routing || len(route.Route) > 0
		for _, d := range route.Route {
			to(d.GetDestination())
		}
	}
	for _, route := range v.Spec.Tls {
		f.routing = f.routing || len(route.Route) > 0
		for _, d := range route.Route {
			to(d.GetDestination())
		}
	}
	f.targets = distinct(f.targets)
	return f
}

// distinct are the names in order, each once.
func distinct(names []name) []name {
	slices.SortFunc(names, name.compare)
	return slices.Compact(names)
}

// destinationRuleFact is what is kept of a destination rule: where it breaks circuits.
type destinationRuleFact struct {
	conditions
	host string
	// breaker tells that it does for the whole host; subsets are the labels of those for which it does.
	breaker bool
	subsets []map[string]string
}

func keepDestinationRule(d *networkingv1.DestinationRule) fact {
	f := &destinationRuleFact{conditions: istioConditions(&d.Status), host: d.Spec.Host}
	breaks := func(p *networking.TrafficPolicy) bool {
		return p != nil && (p.ConnectionPool != nil || p.OutlierDetection != nil)
	}
	f.breaker = breaks(d.Spec.TrafficPolicy)
	for _, subset := range d.Spec.Subsets {
		if breaks(subset.GetTrafficPolicy()) {
			f.subsets = append(f.subsets, subset.Labels)
		}
	}
	return f
}

// gatewayFact is what is kept of a Gateway, Istio's or the Gateway API's.
type gatewayFact struct {
	conditions
	hosts []string
	// selector is of Istio's, and class of the Gateway API's.
	selector map[string]string
	class    string
}

func keepGateway(g *networkingv1.Gateway) fact {
	f := &gatewayFact{conditions: istioConditions(&g.Status), selector: g.Spec.Selector}
	for _, server := range g.Spec.Servers {
		f.hosts = append(f.hosts, server.GetHosts()...)
	}
	return f
}

// serviceEntryFact is what is kept of a ServiceEntry.
type serviceEntryFact struct {
	conditions
	hosts, exportTo []string
	internal        bool
}

func keepServiceEntry(s *networkingv1.ServiceEntry) fact {
	return &serviceEntryFact{
		conditions: istioConditions(&s.Status), hosts: s.Spec.Hosts, exportTo: s.Spec.ExportTo,
		internal: s.Spec.Location == networking.ServiceEntry_MESH_INTERNAL,
	}
}

// workloadEntryFact is what is kept of a WorkloadEntry: the app and version
// that it has by its labels; both, or it is of none.
type workloadEntryFact struct {
	conditions
	app, version string
}

func keepWorkloadEntry(w *networkingv1.WorkloadEntry) fact {
	return &workloadEntryFact{
		conditions: istioConditions(&w.Status),
		app:        labelled(w.Spec.Labels, appLabels), version: labelled(w.Spec.Labels, versionLabels),
	}
}

// peerAuthenticationFact is what is kept of a PeerAuthentication: the mode
// that it gives to the workloads of a namespace, or to those that it selects.
type peerAuthenticationFact struct {
	conditions
	selector map[string]string
	mode     string
}

func keepPeerAuthentication(p *securityv1.PeerAuthentication) fact {
	f := &peerAuthenticationFact{conditions: istioConditions(&p.Status), selector: p.Spec.GetSelector().GetMatchLabels()}
	if mode := p.Spec.GetMtls().GetMode(); mode != 0 { // what is not set is inherited
		f.mode = mode.String()
	}
	return f
}

// The labels that Istio takes an app and a version from, the best first.
var (
	appLabels     = []string{"service.istio.io/canonical-name", "app.kubernetes.io/name", "app"}
	versionLabels = []string{"service.istio.io/canonical-revision", "app.kubernetes.io/version", "version"}
)

// labelled is the value of the first of the keys that is among labels.
func labelled(labels map[string]string, keys []string) string {
	var value string
	for _, key := range keys {
		value = cmp.Or(value, labels[key])
	}
	return value
}
