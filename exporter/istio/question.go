package istio

import (
	"slices"
	"time"

	"github.com/meshscope/meshscope/exporter/promql/expr"
	"github.com/meshscope/meshscope/exporter/topology"
)

// Dialect is how a store holds Istio's metrics.
type Dialect struct {
	// Prefix stands before the metrics' names, e.g. "workload:" behind Istio's
	// federation rules.
	Prefix string
	// Matchers are added to every selector.
	Matchers []expr.Matcher
	// ClusterLabel is the store's own label for the cluster that a proxy was
	// scraped in, used where Istio does not know it; or "".
	ClusterLabel string
}

// LatencyMode is how much is read of request durations.
type LatencyMode string

// The modes.
const (
	LatencyHistogram LatencyMode = "histogram"
	LatencySummary   LatencyMode = "summary" // sum and count
	LatencyOff       LatencyMode = "off"
)

// Question is one query to a store, for all of the mesh.
type Question struct {
	// Name tells the question in self metrics and logs.
	Name string
	// Metrics are what it asks for. Where there are several, samples say in
	// the label nameLabel which of them they are of.
	Metrics []Metric

	// Reach is how far back, from the instant that it is asked for, the
	// question looks.
	Reach time.Duration

	births       bool // the answer has only counters that have just appeared
	nowhere      bool // calls of whose destination nothing is known are wanted
	clusterLabel string
	expression   func(...expr.Matcher) expr.Expr
}

// nameLabel holds the metric's name in answers for several metrics. It is not
// __name__, which set operators of PromQL do not look at.
const nameLabel = "metric"

// Expr is the question in PromQL, with more matchers on each of Istio's
// metrics: for a part of the mesh.
func (q Question) Expr(more ...expr.Matcher) (string, error) {
	return expr.Format(q.expression(more...))
}

// labels are those that samples of the answer may carry.
func (q Question) labels() []string {
	var labels []string
	ask := func(name string) {
		if name != "" && !slices.Contains(labels, name) {
			labels = append(labels, name)
		}
	}
	ask(ReporterLabel.String())
	for _, l := range edgeLabels {
		ask(l.String())
	}
	for _, m := range q.Metrics {
		for _, l := range m.labels {
			ask(l.String())
		}
		ask(m.operation)
	}
	ask(q.clusterLabel)
	return labels
}

// metric is the one that a sample is of, by the value of its nameLabel; asked
// is false where the question is for no such metric.
func (q Question) metric(name string) (m Metric, asked bool) {
	if len(q.Metrics) == 1 {
		return q.Metrics[0], true
	}
	i := slices.IndexFunc(q.Metrics, func(m Metric) bool { return m.Name == name })
	return q.Metrics[max(i, 0)], i >= 0
}

// IsLatency tells that the question is for request durations.
func (q Question) IsLatency() bool {
	return slices.ContainsFunc(q.Metrics, Metric.isLatency)
}

func (d Dialect) selector(m Metric, more []expr.Matcher) expr.Selector {
	return expr.Selector{Name: d.Prefix + m.Name, Matchers: slices.Concat(d.Matchers, more)}
}

// by are the labels that answers for m are grouped by.
func (d Dialect) by(m Metric) []string {
	return Question{Metrics: []Metric{m}, clusterLabel: d.ClusterLabel}.labels()
}

