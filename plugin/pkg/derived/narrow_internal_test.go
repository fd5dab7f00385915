package derived

import (
	"fmt"
	"testing"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/meshscope/meshscope/exporter/promql/expr"
	"github.com/meshscope/meshscope/exporter/topology"
	"github.com/meshscope/meshscope/plugin/pkg/derived/derivedtest"
	"github.com/meshscope/meshscope/plugin/pkg/source"
)

var anyName = rapid.SampledFrom([]string{"", "a", "b", "c", "unknown", `x"y`, "{z}", "p|q", ".*"})

func anyPart(t *rapid.T) source.Part {
	var p source.Part
	for _, field := range p.Key.Fields() {
		*field = anyName.Draw(t, "value")
		if *field == topology.Unknown {
			*field = "" // as it is read
		}
	}
	p.Protocol = rapid.SampledFrom([]topology.Protocol{topology.HTTP, topology.GRPC, topology.TCP}).Draw(t, "protocol")
	return p
}

// matched tells whether a store selects the series of a part.
func matched(t require.TestingT, p source.Part, matchers []expr.Matcher) bool {
	types := map[expr.MatchOp]labels.MatchType{
		expr.Equal: labels.MatchEqual, expr.NotEqual: labels.MatchNotEqual, expr.Regex: labels.MatchRegexp, expr.NotRegex: labels.MatchNotRegexp,
	}
	for _, m := range matchers {
		compiled, err := labels.NewMatcher(types[m.Op], m.Label, m.Value)
		require.NoError(t, err)
		for i, field := range p.Key.Fields() {
			published := *field
			if published == "" {
				published = topology.Unknown
			}
			if topology.EdgeLabels[i] == m.Label && !compiled.Matches(published) {
				return false
			}
		}
	}
	return true
}

// TestNarrow: whatever parts belong to whatever entities, the store selects
// those, and what it adds up is of the same ones.
func TestNarrow(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := source.Wanted{All: rapid.SliceOfNDistinct(rapid.Custom(anyPart), 1, 40, rapid.ID).Draw(t, "parts"), Of: map[source.Part]source.Share{}}
		some := &source.Left{}
		for _, p := range w.All {
			if rapid.Bool().Draw(t, "wanted") {
				share := source.Share{Entities: rapid.SliceOfNDistinct(rapid.IntRange(0, 3), 1, 2, rapid.ID).Draw(t, "entities")}
				if rapid.IntRange(0, 5).Draw(t, "left") == 0 {
					share.Left = some
				}
				w.Of[p] = share
			}
		}
		n := narrow(w)
		for _, p := range w.All {
			share, found := n.of[n.project(p)]
			selected := matched(t, p, n.matchers)
			if want, wanted := w.Of[p]; wanted {
				require.True(t, selected, "%v by %v", p, n.matchers)
				require.True(t, found)
				require.Equal(t, want, share)
			} else if selected {
				require.False(t, found, "%v is of no entity, and is told as one of %v", p, share)
			}
		}
	})
}

// TestNarrowness: an answer has as many series as there are entities, or a few
// more, and not as many as there are edges.
func TestNarrowness(t *testing.T) {
	flows := derivedtest.Mesh(1000)
	for level, want := range map[topology.Level][]string{
		topology.ByNamespace: {"source_workload_namespace", "destination_workload_namespace"},
		topology.ByCluster:   nil,
	} {
		whole := topology.Build(topology.Interval{}, flows, topology.BuildOptions{Level: level})
		w := source.Wanted{Of: map[source.Part]source.Share{}}
		for i, e := range whole.Edges {
			for _, f := range e.Flows {
				part := source.Part{Key: f.Key, Protocol: f.Protocol}
				w.All, w.Of[part] = append(w.All, part), source.Share{Entities: []int{i}}
			}
		}
		assert.Equal(t, want, narrow(w).labels, level)
	}

	w := source.Wanted{Of: map[source.Part]source.Share{}}
	for i, f := range flows {
		part := source.Part{Key: f.Key, Protocol: f.Protocol}
		w.All = append(w.All, part)
		if i == 500 {
			w.Of[part] = source.Share{Entities: []int{0}}
		}
	}
	n := narrow(w)
	assert.Empty(t, n.labels, "one entity is one series")
	assert.NotEmpty(t, n.matchers)
	assert.Less(t, len(fmt.Sprint(n.matchers)), 500)
}

func BenchmarkNarrow(b *testing.B) {
	flows := derivedtest.Mesh(5000)
	w := source.Wanted{Of: map[source.Part]source.Share{}}
	for i, f := range flows {
		part := source.Part{Key: f.Key, Protocol: f.Protocol}
		w.All = append(w.All, part)
		if i%100 == 0 {
			w.Of[part] = source.Share{Entities: []int{i / 100}}
		}
	}
	for b.Loop() {
		narrow(w)
	}
}
