package kiali

import (
	"slices"
	"strings"

	"github.com/meshscope/meshscope/exporter/topology"
)

// Health is how well the mesh is, on the whole picture (T6).
type Health struct {
	// Calls are all that verdicts were reached by, sorted: of the whole mesh, without hops through waypoints.
	Calls []topology.Flow
	// Verdicts has those on apps, too, which may be boxes and no nodes.
	Verdicts interface {
		Of(topology.Ref) *topology.Verdict
	}
}

// healthRate is the annotation by which an object says what is tolerated of it.
const healthRate = "health.kiali.io/rate"

// nodeHealth writes how well a node is, and what that was judged by. What is
// neither a workload, an app nor a service has none in Kiali.
func (v *view) nodeHealth(o *object, n *topology.Node) {
	if v.Health == nil || n.Kind != topology.KindWorkload && n.Kind != topology.KindApp && n.Kind != topology.KindService {
		o.null("healthData")
		return
	}
	o.within("healthData", func() {
		requests := v.requests[n.Subject()]
		v.healthRequests(o, requests, n.Object)
		if n.Verdict != nil || !n.Inaccessible() {
			v.healthStatus(o, n.Verdict, requests)
		}
		switch n.Kind {
		case topology.KindWorkload:
			if n.Object == nil || len(n.Object.Replicas) == 0 {
				o.null("workloadStatus")
			} else {
				o.within("workloadStatus", func() { replicas(o, n.Object.Replicas[0]) })
			}
		case topology.KindApp:
			workloadStatuses(o, n.Object)
		}
	})
}

// boxHealth writes how well the app is that a box is around: all of it, also
// what is not shown.
func (v *view) boxHealth(o *object, b *box) {
	if v.Health == nil || v.Health.Verdicts.Of(b.of) == nil {
		o.null("healthData")
		return
	}
	var known *topology.Object
	if v.Kubernetes != nil {
		known = v.Kubernetes.Object(b.of)
	}
	o.within("healthData", func() {
		requests := v.requests[b.of]
		v.healthRequests(o, requests, known)
		v.healthStatus(o, v.Health.Verdicts.Of(b.of), requests)
		workloadStatuses(o, known)
	})
}

// healthRequests writes the requests of a node per second, by direction,
// protocol and code, and what its object says of them.
func (v *view) healthRequests(o *object, r *requests, known *topology.Object) {
	o.within("requests", func() {
		o.within("healthAnnotations", func() {
			if known != nil {
				o.field(healthRate, known.HealthRate)
			}
		})
		o.within("inbound", func() { v.ended(o, &r.in) })
		o.within("outbound", func() { v.ended(o, &r.out) })
	})
}

func (v *view) ended(o *object, e *ended) {
	for i, codes := range e {
		if len(codes) == 0 {
			continue
		}
		codes = slices.Clone(codes) // pieces are written side by side
		slices.SortFunc(codes, func(a, b share) int { return strings.Compare(a.name, b.name) })
		o.within(string(judged[i]), func() {
			for _, c := range codes {
				o.quantity(c.name, c.n/v.graph.Interval.Length.Seconds())
			}
		})
	}
}

// noRatio is Kiali's ratio where there is nothing that it could be of.
const noRatio = -1

// healthStatus writes a verdict: its word, the ratio that it was reached by, in
// percent, and the requests per second of both directions together.
func (v *view) healthStatus(o *object, verdict *topology.Verdict, r *requests) {
	if verdict == nil {
		verdict = new(topology.Verdict)
	}
	total := 0.0
	for _, direction := range [...]*ended{&r.in, &r.out} {
		for _, codes := range direction {
			for _, c := range codes {
				total += c.n
			}
		}
	}
	o.within("status", func() {
		if ratio := errorRatio(verdict); ratio != 0 {
			o.quantity("errorRatio", ratio)
		}
		o.must("status", verdict.Health.String())
		if total > 0 {
			o.quantity("totalRequestRate", total/v.graph.Interval.Length.Seconds())
		}
	})
}

// errorRatio is the ratio, in percent, that a verdict on requests was reached
// by: of those with the worst one the greatest.
func errorRatio(verdict *topology.Verdict) float64 {
	if len(verdict.Ratios) == 0 {
		return noRatio
	}
	worst := verdict.Ratios[0]
	for _, r := range verdict.Ratios[1:] {
		if r.Health > worst.Health || r.Health == worst.Health && r.Ratio() > worst.Ratio() {
			worst = r
		}
	}
	return 100 * worst.Ratio()
}

// workloadStatuses writes the pods of an app's workloads, or of the workload
// that a version of it is.
func workloadStatuses(o *object, known *topology.Object) {
	var all []topology.Replicas
	if known != nil {
		all = known.Replicas
	}
	o.name("workloadStatuses")
	o.list(len(all), func(i int) { replicas(o, all[i]) })
}

// notSynced is Kiali's number of synced proxies where that is not asked for.
const notSynced = -1

func replicas(o *object, r topology.Replicas) {
	o.quantity("availableReplicas", float64(r.Available))
	o.quantity("currentReplicas", float64(r.Current))
	o.quantity("desiredReplicas", float64(r.Desired))
	o.must("name", r.Workload)
	o.quantity("syncedProxies", notSynced)
}
