package istio_test

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/meshscope/meshscope/exporter/istio"
	"github.com/meshscope/meshscope/exporter/promql/expr"
	"github.com/meshscope/meshscope/exporter/topology"
)

// total is the question for what one metric grew by over ten minutes.
func total(o istio.TotalsOptions, m istio.Metric) istio.Question {
	o.Window = 10 * time.Minute
	return istio.Dialect{}.Totals(o, m)[0]
}

// Waypoints are known by their reporter, ztunnels by the scrape label app, which
// is looked at for connections alone: a ztunnel knows no requests.
func TestAmbient(t *testing.T) {
	for mode, want := range map[istio.Ambient][2]string{
		"":                    {"", ""},
		istio.AmbientTotal:    {"", ""},
		istio.AmbientWaypoint: {"", `{app!="ztunnel"}`},
		istio.AmbientZtunnel:  {`{reporter!="waypoint"}`, `{reporter!="waypoint"}`},
		istio.AmbientNone:     {`{reporter!="waypoint"}`, `{reporter!="waypoint",app!="ztunnel"}`},
	} {
		o := istio.TotalsOptions{Ambient: mode}
		require.Equal(t, inForm(totalForm, responseBy+securityBy, "istio_requests_total"+want[0]), text(t, total(o, istio.Requests)), "%q", mode)
		require.Equal(t, inForm(totalForm, securityBy, "istio_tcp_connections_opened_total"+want[1]), text(t, total(o, istio.TCPOpened)), "%q", mode)
	}
	part := text(t, total(istio.TotalsOptions{Ambient: istio.AmbientZtunnel}, istio.Requests), expr.OneOf(istio.PartLabel.String(), "a"))
	require.Contains(t, part, `{reporter!="waypoint",destination_workload_namespace="a"}`)

	for _, mode := range istio.Ambients {
		got, err := istio.ParseAmbient(string(mode))
		require.NoError(t, err)
		require.Equal(t, mode, got)
	}
	_, err := istio.ParseAmbient("Total")
	require.EqualError(t, err, `unknown ambient traffic "Total", want one of total, waypoint, ztunnel, none`)
}

// Asking for operations asks for one more label, of requests; it takes no more
// questions.
func TestOperationQuestions(t *testing.T) {
	o := istio.TotalsOptions{Operation: "request_operation"}
	require.Equal(t, inForm(totalForm, responseBy+securityBy+", request_operation", "istio_requests_total"), text(t, total(o, istio.Requests)))
	require.Equal(t, text(t, total(istio.TotalsOptions{}, istio.RequestBytes)), text(t, total(o, istio.RequestBytes)))
	o.Operation = "response_code"
	require.Equal(t, text(t, total(istio.TotalsOptions{}, istio.Requests)), text(t, total(o, istio.Requests)), "which is there already")
	o.Operation = "no label"
	_, err := total(o, istio.Requests).Expr()
	require.ErrorContains(t, err, `"no label"`)
}

// Without security there are fewer labels, and nothing is read of it: not even
// that it is unknown.
func TestNoSecurity(t *testing.T) {
	o := istio.TotalsOptions{NoSecurity: true, Operation: "request_operation"}
	require.Equal(t, inForm(totalForm, responseBy+", request_operation", "istio_requests_total"), text(t, total(o, istio.Requests)))
	require.Equal(t, inForm(totalForm, "", "istio_tcp_connections_opened_total"), text(t, total(o, istio.TCPOpened)))
	require.Equal(t, text(t, total(istio.TotalsOptions{}, istio.RequestBytes)), text(t, total(o, istio.RequestBytes)))
	secured := []string{"connection_security_policy", "mutual_tls", "source_principal", "spiffe://a"}
	for _, m := range []istio.Metric{istio.Requests, istio.TCPOpened} {
		q := total(istio.TotalsOptions{NoSecurity: true}, m)
		require.False(t, istio.NewReader(q).Reads(total(istio.TotalsOptions{}, m)))
		r := readOne(t, q, says(call(ended("200", "", "-")), 5, secured...))
		require.Equal(t, 5.0, r.Traffic.Calls())
		require.Nil(t, r.Traffic.Secured)
		require.Nil(t, r.Traffic.SourcePrincipals)
	}
}

