package derived

import (
	"context"
	"fmt"
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
	parts := make([]part, len(steps))
	group, inGroup := errgroup.WithContext(ctx)
	for i, step := range steps {
		group.Go(func() (err error) {
			parts[i], err = s.read(inGroup, step, iv.End)
			return err
		})
	}
	var waypoints *waypoints
	if !q.Waypoints {
		group.Go(func() (err error) {
			waypoints, err = s.waypoints(inGroup, iv)
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return Answer{}, err
	}
	all, answer := series.NewFlows(), Answer{}
	for _, p := range parts {
		all.Merge(p.flows)
		answer.add(p)
	}
	if waypoints != nil {
		all.Merge(waypoints.calls.flows)
		answer.add(waypoints.hops)
		answer.add(waypoints.calls)
	}
	answer.Flows = all.Sorted()
	if waypoints != nil {
		answer.Flows = topology.FoldWaypoints(answer.Flows, waypoints.has)
	}
	return answer, nil
}

// part is the answer to one question.
type part struct {
	flows    *series.Flows
	expr     string
	warnings []string
}

func (a *Answer) add(p part) {
	if p.expr != "" {
		a.Queries = append(a.Queries, p.expr)
	}
	a.Warnings = append(a.Warnings, p.warnings...)
}

func (s *Source) read(ctx context.Context, step step, at time.Time) (part, error) {
	p := part{flows: series.NewFlows()}
	reader := series.NewReader(step.Family)
	err := s.ask(ctx, step, at, &p, func(one *promql.Series) {
		reader.Add(p.flows, one.All(), one.Points[len(one.Points)-1].Value)
	})
	return p, err
}

// ask asks one question, and notes in p how that went.
func (s *Source) ask(ctx context.Context, step step, at time.Time, p *part, each func(*promql.Series)) error {
	text, err := step.Expr(step.matchers...)
	if err != nil {
		return fmt.Errorf("question %s: %w", step.Name(), err)
	}
	p.expr = text
	answer, err := s.store.Query(ctx, text, at, func(one *promql.Series) error {
		if len(one.Points) > 0 {
			each(one)
		}
		return nil
	})
	p.warnings = answer.Warnings
	return err
}
