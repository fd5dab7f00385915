package kube_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/meshscope/meshscope/exporter/kube"
)

func TestStatuses(t *testing.T) {
	i := inventories(t, map[string][]string{
		cluster: {
			`
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: web, namespace: shop}
spec: {hosts: [web]}
status:
  conditions: [{type: Reconciled, status: "False", message: 1/2 proxies up to date}, {type: Judged, status: Unknown}]
  validationMessages:
    - {type: {name: ReferencedResourceNotFound, code: IST0101}, level: ERROR, documentationUrl: "https://istio.io/IST0101"}
    - {type: {name: ReferencedResourceNotFound, code: IST0101}, level: ERROR}
---
{apiVersion: networking.istio.io/v1, kind: DestinationRule, metadata: {name: quiet, namespace: shop}, spec: {host: web}}
`, `
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: shop, namespace: shop}
spec: {gatewayClassName: istio, listeners: []}
status:
  conditions: [{type: Accepted, status: "True"}, {type: Programmed, status: "True"}]
  listeners:
    - {name: a, conditions: [{type: ResolvedRefs, status: "True"}, {type: Conflicted, status: "False"}, {type: Programmed, status: "False", message: port is taken}]}
    - {name: b, conditions: [{type: ResolvedRefs, status: "True"}, {type: Conflicted, status: "True", message: same port}]}
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: web, namespace: shop}
status:
  parents:
    - {parentRef: {name: a}, controllerName: c, conditions: [{type: Accepted, status: "True"}]}
    - {parentRef: {name: b}, controllerName: c, conditions: [{type: Accepted, status: "False", message: no listener}]}
    - {parentRef: {name: c}, controllerName: c, conditions: [{type: Accepted, status: Unknown}]}
`,
		},
		"west": {`
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: {name: strict, namespace: shop}
status: {conditions: [{type: Reconciled, status: "True"}]}
`},
	}, "west", cluster)
	shop := func(kind, name, condition string, holds bool, message string) kube.Status {
		return kube.Status{Cluster: cluster, Kind: kind, Namespace: "shop", Name: name, Condition: condition, Holds: holds, Message: message}
	}
	fault := shop("VirtualService", "web", "IST0101", true, "ReferencedResourceNotFound https://istio.io/IST0101")
	fault.Validation = true
	strict := shop("PeerAuthentication", "strict", "Reconciled", true, "")
	strict.Cluster = "west"
	require.Equal(t, []kube.Status{
		shop("Gateway", "shop", "Accepted", true, ""),
		shop("Gateway", "shop", "Conflicted", true, "same port"),
		shop("Gateway", "shop", "Programmed", false, "port is taken"),
		shop("Gateway", "shop", "ResolvedRefs", true, ""),
		shop("HTTPRoute", "web", "Accepted", false, "no listener"),
		fault,
		shop("VirtualService", "web", "Reconciled", false, "1/2 proxies up to date"),
		strict,
	}, i.Statuses())
	var nothing *kube.Inventory
	require.Empty(t, nothing.Statuses())
}
