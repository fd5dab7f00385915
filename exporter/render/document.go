package render

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"github.com/meshscope/meshscope/exporter/topology"
)

// The objects of the JSON form. Their fields are described in
// docs/graph-api.md.

type jsonNode struct {
	ID        string        `json:"id"`
	Kind      topology.Kind `json:"kind"`
	Cluster   string        `json:"cluster"`
	Namespace string        `json:"namespace,omitempty"`
	Name      string        `json:"name"`
	Workload  string        `json:"workload,omitempty"`
	App       string        `json:"app,omitempty"`
	Version   string        `json:"version,omitempty"`
	Service   string        `json:"service,omitempty"`
	Injected  bool          `json:"injected,omitempty"`
	Waypoint  bool          `json:"waypoint,omitempty"`
	jsonHealth
	*jsonObject
	In  map[topology.Protocol]jsonTraffic `json:"in,omitempty"`
	Out map[topology.Protocol]jsonTraffic `json:"out,omitempty"`
}

type jsonEdge struct {
	Source    string            `json:"source"`
	Target    string            `json:"target"`
	Protocol  topology.Protocol `json:"protocol"`
	Services  []jsonService     `json:"services,omitempty"`
	Reporters []string          `json:"reporters,omitempty"`
	jsonHealth
	jsonTraffic
	Responses            []jsonResponse `json:"responses,omitempty"`
	Bytes                []jsonBytes    `json:"bytes,omitempty"`
	SourcePrincipal      string         `json:"sourcePrincipal,omitempty"`
	DestinationPrincipal string         `json:"destinationPrincipal,omitempty"`
}

type jsonService struct {
	Host      string `json:"host"`
	Namespace string `json:"namespace"`
	Name      string `json:"name"`
}

// jsonTraffic is the part of traffic that edges and nodes have alike.
type jsonTraffic struct {
	RequestRate           figure       `json:"requestRate,omitzero"`
	ErrorRatio            figure       `json:"errorRatio,omitzero"`
	Latency               *jsonLatency `json:"latency,omitempty"`
	RequestBytesRate      figure       `json:"requestBytesRate,omitzero"`
	ResponseBytesRate     figure       `json:"responseBytesRate,omitzero"`
	RequestMessagesRate   figure       `json:"requestMessagesRate,omitzero"`
	ResponseMessagesRate  figure       `json:"responseMessagesRate,omitzero"`
	ConnectionsOpenedRate figure       `json:"connectionsOpenedRate,omitzero"`
	ConnectionsClosedRate figure       `json:"connectionsClosedRate,omitzero"`
	MutualTLSShare        figure       `json:"mutualTLSShare,omitzero"`
}

// jsonLatency is in seconds.
type jsonLatency struct {
	Avg figure `json:"avg,omitzero"`
	P50 figure `json:"p50,omitzero"`
	P95 figure `json:"p95,omitzero"`
	P99 figure `json:"p99,omitzero"`
}

type jsonResponse struct {
	Code        string `json:"code"`
	GRPCStatus  string `json:"grpcStatus,omitempty"`
	Flags       string `json:"flags"`
	RequestRate figure `json:"requestRate,omitzero"`
}

type jsonBytes struct {
	Flags             string `json:"flags"`
	RequestBytesRate  figure `json:"requestBytesRate,omitzero"`
	ResponseBytesRate figure `json:"responseBytesRate,omitzero"`
}

func jsonNodeOf(n *topology.Node, level topology.Level, window time.Duration) jsonNode {
	j := jsonNode{
		ID:        n.ID(),
		Kind:      n.Kind,
		Cluster:   known(n.Cluster),
		Namespace: known(n.Namespace),
		Name:      known(n.Name),
		Workload:  n.Workload,
		App:       n.App,
		Version:   n.Version,
		Service:   n.Service,
		Injected:  n.Injected && level != topology.ByService, // there, no call goes on through it
		Waypoint:  n.Waypoint,

		jsonHealth: jsonHealthOf(n.Verdict),
		jsonObject: jsonObjectOf(n),

		In:  jsonTraffics(n.In, window),
		Out: jsonTraffics(n.Out, window),
	}
	switch n.Kind {
	case topology.KindNamespace:
		j.Namespace = j.Name
	case topology.KindCluster:
		j.Cluster, j.Namespace = j.Name, ""
	}
	return j
}

