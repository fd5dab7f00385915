package health

import (
	"fmt"
	"slices"

	"github.com/meshscope/meshscope/exporter/topology"
)

// Rules are what verdicts are reached by.
type Rules struct {
	// Rates say what is tolerated of whom, in Kiali's words. Of several the
	// first that matches holds, and DefaultRate where none does. One with a
	// pattern that is no regular expression, or without a tolerance, is left out.
	Rates []Rate
	// MinRequests is the least that there must be of one direction and protocol
	// for their errors to count. Fewer are taken as healthy.
	MinRequests float64
}

// Rate is what is tolerated of some workloads, apps and services. Its patterns
// are regular expressions of the whole name; an empty one matches any.
type Rate struct {
	Namespace string
	// Kind is matched against app, service and workload.
	Kind      string
	Name      string
	Tolerance []Tolerance
}

// Tolerance says how many calls may end in a way. Its patterns are as those of
// Rate.
type Tolerance struct {
	// Code is matched against HTTP codes, gRPC statuses, and "-" for no
	// response. An X in it, or x, is any one digit.
	Code string
	// Protocol is matched against http and grpc.
	Protocol string
	// Direction is matched against inbound and outbound.
	Direction string
	// Degraded and Failure are percentages of the requests of that direction and
	// protocol, from which on the verdict is that. Without errors it is neither.
	Degraded, Failure float64
}

// DefaultMinRequests lets no verdict of DefaultRate be a failure for one call
// alone.
const DefaultMinRequests = 15

// DefaultRules are those of a configuration that says nothing of health.
func DefaultRules() Rules { return Rules{MinRequests: DefaultMinRequests} }

// DefaultRate is Kiali's, for all that no other matches.
func DefaultRate() Rate {
	return Rate{Tolerance: []Tolerance{
		{Code: "5XX", Protocol: "http", Direction: ".*", Degraded: 0, Failure: 10},
		{Code: "4XX", Protocol: "http", Direction: ".*", Degraded: 10, Failure: 20},
		{Code: topology.ToleranceGRPC, Protocol: "grpc", Direction: ".*", Degraded: 0, Failure: 10},
		{Code: topology.ToleranceNoResponse, Protocol: "http|grpc", Direction: ".*", Degraded: 0, Failure: 10},
	}}
}

// FieldProblem is what is wrong with a field of a Rate or a Tolerance.
type FieldProblem struct {
	// Field is its name in Kiali's configuration, such as code.
	Field string
	// Useless tells that the field is valid, and that nothing is like it.
	Useless bool
	Text    string
}

// Problems are those of the rate without those of its tolerances.
func (r Rate) Problems() []FieldProblem {
	problems := slices.Concat(
		checkPattern("namespace", r.Namespace),
		checkPattern("kind", r.Kind, kinds...),
		checkPattern("name", r.Name),
	)
	if len(r.Tolerance) == 0 {
		problems = append(problems, FieldProblem{Field: "tolerance", Text: "none (want at least one)"})
	}
	return problems
}

// Problems are what is wrong with the tolerance.
func (t Tolerance) Problems() []FieldProblem {
	var problems []FieldProblem
	if t.Code == "" {
		problems = append(problems, FieldProblem{Field: "code", Text: "no code (want e.g. 5XX, or .* for all)"})
	}
	if _, err := compileCode(t.Code); err != nil {
		problems = append(problems, FieldProblem{Field: "code", Text: err.Error()})
	}
	problems = append(problems, checkPattern("protocol", t.Protocol, string(topology.HTTP), string(topology.GRPC))...)
	problems = append(problems, checkPattern("direction", t.Direction, inbound, outbound)...)
	for _, limit := range []struct {
		field   string
		percent float64
	}{{"degraded", t.Degraded}, {"failure", t.Failure}} {
		if !(limit.percent >= 0) {
			problems = append(problems, FieldProblem{Field: limit.field, Text: fmt.Sprintf("not a percentage: %v (want 0 or more)", limit.percent)})
		}
	}
	if t.Degraded > t.Failure {
		problems = append(problems, FieldProblem{
			Field: "degraded", Text: fmt.Sprintf("more than failure: %v (want at most %v)", t.Degraded, t.Failure),
		})
	}
	return problems
}
