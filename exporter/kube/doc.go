// Package kube knows of a mesh's Kubernetes clusters what telemetry does not
// tell: which workloads, services and namespaces there are, how they are part
// of the mesh, and what Istio's and the Gateway API's objects configure.
//
// Of each object a fact is kept, in which is what is used of it (keep*.go). An
// Inventory is made of the facts of all clusters, and nothing else
// (inventory.go): where they come from makes no difference. They come from API
// servers, by informers (watcher.go), or from files (manifests.go).
package kube
