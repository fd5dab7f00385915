package derived

import (
	"context"
	"slices"
	"time"

	"github.com/meshscope/meshscope/exporter/promql"
	"github.com/meshscope/meshscope/exporter/promql/expr"
	"github.com/meshscope/meshscope/exporter/series"
	"github.com/meshscope/meshscope/exporter/topology"
)

// healthQuestion is one question about health, and who takes the answer.
type healthQuestion struct {
	ask  func() (string, error)
	at   time.Time
	take func(*health, *promql.Series, float64)
}

// name is the label that holds a series' name.
const name = "__name__"

var (
	nodeHealths = []*series.Family{series.WorkloadHealth, series.AppHealth, series.ServiceHealth, series.NamespaceHealth}
	nodeStates  = append(slices.Clone(nodeHealths), series.WorkloadFaultOrigin, series.WorkloadInfo, series.WorkloadReplicas)
)

// healthQuestions are as many whatever the mesh is. Families whose labels are
// not each other's are asked for at once. What is shown is what there is at
// the interval's end, as fresh as any instant query has it; of what was before
// it is only asked where it was not well. Of edges, long intervals are read
// from rollups.
func healthQuestions(iv topology.Interval, rolled *rollups) []healthQuestion {
	ratios := expr.Selector{Name: series.WorkloadErrorRatio.Name}
	worst := expr.Max(labelsOf(nodeHealths), expr.Func("max_over_time", named(nodeHealths).Range(iv.Length)))
	edges := expr.Selector{Name: series.EdgeHealth.Name}
	now := func(ask expr.Expr, take func(*health, *promql.Series, float64)) healthQuestion {
		return healthQuestion{func() (string, error) { return expr.Format(ask) }, iv.End, take}
	}
	all := []healthQuestion{
		now(expr.Max(append([]string{name}, labelsOf(nodeStates)...), named(nodeStates)), (*health).takeState),
		now(expr.Binary(expr.Gt, worst, expr.Number(0)), (*health).takeWorstNode),
		now(expr.Binary(expr.Gt, expr.Max(series.WorkloadErrorRatio.Labels, ratios), expr.Number(0)), (*health).takeRatio),
		now(expr.Max(topology.EdgeLabels[:], edges), (*health).takeEdge),
	}
	worstEdges := need{question: func(window time.Duration) series.Question { return series.Worst(series.EdgeHealth, window) }}
	for _, step := range worstEdges.over(iv, rolled) {
		all = append(all, healthQuestion{func() (string, error) { return step.Positive().Expr() }, step.at, (*health).takeWorstEdge})
	}
	return all
}

// named selects the series of several families.
func named(families []*series.Family) expr.Selector {
	names := make([]string, len(families))
	for i, f := range families {
		names[i] = f.Name
	}
	return expr.Selector{Matchers: []expr.Matcher{expr.OneOf(name, names...)}}
}

// labelsOf are the labels of several families, each once.
func labelsOf(families []*series.Family) (all []string) {
	for _, f := range families {
		all = append(all, f.Labels...)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

func (s *Source) readHealth(ctx context.Context, q healthQuestion, into *health) (note, error) {
	text, err := q.ask()
	if err != nil {
		return note{}, err
	}
	return s.query(ctx, text, q.at, func(one *promql.Series) {
		into.mu.Lock()
		defer into.mu.Unlock()
		q.take(into, one, one.Points[len(one.Points)-1].Value)
	})
}
