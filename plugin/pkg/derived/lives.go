package derived

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
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

// maxLooks is how often the store is looked into for when edges went.
const maxLooks = 500

// remembered is how long before its first series an exporter may have been, for
// these to be no first start: as long as exporters remember edges by default.
const remembered = time.Hour

// Lives reads when edges came and went in the interval. When they came they
// tell themselves. That one went shows by its series: they end, while the same
// process goes on to publish others. Where all end, an exporter or a scrape is
// missing; where a process ends, the next one begins with what it sees.
func (s *Source) Lives(ctx context.Context, iv topology.Interval, q query.Query, scrapes time.Duration) (source.Lives, error) {
	l := newLives(iv, scrapes)
	group, inGroup := errgroup.WithContext(ctx)
	waypoints := &waypoints{}
	group.Go(func() error { return s.readPublishers(inGroup, l) })
	group.Go(func() error { return s.readLastLives(inGroup, l) })
	group.Go(func() error { return s.readChanged(inGroup, l) })
	group.Go(func() (err error) {
		waypoints, err = s.waypoints(inGroup, iv, false, &rollups{}, nil)
		return err
	})
	if !q.ShowsAllProtocols() {
		group.Go(func() error { return s.readShown(inGroup, l, q) })
	}
	if err := group.Wait(); err != nil {
		return source.Lives{}, err
	}
	if len(l.published) > 0 {
		if err := s.readWhatIsThere(ctx, l); err != nil {
			return source.Lives{}, err
		}
		if err := s.readUnsettled(ctx, l); err != nil {
			return source.Lives{}, err
		}
	}
	all := source.Lives{All: l.all(), IsWaypoint: waypoints.has, Step: l.over.Step}
	if len(l.published) > 0 {
		all.Since, all.First = l.over.At(l.published[0]), l.first
	}
	all.Asked = asked(l.notes, waypoints.notes)
	slices.SortFunc(all.Queries, func(a, b source.Query) int { return cmp.Or(a.At.Compare(b.At), strings.Compare(a.Text, b.Text)) })
	return all, nil
}

// lives are what several answers tell together.
type lives struct {
	mu    sync.Mutex
	notes []note

	interval topology.Interval
	over     source.Span
	// publishers are who published topology at each instant, by a text that
	// another process does not have; published are the instants with any.
	publishers []string
	published  []int
	first      bool // that of the first of these is the first there ever was

	last      map[topology.EdgeKey]time.Time // since when, of all edges
	there     map[topology.EdgeKey]bool      // at the last instant that anything was published
	unsettled map[topology.EdgeKey][]float64 // since when, at each instant, of those that may have gone
	shown     map[topology.EdgeKey]bool      // those of the protocols that are asked for; nil is all
}

func newLives(iv topology.Interval, scrapes time.Duration) *lives {
	l := &lives{
		interval: iv, last: map[topology.EdgeKey]time.Time{}, there: map[topology.EdgeKey]bool{}, unsettled: map[topology.EdgeKey][]float64{},
	}
	length := iv.Length + series.Baseline // what came before may tell that what comes is no news
	step := max(scrapes, (length/maxLooks + time.Second - 1).Truncate(time.Second))
	end := time.UnixMilli(iv.End.UnixMilli() / step.Milliseconds() * step.Milliseconds())
	begin := end.Add(-length.Truncate(step))
	l.over = source.Span{Range: promql.Range{Start: begin, End: end, Step: step}, Window: length}
	l.publishers = make([]string, l.over.Len())
	return l
}

func (l *lives) noted(n note) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.notes = append(l.notes, n)
}

const processStart = "process_start_time_seconds"

