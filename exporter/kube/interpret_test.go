package kube_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/meshscope/meshscope/exporter/kube"
	"github.com/meshscope/meshscope/exporter/topology"
)

const cluster = "east"

// inventory is what manifests tell of one cluster.
func inventory(t *testing.T, manifests ...string) *kube.Inventory {
	t.Helper()
	return inventories(t, map[string][]string{cluster: manifests}, cluster)
}

// inventories are what manifests tell of several clusters, in this order.
func inventories(t *testing.T, manifests map[string][]string, order ...string) *kube.Inventory {
	t.Helper()
	var clusters []kube.Cluster
	for _, name := range order {
		c := kube.Cluster{Name: name}
		for i, text := range manifests[name] {
			file := filepath.Join(t.TempDir(), string(rune('a'+i))+".yaml")
			require.NoError(t, os.WriteFile(file, []byte(text), 0o600))
			c.Manifests = append(c.Manifests, file)
		}
		clusters = append(clusters, c)
	}
	i, err := kube.Read(clusters)
	require.NoError(t, err)
	return i
}

func workload(namespace, name string) topology.Ref {
	return topology.Ref{Kind: topology.KindWorkload, Cluster: cluster, Namespace: namespace, Name: name}
}

func service(namespace, name string) topology.Ref {
	return topology.Ref{Kind: topology.KindService, Cluster: cluster, Namespace: namespace, Name: name}
}

func app(namespace, name, version string) topology.Ref {
	return topology.Ref{Kind: topology.KindApp, Cluster: cluster, Namespace: namespace, Name: name, Version: version}
}

// all are the names of all workloads and services, with their kinds.
func all(i *kube.Inventory) []string {
	var names []string
	for ref, o := range i.All() {
		names = append(names, o.Kind+" "+ref.Namespace+"/"+ref.Name)
	}
	return names
}
