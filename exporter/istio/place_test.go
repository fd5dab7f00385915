package istio_test

import (
	"maps"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/meshscope/meshscope/exporter/istio"
	"github.com/meshscope/meshscope/exporter/topology"
)

// with are labels of a sample, or changes to them.
type with map[istio.Label]string

// placeLabels are all that decide where a sample belongs.
var placeLabels = []istio.Label{
	istio.ReporterLabel,
	istio.SourceCluster, istio.SourceWorkloadNamespace, istio.SourceWorkload, istio.SourceCanonicalService, istio.SourceCanonicalRevision,
	istio.DestinationCluster, istio.DestinationWorkloadNamespace, istio.DestinationWorkload,
	istio.DestinationCanonicalService, istio.DestinationCanonicalRevision,
	istio.DestinationService, istio.DestinationServiceName, istio.DestinationServiceNamespace,
	istio.RequestProtocol,
}

// call is a request of which everything is known, as the caller's sidecar
// reports it, with changes.
func call(changes ...with) with {
	labels := with{
		istio.ReporterLabel: "source",
		istio.SourceCluster: "east", istio.SourceWorkloadNamespace: "bookinfo", istio.SourceWorkload: "reviews-v2",
		istio.SourceCanonicalService: "reviews", istio.SourceCanonicalRevision: "v2",
		istio.DestinationCluster: "west", istio.DestinationWorkloadNamespace: "bookinfo", istio.DestinationWorkload: "ratings-v1",
		istio.DestinationCanonicalService: "ratings", istio.DestinationCanonicalRevision: "v1",
		istio.DestinationService: "ratings.bookinfo.svc.cluster.local", istio.DestinationServiceName: "ratings",
		istio.DestinationServiceNamespace: "bookinfo",
		istio.RequestProtocol:             "http",
	}
	for _, c := range changes {
		maps.Copy(labels, c)
	}
	return labels
}

func (w with) array() *istio.Labels {
	var labels istio.Labels
	for l, v := range w {
		labels[l] = v
	}
	return &labels
}

func place(labels with) (istio.Placement, istio.Reason) {
	return istio.Place(istio.Requests, labels.array())
}

// placed is where a sample belongs that must belong somewhere.
func placed(t *testing.T, labels with) istio.Placement {
	t.Helper()
	p, reason := place(labels)
	require.Empty(t, reason, "%v", labels)
	return p
}

var (
	reviews = topology.Peer{Cluster: "east", Namespace: "bookinfo", Workload: "reviews-v2", CanonicalService: "reviews", CanonicalRevision: "v2"}
	ratings = topology.Peer{Cluster: "west", Namespace: "bookinfo", Workload: "ratings-v1", CanonicalService: "ratings", CanonicalRevision: "v1"}

	ratingsService = topology.Service{Host: "ratings.bookinfo.svc.cluster.local", Name: "ratings", Namespace: "bookinfo"}

	// noWorkload are the labels of a call that reached no workload.
	noWorkload = with{
		istio.DestinationWorkloadNamespace: "unknown", istio.DestinationWorkload: "unknown",
		istio.DestinationCanonicalService: "unknown", istio.DestinationCanonicalRevision: "latest",
	}
	noService = with{istio.DestinationService: "unknown", istio.DestinationServiceName: "unknown", istio.DestinationServiceNamespace: "unknown"}
	stranger  = with{
		istio.SourceCluster: "unknown", istio.SourceWorkloadNamespace: "unknown", istio.SourceWorkload: "unknown",
		istio.SourceCanonicalService: "unknown", istio.SourceCanonicalRevision: "latest",
	}
)

func TestPlaceOfACallThatIsKnownWhole(t *testing.T) {
	require.Equal(t, istio.Placement{
		Key:      topology.EdgeKey{Source: reviews, Destination: ratings, Service: ratingsService},
		Protocol: topology.HTTP, Reporter: topology.BySource,
	}, placed(t, call()))
	require.Equal(t, topology.ByDestination, placed(t, call(with{istio.ReporterLabel: "destination"})).Reporter)
	require.Equal(t, topology.ByWaypoint, placed(t, call(with{istio.ReporterLabel: "waypoint"})).Reporter)
}

