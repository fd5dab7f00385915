package kube

import (
	"errors"
	"fmt"

	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
)

// ClusterOptions say where the objects of a cluster are read.
type ClusterOptions struct {
	// Name is the cluster's, as in Istio's labels source_cluster and destination_cluster.
	Name string
	// Kubeconfig is a file, and Context the one to use of it; empty means the current one. Without a file it is the
	// cluster that the process runs in.
	Kubeconfig, Context string
	// Manifests are files whose objects stand in for an API server.
	Manifests []string
	// Access is the way to the API server, where it is known already.
	Access *rest.Config
}

// access is the way to the API server of a cluster.
func (o *ClusterOptions) access() (*rest.Config, error) {
	var config *rest.Config
	var err error
	switch {
	case o.Access != nil:
		config = rest.CopyConfig(o.Access)
	case o.Kubeconfig != "":
		config, err = clientcmd.NewNonInteractiveDeferredLoadingClientConfig(
			&clientcmd.ClientConfigLoadingRules{ExplicitPath: o.Kubeconfig},
			&clientcmd.ConfigOverrides{CurrentContext: o.Context},
		).ClientConfig()
		if err != nil {
			return nil, fmt.Errorf("cluster %s: kubeconfig %s: %w", o.Name, o.Kubeconfig, err)
		}
	default:
		config, err = rest.InClusterConfig()
		switch {
		case errors.Is(err, rest.ErrNotInCluster):
			return nil, fmt.Errorf("cluster %s: no kubeconfig, and the exporter does not run in a cluster", o.Name)
		case err != nil:
			return nil, fmt.Errorf("cluster %s: the exporter's own access to the cluster that it runs in: %w", o.Name, err)
		}
	}
	config.UserAgent = "meshscope"
	config.WarningHandler = rest.NoWarnings{} // they are for those who write
	config.QPS = -1                           // a request for each resource, and then watches: there is nothing to hold back
	return config, nil
}

// Check says why clusters could not be watched: a file that is named cannot be
// read. It asks no API server.
func Check(clusters []ClusterOptions) error {
	for i := range clusters {
		c := &clusters[i]
		var err error
		switch {
		case len(c.Manifests) > 0:
			_, err = readManifests(c.Name, c.Manifests)
		case c.Kubeconfig != "":
			_, err = c.access()
		}
		if err != nil {
			return err
		}
	}
	return nil
}
