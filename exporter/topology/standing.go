package topology

// Cause is the ratio that the verdict was reached by, the worst of several. ok
// is false where it was none: of what is well, or ill for lack of pods, or by
// what is in it.
func (v *Verdict) Cause() (worst ErrorRatio, ok bool) {
	if v == nil || v.Health <= HealthHealthy {
		return ErrorRatio{}, false
	}
	for _, r := range v.Ratios {
		if r.Health == v.Health && (!ok || r.Ratio() > worst.Ratio()) {
			worst, ok = r, true
		}
	}
	return worst, ok
}

// Severity is how bad the verdict is. What is not ready is meant to be so.
func (v *Verdict) Severity() Severity {
	switch v.Health {
	case HealthFailure:
		return Failing
	case HealthDegraded:
		return Degraded
	case HealthNA:
		return Quiet
	}
	return Healthy
}

// Pods are how many of a node's are wanted, are there, and are ready; ok is
// false where that is not known.
func (o *Object) Pods() (sum Replicas, ok bool) {
	if o == nil || len(o.Replicas) == 0 {
		return Replicas{}, false
	}
	for _, r := range o.Replicas {
		sum.Desired += r.Desired
		sum.Current += r.Current
		sum.Available += r.Available
	}
	return sum, true
}

// Dead tells that the node is known to have no pods, and has no traffic
// either: what had some has died since.
func (n *Node) Dead() bool {
	return n.Object != nil && n.Object.NoPods && !n.Active()
}

// Active tells that something goes into the node or comes out of it.
func (n *Node) Active() bool {
	for _, by := range [...]map[Protocol]*Traffic{n.In, n.Out} {
		for _, t := range by {
			if t.Activity() > 0 {
				return true
			}
		}
	}
	return false
}

// OutOfMesh tells that the node's pods are known to be no part of the mesh.
func (o *Object) OutOfMesh() bool { return o != nil && o.Dataplane == NoDataplane }
