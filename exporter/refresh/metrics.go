package refresh

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/meshscope/meshscope/exporter/derive"
	"github.com/meshscope/meshscope/exporter/istio"
	"github.com/meshscope/meshscope/exporter/promql"
	"github.com/meshscope/meshscope/exporter/series"
	"github.com/meshscope/meshscope/exporter/topology"
)

// metrics are the series about refreshing. Counters start at 0 with every
// label value that is known beforehand, so that the first event is not lost.
type metrics struct {
	duration      *prometheus.HistogramVec
	skipped       prometheus.Counter
	queries       *prometheus.CounterVec
	queryDuration *prometheus.HistogramVec
	samples       *prometheus.CounterVec
	rejected      *prometheus.CounterVec
	folded        *prometheus.CounterVec
	dropped       *prometheus.CounterVec
	gaugesDropped prometheus.Counter
}

// The stages of a refresh.
const (
	stageQuery  = "query"
	stageDerive = "derive"
	stageRender = "render"
)

func newMetrics(r prometheus.Registerer) *metrics {
	m := &metrics{
		duration:      histogram(series.RefreshDuration),
		skipped:       total(series.RefreshSkipped),
		queries:       counter(series.Queries),
		queryDuration: histogram(series.QueryDuration),
		samples:       counter(series.Samples),
		rejected:      counter(series.SamplesRejected),
		folded:        counter(series.SamplesFolded),
		dropped:       counter(series.EdgesDropped),
		gaugesDropped: total(series.GaugesDropped),
	}
	r.MustRegister(m.duration, m.skipped, m.queries, m.queryDuration, m.samples, m.rejected, m.folded, m.dropped, m.gaugesDropped)
	for _, stage := range []string{stageQuery, stageDerive, stageRender} {
		m.duration.WithLabelValues(stage)
	}
	for _, reason := range istio.Reasons {
		m.rejected.WithLabelValues(string(reason))
	}
	for _, reason := range topology.FoldReasons {
		m.folded.WithLabelValues(string(reason))
	}
	for _, reason := range series.DropReasons {
		m.dropped.WithLabelValues(string(reason))
	}
	return m
}

func total(f *series.Family) prometheus.Counter {
	return prometheus.NewCounter(prometheus.CounterOpts{Name: f.Name, Help: f.Help})
}

func counter(f *series.Family) *prometheus.CounterVec {
	return prometheus.NewCounterVec(prometheus.CounterOpts{Name: f.Name, Help: f.Help}, f.Labels)
}

func histogram(f *series.Family) *prometheus.HistogramVec {
	return prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name: f.Name, Help: f.Help, Buckets: []float64{.01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60},
	}, f.Labels)
}

// expect makes the series of a query, at 0. Of the many ways to fail those
// appear that happen.
func (m *metrics) expect(query string) {
	m.queries.WithLabelValues(query, promql.Outcome(nil))
	m.queryDuration.WithLabelValues(query)
}

func (m *metrics) observeQuery(o derive.Observation) {
	m.queries.WithLabelValues(o.Name, o.Outcome).Inc()
	m.queryDuration.WithLabelValues(o.Name).Observe(o.Took.Seconds())
}

func (m *metrics) count(t istio.Tally) {
	for key, n := range t.Samples {
		m.samples.WithLabelValues(key).Add(float64(n))
	}
	for reason, n := range t.Rejected {
		m.rejected.WithLabelValues(string(reason)).Add(float64(n))
	}
}

// stage measures a stage of a refresh: call what it returns at the stage's end.
func (m *metrics) stage(name string) func() {
	start := time.Now()
	return func() { m.duration.WithLabelValues(name).Observe(time.Since(start).Seconds()) }
}

func countReasons[R ~string](c *prometheus.CounterVec, by map[R]int) {
	for reason, n := range by {
		c.WithLabelValues(string(reason)).Add(float64(n))
	}
}
