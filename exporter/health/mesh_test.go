package health_test

import (
	"cmp"
	"iter"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/meshscope/meshscope/exporter/health"
	"github.com/meshscope/meshscope/exporter/topology"
)

// The meshes of the tests, in few words.

const home = "Kubernetes"

// ends are how many calls ended with what, by response code; of gRPC by status.
type ends map[string]float64

// peer is a workload, named as "namespace/app-version"; "" is unknown.
func peer(name string) topology.Peer {
	namespace, workload, ok := strings.Cut(name, "/")
	if !ok {
		return topology.Peer{Cluster: home}
	}
	app, version, _ := strings.Cut(workload, "-")
	return topology.Peer{
		Cluster: home, Namespace: namespace, Workload: workload, CanonicalService: app, CanonicalRevision: version,
	}
}

// service is one, named as "namespace/name"; one outside the mesh is a host.
func service(name string) topology.Service {
	namespace, short, ok := strings.Cut(name, "/")
	if !ok {
		return topology.Service{Host: name, Name: name}
	}
	return topology.Service{Host: short + "." + namespace + ".svc.cluster.local", Name: short, Namespace: namespace}
}

// key is the edge between two, each a workload; the second may be a service in
// parentheses, which no workload of was reached.
func key(from, to string) topology.EdgeKey {
	k := topology.EdgeKey{Source: peer(from)}
	if name, ok := strings.CutPrefix(to, "("); ok {
		k.Service = service(strings.TrimSuffix(name, ")"))
		k.Destination = topology.Peer{Cluster: home}
		return k
	}
	k.Destination = peer(to)
	k.Service = service(k.Destination.Namespace + "/" + k.Destination.CanonicalService)
	return k
}

func flow(p topology.Protocol, from, to string, e ends) topology.Flow {
	f := topology.Flow{Key: key(from, to), Protocol: p, Traffic: new(topology.Traffic)}
	for end, n := range e {
		r := topology.Response{Code: end}
		if p == topology.GRPC && len(end) < 3 {
			r = topology.Response{Code: "200", GRPCStatus: end}
		}
		if end == "-" {
			r = topology.Response{Code: "0", Flags: "DC"}
		}
		f.Traffic.AddRequests(r, n)
	}
	return f
}

func http(from, to string, e ends) topology.Flow { return flow(topology.HTTP, from, to, e) }

func grpc(from, to string, e ends) topology.Flow { return flow(topology.GRPC, from, to, e) }

func tcp(from, to string) topology.Flow {
	f := topology.Flow{Key: key(from, to), Protocol: topology.TCP, Traffic: &topology.Traffic{Opened: 20}}
	f.Traffic.AddTCPRequestBytes("", 5000)
	return f
}

// ref is a node: "workload shop/cart-v1", "app shop/cart", "service shop/cart",
// "namespace shop" or "cluster Kubernetes".
func ref(text string) topology.Ref {
	kind, name, _ := strings.Cut(text, " ")
	r := topology.Ref{Kind: topology.Kind(kind), Cluster: home, Name: name}
	if namespace, short, ok := strings.Cut(name, "/"); ok {
		r.Namespace, r.Name = namespace, short
	}
	if r.Kind == topology.KindCluster {
		r.Cluster = ""
	}
	return r
}

// text is a ref as ref reads it.
func text(r topology.Ref) string {
	if r.Namespace == "" {
		return string(r.Kind) + " " + r.Name
	}
	return string(r.Kind) + " " + r.Namespace + "/" + r.Name
}

func texts(refs []topology.Ref) []string {
	var all []string
	for _, r := range refs {
		all = append(all, text(r))
	}
	return all
}

// objects are what Kubernetes knows, by what ref reads.
type objects map[string]*topology.Object

func (o objects) Object(r topology.Ref) *topology.Object {
	if r.Version != "" {
		return nil
	}
	return o[text(r)]
}

func (o objects) All() iter.Seq2[topology.Ref, *topology.Object] {
	refs := make([]topology.Ref, 0, len(o))
	for name := range maps.Keys(o) {
		if r := ref(name); r.Kind != topology.KindApp {
			refs = append(refs, r)
		}
	}
	slices.SortFunc(refs, topology.Ref.Compare)
	return func(yield func(topology.Ref, *topology.Object) bool) {
		for _, r := range refs {
			if !yield(r, o[text(r)]) {
				return
			}
		}
	}
}

func (o objects) Knows(topology.Kind, string, string) bool { return true }

// pods are a workload's object.
func pods(desired, current, available int) *topology.Object {
	return &topology.Object{Kind: "Deployment", Replicas: []topology.Replicas{{Desired: desired, Current: current, Available: available}}}
}

func annotated(rate string) *topology.Object { return &topology.Object{HealthRate: rate} }

var noon = time.Date(2026, 9, 1, 12, 0, 0, 0, time.UTC)

func window() topology.Interval { return topology.Interval{End: noon, Length: 5 * time.Minute} }

func judge(o topology.Objects, flows ...topology.Flow) *health.Verdicts {
	return health.DefaultRules().Judge(window(), flows, o)
}

// of is the health of a node, and that there is a verdict.
func of(t *testing.T, v *health.Verdicts, name string) topology.Health {
	t.Helper()
	verdict := v.Of(ref(name))
	require.NotNil(t, verdict, name)
	return verdict.Health
}

// ratios are those of a verdict, as "in http 5XX 10/100 Failure".
func ratios(v *topology.Verdict) []string {
	var all []string
	for _, r := range v.Ratios {
		all = append(all, strings.Join([]string{
			string(r.Direction), string(r.Protocol), r.Tolerance, number(r.Errors) + "/" + number(r.Requests), r.Health.String(),
		}, " "))
	}
	return all
}

// A few names, for brevity.
const (
	na       = topology.HealthNA
	healthy  = topology.HealthHealthy
	notReady = topology.HealthNotReady
	degraded = topology.HealthDegraded
	failure  = topology.HealthFailure
)

// dump writes all that was judged.
func dump(v *health.Verdicts) string {
	var b strings.Builder
	for r, verdict := range v.All() {
		b.WriteString(text(r) + ": " + verdict.Health.String() + " by " + text(verdict.By) + " pods " + verdict.Replicas.String() + "\n  " +
			strings.Join(ratios(verdict), "\n  ") + "\n")
	}
	for k, verdict := range v.Edges() {
		b.WriteString(text(k.SourceRef()) + " > " + text(k.DestinationRef()) + " " + cmp.Or(k.Service.Host, "-") + ": " +
			verdict.Health.String() + "\n  " + strings.Join(ratios(verdict), "\n  ") + "\n")
	}
	return b.String()
}

// dumpFaults writes whose fault it is, and how all hang together.
func dumpFaults(f *health.Faults) string {
	var b strings.Builder
	for _, fault := range f.All() {
		b.WriteString(text(fault.Ref))
		if fault.Origin {
			b.WriteString(" origin")
		}
		b.WriteString(" because [" + strings.Join(texts(fault.Because), " ") + "] origins [" + strings.Join(texts(fault.Origins), " ") + "]\n")
	}
	for w := range f.Workloads() {
		up, down := f.Dependents(w), f.Dependencies(w)
		b.WriteString(text(w) + " dependents " + number(float64(up.Direct)) + "/" + number(float64(up.All)) +
			" dependencies " + number(float64(down.Direct)) + "/" + number(float64(down.All)) + "\n")
	}
	return b.String()
}

func number(x float64) string { return strconv.FormatFloat(x, 'g', -1, 64) }
