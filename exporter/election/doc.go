// Package election lets one of several exporters lead: by a Lease in
// Kubernetes, which the leader renews and the others wait for.
package election
