package topology_test

import (
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/meshscope/meshscope/exporter/topology"
)

// T3: everything merges by sum; never "first wins".
func TestT3TrafficMergesBySum(t *testing.T) {
	one := topology.Traffic{
		RequestBytes: 1, ResponseBytes: 2, RequestMessages: 3, ResponseMessages: 4, Opened: 5, Closed: 6,
		Latency: &topology.Histogram{Bounds: []float64{1, inf}, Cumulative: []float64{7, 8}, Sum: 9},
	}
	one.AddRequests(ok, 10)
	one.AddTCPRequestBytes("-", 11)
	one.AddTCPResponseBytes("UF", 12)
	one.AddSecured(topology.MutualTLS, 13)
	one.AddPrincipals("a", "b", 14)
	two := topology.Traffic{
		RequestBytes: 100, ResponseBytes: 200, RequestMessages: 300, ResponseMessages: 400, Opened: 500, Closed: 600,
		Latency: &topology.Histogram{Bounds: []float64{1, inf}, Cumulative: []float64{700, 800}, Sum: 900},
	}
	two.AddRequests(ok, 1000)
	two.AddRequests(failed, 1)
	two.AddTCPRequestBytes("-", 1100)
	two.AddTCPResponseBytes("-", 1)
	two.AddSecured(topology.MutualTLS, 1300)
	two.AddSecured(topology.Plaintext, 1)
	two.AddPrincipals("a", "", 1400)

	var sum topology.Traffic
	sum.Merge(&one)
	sum.Merge(&two)
	require.Equal(t, topology.Traffic{
		Requests:         map[topology.Response]float64{ok: 1010, failed: 1},
		Latency:          &topology.Histogram{Bounds: []float64{1, inf}, Cumulative: []float64{707, 808}, Sum: 909},
		RequestBytes:     101,
		ResponseBytes:    202,
		RequestMessages:  303,
		ResponseMessages: 404,
		TCPRequestBytes:  map[string]float64{"-": 1111}, TCPResponseBytes: map[string]float64{"-": 1, "UF": 12},
		Opened: 505, Closed: 606,
		Secured:               map[topology.Policy]float64{topology.MutualTLS: 1313, topology.Plaintext: 1},
		SourcePrincipals:      map[string]float64{"a": 1414},
		DestinationPrincipals: map[string]float64{"b": 14},
	}, sum)
	require.Equal(t, 10.0, one.Requests[ok], "what was merged is not shared")
	require.Equal(t, 8.0, one.Latency.Count(), "what was merged is not shared")
}

// T3: a share is weighted by traffic. True 90 % is not shown as 9 %.
func TestT3MutualTLSShareIsWeighted(t *testing.T) {
	for _, tc := range []struct {
		name    string
		secured map[topology.Policy]float64
		want    float64
		known   bool
	}{
		{"nothing", nil, 0, false},
		{"unknown alone", map[topology.Policy]float64{topology.UnknownPolicy: 10}, 0, false},
		{"known, but no traffic", map[topology.Policy]float64{topology.MutualTLS: 0}, 0, false},
		{"all", map[topology.Policy]float64{topology.MutualTLS: 10}, 1, true},
		{"none", map[topology.Policy]float64{topology.Plaintext: 10}, 0, true},
		{"unknown does not count", map[topology.Policy]float64{topology.MutualTLS: 90, topology.Plaintext: 10, topology.UnknownPolicy: 900}, 0.9, true},
		{"a policy of tomorrow is not mutual TLS", map[topology.Policy]float64{topology.MutualTLS: 1, "post_quantum": 1}, 0.5, true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			tr := topology.Traffic{Secured: tc.secured}
			share, known := tr.MutualTLSShare()
			require.Equal(t, tc.known, known)
			require.InDelta(t, tc.want, share, 1e-12)
		})
	}
}

// T4: sums do not depend on the order in which a map gives its values.
func TestT4SumsOfTrafficAreTheSameEachTime(t *testing.T) {
	var traffic topology.Traffic
	for i := range 40 {
		traffic.AddRequests(topology.Response{Code: strconv.Itoa(200 + 5*i)}, 0.1*float64(i*i)+0.07)
	}
	answered, total := traffic.Answered(topology.HTTP), traffic.Total()
	for range 100 {
		require.Equal(t, answered, traffic.Answered(topology.HTTP))
		require.Equal(t, total, traffic.Total())
	}
}

func TestBusiest(t *testing.T) {
	require.Empty(t, topology.Busiest(nil))
	require.Equal(t, "b", topology.Busiest(map[string]float64{"a": 1, "b": 2, "c": 1}))
	require.Equal(t, "a", topology.Busiest(map[string]float64{"b": 2, "a": 2, "c": 2}), "of equals, the first by name")
	require.Equal(t, "a", topology.Busiest(map[string]float64{"a": 0}))
}

func TestActivity(t *testing.T) {
	for name, tc := range map[string]struct {
		traffic topology.Traffic
		want    float64
	}{
		"nothing":                       {topology.Traffic{}, 0},
		"series that did not move":      {requests(0, ok), 0},
		"calls":                         {requests(3, ok), 3},
		"connections":                   {connections(4), 4},
		"bytes of old connections":      {topology.Traffic{TCPResponseBytes: map[string]float64{"-": 1e6}}, 1},
		"messages of an old stream":     {topology.Traffic{RequestMessages: 5}, 1},
		"the end of an old connection":  {topology.Traffic{Closed: 1}, 1},
		"bodies of earlier calls":       {topology.Traffic{ResponseBytes: 900}, 1},
		"durations of earlier calls":    {topology.Traffic{Latency: &topology.Histogram{Bounds: []float64{inf}, Cumulative: []float64{2}}}, 1},
		"a rate far below one a second": {requests(0.0003, ok), 0.0003},
	} {
		t.Run(name, func(t *testing.T) { require.Equal(t, tc.want, tc.traffic.Activity()) })
	}
}

// T4: equal data give equal sums, whatever the order that they came in.
func TestT4SumsDoNotDependOnOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		counts := rapid.MapOf(rapid.StringMatching(`[1-5][0-9]{2}`), amounts()).Draw(t, "counts")
		var want float64
		for i := range 5 {
			var tr topology.Traffic
			for code, n := range counts {
				tr.AddRequests(topology.Response{Code: code}, n)
			}
			if i == 0 {
				want = tr.Total()
			}
			require.Equal(t, want, tr.Total())
		}
	})
}

func TestResponsesAreSorted(t *testing.T) {
	var tr topology.Traffic
	sorted := []topology.Response{
		{Code: "0", Flags: "DC"},
		{Code: "200"},
		{Code: "200", GRPCStatus: "0"},
		{Code: "200", GRPCStatus: "14", Flags: "-"},
		{Code: "200", GRPCStatus: "14", Flags: "UH"},
	}
	for _, r := range sorted {
		tr.AddRequests(r, 1)
	}
	require.Equal(t, sorted, tr.Responses())
}
