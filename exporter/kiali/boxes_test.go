package kiali_test

import (
	"maps"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

// twoOfEach has two clusters, two namespaces in each, and an app of two
// versions.
func twoOfEach() (p proxies) {
	p.requests(call("a/web-v1", "a/cart-v1"), 1)
	p.requests(call("a/web-v1", "a/cart-v2"), 1)
	p.requests(call("a/cart-v1", "b/db-v1"), 1)
	p.requests(call("a/cart-v1", "b/db-v1").with("destination_cluster", "west"), 1)
	return p
}

// boxesOf are the boxes of a graph, each with the box that it is in, and the
// nodes that are in one.
func boxesOf(g graph) (boxes, nodes map[string]string) {
	boxes, nodes = map[string]string{}, map[string]string{}
	for name, n := range g.nodes {
		switch {
		case n.IsBox != "":
			boxes[name] = n.Parent
		case n.Parent != "":
			nodes[name] = n.Parent
		}
	}
	return boxes, nodes
}

func TestBoxes(t *testing.T) {
	p := twoOfEach()
	e := p.serve(t)
	const clusterEast, clusterWest = "box cluster east", "box cluster west"
	const eastA, eastB, westB, cart = "box namespace east/a", "box namespace east/b", "box namespace west/b", "box app east/a/cart"
	for _, tc := range []struct {
		name, params string
		boxes, nodes map[string]string
	}{
		{"none", "graphType=workload", nil, nil},
		{
			"an app has one where it has several versions", "graphType=workload&boxBy=app",
			map[string]string{cart: ""},
			map[string]string{"a/cart-v1": cart, "a/cart-v2": cart},
		},
		{
			"namespaces", "graphType=workload&boxBy=namespace",
			map[string]string{eastA: "", eastB: "", westB: ""},
			map[string]string{"a/web-v1": eastA, "a/cart-v1": eastA, "a/cart-v2": eastA, "b/db-v1": eastB, "west b/db-v1": westB},
		},
		{
			"all, one in the other", "graphType=workload&boxBy=cluster,namespace,app",
			map[string]string{clusterEast: "", clusterWest: "", eastA: clusterEast, eastB: clusterEast, westB: clusterWest, cart: eastA},
			map[string]string{"a/web-v1": eastA, "a/cart-v1": cart, "a/cart-v2": cart, "b/db-v1": eastB, "west b/db-v1": westB},
		},
		{
			"clusters and apps", "graphType=workload&boxBy=app,cluster",
			map[string]string{clusterEast: "", clusterWest: "", cart: clusterEast},
			map[string]string{"a/web-v1": clusterEast, "a/cart-v1": cart, "a/cart-v2": cart, "b/db-v1": clusterEast, "west b/db-v1": clusterWest},
		},
		{
			"apps always box in the graph of their versions", "graphType=versionedApp",
			map[string]string{cart: ""},
			map[string]string{"app a/cart v1": cart, "app a/cart v2": cart},
		},
		{"an app without versions has nothing to box", "graphType=app", nil, nil},
	} {
		t.Run(tc.name, func(t *testing.T) {
			boxes, nodes := boxesOf(e.graph(t, "namespaces/graph?namespaces=a&appenders=&"+tc.params))
			require.Equal(t, orEmpty(tc.boxes), boxes)
			require.Equal(t, orEmpty(tc.nodes), nodes)
		})
	}

	t.Run("there is no box of one", func(t *testing.T) {
		var p proxies
		p.requests(call("a/web-v1", "a/cart-v1"), 1)
		g := p.serve(t).graph(t, "namespaces/graph?namespaces=a&boxBy=cluster,namespace,app")
		boxes, nodes := boxesOf(g)
		require.Empty(t, boxes)
		require.Empty(t, nodes)
		require.Equal(t, []string{"a/cart-v1", "a/web-v1"}, slices.Sorted(maps.Keys(g.nodes)))
	})
}

func orEmpty(m map[string]string) map[string]string {
	if m == nil {
		return map[string]string{}
	}
	return m
}
