package derived

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/meshscope/meshscope/exporter/promql"
	"github.com/meshscope/meshscope/exporter/promql/expr"
	"github.com/meshscope/meshscope/exporter/series"
	"github.com/meshscope/meshscope/exporter/topology"
	"github.com/meshscope/meshscope/plugin/pkg/query"
	"github.com/meshscope/meshscope/plugin/pkg/source"
)

// Courses reads the traffic of entities at each instant of a span. The store
// adds up what is of one entity.
func (s *Source) Courses(ctx context.Context, span source.Span, q query.Query, wanted []source.Wanted, to source.Taker) (source.Asked, error) {
	measures := measuresOf(q)
	rolled, notes, err := s.rolledSpan(ctx, span, measures)
	if err != nil {
		return source.Asked{}, err
	}
	if rolled != nil {
		span = *rolled
	}
	var questions []courseQuestion
	for _, w := range wanted {
		if len(w.Of) == 0 {
			continue
		}
		narrowed := narrow(w)
		for _, m := range measures {
			questions = append(questions, courseQuestion{measure: m, narrowing: narrowed, order: len(questions), rolled: rolled != nil})
		}
	}
	all := &courses{span: span, cells: map[int][]*cell{}}
	read := make([]note, len(questions))
	group, inGroup := errgroup.WithContext(ctx)
	for i, question := range questions {
		group.Go(func() (err error) {
			read[i], err = s.readCourse(inGroup, question, all)
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return source.Asked{}, err
	}
	to.Over(span)
	all.hand(to)
	return asked(notes, read), nil
}

// measure is what is asked of a family: told apart by these of its own labels.
type measure struct {
	question func(window time.Duration) series.Question
	matchers []expr.Matcher
	own      []string
}

// measuresOf are what the stats of a query are made of.
func measuresOf(q query.Query) []measure {
	shows := func(s ...query.Stat) bool {
		return slices.ContainsFunc(q.Stats, func(stat query.Stat) bool { return slices.Contains(s, stat) })
	}
	var all []measure
	ask := func(f *series.Family, own ...string) {
		all = append(all, measure{func(window time.Duration) series.Question { return series.Growth(f, window) }, protocolsOf(q, own), own})
	}
	const protocol = "request_protocol"
	if q.Shows(topology.HTTP) || q.Shows(topology.GRPC) {
		switch {
		case shows(query.ErrorRatio):
			ask(series.EdgeRequests, protocol, "response_code", "grpc_response_status")
		case shows(query.RequestRate):
			ask(series.EdgeRequests, protocol)
		}
		if shows(query.Throughput) {
			ask(series.EdgeRequestBytes, protocol)
			ask(series.EdgeResponseBytes, protocol)
		}
		quantile := shows(query.P50, query.P95, query.P99)
		if quantile || shows(query.Avg) {
			ask(series.EdgeDuration, protocol)
			if !quantile {
				last := &all[len(all)-1]
				last.matchers = append(last.matchers, expr.Matcher{Label: "le", Op: expr.Equal, Value: "+Inf"})
			}
		}
		if shows(query.Avg) {
			all = append(all, measure{series.DurationSum, protocolsOf(q, []string{protocol}), []string{protocol}})
		}
	}
	if q.Shows(topology.GRPC) && shows(query.MessageRate) {
		ask(series.EdgeRequestMessages)
		ask(series.EdgeResponseMessages)
	}
	if q.Shows(topology.TCP) {
		if shows(query.TCPRate) {
			ask(series.EdgeTCPRequestBytes)
			ask(series.EdgeTCPResponseBytes)
		}
		if shows(query.ConnectionRate) {
			ask(series.EdgeTCPOpened)
		}
	}
	if shows(query.MTLS) {
		ask(series.EdgeSecured, protocol, "connection_security_policy")
	}
	return all
}

// protocolsOf leaves out of families that are told apart by protocol those that
// are not shown.
func protocolsOf(q query.Query, own []string) []expr.Matcher {
	if len(own) == 0 || q.ShowsAllProtocols() {
		return nil
	}
	names := make([]string, len(q.Protocols))
	for i, p := range q.Protocols {
		names[i] = string(p)
	}
	return []expr.Matcher{expr.OneOf("request_protocol", names...)}
}

// courseQuestion is one question of several instants.
type courseQuestion struct {
	measure
	narrowing

	order  int
	rolled bool
}

// at is the question for the time before an instant.
func (q courseQuestion) at(window time.Duration) series.Question {
	asked := q.question(window)
	own := q.own
	if asked.Family == series.EdgeRequests && q.hasLeft() {
		own = series.EdgeRequests.Labels
	}
	asked = asked.By(slices.Concat(q.labels, own)...)
	if q.rolled {
		asked = asked.Rolled(int(window / series.RollupEvery))
	}
	return asked
}

func (n *narrowing) hasLeft() bool {
	for _, share := range n.of {
		if share.Left != nil {
			return true
		}
	}
	return false
}

// cell is one series of an answer: what an entity's traffic is added up from.
type cell struct {
	series.Place

	order  int
	values []float64 // NaN where there is none
}

// courses collects the cells of entities.
type courses struct {
	mu    sync.Mutex
	span  source.Span
	cells map[int][]*cell
}

// leastOfLatency is the shortest window that durations are read over: the
// exporter reads them less often than all else (latency.interval, a minute by
// default), and a window must hold two of its readings. Neither means nor
// quantiles depend on how long it is.
const leastOfLatency = 150 * time.Second

func (s *Source) readCourse(ctx context.Context, q courseQuestion, into *courses) (note, error) {
	asked := q.at(into.span.Window)
	if asked.Family == series.EdgeDuration && !q.rolled {
		asked = q.at(max(into.span.Window, leastOfLatency))
	}
	text, err := asked.Expr(slices.Concat(q.matchers(), q.measure.matchers)...)
	if err != nil {
		return note{}, fmt.Errorf("question %s: %w", asked.Name(), err)
	}
	reader, giveBack := s.readers.borrow(asked.Family)
	defer giveBack()
	reader.Begin(nil)
	defer reader.End()
	answer, err := s.store.QueryRange(ctx, text, into.span.Range, func(one *promql.Series) error {
		place := reader.Place(one.All())
		share, wanted := q.of[source.Part{Key: place.Key(), Protocol: place.Protocol()}]
		if wanted {
			into.add(share, &cell{Place: place, order: q.order, values: valuesOf(one, into.span, left(share.Left, asked.Family, place))})
		}
		return nil
	})
	span := into.span
	return note{
		Query:    source.Query{Text: text, At: span.End, Since: span.Start, Every: span.Step},
		warnings: answer.Warnings,
	}, err
}

// matchers are those that the entities have in common.
func (q courseQuestion) matchers() []expr.Matcher { return q.narrowing.matchers }

// left is what is left of a series' values.
func left(l *source.Left, f *series.Family, place series.Place) float64 {
	switch {
	case l == nil:
		return 1
	case f == series.EdgeRequests:
		return l.Requests[place.Response()]
	case l.RequestsOnly:
		return 0
	}
	return 1
}

// valuesOf are the values of a series at the instants of a span. What is no
// count is none.
func valuesOf(one *promql.Series, span source.Span, left float64) []float64 {
	values := make([]float64, span.Len())
	for i := range values {
		values[i] = math.NaN()
	}
	for _, p := range one.Points {
		if i, ok := span.Index(p.Time); ok && p.Value >= 0 && !math.IsInf(p.Value, 0) {
			values[i] = p.Value * left
		}
	}
	return values
}

func (c *courses) add(share source.Share, of *cell) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, entity := range share.Entities {
		c.cells[entity] = append(c.cells[entity], of)
	}
}

// hand hands over what was collected. Sums do not depend on the order of the
// store's answers (T4).
func (c *courses) hand(to source.Taker) {
	for entity, cells := range c.cells {
		slices.SortFunc(cells, func(a, b *cell) int { return cmp.Or(cmp.Compare(a.order, b.order), a.Compare(b.Place)) })
		for at := range c.span.Len() {
			var by map[topology.Protocol]*topology.Traffic
			for _, one := range cells {
				value := one.values[at]
				if math.IsNaN(value) {
					continue
				}
				if by == nil {
					by = map[topology.Protocol]*topology.Traffic{}
				}
				t, ok := by[one.Protocol()]
				if !ok {
					t = new(topology.Traffic)
					by[one.Protocol()] = t
				}
				one.Count(t, value)
			}
			if by != nil {
				to.Take(entity, at, by)
			}
		}
	}
}

// rolledSpan are the instants of a span at which the rollups have samples, nil
// where these do not have all of it. Rules are evaluated at times of the
// store's own choice: steps of whole hours begin there.
func (s *Source) rolledSpan(ctx context.Context, span source.Span, measures []measure) (*source.Span, []note, error) {
	if span.Step < series.RollupEvery || span.Step%series.RollupEvery != 0 || span.Len() < 2 {
		return nil, nil, nil
	}
	rolled, err := s.rolledUp(ctx, topology.Interval{End: span.End, Length: span.End.Sub(span.Start) + 2*span.Step})
	if err != nil {
		return nil, nil, err
	}
	var shifted *source.Span
	for _, m := range measures {
		has := alignedTo(span, rolled.hours[m.question(span.Step).Rollup()])
		if has == nil || shifted != nil && *has != *shifted {
			return nil, rolled.notes, nil
		}
		shifted = has
	}
	return shifted, rolled.notes, nil
}

// alignedTo are a span's instants moved to those at which hours end, nil where
// an hour of it is missing. They stay within the span.
func alignedTo(span source.Span, hours []time.Time) *source.Span {
	if len(hours) == 0 {
		return nil
	}
	slices.SortFunc(hours, time.Time.Compare)
	for i, end := range hours[1:] {
		if end.Sub(hours[i]) != series.RollupEvery {
			return nil
		}
	}
	phase := time.Duration(hours[0].UnixMilli()%series.RollupEvery.Milliseconds()) * time.Millisecond
	moved := source.Span{Range: promql.Range{Start: span.Start.Add(phase), End: span.End.Add(phase), Step: span.Step}, Window: span.Step}
	if last := hours[len(hours)-1]; moved.End.After(last) {
		moved.End = moved.End.Add(-span.Step)
	}
	first := moved.Start.Add(-span.Step + series.RollupEvery)
	if moved.End.Before(moved.Start) || moved.End.After(hours[len(hours)-1]) || first.Before(hours[0]) {
		return nil
	}
	return &moved
}