// T2: whichever labels are missing, their absence is what "unknown" is, for
// the place and for the reason of having none.
func TestT2MissingEmptyAndUnknownAreTheSame(t *testing.T) {
	for _, base := range []with{call(), call(noWorkload), call(noService), call(stranger)} {
		for _, one := range placeLabels {
			for _, other := range placeLabels {
				said, unsaid := call(base), call(base)
				for _, l := range []istio.Label{one, other} {
					said[l] = "unknown"
					delete(unsaid, l)
				}
				wantPlace, wantReason := place(said)
				gotPlace, gotReason := place(unsaid)
				require.Equal(t, wantPlace, gotPlace, "without %s and %s: %v", one, other, base)
				require.Equal(t, wantReason, gotReason, "without %s and %s: %v", one, other, base)
			}
		}
	}
}

// T2: inside, what is not known is empty, so that no one can be called "unknown".
func TestT2UnknownIsNoName(t *testing.T) {
	unknown := call()
	for l := range unknown {
		unknown[l] = "unknown"
	}
	unknown[istio.ReporterLabel], unknown[istio.DestinationServiceName] = "destination", "ratings"
	require.Equal(t, istio.Placement{
		Key:      topology.EdgeKey{Service: topology.Service{Name: "ratings"}},
		Protocol: topology.HTTP, Reporter: topology.ByDestination,
	}, placed(t, unknown))
}

// T2: no sample is dropped for lacking an optional label; and one that has
// nothing but a reporter and a destination has a place.
func TestT2OnlyReporterAndDestinationAreRequired(t *testing.T) {
	for _, l := range placeLabels {
		if l == istio.ReporterLabel {
			continue
		}
		lacking := call()
		delete(lacking, l)
		placed(t, lacking)
	}
	for _, destination := range []istio.Label{istio.DestinationWorkload, istio.DestinationService, istio.DestinationServiceName} {
		least := with{istio.ReporterLabel: "destination", destination: "ratings"}
		ref := placed(t, least).Key.DestinationRef()
		require.Equal(t, "ratings", ref.Name)
		if destination == istio.DestinationWorkload {
			require.Equal(t, topology.KindWorkload, ref.Kind)
		} else {
			require.Equal(t, topology.KindService, ref.Kind)
		}
	}
}

func TestT2RejectsByNamedReason(t *testing.T) {
	for _, tc := range []struct {
		name   string
		labels with
		want   istio.Reason
	}{
		{"no reporter", call(with{istio.ReporterLabel: ""}), istio.NoReporter},
		{"unknown reporter", call(with{istio.ReporterLabel: "unknown"}), istio.NoReporter},
		{"a reporter that is not Istio's", call(with{istio.ReporterLabel: "Source"}), istio.NoReporter},
		{"neither workload nor service", call(noWorkload, noService), istio.NoDestination},
		{"an app is no destination", call(noWorkload, noService, with{istio.DestinationCanonicalService: "ratings"}), istio.NoDestination},
		{"a service's namespace is no destination", call(noWorkload, noService, with{istio.DestinationServiceNamespace: "bookinfo"}), istio.NoDestination},
		{"a caller of which only the namespace is known", call(stranger, with{istio.SourceWorkloadNamespace: "bookinfo"}), istio.NoSource},
		{"the reporter is looked at first", call(noWorkload, noService, with{istio.ReporterLabel: ""}), istio.NoReporter},
	} {
		t.Run(tc.name, func(t *testing.T) {
			p, reason := place(tc.labels)
			require.Equal(t, tc.want, reason)
			if reason == istio.NoDestination {
				require.Equal(t, placed(t, call()).Key.Source, p.Key.Source, "there is a call, wherever it went")
			} else {
				require.Zero(t, p)
			}
			require.Contains(t, istio.Reasons, tc.want, "self metrics begin at 0 with all reasons")
		})
	}
}

