package topology

import (
	"cmp"
	"strings"
)

// Unknown is how an absent name is published, in Istio's word. Inside this
// package an absent name is the empty string (T2).
const Unknown = "unknown"

// Peer is one end of a call: a workload, as telemetry names it. Empty fields
// are unknown.
type Peer struct {
	Cluster           string
	Namespace         string
	Workload          string
	CanonicalService  string
	CanonicalRevision string
}

// EdgeKey identifies an edge of the workload graph: the thirteen labels that
// every edge series carries. It is comparable, and so a map's key.
type EdgeKey struct {
	Source      Peer
	Destination Peer
	Service     Service
}

// Compare orders keys by their fields, source first.
func (k EdgeKey) Compare(o EdgeKey) int {
	if c := k.Source.Compare(o.Source); c != 0 {
		return c
	}
	if c := k.Destination.Compare(o.Destination); c != 0 {
		return c
	}
	return k.Service.compare(o.Service)
}

// Compare orders peers by cluster, namespace, workload and canonical names.
func (p Peer) Compare(o Peer) int {
	if c := strings.Compare(p.Cluster, o.Cluster); c != 0 {
		return c
	}
	if c := strings.Compare(p.Namespace, o.Namespace); c != 0 {
		return c
	}
	if c := strings.Compare(p.Workload, o.Workload); c != 0 {
		return c
	}
	return cmp.Or(strings.Compare(p.CanonicalService, o.CanonicalService), strings.Compare(p.CanonicalRevision, o.CanonicalRevision))
}

// IsZero tells that nothing is known of the peer but, at most, its cluster.
func (p Peer) IsZero() bool {
	return p.Namespace == "" && p.Workload == "" && p.CanonicalService == "" && p.CanonicalRevision == ""
}

// Protocol is a request_protocol of Istio.
type Protocol string

// The protocols that Istio reports.
const (
	HTTP Protocol = "http"
	GRPC Protocol = "grpc"
	TCP  Protocol = "tcp"
)

// Reporter is the proxy that a report comes from, by its place in the call.
type Reporter uint8

// The reporters, in the order in which T1 prefers them.
const (
	BySource Reporter = iota
	ByWaypoint
	ByDestination
	numReporters
)

var reporterNames = [numReporters]string{"source", "waypoint", "destination"}

// String is the reporter's name in Istio's label of the same name.
func (r Reporter) String() string {
	if r < numReporters {
		return reporterNames[r]
	}
	return Unknown
}

// ParseReporter reads the value of Istio's label reporter.
func ParseReporter(name string) (Reporter, bool) {
	for r, n := range reporterNames {
		if n == name {
			return Reporter(r), true
		}
	}
	return 0, false
}
