package kube

import (
	"slices"

	"github.com/meshscope/meshscope/exporter/topology"
)

// configuration is what Istio's and the Gateway API's objects of all clusters
// do with calls. They are taken together, as Kiali does: where one cluster has
// the configuration of others, these have none of their own.
type configuration struct {
	routes map[name]*routing
	// rules are destination rules by what their hosts mean; wild are those for hosts with a star.
	rules   map[name][]*destinationRuleFact
	wild    []*destinationRuleFact
	entries serviceEntries
}

// routing is what routes do with the calls of one service.
type routing struct {
	features
	hosts []string
}

// routeResources are those whose facts are routeFacts.
var routeResources = []*resource{
	byKind(networkingGroup, "VirtualService"), byKind(gatewayGroup, "HTTPRoute"), byKind(gatewayGroup, "GRPCRoute"),
	byKind(gatewayGroup, "TCPRoute"), byKind(gatewayGroup, "TLSRoute"),
}

func newConfiguration(all []*contents) *configuration {
	c := &configuration{routes: map[name]*routing{}, rules: map[name][]*destinationRuleFact{}, entries: newServiceEntries(all)}
	for _, of := range all {
		for _, r := range routeResources {
			each(of, r, func(_ name, f *routeFact) { c.route(f) })
		}
		each(of, destinationRules, func(at name, f *destinationRuleFact) { c.rule(at.namespace, f) })
	}
	for _, r := range c.routes {
		slices.Sort(r.hosts)
		r.hosts = slices.Compact(r.hosts)
	}
	return c
}

func (c *configuration) route(f *routeFact) {
	for _, target := range f.targets {
		r := c.routes[target]
		if r == nil {
			r = &routing{}
			c.routes[target] = r
		}
		r.features = r.features.or(f.features)
		r.hosts = append(r.hosts, f.hosts...)
	}
}

func (c *configuration) rule(namespace string, f *destinationRuleFact) {
	switch {
	case !f.breaker && len(f.subsets) == 0: // of all that a rule can say, only this is shown
	case f.host != "" && f.host[0] == '*':
		c.wild = append(c.wild, f)
	default:
		for _, service := range servicesOf(f.host, namespace) {
			c.rules[service] = append(c.rules[service], f)
		}
	}
}

// breakers are the rules that break circuits of a service's calls.
func (c *configuration) breakers(service name) []*destinationRuleFact {
	rules := c.rules[service]
	for _, f := range c.wild {
		if wildcard(f.host, service) {
			rules = append(slices.Clip(rules), f)
		}
	}
	return rules
}

// describe notes on a service's object what is configured for its calls.
func (c *configuration) describe(o *topology.Object, service name) {
	o.CircuitBreaker = len(c.breakers(service)) > 0
	if r := c.routes[service]; r != nil {
		o.VirtualServiceHosts = r.hosts
		o.FaultInjection, o.Mirroring, o.RequestTimeout = r.faults, r.mirroring, r.timeout
		o.RequestRouting, o.TrafficShifting, o.TCPTrafficShifting = r.routing, r.shifting, r.tcpShifting
	}
}