// T2: a missing protocol is http. What a metric is about wins over its label:
// connections are TCP's, messages are gRPC's.
func TestT2ProtocolFallback(t *testing.T) {
	for _, tc := range []struct {
		metric istio.Metric
		label  string
		want   topology.Protocol
	}{
		{istio.Requests, "", topology.HTTP},
		{istio.Requests, "unknown", topology.HTTP},
		{istio.Requests, "http", topology.HTTP},
		{istio.Requests, "HTTP", topology.HTTP},
		{istio.Requests, "grpc", topology.GRPC},
		{istio.Requests, "GRPC", topology.GRPC},
		{istio.Requests, "thrift", "thrift"},
		{istio.LatencyBuckets, "", topology.HTTP},
		{istio.LatencySum, "grpc", topology.GRPC},
		{istio.RequestBytes, "", topology.HTTP},
		{istio.ResponseBytes, "grpc", topology.GRPC},
		{istio.RequestMessages, "", topology.GRPC},
		{istio.ResponseMessages, "http", topology.GRPC},
		{istio.TCPOpened, "", topology.TCP},
		{istio.TCPClosed, "http", topology.TCP},
		{istio.TCPRequestBytes, "tcp", topology.TCP},
		{istio.TCPResponseBytes, "unknown", topology.TCP},
	} {
		p, reason := istio.Place(tc.metric, call(with{istio.RequestProtocol: tc.label}).array())
		require.Empty(t, reason)
		require.Equal(t, tc.want, p.Protocol, "%s with %q", tc.metric.Name, tc.label)
	}
}

// T2: a caller that is known by its app alone is that app; one without a name
// is unknown, even where its revision is said to be "latest".
func TestT2SourceWithFewNames(t *testing.T) {
	app := placed(t, call(with{istio.SourceWorkload: "unknown"})).Key
	require.Equal(t, topology.Ref{Kind: topology.KindApp, Cluster: "east", Namespace: "bookinfo", Name: "reviews"}, app.SourceRef())

	elsewhere := placed(t, call(with{istio.SourceWorkloadNamespace: ""})).Key
	require.Equal(t, topology.Ref{Kind: topology.KindWorkload, Cluster: "east", Name: "reviews-v2"}, elsewhere.SourceRef())

	for _, revision := range []string{"", "unknown", "latest"} {
		key := placed(t, call(stranger, with{istio.SourceCanonicalRevision: revision})).Key
		require.Equal(t, topology.Peer{}, key.Source, "revision %q", revision)
		require.Equal(t, topology.KindUnknown, key.SourceRef().Kind)
	}
}

// T8: of a destination in a cluster that is not known (istio#29373) the
// source's is assumed, if the service's namespace is known.
func TestT8AssumedCluster(t *testing.T) {
	for _, tc := range []struct {
		name    string
		labels  with
		want    string
		assumed bool
	}{
		{"known", call(), "west", false},
		{"unknown", call(with{istio.DestinationCluster: "unknown"}), "east", true},
		{"missing", call(with{istio.DestinationCluster: ""}), "east", true},
		{"no workload", call(noWorkload, with{istio.DestinationCluster: "unknown"}), "east", true},
		{"the same as the source's, and known", call(with{istio.DestinationCluster: "east"}), "east", false},
		{"the source's is unknown too", call(with{istio.DestinationCluster: "unknown", istio.SourceCluster: "unknown"}), "", false},
		{
			"a host outside of any namespace",
			call(noWorkload, noService, with{istio.DestinationCluster: "unknown", istio.DestinationService: "httpbin.org"}), "", false,
		},
		{"the namespace is told by the host alone", call(with{istio.DestinationCluster: "", istio.DestinationServiceNamespace: ""}), "east", true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			p := placed(t, tc.labels)
			require.Equal(t, tc.want, p.Key.Destination.Cluster)
			require.Equal(t, tc.assumed, p.AssumedCluster)
		})
	}
}

