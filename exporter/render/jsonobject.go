package render

import "github.com/meshscope/meshscope/exporter/topology"

// jsonObject is what Kubernetes and Istio's configuration tell of a node.
type jsonObject struct {
	ObjectKind         string             `json:"objectKind,omitempty"`
	Labels             map[string]string  `json:"labels,omitempty"`
	Dataplane          topology.Dataplane `json:"dataplane,omitempty"`
	OutOfMesh          bool               `json:"outOfMesh,omitempty"`
	Replicas           []jsonReplicas     `json:"replicas,omitempty"`
	MutualTLSMode      string             `json:"mutualTLSMode,omitempty"`
	Dead               bool               `json:"dead,omitempty"`
	Idle               bool               `json:"idle,omitempty"`
	Gateway            *jsonGateway       `json:"gateway,omitempty"`
	ServiceEntry       *jsonServiceEntry  `json:"serviceEntry,omitempty"`
	WorkloadEntries    []string           `json:"workloadEntries,omitempty"`
	VirtualService     *jsonHosts         `json:"virtualService,omitempty"`
	CircuitBreaker     bool               `json:"circuitBreaker,omitempty"`
	FaultInjection     bool               `json:"faultInjection,omitempty"`
	Mirroring          bool               `json:"mirroring,omitempty"`
	RequestRouting     bool               `json:"requestRouting,omitempty"`
	RequestTimeout     bool               `json:"requestTimeout,omitempty"`
	TrafficShifting    bool               `json:"trafficShifting,omitempty"`
	TCPTrafficShifting bool               `json:"tcpTrafficShifting,omitempty"`
	IngressWaypoint    bool               `json:"ingressWaypoint,omitempty"`
}

type jsonReplicas struct {
	Workload  string `json:"workload,omitempty"`
	Desired   int    `json:"desired"`
	Current   int    `json:"current"`
	Available int    `json:"available"`
}

type jsonHosts struct {
	Hosts []string `json:"hosts,omitempty"`
}

type jsonGateway struct {
	GatewayAPI bool     `json:"gatewayAPI,omitempty"`
	Egress     bool     `json:"egress,omitempty"`
	Hosts      []string `json:"hosts,omitempty"`
}

type jsonServiceEntry struct {
	Namespace string   `json:"namespace"`
	Name      string   `json:"name"`
	Location  string   `json:"location,omitempty"`
	Hosts     []string `json:"hosts,omitempty"`
}

func jsonObjectOf(n *topology.Node) *jsonObject {
	o := n.Object
	if o == nil {
		return nil
	}
	j := &jsonObject{
		ObjectKind:         o.Kind,
		Labels:             o.Labels,
		Dataplane:          o.Dataplane,
		OutOfMesh:          o.OutOfMesh(),
		MutualTLSMode:      o.MTLS,
		Dead:               n.Dead(),
		Idle:               o.Idle,
		WorkloadEntries:    o.WorkloadEntries,
		CircuitBreaker:     o.CircuitBreaker,
		FaultInjection:     o.FaultInjection,
		Mirroring:          o.Mirroring,
		RequestRouting:     o.RequestRouting,
		RequestTimeout:     o.RequestTimeout,
		TrafficShifting:    o.TrafficShifting,
		TCPTrafficShifting: o.TCPTrafficShifting,
		IngressWaypoint:    o.IngressWaypoint,
	}
	for _, r := range o.Replicas {
		j.Replicas = append(j.Replicas, jsonReplicas(r))
	}
	if hosts := o.VirtualServiceHosts; len(hosts) > 0 {
		j.VirtualService = &jsonHosts{hosts}
	}
	if g := o.Gateway; g != nil {
		j.Gateway = &jsonGateway{GatewayAPI: g.GatewayAPI, Egress: g.Egress, Hosts: g.Hosts}
	}
	if s := o.ServiceEntry; s != nil {
		j.ServiceEntry = &jsonServiceEntry{Namespace: known(s.Namespace), Name: known(s.Name), Location: s.Location, Hosts: s.Hosts}
	}
	return j
}
