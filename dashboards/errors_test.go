package dashboards_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/meshscope/meshscope/exporter/topology"
)

// What the table counts as an error is what topology does, for each
// combination of labels that there can be.
func TestErrorsAreTopologys(t *testing.T) {
	want, flows := map[string]float64{}, []topology.Flow{}
	seen := map[topology.Outcome]bool{}
	for _, protocol := range []topology.Protocol{topology.HTTP, topology.GRPC} {
		for _, code := range []string{"", "-", "0", "101", "200", "302", "404", "4xx", "503", "5xx", "50", "5033"} {
			for _, status := range []string{"", "0", "14"} {
				if protocol == topology.HTTP && status != "" {
					continue // is there for gRPC alone
				}
				response := topology.Response{Code: code, GRPCStatus: status}
				name := fmt.Sprintf("%s-%s-%s", protocol, code, status)
				flows = append(flows, calls(web, peer(west, "shop", name), protocol, topology.MutualTLS, responses{response: 10}))
				outcome := response.Outcome(protocol)
				want[name], seen[outcome] = 0, true
				if outcome.IsError() {
					want[name] = 1
				}
			}
		}
	}
	require.Len(t, seen, int(topology.NumOutcomes), "the cases have all outcomes")
	require.LessOrEqual(t, len(flows), 50, "more than the table shows")

	got := map[string]float64{}
	for _, row := range newBench(t, flows).run(t, overview(t)["Worst edges"].Targets[0], choices[0]) {
		got[row.labels["destination_workload"]] = row.value
	}
	assert.Equal(t, want, got)
}
