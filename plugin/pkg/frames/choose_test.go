package frames_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/meshscope/meshscope/exporter/topology"
	"github.com/meshscope/meshscope/plugin/pkg/frames"
	"github.com/meshscope/meshscope/plugin/pkg/frames/framestest"
	"github.com/meshscope/meshscope/plugin/pkg/query"
)

const (
	page    = "workload/east/bookinfo/productpage-v1"
	reviews = "workload/east/bookinfo/reviews-v2"
	ratings = "workload/east/bookinfo/ratings-v1"
	mongodb = "workload/east/data/mongodb-v1"
)

// TestFilter: what a filter lets through is drawn with the numbers of the whole.
func TestFilter(t *testing.T) {
	whole := draw(t, bookinfo(), ask(t, `{}`))
	for _, c := range []struct {
		filter       string
		nodes, edges []string
	}{
		{`node.name startsWith \"r\"`, []string{ratings, reviews}, []string{reviews + ":" + ratings}},
		{`edge.ratio5xx > 0.1`, []string{page, reviews}, []string{page + ":" + reviews}},
		{`target.namespace == \"data\" && edge.protocol == \"tcp\"`, []string{ratings, mongodb}, []string{ratings + ":" + mongodb}},
		{`node.name == \"mongodb-v1\"`, []string{mongodb}, nil},
	} {
		t.Run(c.filter, func(t *testing.T) {
			part := draw(t, bookinfo(), ask(t, `{"filter": "`+c.filter+`"}`))
			require.ElementsMatch(t, c.nodes, framestest.IDs(t, part[0]))
			require.ElementsMatch(t, c.edges, framestest.IDs(t, part[1]))
			for f := range part {
				for _, id := range framestest.IDs(t, part[f]) {
					assert.Empty(t, cmp.Diff(framestest.Row(t, whole[f], id), framestest.Row(t, part[f], id)), id)
				}
			}
			assert.Empty(t, part[0].Meta.Notices)
		})
	}
}

func TestFilterOfNothing(t *testing.T) {
	made := draw(t, bookinfo(), ask(t, `{"namespaces": ["bookinfo"], "filter": "false"}`))
	assert.Zero(t, made[0].Rows())
	require.Len(t, made[0].Meta.Notices, 1)
	assert.Regexp(t, `^Of the mesh's \d+ edges none is of the namespaces bookinfo and let through by the filter\.$`, made[0].Meta.Notices[0].Text)
}

// TestFilterBeforeLimit: the limit cuts what the filter has left, and its
// notice counts that.
func TestFilterBeforeLimit(t *testing.T) {
	made := draw(t, bookinfo(), ask(t, `{"filter": "node.name in [\"reviews-v2\", \"ratings-v1\", \"mongodb-v1\"]", "limit": 2}`))
	assert.ElementsMatch(t, []string{reviews, ratings}, framestest.IDs(t, made[0]))
	require.Len(t, made[0].Meta.Notices, 1)
	assert.Contains(t, made[0].Meta.Notices[0].Text, "2 of 3 nodes and 1 of 2 edges are shown")
}

func TestFocus(t *testing.T) {
	const external = "service/east/~/api.example.com"
	made := draw(t, bookinfo(), ask(t, `{"focus": {"kind": "workload", "namespace": "bookinfo", "name": "reviews-v2", "direction": "in"}}`))
	assert.Equal(t, []string{page + ":" + reviews}, framestest.IDs(t, made[1]))
	made = draw(t, bookinfo(), ask(t, `{"focus": {"name": "reviews-v2", "depth": 2, "direction": "out"}}`))
	assert.ElementsMatch(t, []string{
		reviews + ":" + external, reviews + ":" + ratings, ratings + ":" + mongodb,
	}, framestest.IDs(t, made[1]))
	assert.Equal(t, "http 0.1 req/s, tcp", framestest.Row(t, made[1], ratings+":"+mongodb)["detail__protocols"])
	made = draw(t, bookinfo(), ask(t, `{"focus": {"name": "reviews-v2", "depth": 2}, "filter": "edge.protocol == \"tcp\""}`))
	assert.Equal(t, []string{ratings + ":" + mongodb}, framestest.IDs(t, made[1]))
}

// TestHighlight marks what the query asks for, in place of what fails, and
// changes nothing else.
func TestHighlight(t *testing.T) {
	plain := draw(t, bookinfo(), ask(t, `{}`))
	marked := draw(t, bookinfo(), ask(t, `{"highlight": "node.name == \"mongodb-v1\" || edge.protocol == \"tcp\" && target.namespace == \"data\""}`))
	require.Equal(t, framestest.IDs(t, plain[0]), framestest.IDs(t, marked[0]))
	for _, id := range framestest.IDs(t, plain[0]) {
		want, got := framestest.Row(t, plain[0], id), framestest.Row(t, marked[0], id)
		assert.Equal(t, id == mongodb, got["highlighted"], id)
		want["highlighted"] = got["highlighted"]
		assert.Equal(t, want, got)
	}
	require.Equal(t, true, framestest.Row(t, plain[0], reviews)["highlighted"], "it fails")
	require.Equal(t, framestest.IDs(t, plain[1]), framestest.IDs(t, marked[1]))
	for _, id := range framestest.IDs(t, plain[1]) {
		want, got := framestest.Row(t, plain[1], id), framestest.Row(t, marked[1], id)
		if id == ratings+":"+mongodb {
			assert.Equal(t, "#1F60C4", got["color"])
			want["color"] = got["color"]
		}
		assert.Equal(t, want, got)
	}
	assert.Empty(t, marked[0].Meta.Notices)
}

func TestHighlightOfNothing(t *testing.T) {
	made := draw(t, bookinfo(), ask(t, `{"highlight": "edge.errorRatio > 1"}`))
	require.Len(t, made[0].Meta.Notices, 1)
	assert.Equal(t, "Nothing that is shown is what the query highlights.", made[0].Meta.Notices[0].Text)
}

// TestFiltersKeepTheContract, on random meshes: no edge without its nodes, no
// row that the whole has otherwise.
func TestFiltersKeepTheContract(t *testing.T) {
	filters := []string{
		"edge.errorRatio > 0", "node.requestRateIn > 1", "node.kind == 'service' || edge.protocol == 'tcp'",
		"!(node.name == 'a') && edge.hasTraffic", "source.rank <= 2", "node.root", "false",
	}
	rapid.Check(t, func(t *rapid.T) {
		flows := rapid.SliceOfN(rapid.Custom(anyFlow), 0, 30).Draw(t, "flows")
		q := rapid.Custom(anyQuery).Draw(t, "query")
		whole := topology.Build(minute, flows, topology.BuildOptions{Level: q.Level, Idle: q.Idle})
		q.Limit = query.TypeGraph.MaxLimit()
		all := frames.Graph(whole, frames.View{Query: q})
		parsed, err := query.Parse([]byte(`{"filter": "` + rapid.SampledFrom(filters).Draw(t, "filter") + `"}`))
		require.NoError(t, err)
		q.Filter = parsed.Filter
		part := frames.Graph(whole, frames.View{Query: q})
		framestest.CheckContract(t, part, q.Limit)
		for f := range part {
			for _, id := range framestest.IDs(t, part[f]) {
				if diff := cmp.Diff(framestest.Row(t, all[f], id), framestest.Row(t, part[f], id)); diff != "" {
					t.Errorf("%s (-whole, +part):\n%s", id, diff)
				}
			}
		}
	})
}
