package kube

import (
	"cmp"
	"maps"
	"slices"

	"github.com/meshscope/meshscope/exporter/topology"
)

// byKind is a resource that is read.
func byKind(group, kind string) *resource {
	i := slices.IndexFunc(resources, func(r *resource) bool { return r.group == group && r.kind == kind })
	return resources[i]
}

// The resources by what they tell of.
var (
	namespaces           = byKind(coreGroup, "Namespace")
	services             = byKind(coreGroup, "Service")
	pods                 = byKind(coreGroup, "Pod")
	destinationRules     = byKind(networkingGroup, "DestinationRule")
	gateways             = byKind(networkingGroup, "Gateway")
	serviceEntryResource = byKind(networkingGroup, "ServiceEntry")
	workloadEntries      = byKind(networkingGroup, "WorkloadEntry")
	peerAuthentications  = byKind(securityGroup, "PeerAuthentication")
	apiGateways          = byKind(gatewayGroup, "Gateway")
	replicaSets          = byKind(appsGroup, "ReplicaSet")

	// controllers are in the order in which one of them goes before another of its name.
	controllers = []*resource{
		byKind(appsGroup, "Deployment"), byKind(appsGroup, "StatefulSet"), byKind(appsGroup, "DaemonSet"),
		replicaSets, byKind(batchGroup, "CronJob"), byKind(batchGroup, "Job"), others,
	}
	workloadResources = append([]*resource{pods}, controllers[:len(controllers)-1]...)
)

// others has what only manifests can have: objects of any other kind with a
// template for pods.
var others = &resource{plural: "others", kind: "other"}

// newCluster puts the facts of a cluster together.
func newCluster(c *contents, configured *configuration) *cluster {
	known := &cluster{
		known:      c.known,
		namespaces: map[string]*namespaceFact{},
		services:   map[name]*topology.Object{},
		declared:   map[string]*topology.Object{},
		entries:    map[version][]string{},
		waypoints:  map[name]bool{},
	}
	each(c, namespaces, func(at name, f *namespaceFact) { known.namespaces[at.name] = f })
	each(c, workloadEntries, func(at name, f *workloadEntryFact) {
		if f.app != "" && f.version != "" {
			of := version{at.namespace, f.app, f.version}
			known.entries[of] = append(known.entries[of], at.name)
		}
	})
	each(c, apiGateways, func(at name, f *gatewayFact) {
		if f.class == waypointClass {
			known.waypoints[at] = true // under whose name Istio makes a workload
		}
	})
	workloads := newWorkloads(c)
	for at, w := range workloads {
		known.waypoints[at] = known.waypoints[at] || w.waypoint
	}
	known.workloads = known.describeWorkloads(workloads)
	known.describeGateways(c, workloads)
	known.describeMTLS(c)
	known.describeServices(c, configured)
	known.apps = appsOf(known.workloads)
	return known
}

// describeServices makes the objects of services, and of hosts that are declared.
func (c *cluster) describeServices(from *contents, configured *configuration) {
	inNamespace := map[string][]name{}
	for _, at := range slices.SortedFunc(maps.Keys(c.workloads), name.compare) {
		inNamespace[at.namespace] = append(inNamespace[at.namespace], at)
	}
	each(from, services, func(at name, f *serviceFact) {
		o := &topology.Object{Kind: "Service", Labels: f.labels, HealthRate: f.healthRate, CanonicalService: labelled(f.labels, appLabels)}
		configured.describe(o, at)
		waypoint, ingress := f.labels[useWaypointLabel], f.labels[ingressWaypointLabel]
		if of := c.namespaces[at.namespace]; of != nil {
			waypoint, ingress = cmp.Or(waypoint, of.waypoint), cmp.Or(ingress, of.ingressWaypoint)
		}
		o.IngressWaypoint = ingress == "true" && waypoint != "" && waypoint != "none"
		c.services[at] = o
		if len(f.selector) == 0 {
			return
		}
		rules := configured.breakers(at)
		for _, of := range inNamespace[at.namespace] {
			if w := c.workloads[of]; selects(f.selector, w.Labels) {
				o.Workloads = append(o.Workloads, of.name)
				w.CircuitBreaker = w.CircuitBreaker ||
					slices.ContainsFunc(rules, func(rule *destinationRuleFact) bool { return rule.breaks(w.Labels) })
			}
		}
	})
	for host, entries := range configured.entries.byHost {
		o := *entries[0].object
		configured.describe(&o, name{"", host})
		for _, at := range servicesOf(host, "") {
			if at.namespace != "" && c.services[at] == nil {
				inside := o
				configured.describe(&inside, at)
				o = merge(o, inside)
			}
		}
		c.declared[host] = &o
	}
}

