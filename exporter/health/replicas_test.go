package health_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/meshscope/meshscope/exporter/topology"
)

func TestReplicas(t *testing.T) {
	for _, tc := range []struct {
		desired, current, available int
		want                        topology.Health
	}{
		{0, 0, 0, notReady},
		{0, 3, 0, notReady}, // on their way down
		{0, 1, 1, notReady},
		{1, 1, 1, healthy},
		{3, 3, 3, healthy},
		{3, 3, 2, degraded},
		{3, 2, 2, degraded},
		{3, 3, 0, failure},
		{3, 0, 0, failure},
		{1, 10, 0, failure},
		{3, 4, 3, failure}, // a pod beside them that does not become available
		{3, 0, 3, failure},
		{3, 5, 5, degraded},
		{3, 5, 2, degraded},
	} {
		object := pods(tc.desired, tc.current, tc.available)
		object.CanonicalService = "cart"
		v := judge(objects{"workload shop/cart-v1": object})
		for _, name := range []string{"workload shop/cart-v1", "app shop/cart", "namespace shop", "cluster Kubernetes"} {
			require.Equal(t, tc.want, of(t, v, name), "%s %+v", name, tc)
		}
		require.Equal(t, tc.want, v.Of(ref("workload shop/cart-v1")).Replicas)
	}
}

func TestReplicasBesideRequests(t *testing.T) {
	good, bad := ends{"200": 100}, ends{"200": 50, "500": 50}
	for _, tc := range []struct {
		requests ends
		pods     *topology.Object
		want     topology.Health
	}{
		{good, pods(2, 2, 2), healthy},
		{good, pods(2, 2, 1), degraded},
		{good, pods(2, 2, 0), failure},
		{good, pods(0, 0, 0), notReady},
		{bad, pods(2, 2, 2), failure},
		{bad, pods(2, 2, 1), failure},
		{good, &topology.Object{}, healthy}, // pods are not known
	} {
		v := judge(objects{"workload shop/cart-v1": tc.pods, "service shop/cart": {Kind: "Service"}},
			http("shop/web-v1", "shop/cart-v1", tc.requests))
		require.Equal(t, tc.want, of(t, v, "workload shop/cart-v1"), "%+v", tc)
		requests := healthy
		if len(tc.requests) > 1 {
			requests = failure
		}
		require.Equal(t, requests, of(t, v, "service shop/cart"), "a service has no pods")
		require.Equal(t, requests, v.OfEdge(key("shop/web-v1", "shop/cart-v1")).Health)
	}
}

// An app is as unwell as the pods of any of its workloads, and its requests.
func TestAnAppIsItsWorkloads(t *testing.T) {
	of1, of2 := pods(1, 1, 1), pods(2, 2, 1)
	of1.CanonicalService, of2.CanonicalService = "reviews", "reviews"
	flows := []topology.Flow{http("shop/web-v1", "shop/reviews-v1", ends{"200": 100})}
	v := judge(objects{"workload shop/reviews-v1": of1, "workload shop/reviews-v2": of2}, flows...)
	require.Equal(t, degraded, of(t, v, "app shop/reviews"), "by a version that nobody calls")
	require.Equal(t, healthy, of(t, v, "workload shop/reviews-v1"))
	require.Equal(t, degraded, of(t, v, "namespace shop"))
	require.Equal(t, "app shop/reviews", text(v.Of(ref("namespace shop")).By))

	both := &topology.Object{Replicas: []topology.Replicas{{Workload: "a", Desired: 1, Current: 1, Available: 1}, {Workload: "b", Desired: 1}}}
	v = judge(objects{"app shop/reviews": both}, flows...)
	require.Equal(t, failure, of(t, v, "app shop/reviews"))
}

// What is there without traffic has a verdict by its pods, or none.
func TestObjectsWithoutTraffic(t *testing.T) {
	v := judge(objects{"workload shop/idle-v1": pods(1, 1, 1), "service shop/idle": {Kind: "Service"}})
	require.Equal(t, healthy, of(t, v, "workload shop/idle-v1"))
	require.Equal(t, na, of(t, v, "service shop/idle"))
	require.Equal(t, healthy, of(t, v, "namespace shop"))
}