// T8: calls to the egress gateway that name no workload reach its workload, in
// the caller's cluster. Its service has the one name that others know it by.
func TestT8EgressGatewayHost(t *testing.T) {
	const host = "istio-egressgateway.istio-system.svc.cluster.local"
	toGateway := call(noWorkload, with{
		istio.DestinationCluster: "unknown", istio.DestinationServiceNamespace: "unknown",
		istio.DestinationService: host, istio.DestinationServiceName: host,
	})
	p := placed(t, toGateway)
	require.Equal(t, topology.Peer{
		Cluster: "east", Namespace: "istio-system", Workload: "istio-egressgateway",
		CanonicalService: "istio-egressgateway", CanonicalRevision: "latest",
	}, p.Key.Destination)
	require.Equal(t, topology.Service{Host: host, Name: "istio-egressgateway", Namespace: "istio-system"}, p.Key.Service)
	require.False(t, p.AssumedCluster, "it is the caller's own")

	// The same gateway, as telemetry tells it where it knows the peer.
	toGateway[istio.DestinationCluster], toGateway[istio.DestinationServiceName] = "east", "istio-egressgateway"
	toGateway[istio.DestinationWorkloadNamespace], toGateway[istio.DestinationWorkload] = "istio-system", "istio-egressgateway"
	toGateway[istio.DestinationCanonicalService], toGateway[istio.DestinationCanonicalRevision] = "istio-egressgateway", "latest"
	require.Equal(t, p.Key, placed(t, toGateway).Key, "one edge")

	other := strings.Replace(host, "egressgateway", "ingressgateway", 1)
	key := placed(t, call(noWorkload, with{istio.DestinationService: other, istio.DestinationServiceName: other})).Key
	require.Equal(t, topology.KindService, key.DestinationRef().Kind, "the rule is the egress gateway's alone")
}

// T8: calls that reached no workload go to the service, whatever of a
// workload's names is left over.
func TestT8ServiceNodeForCallsThatReachedNoWorkload(t *testing.T) {
	want := topology.EdgeKey{Source: reviews, Destination: topology.Peer{Cluster: "west"}, Service: ratingsService}
	for _, leftOver := range []with{
		noWorkload,
		{istio.DestinationWorkload: ""},
		{istio.DestinationWorkload: "unknown", istio.DestinationCanonicalService: ""},
	} {
		key := placed(t, call(leftOver)).Key
		require.Equal(t, want, key)
		require.Equal(t, topology.Ref{Kind: topology.KindService, Cluster: "west", Namespace: "bookinfo", Name: "ratings"}, key.DestinationRef())
	}
}

// T8: Envoy's clusters for what is no service of the mesh are service nodes
// without a namespace, except where a workload is known to have answered.
func TestT8PassthroughAndBlackHole(t *testing.T) {
	for _, name := range []string{
		"PassthroughCluster", "BlackHoleCluster", "InboundPassthroughCluster", "InboundPassthroughClusterIpv4", "InboundPassthroughClusterIpv6",
	} {
		service := with{
			istio.DestinationCluster: "unknown", istio.DestinationServiceNamespace: "unknown",
			istio.DestinationService: "10.4.2.1:9080", istio.DestinationServiceName: name,
		}
		p := placed(t, call(noWorkload, service))
		require.Equal(t, topology.Ref{Kind: topology.KindService, Name: name}, p.Key.DestinationRef())
		require.False(t, p.AssumedCluster, name)

		service[istio.DestinationCluster] = "west"
		require.Equal(t, ratings, placed(t, call(service)).Key.Destination, "%s to a pod of the mesh", name)
	}
}

