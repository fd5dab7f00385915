// Package kubetest runs a real kube-apiserver, with its etcd, for tests. It
// stores objects and checks them, their schemas and who may read them, as any
// cluster does. Nothing else runs: no controller makes pods of a Deployment or
// deletes the objects of a namespace, so tests write what controllers would
// have written.
//
// Where the programs are missing, tests are skipped, and say which.
//
// Large is a mesh that costs are measured of; it needs no programs.
package kubetest
