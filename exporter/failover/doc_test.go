// Package failover_test lets one exporter take over from another: real
// programs, with a real Prometheus and a real kube-apiserver between them.
package failover_test
