package kube_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/meshscope/meshscope/exporter/topology"
)

// reviews is a service with two workloads.
const reviews = `
apiVersion: v1
kind: Service
metadata: {name: reviews, namespace: shop}
spec: {selector: {app: reviews}}
---
{apiVersion: v1, kind: Service, metadata: {name: ratings, namespace: shop}}
---
{apiVersion: apps/v1, kind: Deployment, metadata: {name: reviews-v1, namespace: shop}, spec: {template: {metadata: {labels: {app: reviews, version: v1}}}}}
---
{apiVersion: apps/v1, kind: Deployment, metadata: {name: reviews-v2, namespace: shop}, spec: {template: {metadata: {labels: {app: reviews, version: v2}}}}}
---
`

// configured are the names of what is configured for an object's calls.
func configured(o *topology.Object) []string {
	var names []string
	for _, of := range []struct {
		is   bool
		name string
	}{
		{o.CircuitBreaker, "breaker"},
		{o.FaultInjection, "faults"},
		{o.Mirroring, "mirroring"},
		{o.RequestRouting, "routing"},
		{o.RequestTimeout, "timeout"},
		{o.TrafficShifting, "shifting"},
		{o.TCPTrafficShifting, "tcp shifting"},
	} {
		if of.is {
			names = append(names, of.name)
		}
	}
	return names
}

func istioObject(kind, namespace, spec string) string {
	return fmt.Sprintf("{apiVersion: networking.istio.io/v1, kind: %s, metadata: {name: x, namespace: %s}, spec: %s}", kind, namespace, spec)
}

func TestVirtualServices(t *testing.T) {
	for _, tc := range []struct {
		name, spec string
		want       []string
	}{
		{"one destination", `{hosts: [reviews], http: [{route: [{destination: {host: reviews}}]}]}`, []string{"routing"}},
		{"two destinations", `{hosts: [reviews], http: [{route: [{destination: {host: reviews, subset: v1}, weight: 100}, {destination: {host: reviews, subset: v2}}]}]}`, []string{"routing", "shifting"}},
		{"fault", `{hosts: [reviews], http: [{fault: {abort: {httpStatus: 500}}, route: [{destination: {host: reviews}}]}]}`, []string{"faults", "routing"}},
		{"timeout", `{hosts: [reviews], http: [{timeout: 1s, route: [{destination: {host: reviews}}]}]}`, []string{"routing", "timeout"}},
		{"mirror", `{hosts: [reviews], http: [{mirror: {host: other}, route: [{destination: {host: reviews}}]}]}`, []string{"mirroring", "routing"}},
		{"mirrors", `{hosts: [reviews], http: [{mirrors: [{destination: {host: other}}], route: [{destination: {host: reviews}}]}]}`, []string{"mirroring", "routing"}},
		{"tcp", `{hosts: [reviews], tcp: [{route: [{destination: {host: reviews, subset: v1}}, {destination: {host: reviews, subset: v2}}]}]}`, []string{"routing", "tcp shifting"}},
		{"tls", `{hosts: [reviews], tls: [{match: [{sniHosts: [a]}], route: [{destination: {host: reviews}}]}]}`, []string{"routing"}},
		{"host with its namespace", `{hosts: [reviews], http: [{route: [{destination: {host: reviews.shop}}]}]}`, []string{"routing"}},
		{"whole host", `{hosts: [reviews], http: [{route: [{destination: {host: reviews.shop.svc.cluster.local}}]}]}`, []string{"routing"}},
		{"of another domain", `{hosts: [reviews], http: [{route: [{destination: {host: reviews.shop.svc.corp.example}}]}]}`, []string{"routing"}},
		{"another service", `{hosts: [reviews], http: [{timeout: 1s, route: [{destination: {host: ratings}}]}]}`, nil},
		{"another namespace's", `{hosts: [reviews], http: [{route: [{destination: {host: reviews.other.svc.cluster.local}}]}]}`, nil},
		{"a redirect", `{hosts: [reviews], http: [{redirect: {uri: /}}]}`, nil},
	} {
		t.Run(tc.name, func(t *testing.T) {
			i := inventory(t, reviews+istioObject("VirtualService", "shop", tc.spec))
			o := i.Object(service("shop", "reviews"))
			require.Equal(t, tc.want, configured(o))
			require.Equal(t, tc.want != nil, o.VirtualServiceHosts != nil)
			if tc.want != nil {
				require.Equal(t, []string{"reviews"}, o.VirtualServiceHosts)
			}
			require.Empty(t, configured(i.Object(workload("shop", "reviews-v1"))), "it is for services")
		})
	}
	i := inventory(t, reviews+istioObject("VirtualService", "other", `{hosts: [reviews], http: [{route: [{destination: {host: reviews}}]}]}`))
	require.Empty(t, configured(i.Object(service("shop", "reviews"))), "a name alone is of the configuration's own namespace")
}