// readPublishers finds out who published, and when.
func (s *Source) readPublishers(ctx context.Context, l *lives) error {
	edges, target := expr.Selector{Name: series.Edges.Name}, expr.On("job", "instance")
	since := expr.Binary(expr.And, expr.Selector{Name: processStart}, edges, target)
	text, err := expr.Format(expr.Binary(expr.Or, since, expr.Binary(expr.Mul, expr.Number(0), edges), target))
	if err != nil {
		return err
	}
	who := make([][]string, l.over.Len())
	asked, err := s.over(ctx, text, l.over, func(one *promql.Series) {
		name := string(one.Get("job")) + "\n" + string(one.Get("instance"))
		for _, p := range one.Points {
			if i, ok := l.over.Index(p.Time); ok {
				who[i] = append(who[i], fmt.Sprintf("%s\n%v", name, p.Value))
			}
		}
	})
	if err != nil {
		return err
	}
	l.noted(asked)
	for i := range who {
		slices.Sort(who[i])
		if l.publishers[i] = fmt.Sprint(who[i]); len(who[i]) > 0 {
			l.published = append(l.published, i)
		}
	}
	if len(l.published) == 0 {
		return nil
	}
	before, err := expr.Format(expr.Aggregation{Op: "count", Of: expr.Func("last_over_time", edges.Range(remembered))})
	if err != nil {
		return err
	}
	l.first = true
	asked, err = s.query(ctx, before, l.over.At(l.published[0]).Add(-l.over.Step), func(*promql.Series) { l.first = false })
	l.noted(asked)
	return err
}

// readLastLives finds all edges, and since when they were there last.
func (s *Source) readLastLives(ctx context.Context, l *lives) error {
	text, err := series.FirstSeen(l.over.Window).Expr()
	if err != nil {
		return err
	}
	return s.readEdges(ctx, l, text, l.over.End, func(key topology.EdgeKey, value float64) {
		l.last[key] = time.UnixMilli(int64(value * 1e3))
	})
}

// readChanged finds the edges that came more than once.
func (s *Source) readChanged(ctx context.Context, l *lives) error {
	known := expr.Selector{Name: series.EdgeFirstSeen.Name}.Range(l.over.Window)
	extreme := func(op string) expr.Expr {
		return expr.Aggregation{Op: op, By: topology.EdgeLabels[:], Of: expr.Func(op+"_over_time", known)}
	}
	text, err := expr.Format(expr.Binary(expr.Gt, extreme("max"), extreme("min")))
	if err != nil {
		return err
	}
	return s.readEdges(ctx, l, text, l.over.End, func(key topology.EdgeKey, _ float64) { l.unsettled[key] = nil })
}

// readShown finds the edges of the protocols that are asked for.
func (s *Source) readShown(ctx context.Context, l *lives, q query.Query) error {
	l.shown = map[topology.EdgeKey]bool{}
	text, err := series.Presence(series.EdgeInfo, l.over.Window).By(topology.EdgeLabels[:]...).Expr(protocolsOf(q, []string{"request_protocol"})...)
	if err != nil {
		return err
	}
	return s.readEdges(ctx, l, text, l.over.End, func(key topology.EdgeKey, _ float64) { l.shown[key] = true })
}

// readWhatIsThere finds the edges that there were at last: the others are gone.
func (s *Source) readWhatIsThere(ctx context.Context, l *lives) error {
	text, err := expr.Format(firstSeen())
	if err != nil {
		return err
	}
	at := l.over.At(l.published[len(l.published)-1])
	err = s.readEdges(ctx, l, text, at, func(key topology.EdgeKey, _ float64) { l.there[key] = true })
	for key := range l.last {
		if !l.there[key] {
			l.unsettled[key] = nil
		}
	}
	return err
}

// firstSeen are the edges that there are, and since when.
func firstSeen(matchers ...expr.Matcher) expr.Expr {
	return expr.Aggregation{Op: "min", By: topology.EdgeLabels[:], Of: expr.Selector{Name: series.EdgeFirstSeen.Name, Matchers: matchers}}
}

// readUnsettled finds out when edges were there that are not all the time.
func (s *Source) readUnsettled(ctx context.Context, l *lives) error {
	if len(l.unsettled) == 0 {
		return nil
	}
	wanted := source.Wanted{Of: map[source.Part]source.Share{}}
	for key := range l.last {
		part := source.Part{Key: key}
		wanted.All = append(wanted.All, part)
		if _, ok := l.unsettled[key]; ok {
			wanted.Of[part] = source.Share{}
		}
	}
	text, err := expr.Format(firstSeen(narrow(wanted).matchers...))
	if err != nil {
		return err
	}
	reader, giveBack := s.readers.borrow(series.EdgeFirstSeen)
	defer giveBack()
	reader.Begin(nil)
	defer reader.End()
	asked, err := s.over(ctx, text, l.over, func(one *promql.Series) {
		if key := reader.Key(one.All()); l.isUnsettled(key) {
			l.unsettled[key] = valuesOf(one, l.over, 1)
		}
	})
	l.noted(asked)
	return err
}

