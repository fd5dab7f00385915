package kube

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/meshscope/meshscope/exporter/topology"
)

// workload is what is known of one: its top controller, and its pods.
type workload struct {
	template
	kind string
	// declared tells that its controller was read, and not told by what it owns.
	declared bool
	waypoint bool
	replicas []topology.Replicas
	pods     []*podFact
	// sets are the replica sets of a controller that is not read, such as Argo's Rollout.
	sets []*controllerFact
}

// newWorkloads finds the workloads of a cluster, each under the name that
// telemetry has for it.
func newWorkloads(c *contents) map[name]*workload {
	workloads := map[name]*workload{}
	sets, jobs := map[name]*controllerFact{}, map[name]*controllerFact{}
	for _, r := range controllers {
		each(c, r, func(at name, f *controllerFact) {
			switch f.kind {
			case "ReplicaSet":
				sets[at] = f
			case "Job":
				jobs[at] = f
			}
			if f.owner.name != "" && (f.kind == "ReplicaSet" || f.kind == "Job" && f.owner.kind == "CronJob") {
				return // its owner is the workload
			}
			own := at.name
			if f.kind == "Job" {
				own, _ = guessWorkload(owner{f.kind, at.name}, nil)
			}
			own = f.workloadName(own)
			if of := (name{at.namespace, own}); workloads[of] == nil {
				workloads[of] = &workload{
					template: f.template, kind: f.kind, declared: r != others, waypoint: f.waypoint, replicas: f.replicas(own),
				}
			}
		})
	}
	each(c, replicaSets, func(at name, f *controllerFact) { // replica sets whose owner is not read
		if f.owner.name == "" {
			return
		}
		of := name{at.namespace, f.workloadName(f.owner.name)}
		w := workloads[of]
		if w == nil {
			w = &workload{kind: f.owner.kind}
			workloads[of] = w
		}
		if !w.declared && w.kind == f.owner.kind {
			w.sets = append(w.sets, f)
		}
	})
	each(c, pods, func(at name, f *podFact) {
		of, kind := name{at.namespace, f.workload}, f.kind
		switch f.owner.kind {
		case "ReplicaSet":
			if set := sets[name{at.namespace, f.owner.name}]; set != nil && set.owner.name != "" {
				of.name, kind = f.workloadName(set.owner.name), set.owner.kind
			}
		case "Job":
			if job := jobs[name{at.namespace, f.owner.name}]; job != nil && job.owner.kind == "CronJob" {
				of.name, kind = f.workloadName(job.owner.name), "CronJob"
			}
		}
		w := workloads[of]
		if w == nil {
			w = &workload{template: f.template, kind: kind, waypoint: f.labels[managedLabel] == meshManaged}
			workloads[of] = w
		}
		w.pods = append(w.pods, f)
	})
	for at, w := range workloads {
		w.complete(at.name)
	}
	return workloads
}

// complete takes from replica sets and pods what no controller tells.
func (w *workload) complete(own string) {
	if w.labels == nil && len(w.sets) > 0 {
		busiest := slices.MaxFunc(w.sets, func(a, b *controllerFact) int { return cmp.Compare(a.desired, b.desired) })
		w.template, w.waypoint = busiest.template, busiest.waypoint
	}
	if w.labels == nil && len(w.pods) > 0 {
		w.template = w.pods[0].template
	}
	if w.declared && w.kind != "CronJob" {
		return // who controls it counts its pods, or has not yet
	}
	sum := topology.Replicas{Workload: own}
	var counted bool
	for _, set := range w.sets {
		counted = counted || set.counted
		sum.Desired, sum.Current, sum.Available = sum.Desired+set.desired, sum.Current+set.current, sum.Available+set.available
	}
	if !counted && len(w.pods) > 0 {
		sum, counted = topology.Replicas{Workload: own}, true
		for _, p := range w.pods {
			if !p.ended() {
				sum.Desired, sum.Current = sum.Desired+1, sum.Current+1
				if p.ready {
					sum.Available++
				}
			}
		}
	}
	if counted {
		w.replicas = []topology.Replicas{sum}
	}
}