// merge adds what is configured under one name of a host to what is under another.
func merge(o, p topology.Object) topology.Object {
	o.CircuitBreaker = o.CircuitBreaker || p.CircuitBreaker
	o.FaultInjection, o.Mirroring = o.FaultInjection || p.FaultInjection, o.Mirroring || p.Mirroring
	o.RequestRouting, o.RequestTimeout = o.RequestRouting || p.RequestRouting, o.RequestTimeout || p.RequestTimeout
	o.TrafficShifting, o.TCPTrafficShifting = o.TrafficShifting || p.TrafficShifting, o.TCPTrafficShifting || p.TCPTrafficShifting
	o.VirtualServiceHosts = slices.Compact(slices.Sorted(slices.Values(slices.Concat(o.VirtualServiceHosts, p.VirtualServiceHosts))))
	return o
}

// breaks tells that the rule breaks circuits of what has these labels: by
// itself, or by a subset that has them.
func (f *destinationRuleFact) breaks(labels map[string]string) bool {
	return f.breaker || slices.ContainsFunc(f.subsets, func(subset map[string]string) bool { return selects(subset, labels) })
}

// selects tells that labels have all that a selector asks for.
func selects(selector, labels map[string]string) bool {
	for key, value := range selector {
		if labels[key] != value {
			return false
		}
	}
	return true
}

// describeGateways notes on workloads what Gateways have them serve.
func (c *cluster) describeGateways(from *contents, workloads map[name]*workload) {
	serve := func(o *topology.Object, hosts []string, api bool) {
		if o.Gateway == nil {
			o.Gateway = &topology.Gateway{Egress: isEgress(o.Labels)}
		}
		o.Gateway.GatewayAPI = o.Gateway.GatewayAPI || api
		o.Gateway.Hosts = append(o.Gateway.Hosts, hosts...)
	}
	each(from, gateways, func(_ name, f *gatewayFact) {
		for at, w := range workloads {
			if selects(f.selector, w.labels) && (len(f.selector) > 0 || c.workloads[at].Dataplane == topology.GatewayProxy) {
				serve(c.workloads[at], f.hosts, false)
			}
		}
	})
	each(from, apiGateways, func(gateway name, f *gatewayFact) {
		for at, w := range workloads {
			if at.namespace == gateway.namespace && w.labels[gatewayNameLabel] == gateway.name && f.class != waypointClass {
				serve(c.workloads[at], f.hosts, true)
			}
		}
	})
	for _, o := range c.workloads {
		if o.Gateway != nil {
			slices.Sort(o.Gateway.Hosts)
			o.Gateway.Hosts = slices.Compact(o.Gateway.Hosts)
		}
	}
}

// The labels that gateways are known by.
const (
	gatewayNameLabel    = "gateway.networking.k8s.io/gateway-name"
	oldGatewayNameLabel = "istio.io/gateway-name"
	componentLabel      = "operator.istio.io/component"
	istioLabel          = "istio"
)

func isEgress(labels map[string]string) bool {
	return labels[componentLabel] == "EgressGateways" || labels[istioLabel] == "egressgateway"
}

// isGateway tells a gateway's proxy by what the ways to install one have in
// common with none of the others.
func (t *template) isGateway() bool {
	component, istio := t.labels[componentLabel], t.labels[istioLabel]
	_, old := t.labels[oldGatewayNameLabel]
	return component == "IngressGateways" || component == "EgressGateways" ||
		istio == "ingressgateway" || istio == "egressgateway" ||
		t.gatewayInjection || old || t.labels[managedLabel] == gatewayManaged
}

// rootNamespace is where Istio's configuration for the whole mesh is.
const rootNamespace = "istio-system"

// describeMTLS notes on workloads the mode that PeerAuthentications give them:
// the workload's own, else the namespace's, else the mesh's.
func (c *cluster) describeMTLS(from *contents) {
	whole := map[string]string{}
	each(from, peerAuthentications, func(at name, f *peerAuthenticationFact) {
		if len(f.selector) == 0 {
			whole[at.namespace] = cmp.Or(whole[at.namespace], f.mode)
		}
	})
	each(from, peerAuthentications, func(at name, f *peerAuthenticationFact) {
		if len(f.selector) == 0 || f.mode == "" {
			return
		}
		for of, o := range c.workloads {
			if of.namespace == at.namespace && o.MTLS == "" && selects(f.selector, o.Labels) {
				o.MTLS = f.mode
			}
		}
	})
	for of, o := range c.workloads {
		o.MTLS = cmp.Or(o.MTLS, whole[of.namespace], whole[rootNamespace])
	}
}
