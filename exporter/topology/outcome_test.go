package topology_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/meshscope/meshscope/exporter/topology"
)

func TestOutcome(t *testing.T) {
	for _, tc := range []struct {
		code, status string
		http, grpc   topology.Outcome
	}{
		{"200", "", topology.Success, topology.GRPCOK},
		{"101", "", topology.Success, topology.GRPCOK},
		{"200", "0", topology.Success, topology.GRPCOK},
		{"200", "14", topology.Success, topology.GRPCError},
		{"200", "16", topology.Success, topology.GRPCError},
		{"301", "", topology.Redirect, topology.GRPCOK},
		{"404", "", topology.ClientError, topology.GRPCError},
		{"404", "0", topology.ClientError, topology.GRPCError},
		{"503", "", topology.ServerError, topology.GRPCError},
		{"503", "0", topology.ServerError, topology.GRPCError},
		{"5xx", "", topology.ServerError, topology.GRPCError}, // codes collapsed by a Telemetry override
		{"2xx", "", topology.Success, topology.GRPCOK},
		{"0", "", topology.NoResponse, topology.NoResponse},
		{"0", "14", topology.NoResponse, topology.NoResponse},
		{"-", "", topology.NoResponse, topology.NoResponse},
		{"", "", topology.OtherOutcome, topology.OtherOutcome},
		{"", "0", topology.OtherOutcome, topology.GRPCOK},
		{"", "2", topology.OtherOutcome, topology.GRPCError},
		{"unknown", "", topology.OtherOutcome, topology.OtherOutcome},
		{"999", "", topology.OtherOutcome, topology.OtherOutcome},
		{"20", "", topology.OtherOutcome, topology.OtherOutcome},
	} {
		r := topology.Response{Code: tc.code, GRPCStatus: tc.status}
		require.Equal(t, tc.http, r.Outcome(topology.HTTP), "http, code %q, status %q", tc.code, tc.status)
		require.Equal(t, tc.grpc, r.Outcome(topology.GRPC), "grpc, code %q, status %q", tc.code, tc.status)
	}
}

func TestOutcomeErrorsAndNames(t *testing.T) {
	errors := map[topology.Outcome]bool{
		topology.ClientError: true, topology.ServerError: true, topology.NoResponse: true, topology.GRPCError: true,
	}
	names := map[string]bool{}
	for o := range topology.NumOutcomes {
		require.Equal(t, errors[o], o.IsError(), "%s", o)
		require.NotEmpty(t, o.String())
		names[o.String()] = true
	}
	require.Len(t, names, int(topology.NumOutcomes))
	require.Equal(t, "other", topology.Outcome(200).String())
}

func TestOutcomesAndAnswered(t *testing.T) {
	var tr topology.Traffic
	tr.AddRequests(topology.Response{Code: "200"}, 1)
	tr.AddRequests(topology.Response{Code: "204"}, 2)
	tr.AddRequests(topology.Response{Code: "302"}, 4)
	tr.AddRequests(topology.Response{Code: "404"}, 8)
	tr.AddRequests(topology.Response{Code: "503", Flags: "UH"}, 16)
	tr.AddRequests(topology.Response{Code: "0", Flags: "DC"}, 32)
	tr.AddRequests(topology.Response{}, 64)

	by := tr.Outcomes(topology.HTTP)
	require.Equal(t, [topology.NumOutcomes]float64{
		topology.Success: 3, topology.Redirect: 4, topology.ClientError: 8,
		topology.ServerError: 16, topology.NoResponse: 32, topology.OtherOutcome: 64,
	}, by)
	require.Equal(t, 71.0, tr.Answered(topology.HTTP))
	require.Equal(t, 127.0, tr.Calls())
	tcp := connections(5)
	require.Equal(t, 5.0, tcp.Answered(topology.TCP))
}