// Increments are the questions for what the counters grew by from one instant
// to the next, a step later. They are exact, to the sample: asked for each
// instant of a time that is a multiple of step, the answers add up to what the
// store has scraped, resets and all. A counter that appears on a target that
// was watched before counts from zero; one on a target that is new is a
// baseline. lookback is the longest gap between scrapes that is bridged.
func (d Dialect) Increments(step, lookback time.Duration, metrics ...Metric) []Question {
	questions := make([]Question, 0, len(metrics))
	for _, m := range metrics {
		questions = append(questions, Question{
			Name: m.Key, Metrics: []Metric{m}, Reach: step + lookback, clusterLabel: d.ClusterLabel,
			expression: func(more ...expr.Matcher) expr.Expr {
				grown := expr.Binary(expr.Mul, expr.Number(step.Seconds()), expr.Sum(d.by(m), expr.Func("irate",
					// Two points, a step apart: the subquery is left-open on
					// some stores and closed on others.
					expr.Subquery(lastOverTime(d.selector(m, more), lookback, 0), step+time.Millisecond, step))))
				if m.wantsStill() {
					return grown
				}
				return expr.Binary(expr.Ne, grown, expr.Number(0)) // NaN stays, to be counted
			},
		})
	}
	return questions
}

// Births is the question for counters that appeared within the last step, on
// targets that were scraped before it. Several metrics are asked for at once,
// for there are few births.
func (d Dialect) Births(name string, step, lookback time.Duration, metrics ...Metric) Question {
	return Question{
		Name: name, Metrics: metrics, Reach: step + lookback, births: true, clusterLabel: d.ClusterLabel,
		expression: func(more ...expr.Matcher) expr.Expr {
			var all expr.Expr
			for _, m := range metrics {
				born := expr.Expr(expr.Sum(d.by(m), d.born(m, step, lookback, more)))
				if len(metrics) > 1 {
					born = expr.Func("label_replace", born, expr.String(nameLabel), expr.String(m.Name), expr.String(""), expr.String(""))
				}
				if all == nil {
					all = born
				} else {
					all = expr.Binary(expr.Or, all, born)
				}
			}
			return all
		},
	}
}

func (d Dialect) born(m Metric, step, lookback time.Duration, more []expr.Matcher) expr.Expr {
	x := d.selector(m, more)
	ofTarget := func(name string) expr.Selector { return expr.Selector{Name: name, Matchers: d.Matchers} }
	target, up := d.target(), ofTarget("up")
	watched := expr.Binary(expr.And, up, expr.Binary(expr.Eq, up.Offset(step), expr.Number(1)))
	// Where most of a target's series are new and most of those that it had
	// are gone, its labels have changed: they are old counters under new names.
	// Most are new of a pod that has just started, too, but what it had stays.
	series := ofTarget("scrape_samples_post_metric_relabeling")
	half := func(of expr.Expr) expr.Expr { return expr.Binary(expr.Mul, expr.Number(0.5), of) }
	renamed := expr.Binary(expr.Gt,
		expr.Binary(expr.Gt, expr.Func("max_over_time", ofTarget("scrape_series_added").Range(step)), half(series)),
		expr.Binary(expr.Sub, series, half(series.Offset(step))))
	return expr.Binary(expr.And,
		expr.Binary(expr.Unless, lastOverTime(x, lookback, 0), lastOverTime(x, lookback, step)),
		expr.Binary(expr.Unless, watched, renamed, target),
		target)
}

// target matches what comes from one scrape target. In a store of several
// clusters, addresses of pods are those of one target in each.
func (d Dialect) target() expr.Matching {
	if d.ClusterLabel == "" {
		return expr.On("job", "instance")
	}
	return expr.On("job", "instance", d.ClusterLabel)
}

func lastOverTime(x expr.Selector, lookback, offset time.Duration) expr.Expr {
	r := x.Range(lookback)
	if offset > 0 {
		return expr.Func("last_over_time", r.Offset(offset))
	}
	return expr.Func("last_over_time", r)
}

// TotalsOptions say what Totals ask for.
type TotalsOptions struct {
	Window  time.Duration
	Ambient Ambient
	// Operation is the label that requests are classified by, or "".
	Operation string
	// Nowhere takes calls of whose destination nothing is known.
	Nowhere bool
	// NoSecurity leaves out mutual TLS and identities, where these are not
	// shown: they are the longest labels of all.
	NoSecurity bool
}

