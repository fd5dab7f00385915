package health_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/meshscope/meshscope/exporter/health"
	"github.com/meshscope/meshscope/exporter/topology"
)

func TestAnnotationGrammar(t *testing.T) {
	in5xx := health.Tolerance{Code: "5xx", Degraded: 5, Failure: 10, Protocol: "http", Direction: "inbound"}
	out4xx := health.Tolerance{Code: "4XX", Degraded: 10, Failure: 20.5, Protocol: "http|grpc", Direction: "outbound"}
	for annotation, want := range map[string]struct {
		valid    []health.Tolerance
		problems []health.PartProblem
	}{
		// Good.
		"5xx,5,10,http,inbound":                                         {valid: []health.Tolerance{in5xx}},
		"5xx,5,10,http,inbound;4XX,10,20.5,http|grpc,outbound":          {valid: []health.Tolerance{in5xx, out4xx}},
		" 5xx, 5 , 10,http , inbound ; 4XX,10,20.5,http|grpc,outbound;": {valid: []health.Tolerance{in5xx, out4xx}},
		"5xx,0,0,,":        {valid: []health.Tolerance{{Code: "5xx"}}},
		".*,10,10,http,.*": {valid: []health.Tolerance{{Code: ".*", Degraded: 10, Failure: 10, Protocol: "http", Direction: ".*"}}},
		"":                 {},
		" ; ;":             {},
		// Partly bad.
		"5xx,5,10,http,inbound;invalid;4XX,10,20.5,http|grpc,outbound": {
			valid:    []health.Tolerance{in5xx, out4xx},
			problems: []health.PartProblem{{Part: "invalid", Text: "not five fields (want code,degraded,failure,protocol,direction)"}},
		},
		"5xx,20,10,http,inbound;5xx,5,10,http,inbound": {
			valid:    []health.Tolerance{in5xx},
			problems: []health.PartProblem{{Part: "5xx,20,10,http,inbound", Text: "degraded: more than failure: 20 (want at most 10)"}},
		},
		// It is as it says, and says nothing.
		"5xx,5,10,tcp,inbound": {
			valid: []health.Tolerance{{Code: "5xx", Degraded: 5, Failure: 10, Protocol: "tcp", Direction: "inbound"}},
			problems: []health.PartProblem{{
				Part: "5xx,5,10,tcp,inbound", Useless: true, Text: `protocol: "tcp" is like none of http, grpc, so that it never holds`,
			}},
		},
		// Bad.
		"5xx,5,10,http":                   {problems: []health.PartProblem{{Part: "5xx,5,10,http", Text: "not five fields (want code,degraded,failure,protocol,direction)"}}},
		"5xx,5,10,http,inbound,4xx":       {problems: []health.PartProblem{{Part: "5xx,5,10,http,inbound,4xx", Text: "not five fields (want code,degraded,failure,protocol,direction)"}}},
		"5xx,abc,10,http,inbound":         {problems: []health.PartProblem{{Part: "5xx,abc,10,http,inbound", Text: `degraded: not a percentage: "abc" (want a number, e.g. 10)`}}},
		"5xx,5,10%,http,inbound":          {problems: []health.PartProblem{{Part: "5xx,5,10%,http,inbound", Text: `failure: not a percentage: "10%" (want a number, e.g. 10)`}}},
		"5xx,,10,http,inbound":            {problems: []health.PartProblem{{Part: "5xx,,10,http,inbound", Text: `degraded: not a percentage: "" (want a number, e.g. 10)`}}},
		"5xx,NaN,10,http,inbound":         {problems: []health.PartProblem{{Part: "5xx,NaN,10,http,inbound", Text: `degraded: not a percentage: "NaN" (want a number, e.g. 10)`}}},
		"5xx,-1,10,http,inbound":          {problems: []health.PartProblem{{Part: "5xx,-1,10,http,inbound", Text: `degraded: not a percentage: -1 (want 0 or more)`}}},
		",5,10,http,inbound":              {problems: []health.PartProblem{{Part: ",5,10,http,inbound", Text: "code: no code (want e.g. 5XX, or .* for all)"}}},
		"5xx(,5,10,http,inbound":          {problems: []health.PartProblem{{Part: "5xx(,5,10,http,inbound", Text: `code: not a regular expression: "5xx(": missing closing )`}}},
		"5xx,5,10,http,[":                 {problems: []health.PartProblem{{Part: "5xx,5,10,http,[", Text: `direction: not a regular expression: "[": missing closing ]`}}},
		"{code: 5xx, degraded: 5}, 10, a": {problems: []health.PartProblem{{Part: "{code: 5xx, degraded: 5}, 10, a", Text: "not five fields (want code,degraded,failure,protocol,direction)"}}},
	} {
		valid, problems := health.ParseAnnotation(annotation)
		require.Equal(t, want.valid, valid, "%q", annotation)
		require.Equal(t, want.problems, problems, "%q", annotation)
	}
}