// T8: the host name knows the service's namespace better than the label does,
// which is the peer's, or unknown (istio#49842).
func TestT8NamespaceOfTheHost(t *testing.T) {
	for _, tc := range []struct{ host, label, want string }{
		{"ratings.bookinfo.svc.cluster.local", "bookinfo", "bookinfo"},
		{"ratings.bookinfo.svc.cluster.local", "unknown", "bookinfo"},
		{"ratings.bookinfo.svc.cluster.local", "", "bookinfo"},
		{"ratings.bookinfo.svc.cluster.local", "shop", "bookinfo"},
		{"ratings.bookinfo.svc.mesh.example", "shop", "bookinfo"},
		{"ratings.bookinfo.svc", "shop", "bookinfo"},
		{"httpbin.org", "shop", "shop"},
		{"httpbin.org", "unknown", ""},
		{"api.svc.example.com", "shop", "shop"},
		{"a.b.svcs.example.com", "shop", "shop"},
		{"mysql-0.mysql.data.svc.cluster.local", "data", "data"},
		{"ratings", "bookinfo", "bookinfo"},
		{"unknown", "bookinfo", "bookinfo"},
		{"..svc.cluster.local", "bookinfo", "bookinfo"},
	} {
		for _, workload := range []with{{}, noWorkload} {
			p := placed(t, call(workload, with{istio.DestinationService: tc.host, istio.DestinationServiceNamespace: tc.label}))
			require.Equal(t, tc.want, p.Key.Service.Namespace, "%s in %q", tc.host, tc.label)
		}
	}
}

// T8: a bare address in place of a service, and no workload, is bad telemetry.
func TestT8AddressAsService(t *testing.T) {
	for _, address := range []string{
		"10.4.2.1", "10.4.2.1:9080", "::1", "fd00:10:4::1", "[fd00:10:4::1]:9080", "[fd00:10:4::1]", "fe80::1%eth0", "::ffff:10.4.2.1",
	} {
		for _, service := range []with{
			{istio.DestinationService: address, istio.DestinationServiceName: address},
			{istio.DestinationService: "unknown", istio.DestinationServiceName: address},
			{istio.DestinationService: address, istio.DestinationServiceName: ""},
		} {
			_, reason := place(call(noWorkload, service))
			require.Equal(t, istio.AddressAsService, reason, "%v", service)
			placed(t, call(service)) // the workload is known: it does not matter how it was called
		}
	}
	for _, name := range []string{"10.4.2", "10.4.2.1.example.com", "10-4-2-1.bookinfo.pod", "1234", "10.4.2.1:http", "dead:beef", "cafe"} {
		p := placed(t, call(noWorkload, with{istio.DestinationServiceName: name}))
		require.Equal(t, name, p.Key.DestinationRef().Name)
	}
}

// T8: "latest" is a label like any other here; what it says of a version is
// for the graph to judge.
func TestT8RevisionLatestStays(t *testing.T) {
	key := placed(t, call(with{istio.SourceCanonicalRevision: "latest", istio.DestinationCanonicalRevision: "latest"})).Key
	require.Equal(t, "latest", key.Source.CanonicalRevision)
	require.Equal(t, "latest", key.Destination.CanonicalRevision)
}

// Whatever stands in a label stays as it is.
func TestPlaceOddLabels(t *testing.T) {
	for _, odd := range []string{
		`say "hi"`, `back\slash`, "new\nline", "tab\tand\x00nul", "🚢 shop", "zürich", "Unknown", "UNKNOWN", " unknown", "-", "{a=\"b\"}",
		strings.Repeat("x", 4096),
	} {
		for _, l := range placeLabels {
			if l == istio.ReporterLabel || l == istio.RequestProtocol {
				continue
			}
			host := with{istio.DestinationService: "httpbin.org"} // which tells no namespace
			p := placed(t, call(host, with{l: odd}))
			fields := p.Key.Fields()
			require.Equal(t, odd, *fields[l-istio.SourceCluster], "%s", l)
		}
	}
}
