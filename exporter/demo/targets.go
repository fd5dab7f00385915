package demo

import (
	"maps"
	"net/http"
	"slices"

	"github.com/prometheus/common/model"

	"github.com/meshscope/meshscope/exporter/demo/mesh"
	"github.com/meshscope/meshscope/exporter/demo/store"
)

// publishTargets makes the pods of this moment those that are served, and
// reports whether they differ from the ones before.
func (d *Demo) publishTargets() bool {
	targets := d.mesh.Targets()
	current := make(map[string]mesh.Target, len(targets))
	changed := false
	before := d.targets.Load()
	for _, t := range targets {
		path := metricsPath(t)
		current[path] = t
		if before != nil {
			if _, known := (*before)[path]; !known {
				changed = true
			}
		}
	}
	if before == nil || len(*before) != len(current) {
		changed = true
	}
	d.targets.Store(&current)
	return changed
}

// metricsPath is where a pod's metrics are served.
func metricsPath(t mesh.Target) string { return "/pods/" + t.Namespace + "/" + t.Pod + "/metrics" }

// targetLabels are the labels that a target's series get, beside its job.
func targetLabels(t mesh.Target) map[string]string {
	set := map[string]string{"instance": t.Instance, "namespace": t.Namespace, "pod": t.Pod}
	if t.App != "" {
		set["app"] = t.App
	}
	return set
}

// scrapeTargets is what the store scrapes now.
func (d *Demo) scrapeTargets() []store.ScrapeTarget {
	address := d.control.Addr().String()
	list := []store.ScrapeTarget{{Job: ExporterJob, Address: d.options.ExporterAddress}}
	for path, t := range *d.targets.Load() {
		list = append(list, store.ScrapeTarget{Job: mesh.Job, Address: address, Path: path, Labels: targetLabels(t)})
	}
	return list
}

// targetGroup is an element of an answer to Prometheus's HTTP service discovery.
type targetGroup struct {
	Targets []string          `json:"targets"`
	Labels  map[string]string `json:"labels"`
}

// listTargets tells a Prometheus what to scrape, by HTTP service discovery. All
// pods are found at the address at which the list was asked for, for the one to
// which the demo is bound need not be one that others can reach.
func (d *Demo) listTargets(w http.ResponseWriter, r *http.Request) {
	groups := []targetGroup{}
	current := *d.targets.Load()
	for _, path := range slices.Sorted(maps.Keys(current)) {
		set := targetLabels(current[path])
		set[model.MetricsPathLabel] = path
		groups = append(groups, targetGroup{Targets: []string{r.Host}, Labels: set})
	}
	answer(w, http.StatusOK, groups)
}
