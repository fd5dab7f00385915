package istio

import (
	"cmp"
	"net/netip"
	"strings"

	"github.com/meshscope/meshscope/exporter/topology"
)

// Placement is where a sample belongs.
type Placement struct {
	Key            topology.EdgeKey
	Protocol       topology.Protocol
	Reporter       topology.Reporter
	AssumedCluster bool // the destination's cluster is the source's, for want of a better one
}

// Hosts and names that Istio gives to what is no service of the mesh.
const (
	egressGatewayHost      = "istio-egressgateway.istio-system.svc.cluster.local"
	egressGatewayName      = "istio-egressgateway"
	egressGatewayNamespace = "istio-system"
)

// Place says which edge a sample of metric m is of, or why of none; for want
// of a destination alone, which edge of a caller that would be. Labels
// that are missing, empty or `unknown` are the same; none is required but the
// reporter and a destination (T2). The quirks of Istio's telemetry are those
// of T8.
func Place(m Metric, l *Labels) (Placement, Reason) {
	reporter, ok := topology.ParseReporter(l[ReporterLabel])
	if !ok {
		return Placement{}, NoReporter
	}
	p := Placement{
		Reporter: reporter,
		Protocol: protocol(m, l[RequestProtocol]),
		Key: topology.EdgeKey{
			Source: topology.Peer{
				Cluster:           known(l[SourceCluster]),
				Namespace:         known(l[SourceWorkloadNamespace]),
				Workload:          known(l[SourceWorkload]),
				CanonicalService:  known(l[SourceCanonicalService]),
				CanonicalRevision: known(l[SourceCanonicalRevision]),
			},
			Destination: topology.Peer{
				Cluster:           known(l[DestinationCluster]),
				Namespace:         known(l[DestinationWorkloadNamespace]),
				Workload:          known(l[DestinationWorkload]),
				CanonicalService:  known(l[DestinationCanonicalService]),
				CanonicalRevision: known(l[DestinationCanonicalRevision]),
			},
			Service: topology.Service{
				Host:      known(l[DestinationService]),
				Name:      known(l[DestinationServiceName]),
				Namespace: known(l[DestinationServiceNamespace]),
			},
		},
	}
	source, destination, service := &p.Key.Source, &p.Key.Destination, &p.Key.Service

	if source.Workload == "" && source.CanonicalService == "" {
		if source.Namespace != "" {
			return Placement{}, NoSource
		}
		source.CanonicalRevision = "" // "latest" of nothing
	}
	if namespace := hostNamespace(service.Host); namespace != "" {
		service.Namespace = namespace // istio#49842
	}
	if service.Host == egressGatewayHost && service.Name == egressGatewayHost {
		service.Name = egressGatewayName
		*destination = topology.Peer{
			Cluster: source.Cluster, Namespace: egressGatewayNamespace, Workload: egressGatewayName,
			CanonicalService: egressGatewayName, CanonicalRevision: "latest",
		}
	}
	var reason Reason
	if destination.Workload == "" {
		if service.Name == "" && service.Host == "" {
			reason = NoDestination
		} else if isAddress(cmp.Or(service.Name, service.Host)) {
			return Placement{}, AddressAsService
		}
		// What did not reach a workload has no workload's names.
		*destination = topology.Peer{Cluster: destination.Cluster}
	}
	if destination.Cluster == "" && source.Cluster != "" && service.Namespace != "" {
		destination.Cluster = source.Cluster // istio#29373
		p.AssumedCluster = true
	}
	return p, reason
}

// known is v, or nothing where it says so.
func known(v string) string {
	if v == topology.Unknown {
		return ""
	}
	return v
}

func protocol(m Metric, label string) topology.Protocol {
	switch {
	case m.isTCP():
		return topology.TCP
	case m.isMessages():
		return topology.GRPC
	}
	return topology.Protocol(cmp.Or(strings.ToLower(known(label)), string(topology.HTTP)))
}

// hostNamespace is the namespace of a Kubernetes service's host name
// (name.namespace.svc.domain), or "" of another.
func hostNamespace(host string) string {
	_, rest, ok := strings.Cut(host, ".")
	if !ok {
		return ""
	}
	namespace, rest, ok := strings.Cut(rest, ".")
	if !ok || rest != "svc" && !strings.HasPrefix(rest, "svc.") {
		return ""
	}
	return namespace
}

// isAddress tells an IP address, with or without a port, from a name. One of
// IPv6 may stand in brackets, as in a Host header.
func isAddress(name string) bool {
	if _, err := netip.ParseAddrPort(name); err == nil {
		return true
	}
	if rest, ok := strings.CutPrefix(name, "["); ok {
		name = strings.TrimSuffix(rest, "]")
	}
	_, err := netip.ParseAddr(name)
	return err == nil
}

// response is how a request ended: absent flags are "", as are a status and a
// code that are not known.
func response(l *Labels) topology.Response {
	return topology.Response{Code: known(l[ResponseCode]), GRPCStatus: known(l[GRPCResponseStatus]), Flags: flags(l)}
}

func flags(l *Labels) string {
	if f := known(l[ResponseFlags]); f != "-" {
		return f
	}
	return ""
}

func policy(l *Labels) topology.Policy {
	return topology.Policy(cmp.Or(l[ConnectionSecurityPolicy], string(topology.UnknownPolicy)))
}
