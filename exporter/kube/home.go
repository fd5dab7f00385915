package kube

import (
	"cmp"
	"fmt"
	"os"
	"strings"

	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
)

// podNamespace has the namespace of the pod that a process runs in.
const podNamespace = "/var/run/secrets/kubernetes.io/serviceaccount/namespace"

// Home is the way to the API server of a cluster, and a namespace in it: the
// one that is wanted, else that of the exporter's pod, or of the kubeconfig's
// context.
func (o *ClusterOptions) Home(wanted string) (access *rest.Config, namespace string, err error) {
	if access, err = o.access(); err != nil || wanted != "" {
		return access, wanted, err
	}
	if o.Kubeconfig == "" {
		text, err := os.ReadFile(podNamespace)
		if err != nil {
			return nil, "", fmt.Errorf("cluster %s: the namespace of the exporter's pod: %w", o.Name, err)
		}
		return access, strings.TrimSpace(string(text)), nil
	}
	namespace, _, err = clientcmd.NewNonInteractiveDeferredLoadingClientConfig(
		&clientcmd.ClientConfigLoadingRules{ExplicitPath: o.Kubeconfig},
		&clientcmd.ConfigOverrides{CurrentContext: o.Context},
	).Namespace()
	if err != nil {
		return nil, "", fmt.Errorf("cluster %s: kubeconfig %s: %w", o.Name, o.Kubeconfig, err)
	}
	return access, cmp.Or(namespace, "default"), nil
}
