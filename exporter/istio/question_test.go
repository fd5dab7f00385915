package istio_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql/parser"
	"github.com/stretchr/testify/require"

	"github.com/meshscope/meshscope/exporter/istio"
	"github.com/meshscope/meshscope/exporter/promql/expr"
)

// The labels that questions group by: those that every metric has, and what
// some have beyond.
const (
	edgeBy = "reporter, source_cluster, source_workload_namespace, source_workload, source_canonical_service, source_canonical_revision, " +
		"destination_cluster, destination_workload_namespace, destination_workload, destination_canonical_service, destination_canonical_revision, " +
		"destination_service, destination_service_name, destination_service_namespace"
	securityBy = ", connection_security_policy, source_principal, destination_principal"
	responseBy = ", request_protocol, response_code, grpc_response_status, response_flags"
)

// raw is every metric that is asked for, with all that differs between them.
var raw = []struct {
	metric istio.Metric
	key    string
	name   string
	by     string // beyond edgeBy
	// still tells that series that did not move are wanted, too: those that say
	// who reports (T1), and the buckets of a histogram's layout.
	still bool
}{
	{istio.Requests, "requests", "istio_requests_total", responseBy + securityBy, true},
	{istio.RequestBytes, "request_bytes", "istio_request_bytes_sum", ", request_protocol", false},
	{istio.ResponseBytes, "response_bytes", "istio_response_bytes_sum", ", request_protocol", false},
	{istio.RequestMessages, "request_messages", "istio_request_messages_total", "", false},
	{istio.ResponseMessages, "response_messages", "istio_response_messages_total", "", false},
	{istio.TCPRequestBytes, "tcp_request_bytes", "istio_tcp_received_bytes_total", ", response_flags", true},
	{istio.TCPResponseBytes, "tcp_response_bytes", "istio_tcp_sent_bytes_total", ", response_flags", true},
	{istio.TCPOpened, "tcp_opened", "istio_tcp_connections_opened_total", securityBy, true},
	{istio.TCPClosed, "tcp_closed", "istio_tcp_connections_closed_total", "", false},
	{istio.LatencyBuckets, "latency", "istio_request_duration_milliseconds_bucket", ", request_protocol, le", true},
	{istio.LatencySum, "latency_sum", "istio_request_duration_milliseconds_sum", ", request_protocol", false},
	{istio.LatencyCount, "latency_count", "istio_request_duration_milliseconds_count", ", request_protocol", false},
}

// The forms of reference/exact-counters.md, of which the derived counters'
// exactness was measured: G the labels, x the metric.
const (
	incrementForm = `15 * sum by (G) (irate(last_over_time(x[5m])[15001ms:15s]))`
	birthForm     = `sum by (G) ((last_over_time(x[5m]) unless last_over_time(x[5m] offset 15s)) ` +
		`and on (job, instance) ((up and ((up offset 15s) == 1)) ` +
		`unless on (job, instance) ((max_over_time(scrape_series_added[15s]) > (0.5 * scrape_samples_post_metric_relabeling)) ` +
		`> (scrape_samples_post_metric_relabeling - (0.5 * (scrape_samples_post_metric_relabeling offset 15s))))))`
	totalForm = `sum by (G) (increase(x[10m]))`
)

// The same as they stand there, s = 15s and W = 5m put in.
const (
	measuredIncrement = `15 * sum by (G) (irate(last_over_time(x[5m])[15001ms:15s]))`
	measuredBirths    = `sum by (G) ((last_over_time(x[5m]) unless last_over_time(x[5m] offset 15s))
          and on (job, instance) (up and (up offset 15s == 1)
            unless on (job, instance) (max_over_time(scrape_series_added[15s]) > 0.5 * scrape_samples_post_metric_relabeling
              > scrape_samples_post_metric_relabeling - 0.5 * scrape_samples_post_metric_relabeling offset 15s)))`
)

