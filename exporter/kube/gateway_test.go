package kube_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/meshscope/meshscope/exporter/topology"
)

func TestGateways(t *testing.T) {
	i := inventory(t, `
{apiVersion: apps/v1, kind: Deployment, metadata: {name: ingress, namespace: istio-system}, spec: {template: {metadata: {labels: {istio: ingressgateway, app: gw}}}}}
---
{apiVersion: apps/v1, kind: Deployment, metadata: {name: egress, namespace: istio-system}, spec: {template: {metadata: {labels: {istio: egressgateway}}}}}
---
{apiVersion: apps/v1, kind: Deployment, metadata: {name: web, namespace: shop}, spec: {template: {metadata: {labels: {app: web}}}}}
---
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: public, namespace: shop}
spec:
  selector: {istio: ingressgateway}
  servers: [{hosts: [shop.example, '*.test'], port: {number: 80}}, {hosts: [admin.example]}]
---
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: second, namespace: other}
spec: {selector: {istio: ingressgateway, app: gw}, servers: [{hosts: [shop.example, b.example]}]}
---
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: out, namespace: istio-system}
spec: {selector: {istio: egressgateway}, servers: [{hosts: [api.example]}]}
`)
	require.Equal(t, &topology.Gateway{Hosts: []string{"*.test", "admin.example", "b.example", "shop.example"}},
		i.Object(workload("istio-system", "ingress")).Gateway, "a Gateway of any namespace configures it")
	require.Equal(t, &topology.Gateway{Egress: true, Hosts: []string{"api.example"}}, i.Object(workload("istio-system", "egress")).Gateway)
	require.Nil(t, i.Object(workload("shop", "web")).Gateway)
	require.Equal(t, []string{"*.test", "admin.example", "b.example", "shop.example"}, i.Object(app("istio-system", "gw", "")).Gateway.Hosts)
}

func TestGatewaysOfGatewayAPI(t *testing.T) {
	i := inventory(t, `
{apiVersion: apps/v1, kind: Deployment, metadata: {name: shop-istio, namespace: shop}, spec: {template: {metadata: {labels: {gateway.networking.k8s.io/gateway-name: shop, gateway.istio.io/managed: istio.io-gateway-controller}}}}}
---
{apiVersion: apps/v1, kind: Deployment, metadata: {name: open-istio, namespace: shop}, spec: {template: {metadata: {labels: {gateway.networking.k8s.io/gateway-name: open}}}}}
---
{apiVersion: apps/v1, kind: Deployment, metadata: {name: waypoint, namespace: shop}, spec: {template: {metadata: {labels: {gateway.networking.k8s.io/gateway-name: waypoint, gateway.istio.io/managed: istio.io-mesh-controller}}}}}
---
{apiVersion: apps/v1, kind: Deployment, metadata: {name: shop-istio, namespace: other}, spec: {template: {metadata: {labels: {gateway.networking.k8s.io/gateway-name: shop}}}}}
---
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: shop, namespace: shop}
spec: {gatewayClassName: istio, listeners: [{name: a, hostname: shop.example}, {name: b, hostname: '*.example'}, {name: c}]}
---
{apiVersion: gateway.networking.k8s.io/v1, kind: Gateway, metadata: {name: open, namespace: shop}, spec: {gatewayClassName: istio, listeners: [{name: a}]}}
---
{apiVersion: gateway.networking.k8s.io/v1, kind: Gateway, metadata: {name: waypoint, namespace: shop}, spec: {gatewayClassName: istio-waypoint, listeners: [{name: mesh}]}}
`)
	require.Equal(t, &topology.Gateway{GatewayAPI: true, Hosts: []string{"*.example", "shop.example"}}, i.Object(workload("shop", "shop-istio")).Gateway)
	require.Equal(t, &topology.Gateway{GatewayAPI: true, Hosts: []string{"*"}}, i.Object(workload("shop", "open-istio")).Gateway)
	require.Nil(t, i.Object(workload("shop", "waypoint")).Gateway, "a waypoint serves no hosts")
	require.Nil(t, i.Object(workload("other", "shop-istio")).Gateway, "of another namespace")
}

func TestIngressWaypoints(t *testing.T) {
	const service1 = "{apiVersion: v1, kind: Service, metadata: {name: s, namespace: shop, labels: {"
	for _, tc := range []struct {
		name, of, namespace string
		want                bool
	}{
		{"both", "istio.io/use-waypoint: w, istio.io/ingress-use-waypoint: 'true'", "", true},
		{"by the namespace", "", "istio.io/use-waypoint: w, istio.io/ingress-use-waypoint: 'true'", true},
		{"one of each", "istio.io/ingress-use-waypoint: 'true'", "istio.io/use-waypoint: w", true},
		{"not from gateways", "istio.io/use-waypoint: w", "", false},
		{"not this service", "istio.io/ingress-use-waypoint: 'false'", "istio.io/use-waypoint: w, istio.io/ingress-use-waypoint: 'true'", false},
		{"no waypoint", "istio.io/use-waypoint: none, istio.io/ingress-use-waypoint: 'true'", "", false},
	} {
		i := inventory(t, service1+tc.of+"}}}\n---\n{apiVersion: v1, kind: Namespace, metadata: {name: shop, labels: {"+tc.namespace+"}}}")
		require.Equal(t, tc.want, i.Object(service("shop", "s")).IngressWaypoint, tc.name)
	}
}
