package derive

import (
	"bytes"
	"context"
	"fmt"
	"iter"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/meshscope/meshscope/exporter/istio"
	"github.com/meshscope/meshscope/exporter/promql"
	"github.com/meshscope/meshscope/exporter/topology"
)

// maxCoursePoints bounds what a Course keeps of the answers: some 300 MB.
const maxCoursePoints = 20_000_000

// TooManyPointsError refuses a Course of which more would have to be kept than
// there is room for.
type TooManyPointsError struct{ Points int }

func (e *TooManyPointsError) Error() string {
	return fmt.Sprintf("Istio's own series have more than %d samples for this", e.Points)
}

// Course derives the traffic of the window before each of several instants,
// each by itself, as Flows does: whose reports count is decided anew for each
// (T1). It hands over the flows of one instant after the other, by number.
// Of the options, Interval's End and Waypoints are not used: hops are not folded.
func (a *Asker) Course(ctx context.Context, o FlowOptions, over promql.Range, each func(at int, flows []topology.Flow)) (istio.Tally, error) {
	questions := a.options.Dialect.Totals(istio.TotalsOptions{
		Window: o.Interval.Length, Ambient: o.Ambient, NoSecurity: o.NoSecurity,
	}, o.Metrics...)
	answers := make([][]keptSeries, len(questions))
	var room sync.Mutex
	points := 0
	group, inGroup := errgroup.WithContext(ctx)
	for i, q := range questions {
		group.Go(func() error {
			text, err := q.Expr()
			if err != nil {
				return fmt.Errorf("query %s: %w", q.Name, err)
			}
			var full error
			asking, stop := context.WithCancel(inGroup)
			defer stop()
			// The instants are those after From: over begins with the first of them.
			when := Instants{From: over.Start.Add(-over.Step), To: over.End, Step: over.Step}
			err = a.query(asking, q.Name, text, when, func(s *promql.Series) {
				room.Lock()
				defer room.Unlock()
				if points += len(s.Points); points > maxCoursePoints {
					full = &TooManyPointsError{maxCoursePoints}
					stop()
					return
				}
				answers[i] = append(answers[i], keep(s))
			})
			if full != nil {
				return full
			}
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return istio.Tally{}, err
	}
	var tally istio.Tally
	for at, instant := 0, over.Start; !instant.After(over.End); at, instant = at+1, instant.Add(over.Step) {
		if err := ctx.Err(); err != nil {
			return tally, err
		}
		all, counted := topology.NewReports(0), istio.Tally{}
		for i, q := range questions {
			reports := topology.NewReports(0)
			reader := a.reader(q)
			reader.Begin(reports, &counted)
			for j := range answers[i] {
				if value, ok := answers[i][j].at(instant); ok {
					reader.Add(answers[i][j].all(), value)
				}
			}
			reader.End()
			all.Absorb(reports)
		}
		istio.FinishLatency(all, &counted)
		iv := topology.Interval{End: instant, Length: o.Interval.Length}
		each(at, topology.NewDedup(topology.DedupOptions{}).Resolve(iv, all).Flows)
		tally.Worsen(counted)
	}
	return tally, nil
}

// keptSeries is a series of an answer that is read instant by instant.
type keptSeries struct {
	labels []promql.Label
	points []promql.Point // those that are not read yet
}

func keep(s *promql.Series) keptSeries {
	kept := keptSeries{labels: make([]promql.Label, len(s.Labels)), points: append([]promql.Point(nil), s.Points...)}
	for i, l := range s.Labels {
		kept.labels[i] = promql.Label{Name: bytes.Clone(l.Name), Value: bytes.Clone(l.Value)}
	}
	return kept
}

// at is the value at an instant, after which no earlier one is asked for.
func (k *keptSeries) at(instant time.Time) (value float64, ok bool) {
	ms := instant.UnixMilli()
	for len(k.points) > 0 && k.points[0].Time < ms {
		k.points = k.points[1:]
	}
	if len(k.points) == 0 || k.points[0].Time != ms {
		return 0, false
	}
	return k.points[0].Value, true
}

func (k *keptSeries) all() iter.Seq2[[]byte, []byte] {
	return func(yield func(name, value []byte) bool) {
		for _, l := range k.labels {
			if !yield(l.Name, l.Value) {
				return
			}
		}
	}
}
