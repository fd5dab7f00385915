// Package objects tells what runs in a simulated mesh as the objects that
// Kubernetes, Istio and the Gateway API would have of it: what an exporter
// finds in a real cluster.
package objects
