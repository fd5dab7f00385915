package kiali

import (
	"maps"
	"slices"

	"github.com/meshscope/meshscope/exporter/topology"
)

// object writes what Kubernetes and Istio's configuration tell of a node, as
// far as it is asked for. Of what they do not know there is nothing to tell.
func (v *view) object(o *object, n *topology.Node) {
	known := n.Object
	if known == nil {
		return
	}
	if v.Appenders.Istio {
		v.configuration(o, n)
	}
	if entries := known.WorkloadEntries; v.Appenders.WorkloadEntry && len(entries) > 0 {
		o.name("hasWorkloadEntry")
		o.list(len(entries), func(i int) { o.must("name", entries[i]) })
	}
	if v.Appenders.MeshCheck {
		o.flag("isAmbient", known.Dataplane == topology.Ambient || known.Dataplane == topology.WaypointHop)
		o.flag("isOutOfMesh", known.OutOfMesh())
	}
	o.flag("isDead", v.Appenders.DeadNode && n.Dead())
	o.flag("isIdle", known.Idle)
	if entry := known.ServiceEntry; v.Appenders.ServiceEntry && entry != nil {
		o.within("isServiceEntry", func() {
			o.texts("hosts", entry.Hosts)
			o.must("location", entry.Location)
			o.must("namespace", entry.Namespace)
		})
	}
}

// configuration writes what Istio does with the calls to a node, and what it
// has a gateway serve.
func (v *view) configuration(o *object, n *topology.Node) {
	known := n.Object
	o.flag("hasCB", known.CircuitBreaker)
	o.flag("hasFaultInjection", known.FaultInjection)
	o.flag("hasIngressWaypoint", known.IngressWaypoint || v.ingress[n])
	o.flag("hasMirroring", known.Mirroring)
	o.flag("hasRequestRouting", known.RequestRouting)
	o.flag("hasRequestTimeout", known.RequestTimeout)
	o.flag("hasTCPTrafficShifting", known.TCPTrafficShifting)
	o.flag("hasTrafficShifting", known.TrafficShifting)
	if hosts := known.VirtualServiceHosts; len(hosts) > 0 {
		o.within("hasVS", func() { o.texts("hostnames", hosts) })
	} else if known.FaultInjection || known.Mirroring || known.RequestRouting || known.RequestTimeout || known.TCPTrafficShifting || known.TrafficShifting {
		o.within("hasVS", func() {}) // a route for any host
	}
	gateway := known.Gateway
	if gateway == nil {
		return
	}
	kind := "ingressInfo"
	switch {
	case gateway.GatewayAPI:
		kind = "gatewayAPIInfo"
	case gateway.Egress:
		kind = "egressInfo"
	}
	o.within("isGateway", func() {
		for _, name := range [...]string{"ingressInfo", "egressInfo", "gatewayAPIInfo"} {
			o.within(name, func() {
				if name == kind && len(gateway.Hosts) > 0 {
					o.texts("hostnames", gateway.Hosts)
				}
			})
		}
	})
	o.flag("isK8sGatewayAPI", gateway.GatewayAPI)
}

// findIngress finds the gateways of the Gateway API that call waypoints, in
// the whole graph: whether the waypoints are shown says nothing of that.
func (v *view) findIngress(whole *topology.Graph) {
	v.ingress = map[*topology.Node]bool{}
	if !v.Appenders.Istio {
		return
	}
	for _, e := range whole.Edges {
		if by := e.Source.Object; e.Target.Waypoint && by != nil && by.Gateway != nil && by.Gateway.GatewayAPI {
			v.ingress[e.Source] = true
		}
	}
}

// The labels that Istio takes an app and a version from, the best first. Nodes
// have them as such, and not among their labels.
var (
	appLabels     = []string{"service.istio.io/canonical-name", "app.kubernetes.io/name", "app"}
	versionLabels = []string{"service.istio.io/canonical-revision", "app.kubernetes.io/version", "version"}
)

// labels writes the labels of a node's object.
func (v *view) labels(o *object, n *topology.Node) {
	if !v.Appenders.Labeler || n.Object == nil {
		return
	}
	labels := n.Object.Labels
	has := func(name string) bool { _, ok := labels[name]; return ok }
	names := slices.Sorted(maps.Keys(labels))
	for _, known := range [...][]string{appLabels, versionLabels} {
		if first := slices.IndexFunc(known, has); first >= 0 {
			names = slices.DeleteFunc(names, func(name string) bool { return name == known[first] })
		}
	}
	if len(names) == 0 {
		return
	}
	o.within("labels", func() {
		for _, name := range names {
			o.must(name, labels[name])
		}
	})
}

// appOf is the app that a node is of: as telemetry tells it of a workload or an
// app, and of a service, which has none there, by its own labels.
func (v *view) appOf(n *topology.Node) string {
	switch {
	case isOfPeers(n) && !n.Waypoint: // which is a workload, whatever its labels say
		return n.App
	case n.Kind == topology.KindService && v.Appenders.Istio && n.Object != nil:
		return n.Object.CanonicalService
	}
	return ""
}
