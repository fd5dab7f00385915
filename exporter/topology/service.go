package topology

import (
	"cmp"
	"strings"
)

// Service is the host that a call was addressed to. Empty fields are unknown.
type Service struct {
	Host      string // destination_service, an FQDN as a rule
	Name      string // destination_service_name
	Namespace string // destination_service_namespace
}

func (s Service) isKnown() bool { return s.Name != "" || s.Host != "" }

// isCatchAll tells that s is one of Envoy's clusters for calls to what the
// mesh does not know: no service, even where a workload answers (istio#35726).
func (s Service) isCatchAll() bool {
	switch cmp.Or(s.Name, s.Host) {
	case "PassthroughCluster", "BlackHoleCluster",
		"InboundPassthroughCluster", "InboundPassthroughClusterIpv4", "InboundPassthroughClusterIpv6":
		return true
	}
	return false
}

// ref is the service's node in a cluster.
func (s Service) ref(cluster string) Ref {
	return Ref{Kind: KindService, Cluster: cluster, Namespace: s.Namespace, Name: cmp.Or(s.Name, s.Host)}
}

func (s Service) compare(o Service) int {
	return cmp.Or(strings.Compare(s.Namespace, o.Namespace), strings.Compare(s.Name, o.Name), strings.Compare(s.Host, o.Host))
}
