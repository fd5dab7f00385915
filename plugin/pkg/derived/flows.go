package derived

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/meshscope/meshscope/exporter/promql"
	"github.com/meshscope/meshscope/exporter/series"
	"github.com/meshscope/meshscope/exporter/topology"
	"github.com/meshscope/meshscope/plugin/pkg/query"
	"github.com/meshscope/meshscope/plugin/pkg/source"
)

// Flows reads the traffic of the interval, as much of it as q shows.
func (s *Source) Flows(ctx context.Context, iv topology.Interval, q query.Query) (source.Answer, error) {
	rolled, err := s.rolledUp(ctx, iv)
	if err != nil {
		return source.Answer{}, err
	}
	steps := plan(q, iv, rolled)
	notes := make([]note, len(steps))
	all := newCollection()
	waypoints := &waypoints{}
	questions := healthQuestions(iv, rolled)
	healthNotes := make([]note, len(questions))
	health := newHealth()
	group, inGroup := errgroup.WithContext(ctx)
	for i, step := range steps {
		group.Go(func() (err error) {
			notes[i], err = s.read(inGroup, step, all)
			return err
		})
	}
	group.Go(func() (err error) {
		waypoints, err = s.waypoints(inGroup, iv, !q.Waypoints, rolled, all)
		return err
	})
	for i, question := range questions {
		group.Go(func() (err error) {
			healthNotes[i], err = s.readHealth(inGroup, question, health)
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return source.Answer{}, err
	}
	answer := source.Answer{Flows: all.sorted(), IsWaypoint: waypoints.has}
	answer.Unfolded = answer.Flows
	if !q.Waypoints {
		answer.Flows = topology.FoldWaypoints(answer.Flows, waypoints.has)
	}
	if health.isKnown() {
		health.settle()
		answer.Health, answer.History = health, health
	}
	answer.Asked = asked(rolled.notes, notes, waypoints.notes, healthNotes)
	return answer, nil
}

// collection takes the answers to several questions at once, those for each
// piece of a range by themselves. It does not matter whose series comes first:
// each family has fields of its own in a flow, and the pieces are added up in
// their own order (T4).
type collection struct {
	mu     sync.Mutex
	pieces [maxPieces]*series.Flows
}

func newCollection() *collection {
	c := new(collection)
	for i := range c.pieces {
		c.pieces[i] = series.NewFlows()
	}
	return c
}

// sorted are the flows of all pieces. The collection must not be used again.
func (c *collection) sorted() []topology.Flow {
	all := c.pieces[0]
	for _, piece := range c.pieces[1:] {
		all.Merge(piece)
	}
	return all.Sorted()
}

// note is how a question was put, and what the store remarked.
type note struct {
	source.Query

	warnings []string
}

// asked puts notes together.
func asked(notes ...[]note) (all source.Asked) {
	for _, n := range slices.Concat(notes...) {
		all.Note(n.Query, n.warnings)
	}
	return all
}

func (s *Source) read(ctx context.Context, step step, into *collection) (note, error) {
	reader, giveBack := s.readers.borrow(step.Family)
	defer giveBack()
	reader.Begin(into.pieces[step.piece])
	defer func() {
		into.mu.Lock()
		defer into.mu.Unlock()
		reader.End()
	}()
	return s.ask(ctx, step, func(one *promql.Series) {
		into.mu.Lock()
		defer into.mu.Unlock()
		reader.Add(one.All(), one.Points[len(one.Points)-1].Value)
	})
}

// ask puts one question.
func (s *Source) ask(ctx context.Context, step step, each func(*promql.Series)) (note, error) {
	text, err := step.Expr(step.matchers...)
	if err != nil {
		return note{}, fmt.Errorf("question %s: %w", step.Name(), err)
	}
	return s.query(ctx, text, step.at, each)
}

func (s *Source) query(ctx context.Context, text string, at time.Time, each func(*promql.Series)) (note, error) {
	answer, err := s.store.Query(ctx, text, at, func(one *promql.Series) error {
		if len(one.Points) > 0 {
			each(one)
		}
		return nil
	})
	return note{Query: source.Query{Text: text, At: at}, warnings: answer.Warnings}, err
}
