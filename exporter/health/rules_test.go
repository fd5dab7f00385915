package health_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/meshscope/meshscope/exporter/health"
	"github.com/meshscope/meshscope/exporter/topology"
)

// never is a tolerance that takes all, always one that takes nothing.
var (
	never  = []health.Tolerance{{Code: ".*"}}
	always = []health.Tolerance{{Code: "5XX", Degraded: 100, Failure: 100.1}}
)

func judgeBy(rates []health.Rate, o topology.Objects, flows ...topology.Flow) *health.Verdicts {
	r := health.DefaultRules()
	r.Rates = rates
	return r.Judge(window(), flows, o)
}

func TestTheFirstRateThatMatchesHolds(t *testing.T) {
	half := http("shop/web-v1", "shop/cart-v1", ends{"200": 50, "500": 50})
	for name, tc := range map[string]struct {
		rates []health.Rate
		want  map[string]topology.Health
	}{
		"none": {nil, map[string]topology.Health{"workload shop/cart-v1": failure, "app shop/cart": failure, "service shop/cart": failure}},
		"empty patterns are like all": {
			[]health.Rate{{Tolerance: always}},
			map[string]topology.Health{"workload shop/cart-v1": healthy, "app shop/cart": healthy, "service shop/cart": healthy},
		},
		"a kind": {
			[]health.Rate{{Kind: "workload", Tolerance: always}},
			map[string]topology.Health{"workload shop/cart-v1": healthy, "app shop/cart": failure, "service shop/cart": failure},
		},
		"kinds": {
			[]health.Rate{{Kind: "app|service", Tolerance: always}},
			map[string]topology.Health{"workload shop/cart-v1": failure, "app shop/cart": healthy, "service shop/cart": healthy},
		},
		"a name": {
			[]health.Rate{{Name: "cart", Tolerance: always}},
			map[string]topology.Health{"workload shop/cart-v1": failure, "app shop/cart": healthy, "service shop/cart": healthy},
		},
		"names are matched whole, each of several": {
			[]health.Rate{{Name: "cart|web", Tolerance: always}},
			map[string]topology.Health{"workload shop/cart-v1": failure, "app shop/cart": healthy, "app shop/web": healthy},
		},
		"anchors are no harm": {
			[]health.Rate{{Name: "^cart$", Tolerance: always}},
			map[string]topology.Health{"workload shop/cart-v1": failure, "app shop/cart": healthy},
		},
		"a namespace": {
			[]health.Rate{{Namespace: "sho", Tolerance: always}, {Namespace: "s.*", Tolerance: always}},
			map[string]topology.Health{"workload shop/cart-v1": healthy},
		},
		"the first of two": {
			[]health.Rate{{Name: "cart-.*", Tolerance: always}, {Name: "cart-v1", Tolerance: never}},
			map[string]topology.Health{"workload shop/cart-v1": healthy, "app shop/cart": failure},
		},
		"the other way round": {
			[]health.Rate{{Name: "cart-v1", Tolerance: never}, {Name: "cart-.*", Tolerance: always}},
			map[string]topology.Health{"workload shop/cart-v1": failure},
		},
		"it replaces the defaults": {
			[]health.Rate{{Name: "cart-v1", Tolerance: []health.Tolerance{{Code: "404", Failure: 1}}}},
			map[string]topology.Health{"workload shop/cart-v1": healthy, "app shop/cart": failure},
		},
		"one that cannot be read is left out": {
			[]health.Rate{{Name: "cart-v1(", Tolerance: always}, {Tolerance: nil}, {Tolerance: []health.Tolerance{{Code: "["}}}},
			map[string]topology.Health{"workload shop/cart-v1": failure},
		},
	} {
		t.Run(name, func(t *testing.T) {
			v := judgeBy(tc.rates, nil, half)
			for node, want := range tc.want {
				require.Equal(t, want, of(t, v, node), node)
			}
		})
	}
}

func TestDirection(t *testing.T) {
	half := http("shop/web-v1", "shop/cart-v1", ends{"200": 50, "500": 50})
	for direction, want := range map[string][3]topology.Health{
		"inbound":          {na, failure, failure},
		"outbound":         {failure, na, failure},
		".*":               {failure, failure, failure},
		"":                 {failure, failure, failure},
		"inbound|outbound": {failure, failure, failure},
		"in":               {na, na, healthy}, // is like neither
	} {
		v := judgeBy([]health.Rate{{Tolerance: []health.Tolerance{{Code: "5XX", Direction: direction, Failure: 10}}}}, nil, half)
		require.Equal(t, want, [3]topology.Health{
			of(t, v, "workload shop/web-v1"), of(t, v, "workload shop/cart-v1"), v.OfEdge(half.Key).Health,
		}, direction)
	}
}

func TestCodes(t *testing.T) {
	for _, tc := range []struct {
		pattern string
		takes   []string
		not     []string
	}{
		{"5XX", []string{"500", "503", "599", "5xx"}, []string{"50", "5000", "400", "5ab", "4xx"}},
		{"5xx", []string{"500", "5xx"}, []string{"400"}},
		{"50X", []string{"500", "509"}, []string{"510", "5xx"}},
		{"[45]Xx", []string{"404", "503", "4xx"}, []string{"302"}},
		{"503", []string{"503"}, []string{"500", "5030", "5xx"}},
		{"5XX|429", []string{"500", "429"}, []string{"4290", "1500"}},
		{".*", []string{"200", "503", "-"}, nil},
		{"^-$", []string{"-"}, []string{"200"}},
		{"-", []string{"-"}, []string{"200"}},
		{`5\d\d`, []string{"500"}, []string{"400"}},
		{"(?i)5XX", []string{"500"}, []string{"400"}},
	} {
		for want, codes := range map[topology.Health][]string{failure: tc.takes, healthy: tc.not} {
			for _, code := range codes {
				v := judgeBy([]health.Rate{{Tolerance: []health.Tolerance{{Code: tc.pattern, Failure: 10}}}}, nil,
					http("shop/web-v1", "shop/cart-v1", ends{code: 100}))
				require.Equal(t, want, of(t, v, "workload shop/cart-v1"), "%s and %s", tc.pattern, code)
			}
		}
	}
}

