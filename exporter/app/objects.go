package app

import (
	"context"
	"reflect"
	"sync/atomic"
	"time"

	"github.com/go-kit/log"
	"github.com/go-kit/log/level"

	"github.com/meshscope/meshscope/exporter/config"
	"github.com/meshscope/meshscope/exporter/kube"
)

// syncTimeout is how long a start waits for the objects of the clusters. Without them there is a graph, and verdicts on
// requests; but a verdict on replicas would be taken back for a moment.
const syncTimeout = 10 * time.Second

// objects are the objects of the configuration's clusters. It is safe for concurrent use, but for use and close.
type objects struct {
	logger  log.Logger
	current atomic.Pointer[watching]
}

// watching is a watcher, and what it watches.
type watching struct {
	clusters []config.KubernetesCluster
	// Watcher is nil where there are no clusters.
	*kube.Watcher
	stop context.CancelFunc
}

// watch begins to read the clusters of a configuration. Where they are the same as now, and their files may not have
// changed, it is the watching that there is.
func (o *objects) watch(cfg *config.Config) (*watching, error) {
	clusters := cfg.Kubernetes.Clusters
	if now := o.current.Load(); now != nil && reflect.DeepEqual(now.clusters, clusters) && !haveFiles(clusters) {
		return now, nil
	}
	w := &watching{clusters: clusters, stop: func() {}}
	if len(clusters) == 0 {
		return w, nil
	}
	ctx, stop := context.WithCancel(context.Background())
	watcher, err := kube.Watch(ctx, clusterOptions(clusters), o.logger)
	if err != nil {
		stop()
		return nil, err
	}
	w.Watcher, w.stop = watcher, stop
	return w, nil
}

// haveFiles tells that a reload may find other objects where the configuration is the same, or other credentials.
func haveFiles(clusters []config.KubernetesCluster) bool {
	for _, c := range clusters {
		if len(c.Manifests) > 0 || c.Kubeconfig != "" {
			return true
		}
	}
	return false
}

func clusterOptions(clusters []config.KubernetesCluster) []kube.ClusterOptions {
	options := make([]kube.ClusterOptions, len(clusters))
	for i, c := range clusters {
		options[i] = kube.ClusterOptions{Name: c.Name, Kubeconfig: c.Kubeconfig, Context: c.Context, Manifests: c.Manifests}
	}
	return options
}

// use takes over a watching, and ends the one before it.
func (o *objects) use(w *watching) {
	if old := o.current.Swap(w); old != nil && old != w {
		old.stop()
	}
}

// drop ends a watching that is not taken over.
func (o *objects) drop(w *watching) {
	if w != o.current.Load() {
		w.stop()
	}
}

func (o *objects) close() { o.use(nil) }

// Inventory is what is known now; nil without clusters.
func (o *objects) Inventory() *kube.Inventory {
	if w := o.current.Load(); w != nil && w.Watcher != nil {
		return w.Watcher.Inventory()
	}
	return nil
}

// sync waits until the objects of all clusters were read, or could not be, though not for long.
func (o *objects) sync(ctx context.Context, w *watching) {
	if w == nil || w.Watcher == nil {
		return
	}
	limited, cancel := context.WithTimeout(ctx, syncTimeout)
	defer cancel()
	if err := w.Sync(limited); err != nil && ctx.Err() == nil {
		level.Warn(o.logger).Log("msg", "the clusters' objects are not all read yet; going on without the rest", "waited", syncTimeout)
	}
}
