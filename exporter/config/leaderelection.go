package config

import "regexp"

// kubernetesName is that of an object such as a Lease; namespaces have no dots.
var (
	kubernetesName      = regexp.MustCompile(`^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$`)
	kubernetesNamespace = regexp.MustCompile(`^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)?$`)
)

func (v *validator) leaderElection(l *LeaderElection, k *Kubernetes) {
	v.check(kubernetesName.MatchString(l.Name), on("leader_election.name", "leader_election"),
		"not the name of a lease: %s (want lower case letters, digits, - and .)", quote(l.Name))
	v.check(kubernetesNamespace.MatchString(l.Namespace), on("leader_election.namespace"),
		"not the name of a namespace: %s (want lower case letters, digits and -)", quote(l.Namespace))
	atHome := len(k.Clusters) > 0 && len(k.Clusters[0].Manifests) > 0
	v.check(!l.Enabled || !atHome, on("leader_election.enabled"),
		"there is no API server to keep the lease: the home cluster, kubernetes.clusters[0], is read from manifests")
}
