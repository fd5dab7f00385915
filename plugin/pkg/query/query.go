package query

import (
	"slices"
	"time"

	"github.com/meshscope/meshscope/exporter/filter"
	"github.com/meshscope/meshscope/exporter/topology"
)

// SchemaVersion is the version of the query's form that this program reads.
const SchemaVersion = 1

// Query is a query, complete with its defaults. What says nothing in a query
// of its type has its default, whatever is stored: queries that ask the same
// are the same.
type Query struct {
	Type  Type
	Level topology.Level
	// Namespaces and Clusters are exact names or globs; empty lists are all.
	Namespaces, Clusters []string
	// Focus is what the view is about; nil is all.
	Focus *topology.Focus
	// Protocols are those whose traffic is shown; never empty.
	Protocols []topology.Protocol
	// ServiceNodes puts the services that were called between callers and what
	// they reached.
	ServiceNodes bool
	// Idle keeps edges that had no traffic in the range.
	Idle bool
	// Waypoints shows the hops through waypoints instead of folding them.
	Waypoints bool
	// Filter chooses nodes and edges, Highlight marks them; nil is none.
	Filter, Highlight *filter.Program
	// NodeStats and EdgeStats are what graphs and tables show; a graph has one
	// or two of each.
	NodeStats, EdgeStats []Stat
	ColorBy              ColorBy
	// CompareOffset is how long before its range a graph or table is compared
	// with a range of the same length; 0 is with none.
	CompareOffset time.Duration
	// Entity is what verdicts and traffic are of.
	Entity Entity
	// Stats are what traffic is shown as; never empty.
	Stats []Stat
	// Of is what the values of a variable are the names of.
	Of Of
	// Limit is the greatest number of nodes of a graph, and of rows, series,
	// annotations or values.
	Limit  int
	Layout Layout
	// Remarks are what the one who wrote the query should know.
	Remarks []string
}

// protocols are all protocols, in the order of legends.
var protocols = []topology.Protocol{topology.HTTP, topology.GRPC, topology.TCP}

// Default is the query of which nothing is said: the whole mesh by workload.
// Latency is not in it: histograms are nine tenths of all series, and reading
// them takes a store several times as long as all the rest.
func Default() Query { return DefaultOf(TypeGraph) }

// DefaultOf is the query of a type of which nothing more is said.
func DefaultOf(t Type) Query {
	q := Query{
		Type:      t,
		Level:     topology.ByWorkload,
		Protocols: slices.Clone(protocols),
		NodeStats: []Stat{RequestRate, ErrorRatio},
		EdgeStats: []Stat{RequestRate, ErrorRatio},
		ColorBy:   ByOutcome,
		Entity:    EntityNode,
		Stats:     []Stat{RequestRate},
		Of:        OfNamespaces,
		Limit:     t.DefaultLimit(),
		Layout:    LayoutPanel,
	}
	if t == TypeTraffic {
		q.Entity = EntityEdge
	}
	return q
}

// Shows tells that traffic of protocol p is shown.
func (q Query) Shows(p topology.Protocol) bool { return slices.Contains(q.Protocols, p) }

// ShowsAllProtocols tells that no protocol is left out.
func (q Query) ShowsAllProtocols() bool {
	return !slices.ContainsFunc(protocols, func(p topology.Protocol) bool { return !q.Shows(p) })
}

// Compares tells that the range is compared with one before it.
func (q Query) Compares() bool { return q.CompareOffset > 0 }

// Needs tells that s is shown, or that a filter or highlight looks at it.
// Without the mean of durations nothing would ever be slower than before.
func (q Query) Needs(s Stat) bool {
	return s == Avg && q.Compares() || slices.Contains(slices.Concat(q.NodeStats, q.EdgeStats, q.Stats), s) || q.judges(fieldsOf[s]...)
}

// NeedsQuantile tells that something in the answer is a quantile of request durations.
func (q Query) NeedsQuantile() bool {
	return q.ColorBy == ByLatency || q.Needs(P50) || q.Needs(P95) || q.Needs(P99)
}

// fieldsOf are the fields of filters that are made of what stats are made of,
// and that is read only where it is needed.
var fieldsOf = map[Stat][]string{
	Avg:        {"avg", "avgIn"},
	P50:        {"p50", "p50In"},
	P95:        {"p95", "p95In"},
	P99:        {"p99", "p99In"},
	Throughput: {"requestBytesRate", "responseBytesRate"},
}

// NeedsInfo tells that who called whom by which identity, and who reported it,
// is looked at.
func (q Query) NeedsInfo() bool {
	return q.judges("sourcePrincipal", "destinationPrincipal", "reporters")
}

// LooksAtHealth tells that a filter or highlight asks for verdicts.
func (q Query) LooksAtHealth() bool { return q.judges("health", "healthy") }

// NotInSeries are the fields that a filter or highlight looks at and that no
// series tells of: neither the exporter's nor, in raw mode, Istio's.
func (q Query) NotInSeries(raw bool) (names []string) {
	fields := notPublished
	if raw {
		fields = slices.Concat(notInTelemetry, notPublished)
	}
	for _, name := range fields {
		if q.judges(name) {
			names = append(names, name)
		}
	}
	return names
}

var (
	// notPublished are what Kubernetes tells the exporter and no series has.
	notPublished = []string{
		"labels", "gateway", "serviceEntry", "workloadEntry", "virtualService", "circuitBreaker", "faultInjection",
		"mirroring", "requestRouting", "requestTimeout", "trafficShifting", "tcpTrafficShifting",
	}
	// notInTelemetry are what the exporter alone has series of.
	notInTelemetry = []string{"objectKind", "dataplane", "replicasDesired", "replicasAvailable", "dead", "outOfMesh"}
)

// Judges tells that nodes and edges are looked at whatever is shown of them:
// their numbers must not depend on that (T4).
func (q Query) Judges() bool { return q.Filter != nil || q.Highlight != nil }

// judges tells that a filter or highlight looks at one of these fields.
func (q Query) judges(fields ...string) bool {
	return q.Filter != nil && q.Filter.Names(fields...) || q.Highlight != nil && q.Highlight.Names(fields...)
}