// All configuration of a service counts, whichever object has it.
func TestSeveralVirtualServices(t *testing.T) {
	i := inventory(t, reviews+`
{apiVersion: networking.istio.io/v1alpha3, kind: VirtualService, metadata: {name: a, namespace: shop}, spec: {hosts: [reviews.example.com, reviews], http: [{timeout: 1s, route: [{destination: {host: reviews}}]}]}}
---
{apiVersion: networking.istio.io/v1beta1, kind: VirtualService, metadata: {name: b, namespace: gateways}, spec: {hosts: [reviews.example.com, '*.test'], http: [{fault: {delay: {fixedDelay: 1s}}, route: [{destination: {host: reviews.shop.svc.cluster.local}}]}]}}`)
	o := i.Object(service("shop", "reviews"))
	require.Equal(t, []string{"faults", "routing", "timeout"}, configured(o))
	require.Equal(t, []string{"*.test", "reviews", "reviews.example.com"}, o.VirtualServiceHosts)
}

func TestDestinationRules(t *testing.T) {
	for _, tc := range []struct {
		name, namespace, spec string
		service, v1, v2       bool
	}{
		{"connection pool", "shop", `{host: reviews, trafficPolicy: {connectionPool: {tcp: {maxConnections: 1}}}}`, true, true, true},
		{"outlier detection", "shop", `{host: reviews, trafficPolicy: {outlierDetection: {consecutive5xxErrors: 1}}}`, true, true, true},
		{"of one subset", "shop", `{host: reviews, subsets: [{name: v1, labels: {version: v1}, trafficPolicy: {connectionPool: {}}}, {name: v2, labels: {version: v2}}]}`, true, true, false},
		{"something else", "shop", `{host: reviews, trafficPolicy: {loadBalancer: {simple: RANDOM}}}`, false, false, false},
		{"another service", "shop", `{host: ratings, trafficPolicy: {connectionPool: {}}}`, false, false, false},
		{"from elsewhere", "istio-system", `{host: reviews.shop.svc.cluster.local, trafficPolicy: {connectionPool: {}}}`, true, true, true},
		{"another namespace's", "other", `{host: reviews, trafficPolicy: {connectionPool: {}}}`, false, false, false},
		{"a namespace's", "istio-system", `{host: '*.shop.svc.cluster.local', trafficPolicy: {connectionPool: {}}}`, true, true, true},
		{"the mesh's", "istio-system", `{host: '*.local', trafficPolicy: {connectionPool: {}}}`, true, true, true},
		{"another's, by a star", "istio-system", `{host: '*.other.svc.cluster.local', trafficPolicy: {connectionPool: {}}}`, false, false, false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			i := inventory(t, reviews+istioObject("DestinationRule", tc.namespace, tc.spec))
			require.Equal(t, tc.service, i.Object(service("shop", "reviews")).CircuitBreaker, "service")
			require.Equal(t, tc.v1, i.Object(workload("shop", "reviews-v1")).CircuitBreaker, "v1")
			require.Equal(t, tc.v2, i.Object(workload("shop", "reviews-v2")).CircuitBreaker, "v2")
			require.Equal(t, tc.v1 || tc.v2, i.Object(app("shop", "reviews", "")).CircuitBreaker, "app")
		})
	}
}