func TestFormsAreThoseOfTheReference(t *testing.T) {
	require.Equal(t, withoutParentheses(t, measuredIncrement), withoutParentheses(t, incrementForm))
	require.Equal(t, withoutParentheses(t, measuredBirths), withoutParentheses(t, birthForm))
	require.NotEqual(t, withoutParentheses(t, "a and b unless c"), withoutParentheses(t, "a and (b unless c)"), "they are no mere ornament")
}

// withoutParentheses is an expression as it is understood: a tree.
func withoutParentheses(t *testing.T, query string) string {
	t.Helper()
	parsed, err := parser.NewParser(parser.Options{}).ParseExpr(query)
	require.NoError(t, err, query)
	return tree(parsed)
}

func tree(node parser.Node) string {
	if p, ok := node.(*parser.ParenExpr); ok {
		return tree(p.Expr)
	}
	var b strings.Builder
	switch n := node.(type) {
	case *parser.BinaryExpr:
		fmt.Fprintf(&b, "%s %v", n.Op, n.VectorMatching)
	case *parser.AggregateExpr:
		fmt.Fprintf(&b, "%s by %v", n.Op, n.Grouping)
	case *parser.Call:
		b.WriteString(n.Func.Name)
	case *parser.SubqueryExpr:
		fmt.Fprintf(&b, "subquery %s %s", n.Range, n.Step)
	default:
		b.WriteString(node.String())
	}
	for child := range parser.ChildrenIter(node) {
		b.WriteString(" (" + tree(child) + ")")
	}
	return b.String()
}

func inForm(form, by, name string) string {
	return strings.NewReplacer("(G)", "("+edgeBy+by+")", "x[", name+"[").Replace(form)
}

func text(t *testing.T, q istio.Question, more ...expr.Matcher) string {
	t.Helper()
	got, err := q.Expr(more...)
	require.NoError(t, err)
	return got
}

func TestIncrementsAreTheMeasuredQueries(t *testing.T) {
	for _, r := range raw {
		want := inForm(incrementForm, r.by, r.name)
		if !r.still {
			want = "(" + want + ") != 0"
		}
		questions := istio.Dialect{}.Increments(15*time.Second, 5*time.Minute, r.metric)
		require.Len(t, questions, 1)
		require.Equal(t, want, text(t, questions[0]))
		require.Equal(t, r.key, questions[0].Name)
	}
}

func TestBirthsAreTheMeasuredQueries(t *testing.T) {
	for _, r := range raw {
		one := istio.Dialect{}.Births("births", 15*time.Second, 5*time.Minute, r.metric)
		require.Equal(t, inForm(birthForm, r.by, r.name), text(t, one))
		require.Equal(t, "births", one.Name)
	}
	// Several at once say which metric they are of.
	named := func(by, name string) string {
		return fmt.Sprintf(`label_replace(%s, "metric", "%s", "", "")`, inForm(birthForm, by, name), name)
	}
	several := istio.Dialect{}.Births("births", 15*time.Second, 5*time.Minute, istio.TCPRequestBytes, istio.TCPOpened, istio.TCPClosed)
	require.Equal(t, "("+named(", response_flags", "istio_tcp_received_bytes_total")+" or "+
		named(securityBy, "istio_tcp_connections_opened_total")+") or "+named("", "istio_tcp_connections_closed_total"), text(t, several))
}

// Of metrics whose series need not be known when they did not move, the
// questions leave these to the store; NaN is not left there, but counted.
func TestTotals(t *testing.T) {
	for _, r := range raw {
		want := inForm(totalForm, r.by, r.name)
		if !r.still {
			want += " != 0"
		}
		require.Equal(t, want, text(t, istio.Dialect{}.Totals(istio.TotalsOptions{Window: 10 * time.Minute}, r.metric)[0]))
	}
}

