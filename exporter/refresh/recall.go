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
	ask := func(name string, q series.Question, each func(*promql.Series)) error {
		text, err := q.Expr(l.settings.dialect.Matchers...)
		if err != nil {
			return err
		}
		return l.asker.Series(ctx, name, text, now, each)
	}
	flows, info := series.NewFlows(), series.NewReader(series.EdgeInfo)
	info.Begin(flows)
	err := ask("recall_edges", series.Presence(series.EdgeInfo, l.settings.limits.IdleTTL), func(s *promql.Series) {
		info.Add(s.All(), 1)
	})
	if err != nil {
		return err
	}
	firstSeen, seen := map[topology.EdgeKey]time.Time{}, series.NewReader(series.EdgeFirstSeen)
	err = ask("recall_first_seen", series.FirstSeen(l.settings.limits.IdleTTL), func(s *promql.Series) {
		firstSeen[seen.Key(s.All())] = time.UnixMilli(int64(s.Points[0].Value * 1e3))
	})
	if err != nil {
		return err
	}
	var through time.Time
	err = ask("recall_through", series.RefreshedThrough(l.settings.counters.catchUp), func(s *promql.Series) {
		through = time.UnixMilli(int64(s.Points[0].Value * 1e3))
	})
	if err != nil {
		return err
	}

	if through.After(time.Unix(0, 0)) && !through.After(l.settings.counters.newest(now)) {
		l.last = alignUp(through, l.settings.counters.step)
		l.lastLatency = through.Truncate(l.settings.latency.step)
	}
	known := flows.Sorted()
	for _, f := range known {
		l.dedup.Remember(f.Key, f.Protocol, f.Reporter, now)
		if since, ok := firstSeen[f.Key]; ok {
			l.ledger.Know(f.Key, since, now)
		}
	}
	if len(known) > 0 {
		level.Info(l.logger).Log("msg", "recalled what was published before", "edges", len(firstSeen), "through", through)
	}
	return nil
}