func TestReadOperations(t *testing.T) {
	q := total(istio.TotalsOptions{Operation: "request_operation"}, istio.Requests)
	ok, failed := topology.Response{Code: "200"}, topology.Response{Code: "500"}
	r := readOne(t, q,
		says(call(ended("200", "", "-")), 5, "request_operation", "list"),
		says(call(ended("500", "", "-")), 2, "request_operation", "list"),
		says(call(ended("200", "", "-")), 3, "request_operation", "unknown"),
		says(call(ended("200", "", "-")), 4),
	)
	require.Equal(t, map[topology.Response]float64{ok: 12, failed: 2}, r.Traffic.Requests, "one edge")
	require.Equal(t, map[topology.Operation]float64{
		{Name: "list", Response: ok}: 5, {Name: "list", Response: failed}: 2, {Response: ok}: 7,
	}, r.Traffic.Operations)

	unasked := readOne(t, total(istio.TotalsOptions{}, istio.Requests), says(call(ended("200", "", "-")), 5, "request_operation", "list"))
	require.Nil(t, unasked.Traffic.Operations)
}

// A call of which only the caller is known ends at a service without a name,
// for who wants these. What else is wrong with a sample stays so.
func TestReadCallsToNowhere(t *testing.T) {
	nowhere := call(noWorkload, noService, ended("404", "", "NR"))
	noReporter := call(noWorkload, noService, with{istio.ReporterLabel: ""})
	for _, wanted := range []bool{false, true} {
		reports, tally := read(istio.NewReader(total(istio.TotalsOptions{Nowhere: wanted}, istio.Requests)), says(nowhere, 4), says(noReporter, 1))
		if !wanted {
			require.Empty(t, reports)
			require.Equal(t, map[istio.Reason]int{istio.NoDestination: 1, istio.NoReporter: 1}, tally.Rejected)
			continue
		}
		require.Equal(t, map[istio.Reason]int{istio.NoReporter: 1}, tally.Rejected)
		require.Len(t, reports, 1)
		require.Equal(t, 4.0, reports[0].Traffic.Total())
		require.Equal(t, "reviews-v2", reports[0].Key.SourceRef().Name)
		ref := reports[0].Key.DestinationRef()
		require.Equal(t, topology.KindService, ref.Kind)
		require.Empty(t, ref.Name)
	}
}

// A reader is for the answers to questions that ask for the same labels.
func TestReads(t *testing.T) {
	plain := istio.TotalsOptions{}
	others := []istio.Question{
		total(istio.TotalsOptions{Operation: "request_operation"}, istio.Requests),
		total(istio.TotalsOptions{Operation: "request_method"}, istio.Requests),
		total(istio.TotalsOptions{Nowhere: true}, istio.Requests),
		total(plain, istio.RequestBytes),
		total(plain, istio.ResponseBytes),
		istio.Dialect{ClusterLabel: "k8s"}.Totals(plain, istio.Requests)[0],
		istio.Dialect{}.Births("births", step, lookback, istio.Requests),
	}
	same := []istio.Question{
		total(plain, istio.Requests), total(istio.TotalsOptions{Ambient: istio.AmbientNone}, istio.Requests), increments(istio.Requests),
	}
	for _, q := range same {
		require.True(t, istio.NewReader(q).Reads(same[0]))
		for _, other := range others {
			require.False(t, istio.NewReader(q).Reads(other))
			require.True(t, istio.NewReader(other).Reads(other))
		}
	}
	for i, q := range others {
		for j, other := range slices.All(others) {
			require.Equal(t, i == j, istio.NewReader(q).Reads(other))
		}
	}
}