func jsonTraffics(by map[topology.Protocol]*topology.Traffic, window time.Duration) map[topology.Protocol]jsonTraffic {
	all := make(map[topology.Protocol]jsonTraffic, len(by))
	for p, t := range by {
		all[p] = jsonTrafficOf(t, p, window)
	}
	return all
}

func jsonEdgeOf(e *topology.Edge, window time.Duration) jsonEdge {
	j := jsonEdge{
		Source:               e.Source.ID(),
		Target:               e.Target.ID(),
		Protocol:             e.Protocol,
		jsonHealth:           jsonHealthOf(e.Verdict),
		jsonTraffic:          jsonTrafficOf(&e.Traffic, e.Protocol, window),
		SourcePrincipal:      topology.Busiest(e.Traffic.SourcePrincipals),
		DestinationPrincipal: topology.Busiest(e.Traffic.DestinationPrincipals),
	}
	for _, s := range e.Services {
		j.Services = append(j.Services, jsonService{Host: known(s.Host), Namespace: known(s.Namespace), Name: known(s.Name)})
	}
	for _, r := range e.Reporters {
		j.Reporters = append(j.Reporters, r.String())
	}
	for _, r := range e.Traffic.Responses() {
		j.Responses = append(j.Responses, jsonResponse{
			Code:        known(r.Code),
			GRPCStatus:  r.GRPCStatus,
			Flags:       cmp.Or(r.Flags, noFlags),
			RequestRate: figure(perSecond(e.Traffic.Requests[r], window)),
		})
	}
	j.Bytes = jsonBytesOf(&e.Traffic, window)
	return j
}

func jsonTrafficOf(t *topology.Traffic, p topology.Protocol, window time.Duration) jsonTraffic {
	r := ratesOf(t, p, window)
	j := jsonTraffic{
		RequestRate:           figure(r.requests),
		ErrorRatio:            figure(r.errorRatio),
		RequestBytesRate:      figure(r.requestBytes),
		ResponseBytesRate:     figure(r.responseBytes),
		RequestMessagesRate:   figure(r.requestMessages),
		ResponseMessagesRate:  figure(r.responseMessages),
		ConnectionsOpenedRate: figure(r.opened),
		ConnectionsClosedRate: figure(r.closed),
		MutualTLSShare:        figure(r.mutualTLS),
	}
	latency := jsonLatency{Avg: figure(r.mean), P50: figure(r.p50), P95: figure(r.p95), P99: figure(r.p99)}
	if !latency.Avg.IsZero() || !latency.P50.IsZero() {
		j.Latency = &latency
	}
	return j
}

// jsonBytesOf are the bytes of TCP by Envoy's flags.
func jsonBytesOf(t *topology.Traffic, window time.Duration) []jsonBytes {
	flags := slices.AppendSeq(slices.Collect(maps.Keys(t.TCPRequestBytes)), maps.Keys(t.TCPResponseBytes))
	slices.Sort(flags)
	var all []jsonBytes
	for _, f := range slices.Compact(flags) {
		all = append(all, jsonBytes{
			Flags:             cmp.Or(f, noFlags),
			RequestBytesRate:  figure(reported(t.TCPRequestBytes[f], window)),
			ResponseBytesRate: figure(reported(t.TCPResponseBytes[f], window)),
		})
	}
	return all
}

// noFlags is how absent flags are published, in Envoy's own way (T2).
const noFlags = "-"

// known is a name as it is published (T2).
func known(name string) string { return cmp.Or(name, topology.Unknown) }
