package kube_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/meshscope/meshscope/exporter/kube"
	"github.com/meshscope/meshscope/exporter/topology"
)

func TestNamespaces(t *testing.T) {
	i, err := kube.Read([]kube.Cluster{{Name: "east", Manifests: []string{"testdata/mesh.yaml"}}})
	require.NoError(t, err)
	require.True(t, i.HasNamespace("east", "bookinfo"))
	require.True(t, i.HasNamespace("east", "shop"), "in a list")
	require.False(t, i.HasNamespace("east", "reviews"), "a service is none")
	require.True(t, i.HasNamespace("west", "reviews"), "of which nothing is known")
	require.True(t, i.RulesOut("reviews"))
	require.False(t, i.RulesOut("shop"))

	i, err = kube.Read([]kube.Cluster{{Name: "east", Manifests: []string{"testdata/mesh.yaml"}}, {Name: "west"}})
	require.NoError(t, err)
	require.False(t, i.RulesOut("reviews"), "it may be in the west")

	var nothing *kube.Inventory
	require.True(t, nothing.HasNamespace("east", "reviews"))
	require.False(t, nothing.RulesOut("reviews"))
}

func TestT9WaypointsByLabelElseByName(t *testing.T) {
	i, err := kube.Read([]kube.Cluster{{Name: "east", Manifests: []string{"testdata/mesh.yaml"}}})
	require.NoError(t, err)
	byName := func(p topology.Peer) bool { return p.Workload == "waypoint" }
	isWaypoint := i.IsWaypoint(byName)
	for _, tc := range []struct {
		cluster, namespace, workload string
		want                         bool
	}{
		{"east", "bookinfo", "entry", true},
		{"east", "shop", "shared", true},     // by its Gateway
		{"east", "shop", "waypoint", false},  // a gateway that is called so
		{"east", "other", "waypoint", true},  // not among the objects
		{"west", "shop", "waypoint", true},   // another cluster
		{"west", "bookinfo", "entry", false}, // likewise
	} {
		peer := topology.Peer{Cluster: tc.cluster, Namespace: tc.namespace, Workload: tc.workload}
		require.Equal(t, tc.want, isWaypoint(peer), peer)
	}
	var nothing *kube.Inventory
	require.True(t, nothing.IsWaypoint(byName)(topology.Peer{Workload: "waypoint"}))
}

func TestBadManifests(t *testing.T) {
	for _, tc := range []struct{ text, want string }{
		{"kind: Namespace\n", "bad.yaml:1: not a Kubernetes object (want kind and metadata.name)"},
		{"- a\n- b\n", "bad.yaml:1: not a Kubernetes object"},
		{"kind: Namespace\nmetadata: {name: a}\n---\nkind: [", "bad.yaml: yaml: "},
		{"\nkind: Namespace\nmetadata: {name: {}}\n", "bad.yaml:2: cannot read the object: json: cannot unmarshal"},
		{"apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: a}\nspec: {http: 3}\n", "bad.yaml:1: cannot read VirtualService a: "},
		{"kind: List\nitems:\n  - kind: Namespace\n", "bad.yaml:3: not a Kubernetes object"},
	} {
		file := filepath.Join(t.TempDir(), "bad.yaml")
		require.NoError(t, os.WriteFile(file, []byte(tc.text), 0o600))
		_, err := kube.Read([]kube.Cluster{{Manifests: []string{file}}})
		require.ErrorContains(t, err, filepath.Dir(file)+"/"+strings.TrimSuffix(tc.want, "\n"))
	}
	_, err := kube.Read([]kube.Cluster{{Manifests: []string{"testdata/none.yaml"}}})
	require.ErrorIs(t, err, os.ErrNotExist)
}
