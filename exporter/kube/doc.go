// Package kube knows of a mesh's Kubernetes clusters what telemetry does not
// tell: which namespaces there are, and which workloads are waypoints. This
// version reads it from files of objects (manifests); it asks no API server.
package kube