func TestRoutes(t *testing.T) {
	for _, tc := range []struct {
		name, kind, spec string
		want             []string
		hosts            []string
	}{
		{"http", "HTTPRoute", `{hostnames: [a.example], rules: [{backendRefs: [{name: reviews, port: 80}]}]}`, []string{"routing"}, []string{"a.example"}},
		{"two backends", "HTTPRoute", `{rules: [{backendRefs: [{name: reviews, weight: 9}, {name: ratings, weight: 1}]}]}`, []string{"routing", "shifting"}, nil},
		{"timeout", "HTTPRoute", `{rules: [{timeouts: {request: 1s}, backendRefs: [{name: reviews}]}]}`, []string{"routing", "timeout"}, nil},
		{"mirror", "HTTPRoute", `{rules: [{filters: [{type: RequestMirror, requestMirror: {backendRef: {name: ratings}}}], backendRefs: [{name: reviews}]}]}`, []string{"mirroring", "routing"}, nil},
		{"mirror of a backend", "HTTPRoute", `{rules: [{backendRefs: [{name: reviews, filters: [{type: RequestMirror, requestMirror: {backendRef: {name: ratings}}}]}]}]}`, []string{"mirroring", "routing"}, nil},
		{"by host", "HTTPRoute", `{rules: [{backendRefs: [{group: networking.istio.io, kind: Hostname, name: reviews.shop.svc.cluster.local}]}]}`, []string{"routing"}, nil},
		{"something else", "HTTPRoute", `{rules: [{backendRefs: [{group: x, kind: Bucket, name: reviews}]}]}`, nil, nil},
		{"another namespace's", "HTTPRoute", `{rules: [{backendRefs: [{name: reviews, namespace: other}]}]}`, nil, nil},
		{"grpc", "GRPCRoute", `{hostnames: [a.example], rules: [{filters: [{type: RequestMirror, requestMirror: {backendRef: {name: ratings}}}], backendRefs: [{name: reviews}, {name: ratings}]}]}`, []string{"mirroring", "routing", "shifting"}, []string{"a.example"}},
		{"tcp", "TCPRoute", `{rules: [{backendRefs: [{name: reviews}, {name: ratings}]}]}`, []string{"routing", "tcp shifting"}, nil},
		{"tls", "TLSRoute", `{hostnames: [a.example], rules: [{backendRefs: [{name: reviews}]}]}`, []string{"routing"}, []string{"a.example"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			i := inventory(t, reviews+fmt.Sprintf("{apiVersion: gateway.networking.k8s.io/v1, kind: %s, metadata: {name: x, namespace: shop}, spec: %s}", tc.kind, tc.spec))
			o := i.Object(service("shop", "reviews"))
			require.Equal(t, tc.want, configured(o))
			require.Equal(t, tc.hosts, o.VirtualServiceHosts)
		})
	}
}

// One cluster can have the configuration of others.
func TestConfigurationOfAllClusters(t *testing.T) {
	i := inventories(t, map[string][]string{
		cluster: {reviews},
		"west":  {istioObject("DestinationRule", "shop", `{host: reviews, trafficPolicy: {connectionPool: {}}}`)},
	}, cluster, "west")
	require.True(t, i.Object(service("shop", "reviews")).CircuitBreaker)
}

func TestWorkloadEntries(t *testing.T) {
	i := inventory(t, reviews+`
{apiVersion: networking.istio.io/v1, kind: WorkloadEntry, metadata: {name: vm-b, namespace: shop}, spec: {labels: {app: reviews, version: v1}}}
---
{apiVersion: networking.istio.io/v1, kind: WorkloadEntry, metadata: {name: vm-a, namespace: shop}, spec: {labels: {app: reviews, version: v1}}}
---
{apiVersion: networking.istio.io/v1, kind: WorkloadEntry, metadata: {name: vm-c, namespace: shop}, spec: {labels: {app: reviews}}}
---
{apiVersion: networking.istio.io/v1, kind: WorkloadEntry, metadata: {name: vm-d, namespace: other}, spec: {labels: {app: reviews, version: v1}}}`)
	require.Equal(t, []string{"vm-a", "vm-b"}, i.Object(workload("shop", "reviews-v1")).WorkloadEntries)
	require.Empty(t, i.Object(workload("shop", "reviews-v2")).WorkloadEntries)
	require.Empty(t, i.Object(app("shop", "reviews", "")).WorkloadEntries)
}

func TestMTLS(t *testing.T) {
	policy := func(namespace, spec string) string {
		return fmt.Sprintf("{apiVersion: security.istio.io/v1, kind: PeerAuthentication, metadata: {name: x, namespace: %s}, spec: %s}\n---\n", namespace, spec)
	}
	mesh := policy("istio-system", "{mtls: {mode: STRICT}}")
	for _, tc := range []struct{ name, policies, v1, v2 string }{
		{"none", "", "", ""},
		{"the mesh's", mesh, "STRICT", "STRICT"},
		{"the namespace's", mesh + policy("shop", "{mtls: {mode: PERMISSIVE}}"), "PERMISSIVE", "PERMISSIVE"},
		{"one that inherits", mesh + policy("shop", "{mtls: {}}"), "STRICT", "STRICT"},
		{"a workload's", mesh + policy("shop", "{selector: {matchLabels: {version: v1}}, mtls: {mode: DISABLE}}"), "DISABLE", "STRICT"},
		{"another namespace's", policy("other", "{mtls: {mode: STRICT}}"), "", ""},
	} {
		i := inventory(t, reviews+tc.policies)
		require.Equal(t, tc.v1, i.Object(workload("shop", "reviews-v1")).MTLS, tc.name)
		require.Equal(t, tc.v2, i.Object(workload("shop", "reviews-v2")).MTLS, tc.name)
	}
}
