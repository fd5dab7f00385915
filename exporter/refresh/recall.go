package refresh

import (
	"context"
	"time"

	"github.com/go-kit/log/level"

	"github.com/meshscope/meshscope/exporter/promql"
	"github.com/meshscope/meshscope/exporter/series"
	"github.com/meshscope/meshscope/exporter/topology"
)

// recall reads back what an exporter before this one has published, so that a
// restart is no news: its edges and since when they are known, whose reports
// were taken, and up to when was counted. What was scraped since is caught up.
func (l *Loop) recall(ctx context.Context, now time.Time) error {
	flows, info := series.NewFlows(), series.NewReader(series.EdgeInfo)
	info.Begin(flows)
	err := l.remember(ctx, "recall_edges", now, series.Presence(series.EdgeInfo, l.settings.limits.IdleTTL), func(s *promql.Series) {
		info.Add(s.All(), 1)
	})
	if err != nil {
		return err
	}
	firstSeen, seen := map[topology.EdgeKey]time.Time{}, series.NewReader(series.EdgeFirstSeen)
	err = l.remember(ctx, "recall_first_seen", now, series.FirstSeen(l.settings.limits.IdleTTL), func(s *promql.Series) {
		firstSeen[seen.Key(s.All())] = time.UnixMilli(int64(s.Points[0].Value * 1e3))
	})
	if err != nil {
		return err
	}
	through, err := l.recallThrough(ctx, now)
	if err != nil {
		return err
	}
	known := flows.Sorted()
	for _, f := range known {
		l.dedup.Remember(f.Key, f.Protocol, f.Reporter, now)
		if since, ok := firstSeen[f.Key]; ok {
			l.ledger.Know(f.Key, since, now)
		}
	}
	if err := l.recallHealth(ctx, now, through, flows); err != nil {
		return err
	}
	if len(known) > 0 {
		level.Info(l.logger).Log("msg", "recalled what was published before", "edges", len(firstSeen), "through", through)
	}
	return nil
}

// remember asks the store for series of an exporter before this one.
func (l *Loop) remember(ctx context.Context, name string, now time.Time, q series.Question, each func(*promql.Series)) error {
	text, err := q.Expr(l.settings.dialect.Matchers...)
	if err != nil {
		return err
	}
	return l.asker.Series(ctx, name, text, now, each)
}

// recallThrough finds up to when was counted, and goes on from there.
func (l *Loop) recallThrough(ctx context.Context, now time.Time) (through time.Time, err error) {
	err = l.remember(ctx, "recall_through", now, series.RefreshedThrough(l.settings.counters.catchUp), func(s *promql.Series) {
		through = time.UnixMilli(int64(s.Points[0].Value * 1e3))
	})
	if err == nil && through.After(time.Unix(0, 0)) && !through.After(l.settings.counters.newest(now)) {
		l.last = alignUp(through, l.settings.counters.step)
		l.lastLatency = through.Truncate(l.settings.latency.step)
	}
	return through, err
}

// recallHealth reads back what was judged by and which verdicts held, if that
// is not too long ago to matter. Flows know whose reports were taken.
func (l *Loop) recallHealth(ctx context.Context, now, through time.Time, flows *series.Flows) error {
	begin := now.Add(-l.judge.length())
	if !through.After(begin) || through.After(now) {
		return nil
	}
	requests := series.NewReader(series.EdgeRequests)
	requests.Begin(flows)
	err := l.remember(ctx, "recall_requests", now, series.Growth(series.EdgeRequests, l.judge.length()), func(s *promql.Series) {
		requests.Add(s.All(), s.Points[0].Value)
	})
	if err != nil {
		return err
	}
	l.judge.count(topology.Interval{End: through, Length: through.Sub(begin)}, flows.Sorted())

	// What was published since, by the last exporter: others have published
	// before it, and may have thought otherwise.
	since := (now.Sub(through) + l.settings.interval).Truncate(time.Second) + time.Second
	for name, f := range recalledVerdicts {
		read := series.NewReader(f)
		err := l.remember(ctx, name, now, series.Verdicts(f, since), func(s *promql.Series) {
			l.judge.recall(f, read, s)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// recalledVerdicts are the families of which the last verdicts are read, by
// what the queries are called.
var recalledVerdicts = map[string]*series.Family{
	"recall_edge_health":      series.EdgeHealth,
	"recall_workload_health":  series.WorkloadHealth,
	"recall_app_health":       series.AppHealth,
	"recall_service_health":   series.ServiceHealth,
	"recall_namespace_health": series.NamespaceHealth,
	"recall_origins":          series.WorkloadFaultOrigin,
}

func (j *judge) recall(f *series.Family, read *series.Reader, s *promql.Series) {
	value := s.Points[0].Value
	switch f {
	case series.EdgeHealth:
		j.settled.RecallEdge(read.Key(s.All()), series.HealthOf(value))
	case series.WorkloadFaultOrigin:
		if value == 1 {
			j.settled.RecallOrigin(read.Node(s.All()))
		}
	default:
		j.settled.Recall(read.Node(s.All()), series.HealthOf(value))
	}
}
