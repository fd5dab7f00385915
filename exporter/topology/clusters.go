package topology

import (
	"maps"
	"slices"
)

// FoldReason names why samples became part of another edge instead of one of
// their own.
type FoldReason string

// The reasons.
const (
	// FoldTransport: TCP below the HTTP or gRPC calls of the same pair (T9).
	FoldTransport FoldReason = "transport"
	// FoldAmbiguousCluster: a caller's report that does not know the
	// destination's cluster, where destinations in several clusters report
	// that caller themselves.
	FoldAmbiguousCluster FoldReason = "ambiguous_cluster"
)

// FoldReasons are all reasons.
var FoldReasons = []FoldReason{FoldTransport, FoldAmbiguousCluster}

// pairOfNames identifies a pair of nodes by what both sides know of it.
type pairOfNames struct {
	source, destination Ref // without clusters
}

func (r *Report) names() pairOfNames {
	p := pairOfNames{r.Key.SourceRef(), r.Key.DestinationRef()}
	p.source.Cluster, p.destination.Cluster = "", ""
	return p
}

func (r *Report) lacksCluster() bool {
	return r.AssumedCluster || r.Key.Destination.Cluster == "" || r.Key.Source.Cluster == ""
}

// settleClusters lets reports of the same pair complete each other, so that
// reports that differ only in a cluster that one side cannot know are one edge
// (T1). Canonical names that one side lacks are taken from the other likewise.
func settleClusters(rs *Reports, folded map[FoldReason]int) *Reports {
	incomplete := map[pairOfNames]bool{}
	for _, r := range rs.all {
		if r.lacksCluster() && r.Key.SourceRef().Kind != KindUnknown {
			incomplete[r.names()] = true
		}
	}
	if len(incomplete) == 0 {
		return rs
	}
	groups := make(map[pairOfNames][]*Report, len(incomplete))
	for _, r := range rs.all {
		if names := r.names(); incomplete[names] {
			groups[names] = append(groups[names], r)
		}
	}
	settled := NewReports(rs.Len())
	completions := map[pairOfNames][]*Report{}
	for _, r := range settled.takeComplete(rs, (*Report).lacksCluster) {
		names := r.names()
		completed, ok := r.complete(groups[names])
		if !ok {
			folded[FoldAmbiguousCluster] += r.Samples
			continue
		}
		// What it may be the same as now is in its group.
		same := func(o *Report) bool { return o != r && o.id() == completed.id() }
		if i := slices.IndexFunc(groups[names], func(o *Report) bool { return !o.lacksCluster() && same(o) }); i >= 0 {
			groups[names][i].absorb(completed)
		} else if i := slices.IndexFunc(completions[names], same); i >= 0 {
			completions[names][i].absorb(completed)
		} else {
			settled.all = append(settled.all, completed)
			completions[names] = append(completions[names], completed)
		}
	}
	return settled
}

// takeComplete takes the complete reports of from, and returns the others in
// a fixed order: completed, several of these may become one report, and the
// order in which they are added must not be that in which they came (T4).
func (rs *Reports) takeComplete(from *Reports, lacks func(*Report) bool) (incomplete []*Report) {
	for _, r := range from.all {
		if lacks(r) {
			incomplete = append(incomplete, r)
		} else {
			rs.all = append(rs.all, r)
		}
	}
	slices.SortFunc(incomplete, (*Report).compare)
	return incomplete
}

// complete fills in r's clusters from the other reports of its group; ok is
// false where several would fit, so that only these can tell them apart.
func (r *Report) complete(group []*Report) (completed *Report, ok bool) {
	c := *r
	if r.AssumedCluster || r.Key.Destination.Cluster == "" {
		known := map[string]bool{}
		for _, o := range group {
			if !o.AssumedCluster && o.Key.Destination.Cluster != "" && sameOrUnknown(o.Key.Source.Cluster, r.Key.Source.Cluster) {
				known[o.Key.Destination.Cluster] = true
			}
		}
		switch len(known) {
		case 0:
		case 1:
			c.Key.Destination.Cluster = slices.Collect(maps.Keys(known))[0]
			c.AssumedCluster = false
		default:
			if r.Reporter == BySource {
				return nil, false
			}
		}
	}
	if r.Key.Source.Cluster == "" {
		known := map[string]bool{}
		for _, o := range group {
			if o.Key.Source.Cluster != "" && sameOrUnknown(o.Key.Destination.Cluster, c.Key.Destination.Cluster) {
				known[o.Key.Source.Cluster] = true
			}
		}
		if len(known) == 1 {
			c.Key.Source.Cluster = slices.Collect(maps.Keys(known))[0]
		}
	}
	return &c, true
}

func sameOrUnknown(a, b string) bool { return a == b || a == "" || b == "" }

// settleNames gives each workload one canonical service and revision: where a
// report lacks them, those that another report of the same workload has.
func settleNames(rs *Reports) *Reports {
	type names struct{ service, revision string }
	known := map[Ref]names{}
	learn := func(p Peer) {
		if p.Workload == "" {
			return
		}
		n := known[p.ref()]
		if n.service == "" || p.CanonicalService != "" && p.CanonicalService < n.service {
			n.service = p.CanonicalService
		}
		if n.revision == "" || p.CanonicalRevision != "" && p.CanonicalRevision < n.revision {
			n.revision = p.CanonicalRevision
		}
		known[p.ref()] = n
	}
	lacks := func(p Peer) bool {
		return p.Workload != "" && (p.CanonicalService == "" || p.CanonicalRevision == "")
	}
	lacksName := func(r *Report) bool { return lacks(r.Key.Source) || lacks(r.Key.Destination) }
	if !slices.ContainsFunc(rs.all, lacksName) {
		return rs
	}
	for _, r := range rs.all {
		learn(r.Key.Source)
		learn(r.Key.Destination)
	}
	fill := func(p *Peer) {
		if lacks(*p) {
			n := known[p.ref()]
			if p.CanonicalService == "" {
				p.CanonicalService = n.service
			}
			if p.CanonicalRevision == "" {
				p.CanonicalRevision = n.revision
			}
		}
	}
	named := NewReports(rs.Len())
	for _, r := range named.takeComplete(rs, lacksName) {
		c := *r
		fill(&c.Key.Source)
		fill(&c.Key.Destination)
		named.adopt(&c)
	}
	return named
}
