package kiali_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// difference is where the answer is deliberately another than Kiali's, and why.
// It takes out of the comparison what it names, and nothing else.
type difference struct {
	why string
	// fact differs: Kiali has one value, ours is another; empty is absent.
	fact, kiali, ours string
	// from is part of facts that are of another thing: of to.
	from, to string
}

// apply makes Kiali's facts ours. Where Kiali's are not what the difference
// says, it is none.
func (d difference) apply(t *testing.T, want map[string]string) {
	t.Helper()
	require.NotEmpty(t, d.why)
	if d.from != "" {
		moved := map[string]string{}
		for fact, value := range want {
			if strings.Contains(fact, d.from) {
				moved[strings.ReplaceAll(fact, d.from, d.to)] = value
				delete(want, fact)
			}
		}
		require.NotEmpty(t, moved, "no fact has %q", d.from)
		for fact, value := range moved {
			require.NotContains(t, want, fact)
			want[fact] = value
		}
		return
	}
	require.Equal(t, d.kiali, want[d.fact], "%s: not what Kiali says", d.fact)
	require.NotEqual(t, d.kiali, d.ours)
	if want[d.fact] = d.ours; d.ours == "" {
		delete(want, d.fact)
	}
}

const (
	t8HostNamespace = "T8: a service namespace that is unknown is the one in the host's name, reviews.bookinfo.svc.cluster.local " +
		"(istio#49842), and a known service is in the caller's cluster (istio#29373): the failing calls are to a service of the mesh"
	t2NoService = "T2: a service name is optional where the workload is known; and levels conserve sums. " +
		"Kiali drops calls to a workload without a service from its graph of services, and their callers' rates with them"

	lostReviews  = "node service cluster-tutorial bookinfo service=reviews:"
	noService    = "node workload east bookinfo workload=kiali-2412:"
	toNoService  = "edge unknown unknown unknown app=unknown version=unknown workload=unknown -> workload east bookinfo workload=kiali-2412 http:"
	fromOutside  = "unknown unknown unknown app=unknown version=unknown workload=unknown"
	productpage  = "workload Kubernetes bookinfo app=productpage version=v1 workload=productpage-v1"
	waypointNode = "workload Kubernetes bookinfo version=latest workload=waypoint"
)

// differences are all, by case.
var differences = map[string][]difference{
	"ambient_graph": {{
		why:  "an error of Kiali's (seen in its own expectation): the edge back from a waypoint is one from the server to itself",
		from: "back " + productpage + " -> " + productpage, to: "back " + waypointNode + " -> " + productpage,
	}},
	"complex_graph": {
		{why: t8HostNamespace, from: "service unknown unknown service=reviews", to: "service cluster-tutorial bookinfo service=reviews"},
		{why: t8HostNamespace, fact: lostReviews + " cluster", kiali: `"unknown"`, ours: `"cluster-tutorial"`},
		{why: t8HostNamespace, fact: lostReviews + " namespace", kiali: `"unknown"`, ours: `"bookinfo"`},
		{why: t8HostNamespace, fact: lostReviews + " isInaccessible", kiali: "true"},
		{
			why: t8HostNamespace, from: lostReviews + ` destServices.{"cluster":"unknown","name":"reviews","namespace":"unknown"}`,
			to: lostReviews + ` destServices.{"cluster":"cluster-tutorial","name":"reviews","namespace":"bookinfo"}`,
		},
	},
	"service_graph": {
		{why: t2NoService, fact: noService + " nodeType", ours: `"workload"`},
		{why: t2NoService, fact: noService + " cluster", ours: `"east"`},
		{why: t2NoService, fact: noService + " namespace", ours: `"bookinfo"`},
		{why: t2NoService, fact: noService + " workload", ours: `"kiali-2412"`},
		{why: t2NoService, fact: noService + " healthData", ours: "null"},
		{why: t2NoService, fact: noService + " traffic.http.protocol", ours: `"http"`},
		{why: t2NoService, fact: noService + " traffic.http.rates.httpIn", ours: `"50.00"`},
		{why: t2NoService, fact: toNoService + " traffic.protocol", ours: `"http"`},
		{why: t2NoService, fact: toNoService + " traffic.rates.http", ours: `"50.00"`},
		{why: t2NoService, fact: toNoService + " traffic.rates.httpPercentReq", ours: `"50.0"`},
		{why: t2NoService, fact: toNoService + " traffic.responses.200.flags.-", ours: `"100.0"`},
		{why: t2NoService, fact: toNoService + " traffic.responses.200.hosts.unknown", ours: `"100.0"`},
		{why: t2NoService, fact: "node " + fromOutside + ": traffic.http.rates.httpOut", kiali: `"50.00"`, ours: `"100.00"`},
		{
			why: t2NoService, fact: "edge " + fromOutside + " -> service east bookinfo service=productpage http: traffic.rates.httpPercentReq",
			kiali: `"100.0"`, ours: `"50.0"`,
		},
	},
}
