package objects

import (
	"slices"

	"k8s.io/apimachinery/pkg/runtime"

	"github.com/meshscope/meshscope/exporter/demo/mesh"
)

// Cluster is what one cluster has.
type Cluster struct {
	Name    string
	Objects []runtime.Object
}

// Of are the clusters of a mesh, the home cluster first, and their objects in
// an order that is always the same.
func Of(census mesh.Census) []Cluster {
	var clusters []Cluster
	for _, name := range clusterNames(census) {
		c := Cluster{Name: name}
		here := slices.DeleteFunc(slices.Clone(census.Workloads), func(w mesh.Workload) bool { return w.Cluster != name })
		c.Objects = append(c.Objects, namespaces(here)...)
		for _, w := range here {
			c.Objects = append(c.Objects, workload(w)...)
		}
		for _, w := range census.Workloads {
			// A service is known in all clusters by its name, and has its pods in some.
			if w.Cluster != "" && w.Service != nil && hasNamespace(here, w.Namespace) {
				c.Objects = appendService(c.Objects, service(w))
			}
		}
		c.Objects = append(c.Objects, configuration(census, here)...)
		clusters = append(clusters, c)
	}
	return clusters
}

// clusterNames are sorted, and the home cluster is the one with the ingress gateway.
func clusterNames(census mesh.Census) []string {
	var names []string
	for _, w := range census.Workloads {
		switch {
		case w.Cluster == "":
		case w.Dataplane == mesh.Gateway:
			names = slices.Insert(slices.DeleteFunc(names, func(n string) bool { return n == w.Cluster }), 0, w.Cluster)
		case !slices.Contains(names, w.Cluster):
			names = append(names, w.Cluster)
		}
	}
	return names
}

func hasNamespace(workloads []mesh.Workload, namespace string) bool {
	return slices.ContainsFunc(workloads, func(w mesh.Workload) bool { return w.Namespace == namespace })
}
