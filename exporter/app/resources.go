package app

import (
	"github.com/prometheus/client_golang/prometheus"

	"github.com/meshscope/meshscope/exporter/kube"
	"github.com/meshscope/meshscope/exporter/series"
)

var resourceUp = prometheus.NewDesc(series.KubernetesResourceUp.Name, series.KubernetesResourceUp.Help, series.KubernetesResourceUp.Labels, nil)

// Describe tells which series there may be.
func (o *objects) Describe(to chan<- *prometheus.Desc) { to <- resourceUp }

// Collect tells of each resource of each API server whether it can be read. One that is about to be read for the first
// time, and one that a cluster does not have, are neither up nor down.
func (o *objects) Collect(to chan<- prometheus.Metric) {
	w := o.current.Load()
	if w == nil || w.Watcher == nil {
		return
	}
	type resource struct{ cluster, name string }
	missing := map[resource]kube.Reason{}
	for _, m := range w.Missing() {
		missing[resource{m.Cluster, m.Resource}] = m.Reason
	}
	for _, c := range w.clusters {
		if len(c.Manifests) > 0 {
			continue
		}
		for _, name := range resourceNames() {
			up := 1.0
			switch reason, is := missing[resource{c.Name, name}]; {
			case is && (reason == kube.NotYet || reason == kube.NotInstalled):
				continue
			case is:
				up = 0
			}
			to <- prometheus.MustNewConstMetric(resourceUp, prometheus.GaugeValue, up, c.Name, name)
		}
	}
}

// resourceNames are all that is read, as Kubernetes writes it, such as deployments.apps.
func resourceNames() (names []string) {
	for _, rule := range kube.Resources() {
		for _, name := range rule.Resources {
			if group := rule.APIGroups[0]; group != "" {
				name += "." + group
			}
			names = append(names, name)
		}
	}
	return names
}