// Of a gRPC call Kiali's graph knows an HTTP error, and its lists the status.
func TestGRPCCodes(t *testing.T) {
	for _, tc := range []struct {
		response topology.Response
		takes    []string
		not      []string
	}{
		{topology.Response{Code: "200", GRPCStatus: "0"}, []string{"0"}, []string{"200", "14"}},
		{topology.Response{Code: "200", GRPCStatus: "14"}, []string{"14"}, []string{"200", "4", "1", "0"}},
		{topology.Response{Code: "200"}, []string{"200"}, []string{"0"}},
		{topology.Response{Code: "503", GRPCStatus: "14"}, []string{"5XX", "14"}, []string{"2"}},
		{topology.Response{Code: "503", GRPCStatus: "8"}, []string{"503", "8"}, []string{"14"}},
		{topology.Response{Code: "503"}, []string{"5XX", "14"}, []string{"2"}},
		{topology.Response{Code: "500"}, []string{"500", "2"}, []string{"14"}},
		{topology.Response{Code: "400"}, []string{"400", "13"}, nil},
		{topology.Response{Code: "401"}, []string{"16"}, nil},
		{topology.Response{Code: "403"}, []string{"7"}, nil},
		{topology.Response{Code: "404"}, []string{"12"}, nil},
		{topology.Response{Code: "429"}, []string{"14"}, nil},
		{topology.Response{Code: "0", GRPCStatus: "14", Flags: "UF"}, []string{"-"}, []string{"14", "0"}},
	} {
		f := grpc("shop/web-v1", "shop/cart-v1", nil)
		f.Traffic.AddRequests(tc.response, 100)
		for want, patterns := range map[topology.Health][]string{failure: tc.takes, healthy: tc.not} {
			for _, pattern := range patterns {
				v := judgeBy([]health.Rate{{Tolerance: []health.Tolerance{{Code: pattern, Failure: 10}}}}, nil, f)
				require.Equal(t, want, of(t, v, "workload shop/cart-v1"), "%+v and %s", tc.response, pattern)
			}
		}
	}
}

// One code may stand in two tolerances, and is one ratio.
func TestOneCodeInTwoTolerances(t *testing.T) {
	v := judgeBy([]health.Rate{{Tolerance: []health.Tolerance{
		{Code: "5XX", Direction: "inbound", Degraded: 1, Failure: 60},
		{Code: "5XX", Direction: ".*", Degraded: 60, Failure: 70},
		{Code: "5xx", Degraded: 90, Failure: 90},
	}}}, nil, http("shop/web-v1", "shop/cart-v1", ends{"200": 50, "500": 50}))
	require.Equal(t, []string{"in http 5XX 50/100 Degraded", "in http 5xx 50/100 Healthy"}, ratios(v.Of(ref("workload shop/cart-v1"))))
	require.Equal(t, []string{"out http 5XX 50/100 Healthy", "out http 5xx 50/100 Healthy"}, ratios(v.Of(ref("workload shop/web-v1"))))
}

func TestAnEdgeIsAsUnwellAsItsWorseEnd(t *testing.T) {
	f := http("shop/web-v1", "shop/cart-v1", ends{"200": 95, "500": 5})
	tolerant := health.Tolerance{Code: "5XX", Degraded: 50, Failure: 50}
	strict := health.Tolerance{Code: "5XX", Degraded: 1, Failure: 5}
	for _, tc := range []struct {
		source, destination health.Tolerance
		want                topology.Health
	}{
		{tolerant, tolerant, healthy},
		{strict, tolerant, failure},
		{tolerant, strict, failure},
		{health.Tolerance{Code: "5XX", Direction: "inbound"}, tolerant, healthy},
		{tolerant, health.Tolerance{Code: "5XX", Direction: "outbound"}, healthy},
	} {
		v := judgeBy([]health.Rate{
			{Name: "web-v1", Tolerance: []health.Tolerance{tc.source}},
			{Name: "cart-v1", Tolerance: []health.Tolerance{tc.destination}},
		}, nil, f)
		require.Equal(t, tc.want, v.OfEdge(f.Key).Health)
	}
}

func TestProblemsOfRates(t *testing.T) {
	require.Empty(t, health.DefaultRate().Problems())
	for _, tolerance := range health.DefaultRate().Tolerance {
		require.Empty(t, tolerance.Problems())
	}
	require.Equal(t, []health.FieldProblem{
		{Field: "namespace", Text: `not a regular expression: "a)(b": unexpected )`},
		{Field: "kind", Useless: true, Text: `"Service" is like none of app, service, workload, so that it never holds`},
		{Field: "tolerance", Text: "none (want at least one)"},
	}, health.Rate{Namespace: "a)(b", Kind: "Service"}.Problems())
	require.Equal(t, []health.FieldProblem{
		{Field: "code", Text: `not a regular expression: "[a-\\d]": invalid escape sequence`},
	}, health.Tolerance{Code: "[a-x]"}.Problems())
}
