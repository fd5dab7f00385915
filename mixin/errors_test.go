package mixin

import (
	"strings"
	"testing"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/stretchr/testify/require"

	"github.com/meshscope/meshscope/exporter/topology"
)

// What the rule counts as an error is what topology calls a server's error, an
// error of gRPC or no response, for every combination of labels.
func TestErrorsAreTopologys(t *testing.T) {
	_, rules := render(t, "{}")
	expr := ""
	for _, rule := range all(rules) {
		if strings.HasPrefix(rule.Record, "workload_edge:meshscope_request_errors:increase") {
			expr = rule.Expr
		}
	}
	parts := selectors(t, expr)
	require.NotEmpty(t, parts)

	failures := map[topology.Outcome]bool{
		topology.ServerError: true, topology.NoResponse: true, topology.GRPCError: true,
	}
	seen := map[topology.Outcome]bool{}
	for _, protocol := range []topology.Protocol{topology.HTTP, topology.GRPC} {
		for _, code := range []string{"", "-", "0", "100", "200", "302", "400", "404", "4xx", "499", "500", "503", "5xx", "50", "5033", "abc"} {
			for _, status := range []string{"", "0", "1", "5", "14", "16"} {
				if protocol == topology.HTTP && status != "" {
					continue // is published for gRPC alone
				}
				outcome := topology.Response{Code: code, GRPCStatus: status}.Outcome(protocol)
				seen[outcome] = true
				sample := labels.FromStrings("request_protocol", string(protocol), "response_code", code, "grpc_response_status", status)
				counted := false
				for _, part := range parts {
					counted = counted || matches(part.LabelMatchers, sample)
				}
				require.Equal(t, failures[outcome], counted, "%s is %s", sample, outcome)
			}
		}
	}
	require.Len(t, seen, int(topology.NumOutcomes), "the cases have all outcomes")
}

func matches(matchers []*labels.Matcher, sample labels.Labels) bool {
	for _, m := range matchers {
		if m.Name != model.MetricNameLabel && !m.Matches(sample.Get(m.Name)) {
			return false
		}
	}
	return true
}