// Totals are the questions for what the counters grew by over a window, as
// increase() estimates it: for one graph at one time.
func (d Dialect) Totals(o TotalsOptions, metrics ...Metric) []Question {
	questions := make([]Question, 0, len(metrics))
	for _, m := range metrics {
		m = m.classifiedBy(o.Operation)
		if o.NoSecurity {
			m = m.unsecured()
		}
		questions = append(questions, Question{
			Name: m.Key, Metrics: []Metric{m}, Reach: o.Window, clusterLabel: d.ClusterLabel, nowhere: o.Nowhere,
			expression: func(more ...expr.Matcher) expr.Expr {
				x := d.selector(m, slices.Concat(o.Ambient.matchers(m), more))
				total := expr.Sum(d.by(m), expr.Func("increase", x.Range(o.Window)))
				if m.wantsStill() {
					return total
				}
				return expr.Binary(expr.Ne, total, expr.Number(0))
			},
		})
	}
	return questions
}

// Scrapes is the query for how often, at most, a series of Istio's requests or
// connections was scraped within a window.
func (d Dialect) Scrapes(window time.Duration) (string, error) {
	most := func(m Metric) expr.Expr {
		return expr.Max(nil, expr.Func("count_over_time", d.selector(m, nil).Range(window)))
	}
	return expr.Format(expr.Binary(expr.Or, most(Requests), most(TCPOpened)))
}

// Namespaces is the query for the namespaces that calls of m went to within a
// window; in its answer, the label PartLabel.
func (d Dialect) Namespaces(m Metric, window time.Duration) (string, error) {
	return expr.Format(expr.Aggregation{
		Op: "group", By: []string{PartLabel.String()},
		Of: expr.Func("last_over_time", d.selector(m, nil).Range(window)),
	})
}

// PartLabel is the label by whose values a question is parted, where a store
// refuses to answer it as a whole.
const PartLabel = DestinationWorkloadNamespace

// Counters are the metrics that are read at every step.
var Counters = []Metric{
	Requests, RequestBytes, ResponseBytes, RequestMessages, ResponseMessages,
	TCPRequestBytes, TCPResponseBytes, TCPOpened, TCPClosed,
}

// Latency are the metrics of request durations that a mode reads.
func Latency(mode LatencyMode) []Metric {
	switch mode {
	case LatencyHistogram:
		return []Metric{LatencyBuckets, LatencySum}
	case LatencySummary:
		return []Metric{LatencyCount, LatencySum}
	}
	return nil
}

// GraphMetrics are the metrics that one graph is derived from.
func GraphMetrics(mode LatencyMode) []Metric { return slices.Concat(Counters, Latency(mode)) }

// CounterQuestions are all questions of a step but those for latency.
func (d Dialect) CounterQuestions(step, lookback time.Duration) []Question {
	return append(d.Increments(step, lookback, Counters...),
		d.Births("requests_births", step, lookback, Requests),
		d.Births("bytes_births", step, lookback, RequestBytes, ResponseBytes),
		d.Births("messages_births", step, lookback, RequestMessages, ResponseMessages),
		d.Births("tcp_births", step, lookback, TCPRequestBytes, TCPResponseBytes, TCPOpened, TCPClosed),
	)
}

// LatencyQuestions are all questions for request durations. Their step may be
// a longer one.
func (d Dialect) LatencyQuestions(mode LatencyMode, step, lookback time.Duration) []Question {
	metrics := Latency(mode)
	if len(metrics) == 0 {
		return nil
	}
	return append(d.Increments(step, lookback, metrics...), d.Births("latency_births", step, lookback, metrics...))
}

// FinishLatency makes the histograms of all reports rise, and counts those
// that did not: the buckets of different layouts were summed in them.
func FinishLatency(rs *topology.Reports, tally *Tally) {
	for r := range rs.All() {
		if h := r.Traffic.Latency; h != nil && h.MakeMonotone() {
			tally.Reject(MixedBuckets, 1)
		}
	}
}