func (l *lives) isUnsettled(key topology.EdgeKey) bool {
	_, ok := l.unsettled[key]
	return ok
}

// readEdges asks for one value of each edge.
func (s *Source) readEdges(ctx context.Context, l *lives, text string, at time.Time, take func(topology.EdgeKey, float64)) error {
	reader, giveBack := s.readers.borrow(series.EdgeFirstSeen)
	defer giveBack()
	reader.Begin(nil)
	defer reader.End()
	asked, err := s.query(ctx, text, at, func(one *promql.Series) {
		l.mu.Lock()
		defer l.mu.Unlock()
		take(reader.Key(one.All()), one.Points[len(one.Points)-1].Value)
	})
	l.noted(asked)
	return err
}

// over asks for several instants.
func (s *Source) over(ctx context.Context, text string, span source.Span, each func(*promql.Series)) (note, error) {
	answer, err := s.store.QueryRange(ctx, text, span.Range, func(one *promql.Series) error { each(one); return nil })
	return note{
		Query: source.Query{Text: text, At: span.End, Since: span.Start, Every: span.Step}, warnings: answer.Warnings,
	}, err
}

// all are the lives of all edges, in order.
func (l *lives) all() (all []source.Life) {
	keys := slices.SortedFunc(maps.Keys(l.last), topology.EdgeKey.Compare)
	for _, key := range keys {
		if l.shown != nil && !l.shown[key] {
			continue
		}
		values, unsettled := l.unsettled[key]
		if !unsettled {
			all = append(all, l.begun(source.Life{Key: key, From: l.last[key]}))
			continue
		}
		all = append(all, l.livesOf(key, values)...)
	}
	return all
}

// begun tells whether the beginning of a life is a change.
func (l *lives) begun(life source.Life) source.Life {
	life.Came = !l.first || life.From.After(l.over.At(l.published[0]).Add(series.Baseline))
	return life
}

// livesOf are the lives of an edge by since when it was there, instant by
// instant. An edge that is there again as of old was there all the time.
func (l *lives) livesOf(key topology.EdgeKey, values []float64) (all []source.Life) {
	type stretch struct {
		since float64
		last  int // when it was seen last
	}
	var stretches []stretch
	for at, since := range values {
		if !(since > 0) {
			continue
		}
		if n := len(stretches) - 1; n < 0 || stretches[n].since != since {
			stretches = append(stretches, stretch{since: since})
		}
		stretches[len(stretches)-1].last = at
	}
	if len(stretches) == 0 { // it came and went between two looks
		life := l.begun(source.Life{Key: key, From: l.last[key]})
		life.Until = life.From.Add(l.over.Step)
		return []source.Life{life}
	}
	afresh := time.Time{} // until when what comes may be what a process before has known
	for i, one := range stretches {
		life := l.begun(source.Life{Key: key, From: time.UnixMilli(int64(one.since * 1e3))})
		life.Came = life.Came && life.From.After(afresh)
		if i == len(stretches)-1 && l.there[key] {
			return append(all, life)
		}
		next, goesOn := l.nextPublished(one.last)
		life.Until, life.Went = l.over.At(next), goesOn
		if !goesOn {
			afresh = life.Until.Add(series.Baseline)
		}
		all = append(all, life)
	}
	return all
}

// nextPublished is when topology was published next, and whether by the same
// process; where it was not any more, the end.
func (l *lives) nextPublished(after int) (next int, bySame bool) {
	i, found := slices.BinarySearch(l.published, after)
	if found {
		i++
	}
	if i >= len(l.published) {
		return l.over.Len() - 1, false
	}
	next = l.published[i]
	return next, l.publishers[next] == l.publishers[after]
}
