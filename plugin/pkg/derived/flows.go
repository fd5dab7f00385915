package derived

import (
	"context"
	"fmt"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/meshscope/meshscope/exporter/promql"
	"github.com/meshscope/meshscope/exporter/series"
	"github.com/meshscope/meshscope/exporter/topology"
	"github.com/meshscope/meshscope/plugin/pkg/query"
)

// Answer is what a source found.
type Answer struct {
	// Flows are the traffic of each edge over the interval.
	Flows []topology.Flow
	// Queries are what the store was asked, in PromQL.
	Queries []string
	// Warnings are the store's own, such as of a partial answer.
	Warnings []string
}

// Flows reads the traffic of the interval, as much of it as q shows.
func (s *Source) Flows(ctx context.Context, iv topology.Interval, q query.Query) (Answer, error) {
	steps := plan(q, iv.Length)
	notes := make([]note, len(steps))
	all := &collection{flows: series.NewFlows()}
	waypoints := &waypoints{}
	group, inGroup := errgroup.WithContext(ctx)
	for i, step := range steps {
		group.Go(func() (err error) {
			notes[i], err = s.read(inGroup, step, iv.End, all)
			return err
		})
	}
	if !q.Waypoints {
		group.Go(func() (err error) {
			waypoints, err = s.waypoints(inGroup, iv, all)
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return Answer{}, err
	}
	answer := Answer{Flows: topology.FoldWaypoints(all.flows.Sorted(), waypoints.has)}
	for _, n := range append(notes, waypoints.notes...) {
		answer.Queries = append(answer.Queries, n.expr)
		answer.Warnings = append(answer.Warnings, n.warnings...)
	}
	return answer, nil
}

// collection takes the answers to several questions at once. Each family has
// fields of its own in a flow, so that it does not matter whose series comes
// first.
type collection struct {
	mu    sync.Mutex
	flows *series.Flows
}

// note is how a question was put, and what the store remarked.
type note struct {
	expr     string
	warnings []string
}

func (s *Source) read(ctx context.Context, step step, at time.Time, into *collection) (note, error) {
	reader, giveBack := s.readers.borrow(step.Family)
	defer giveBack()
	reader.Begin(into.flows)
	defer reader.End()
	return s.ask(ctx, step, at, func(one *promql.Series) {
		into.mu.Lock()
		defer into.mu.Unlock()
		reader.Add(one.All(), one.Points[len(one.Points)-1].Value)
	})
}

// ask puts one question.
func (s *Source) ask(ctx context.Context, step step, at time.Time, each func(*promql.Series)) (note, error) {
	text, err := step.Expr(step.matchers...)
	if err != nil {
		return note{}, fmt.Errorf("question %s: %w", step.Name(), err)
	}
	answer, err := s.store.Query(ctx, text, at, func(one *promql.Series) error {
		if len(one.Points) > 0 {
			each(one)
		}
		return nil
	})
	return note{expr: text, warnings: answer.Warnings}, err
}