// describeWorkloads makes the objects of workloads.
func (c *cluster) describeWorkloads(workloads map[name]*workload) map[name]*topology.Object {
	controlPlanes := map[string]bool{} // by namespace
	for at, w := range workloads {
		if w.labels["app"] == "istiod" || w.labels[istioLabel] == "pilot" {
			controlPlanes[at.namespace] = true
		}
	}
	objects := make(map[name]*topology.Object, len(workloads))
	for at, w := range workloads {
		o := &topology.Object{
			Kind: w.kind, Labels: w.labels, HealthRate: w.healthRate, Replicas: w.replicas,
			CanonicalService:  cmp.Or(labelled(w.labels, appLabels), at.name),
			CanonicalRevision: cmp.Or(labelled(w.labels, versionLabels), "latest"),
			NoPods:            len(w.pods) == 0 && c.known(at.namespace, pods),
		}
		o.WorkloadEntries = c.entries[version{at.namespace, o.CanonicalService, o.CanonicalRevision}]
		o.Dataplane = w.dataplane(c.namespaces[at.namespace])
		if c.waypoints[at] {
			o.Dataplane = topology.WaypointHop
		}
		if o.Dataplane == topology.NoDataplane && controlPlanes[at.namespace] {
			o.Dataplane = "" // Istio's own parts need no proxy to be part of the mesh
		}
		objects[at] = o
	}
	return objects
}

// dataplane tells how a workload is part of the mesh: by its pods, or, if none
// of them runs, by what would become of one. It does not tell of a workload
// without pods that it is no part, for injection has more ways than are read.
func (w *workload) dataplane(in *namespaceFact) topology.Dataplane {
	if w.isGateway() {
		return topology.GatewayProxy
	}
	var running, sidecars, ambient int
	for _, p := range w.pods {
		switch {
		case p.ended():
			continue
		case p.labels["app"] == "ztunnel": // its container is named as a sidecar's
			ambient++
		case p.sidecar:
			sidecars++
		case p.ambient:
			ambient++
		}
		running++
	}
	switch {
	case running == 0:
		return w.intended(in)
	case sidecars == running:
		return topology.Sidecar
	case sidecars+ambient == running:
		return topology.Ambient
	}
	return topology.NoDataplane
}

// intended is the data plane that labels ask for, or none that is known.
func (w *workload) intended(in *namespaceFact) topology.Dataplane {
	if in == nil {
		in = &namespaceFact{}
	}
	inject := cmp.Or(w.labels[injectKey], w.inject)
	injected := in.injection == "enabled" || in.injection == "" && in.revision != "" || w.labels[revisionLabel] != ""
	switch {
	case inject == "true" || injected && inject != "false":
		return topology.Sidecar
	case cmp.Or(w.labels[dataplaneLabel], in.dataplane) == "ambient":
		return topology.Ambient
	}
	return ""
}

// appsOf are the apps that workloads are versions of.
func appsOf(workloads map[name]*topology.Object) map[name]*topology.Object {
	apps := map[name]*topology.Object{}
	for _, at := range slices.SortedFunc(maps.Keys(workloads), name.compare) {
		w := workloads[at]
		of := name{at.namespace, w.CanonicalService}
		app := apps[of]
		if app == nil {
			first := *w
			first.Kind, first.CanonicalRevision, first.HealthRate, first.WorkloadEntries = "", "", "", nil
			apps[of] = &first
			continue
		}
		joinApp(app, w)
	}
	return apps
}

// joinApp adds a workload to its app.
func joinApp(app, w *topology.Object) {
	app.Labels = joinLabels(app.Labels, w.Labels)
	app.Replicas = slices.Concat(app.Replicas, w.Replicas)
	app.NoPods = app.NoPods && w.NoPods
	app.CircuitBreaker = app.CircuitBreaker || w.CircuitBreaker
	if app.MTLS != w.MTLS {
		app.MTLS = ""
	}
	if w.Gateway != nil {
		gateway := *w.Gateway
		if app.Gateway != nil {
			gateway.GatewayAPI = gateway.GatewayAPI || app.Gateway.GatewayAPI
			gateway.Hosts = slices.Compact(slices.Sorted(slices.Values(slices.Concat(app.Gateway.Hosts, gateway.Hosts))))
		}
		app.Gateway = &gateway
	}
	// One that is no part of the mesh makes the app so; of what is not known nothing is said.
	order := []topology.Dataplane{topology.NoDataplane, "", topology.Sidecar, topology.Ambient, topology.GatewayProxy, topology.WaypointHop}
	if slices.Index(order, w.Dataplane) < slices.Index(order, app.Dataplane) {
		app.Dataplane = w.Dataplane
	}
}

// joinLabels has all values that a label has, as Kiali joins them for apps.
func joinLabels(a, b map[string]string) map[string]string {
	joined := make(map[string]string, max(len(a), len(b)))
	maps.Copy(joined, a)
	for key, value := range b {
		if have, ok := joined[key]; ok && have != value {
			values := append(strings.Split(have, ","), value)
			slices.Sort(values)
			value = strings.Join(slices.Compact(values), ",")
		}
		joined[key] = value
	}
	return joined
}
