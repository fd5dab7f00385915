package kube

import "strings"

// servicesOf are the services that a host of Istio's configuration can mean.
// Host names of Kubernetes' services are names of them; others, that a
// ServiceEntry declares, are names without a namespace. Where a host can be
// both, such as a.b, it is both. A name alone is of the namespace that the
// configuration is in.
func servicesOf(host, namespace string) []name {
	parts := strings.SplitN(host, ".", 4)
	switch {
	case len(parts) == 1:
		return []name{{namespace, host}}
	case len(parts) == 2:
		return []name{{parts[1], parts[0]}, {"", host}}
	case parts[2] == "svc":
		return []name{{parts[1], parts[0]}}
	}
	return []name{{"", host}}
}

// wildcard matches a service, or a host where it has no namespace, with a host
// that begins with a star.
func wildcard(host string, service name) bool {
	suffix, ok := strings.CutPrefix(host, "*")
	if !ok {
		return false
	}
	whole := service.name
	if service.namespace != "" {
		whole += "." + service.namespace + ".svc.cluster.local"
	}
	return strings.HasSuffix(whole, suffix)
}