// An annotation stands above all rates, and replaces all that they tolerate.
func TestAnnotationReplaces(t *testing.T) {
	const workload, app, svc = "workload shop/cart-v1", "app shop/cart", "service shop/cart"
	flows := []topology.Flow{http("shop/web-v1", "shop/cart-v1", ends{"200": 95, "500": 2, "404": 3})}
	rates := []health.Rate{{Name: "cart.*", Tolerance: []health.Tolerance{{Code: "500", Failure: 1}}}}
	for annotation, want := range map[string]topology.Health{
		"":                                       failure, // the rate's
		"5xx,5,10,http,inbound":                  healthy,
		"5xx,1,10,http,inbound":                  degraded,
		"4xx,1,3,http,.*":                        failure,
		"4xx,1,4,http,.*":                        degraded, // 5xx is not spoken of
		"5xx,1,10,http,inbound;4xx,1,3,http,.*":  failure,  // the worst
		"5xx,5,10,http,inbound;5xx,no,0,http,.*": healthy,  // partly bad
		"bad;5xx,20,10,http,inbound":             failure,  // bad: the rate's
		"5xx,1,2,grpc,inbound":                   na,       // nothing is said of http
	} {
		v := judgeBy(rates, objects{workload: annotated(annotation), svc: annotated("")}, flows...)
		require.Equal(t, want, of(t, v, workload), "%q", annotation)
		require.Equal(t, failure, of(t, v, app), "%q is the workload's", annotation)
		require.Equal(t, failure, of(t, v, svc), "%q is the workload's", annotation)

		v = judgeBy(rates, objects{svc: annotated(annotation)}, flows...)
		require.Equal(t, want, of(t, v, svc), "%q", annotation)
		require.Equal(t, failure, of(t, v, workload), "%q is the service's", annotation)
	}
}

// Of an edge, the annotations of both ends count.
func TestAnnotationsOfAnEdge(t *testing.T) {
	f := http("shop/web-v1", "shop/cart-v1", ends{"200": 95, "500": 5})
	for _, tc := range []struct {
		web, cart string
		want      topology.Health
	}{
		{"5xx,10,10,http,.*", "5xx,10,10,http,.*", healthy},
		{"5xx,10,10,http,.*", "5xx,1,5,http,inbound", failure},
		{"5xx,1,5,http,outbound", "5xx,10,10,http,.*", failure},
		{"5xx,1,5,http,inbound", "5xx,1,5,http,outbound", healthy},
	} {
		v := judge(objects{"workload shop/web-v1": annotated(tc.web), "workload shop/cart-v1": annotated(tc.cart)}, f)
		require.Equal(t, tc.want, v.OfEdge(f.Key).Health)
	}
}

func TestProblemsOfAnnotationsAreReported(t *testing.T) {
	v := judge(objects{
		"workload shop/cart-v1": annotated("5xx,5,10,http,inbound;nonsense"),
		"workload shop/idle-v1": annotated("5xx,9,1,http,.*"),
		"service shop/cart":     annotated("5xx,5,10,http,inbound"),
	}, http("shop/web-v1", "shop/cart-v1", ends{"200": 100}))
	require.Equal(t, []health.Problem{
		{Ref: ref("workload shop/cart-v1"), PartProblem: health.PartProblem{
			Part: "nonsense", Text: "not five fields (want code,degraded,failure,protocol,direction)",
		}},
		{Ref: ref("workload shop/idle-v1"), PartProblem: health.PartProblem{
			Part: "5xx,9,1,http,.*", Text: "degraded: more than failure: 9 (want at most 1)",
		}},
	}, v.Problems())
}

func FuzzAnnotation(f *testing.F) {
	for _, text := range []string{"5xx,5,10,http,inbound", ";;", "5xx,5,10,http,inbound;x", "[,1,2,(,)", ".*,0,0,,", "\xff,1,2,a,b"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		valid, problems := health.ParseAnnotation(text)
		for _, tolerance := range valid {
			for _, p := range tolerance.Problems() {
				require.True(t, p.Useless, "%q: %v", text, p)
			}
		}
		for _, p := range problems {
			require.Contains(t, text, p.Part)
			require.NotEmpty(t, p.Text)
		}
		v := judge(objects{"workload shop/cart-v1": annotated(text)}, http("shop/web-v1", "shop/cart-v1", ends{"200": 50, "500": 50}))
		if len(valid) == 0 {
			require.Equal(t, failure, of(t, v, "workload shop/cart-v1"))
		}
	})
}