func TestSmallQuestions(t *testing.T) {
	d := istio.Dialect{Prefix: "workload:", Matchers: []expr.Matcher{{Label: "mesh_id", Op: expr.Equal, Value: `m"1`}}}
	scrapes, err := d.Scrapes(time.Hour)
	require.NoError(t, err)
	require.Equal(t, `max(count_over_time(workload:istio_requests_total{mesh_id="m\"1"}[1h])) or `+
		`max(count_over_time(workload:istio_tcp_connections_opened_total{mesh_id="m\"1"}[1h]))`, scrapes)
	namespaces, err := d.Namespaces(istio.Requests, 5*time.Minute)
	require.NoError(t, err)
	require.Equal(t, `group by (destination_workload_namespace) (last_over_time(workload:istio_requests_total{mesh_id="m\"1"}[5m]))`, namespaces)
}

// A part of the mesh is asked for by matchers on Istio's series; whether a
// target is watched does not depend on the part.
func TestMoreMatchersAreOnIstiosSeries(t *testing.T) {
	part := expr.OneOf("destination_workload_namespace", "a", "b")
	births := text(t, istio.Dialect{}.Births("births", 15*time.Second, 5*time.Minute, istio.Requests), part)
	require.Equal(t, inForm(birthForm, responseBy+securityBy, `istio_requests_total{destination_workload_namespace=~"a|b"}`), births)
	increments := text(t, istio.Dialect{}.Increments(15*time.Second, 5*time.Minute, istio.Requests)[0], part)
	require.Equal(t, inForm(incrementForm, responseBy+securityBy, `istio_requests_total{destination_workload_namespace=~"a|b"}`), increments)
}

// questionsOf are all questions of a refresh and of a graph.
func questionsOf(d istio.Dialect, mode istio.LatencyMode) []istio.Question {
	return slices.Concat(
		d.CounterQuestions(15*time.Second, 5*time.Minute),
		d.LatencyQuestions(mode, time.Minute, 5*time.Minute),
		d.Totals(istio.TotalsOptions{Window: 10 * time.Minute}, istio.GraphMetrics(mode)...),
	)
}

var modes = []istio.LatencyMode{istio.LatencyHistogram, istio.LatencySummary, istio.LatencyOff}

// However large the mesh is, a refresh is a constant number of queries, 20 at
// most; each metric is asked for its increments once and for its births once.
func TestQuestionsPerRefresh(t *testing.T) {
	always := []string{
		"request_bytes", "request_messages", "requests", "response_bytes", "response_messages",
		"tcp_closed", "tcp_opened", "tcp_request_bytes", "tcp_response_bytes",
	}
	for mode, latency := range map[istio.LatencyMode][]string{
		istio.LatencyHistogram: {"latency", "latency_sum"},
		istio.LatencySummary:   {"latency_count", "latency_sum"},
		istio.LatencyOff:       nil,
	} {
		var d istio.Dialect
		questions := append(d.CounterQuestions(step, lookback), d.LatencyQuestions(mode, time.Minute, lookback)...)
		require.LessOrEqual(t, len(questions), 20, "%s", mode)
		increments, births, names := map[string]int{}, map[string]int{}, map[string]bool{}
		for _, q := range questions {
			require.False(t, names[q.Name], "two questions are called %s", q.Name)
			names[q.Name] = true
			count := increments
			if strings.HasSuffix(q.Name, "births") {
				count = births
			}
			for _, m := range q.Metrics {
				count[m.Key]++
			}
		}
		want := map[string]int{}
		for _, key := range slices.Concat(always, latency) {
			want[key] = 1
		}
		require.Equal(t, want, increments, "%s", mode)
		require.Equal(t, want, births, "%s", mode)

		graph := map[string]int{}
		for _, q := range d.Totals(istio.TotalsOptions{Window: time.Minute}, istio.GraphMetrics(mode)...) {
			require.Len(t, q.Metrics, 1)
			graph[q.Metrics[0].Key]++
		}
		require.Equal(t, want, graph, "%s", mode)
	}
}

func TestIsLatency(t *testing.T) {
	var d istio.Dialect
	for _, mode := range modes {
		for _, q := range d.LatencyQuestions(mode, time.Minute, lookback) {
			require.True(t, q.IsLatency(), q.Name)
		}
	}
	for _, q := range d.CounterQuestions(step, lookback) {
		require.False(t, q.IsLatency(), q.Name)
	}
}

// What configuration says of the store is in every question and in every part
// of it, as Prometheus's own parser reads it.
func TestDialectIsAppliedEverywhere(t *testing.T) {
	for _, d := range []istio.Dialect{
		{},
		{Prefix: "workload:"},
		{Matchers: []expr.Matcher{{Label: "mesh_id", Op: expr.Equal, Value: "m1"}, {Label: "env", Op: expr.NotRegex, Value: `dev"|test\\.*`}}},
		{ClusterLabel: "k8s_cluster"},
		{Prefix: "workload:", Matchers: []expr.Matcher{{Label: "k8s_cluster", Op: expr.Regex, Value: "eu-.*"}}, ClusterLabel: "k8s_cluster"},
		{ClusterLabel: "source_cluster"},
	} {
		for _, mode := range modes {
			for _, q := range questionsOf(d, mode) {
				checkDialect(t, d, q)
			}
		}
	}
}

func checkDialect(t *testing.T, d istio.Dialect, q istio.Question) {
	t.Helper()
	query := text(t, q, expr.OneOf("destination_workload_namespace", "", "it's"))
	parsed, err := parser.NewParser(parser.Options{}).ParseExpr(query)
	require.NoError(t, err, query)
	require.Equal(t, parser.ValueTypeVector, parsed.Type(), query)
	asked := map[string]bool{}
	parser.Inspect(parsed, func(node parser.Node, _ []parser.Node) error {
		switch n := node.(type) {
		case *parser.VectorSelector:
			for _, m := range d.Matchers {
				require.True(t, slices.ContainsFunc(n.LabelMatchers, func(have *labels.Matcher) bool {
					return have.Name == m.Label && have.Value == m.Value && have.Type.String() == string(m.Op)
				}), "%s lacks %v in %s", n, m, query)
			}
			if name, ok := strings.CutPrefix(n.Name, d.Prefix); ok && strings.HasPrefix(name, "istio_") {
				asked[name] = true
			} else {
				require.Contains(t, []string{"up", "scrape_series_added", "scrape_samples_post_metric_relabeling"}, n.Name, query)
			}
		case *parser.AggregateExpr:
			require.False(t, n.Without)
			require.Equal(t, len(n.Grouping), len(slices.Compact(slices.Sorted(slices.Values(n.Grouping)))), "a label twice in %s", query)
			if d.ClusterLabel != "" {
				require.Contains(t, n.Grouping, d.ClusterLabel, query)
			}
		case *parser.BinaryExpr:
			// Targets of two clusters may have one address.
			if n.VectorMatching != nil && n.VectorMatching.On && d.ClusterLabel != "" {
				require.Contains(t, n.VectorMatching.MatchingLabels, d.ClusterLabel, query)
			}
		}
		return nil
	})
	for _, m := range q.Metrics {
		require.True(t, asked[m.Name], "%s is not asked for in %s", m.Name, query)
	}
	require.Len(t, asked, len(q.Metrics), query)
}

// What cannot be written in PromQL is an error, not another question.
func TestQuestionsThatCannotBeAsked(t *testing.T) {
	for _, d := range []istio.Dialect{
		{Matchers: []expr.Matcher{{Label: "mesh-id", Op: expr.Equal, Value: "m1"}}},
		{Matchers: []expr.Matcher{{Label: "mesh_id", Op: expr.Equal, Value: "\xff"}}},
		{ClusterLabel: "k8s cluster"},
	} {
		for _, q := range questionsOf(d, istio.LatencyHistogram) {
			_, err := q.Expr()
			require.Error(t, err)
		}
	}
	for _, q := range (istio.Dialect{Prefix: "federated metrics "}).CounterQuestions(step, lookback) {
		_, err := parser.NewParser(parser.Options{}).ParseExpr(text(t, q))
		require.NoError(t, err, "a name that needs quotes is quoted")
	}
}
