package derived_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/meshscope/meshscope/exporter/promql"
	"github.com/meshscope/meshscope/exporter/topology"
	"github.com/meshscope/meshscope/plugin/pkg/derived/derivedtest"
	"github.com/meshscope/meshscope/plugin/pkg/query"
	"github.com/meshscope/meshscope/plugin/pkg/source"
)

// taken is what was told of each entity, instant by instant.
type taken struct {
	span source.Span
	of   map[int]map[int]map[topology.Protocol]*topology.Traffic
}

func (t *taken) Over(span source.Span) {
	t.span, t.of = span, map[int]map[int]map[topology.Protocol]*topology.Traffic{}
}

func (t *taken) Take(entity, at int, by map[topology.Protocol]*topology.Traffic) {
	if t.of[entity] == nil {
		t.of[entity] = map[int]map[topology.Protocol]*topology.Traffic{}
	}
	t.of[entity][at] = by
}

// edgesOf wants each edge of a graph.
func edgesOf(whole *topology.Graph, unfolded []topology.Flow) []source.Wanted {
	w := source.Wanted{Of: map[source.Part]source.Share{}}
	for _, f := range unfolded {
		w.All = append(w.All, source.Part{Key: f.Key, Protocol: f.Protocol})
	}
	for i, e := range whole.Edges {
		for _, f := range e.Flows {
			w.Of[source.Part{Key: f.Key, Protocol: f.Protocol}] = source.Share{Entities: []int{i}}
		}
	}
	return []source.Wanted{w}
}

func allStats() query.Query {
	q := query.DefaultOf(query.TypeTraffic)
	q.Stats = query.Stats
	return q
}

func spanOf(end time.Time, length, step, window time.Duration) source.Span {
	return source.Span{Range: promql.Range{Start: end.Add(-length), End: end, Step: step}, Window: window}
}

// TestCourses compares what each instant tells with what the mesh did all the
// time, at each level, with hops through a waypoint that are none of the calls.
func TestCourses(t *testing.T) {
	mesh := derivedtest.Mesh(60)
	client, server, waypoint := mesh[0].Key.Source, mesh[0].Key.Destination, peer("waypoint")
	mesh[0].Reporter = topology.ByWaypoint
	for _, hop := range [][2]topology.Peer{{client, waypoint}, {waypoint, server}} {
		f := topology.Flow{Key: topology.EdgeKey{Source: hop[0], Destination: hop[1], Service: mesh[0].Key.Service}, Protocol: topology.TCP, Traffic: new(topology.Traffic)}
		f.Traffic.Opened = 5
		f.Traffic.AddTCPRequestBytes("", 100)
		f.Traffic.AddSecured(topology.Plaintext, 5)
		mesh = append(mesh, f)
	}
	store := derivedtest.Open(t)
	store.Settle(mesh)
	store.Publish(mesh, 30)
	end := store.Now
	store.Publish(times(mesh, 9), 8) // what comes later is not of the range

	s := sourceOf(t, store)
	iv := topology.Interval{End: end, Length: 5 * time.Minute}
	answer, err := s.Flows(t.Context(), iv, allStats())
	require.NoError(t, err)
	require.Len(t, answer.Unfolded, len(mesh))
	require.Len(t, answer.Flows, len(mesh)-2)
	span := spanOf(end, 4*time.Minute, 30*time.Second, time.Minute)
	for _, level := range topology.Levels {
		t.Run(string(level), func(t *testing.T) {
			whole := topology.Build(iv, answer.Flows, topology.BuildOptions{Level: level, IsWaypoint: answer.IsWaypoint})
			var got taken
			course, err := s.Courses(t.Context(), span, allStats(), edgesOf(whole, answer.Unfolded), &got)
			require.NoError(t, err)
			require.Equal(t, span, got.span)
			require.Len(t, got.of, len(whole.Edges))
			for i, e := range whole.Edges {
				require.Len(t, got.of[i], span.Len(), "%s → %s", e.Source.Name, e.Target.Name)
				want := timesOf(&e.Traffic, 60./300)
				for at, by := range got.of[i] {
					require.Len(t, by, 1)
					traffic := by[e.Protocol]
					assert.InEpsilon(t, 1+want.Total(), 1+traffic.Total(), 1e-6, "%s → %s at %d", e.Source.Name, e.Target.Name, at)
					assert.InEpsilon(t, 1+want.Opened, 1+traffic.Opened, 1e-6)
					assert.InEpsilon(t, 1+want.RequestBytes, 1+traffic.RequestBytes, 1e-6)
					wantErrors, errors := want.Outcomes(e.Protocol), traffic.Outcomes(e.Protocol)
					assert.InEpsilon(t, 1+wantErrors[topology.ServerError], 1+errors[topology.ServerError], 1e-6)
					if e.Protocol != topology.TCP {
						assert.InEpsilon(t, want.Latency.Quantile(0.9), traffic.Latency.Quantile(0.9), 1e-6)
						assert.InEpsilon(t, want.Latency.Mean(), traffic.Latency.Mean(), 1e-6)
					}
					share, known := e.Traffic.MutualTLSShare()
					gotShare, gotKnown := traffic.MutualTLSShare()
					require.Equal(t, known, gotKnown)
					assert.InDelta(t, share, gotShare, 1e-6)
				}
			}
			assert.Len(t, course.Queries, 11, "as many as there are measures, whatever the mesh is")
		})
	}
}

func timesOf(t *topology.Traffic, n float64) *topology.Traffic {
	all := new(topology.Traffic)
	for r, count := range t.Requests {
		all.AddRequests(r, n*count)
	}
	all.Opened, all.RequestBytes = n*t.Opened, n*t.RequestBytes
	all.Latency = t.Latency
	return all
}

// TestCoursesHaveGaps: where there is no series there is no traffic told, and
// no zero.
func TestCoursesHaveGaps(t *testing.T) {
	mesh := derivedtest.Mesh(20)
	store := derivedtest.Open(t)
	store.Settle(mesh)
	store.Publish(mesh, 10)
	store.Now = store.Now.Add(20 * time.Minute) // nobody scrapes
	store.Publish(mesh, 30)
	iv := topology.Interval{End: store.Now, Length: 28 * time.Minute}
	s := sourceOf(t, store)
	answer, err := s.Flows(t.Context(), iv, allStats())
	require.NoError(t, err)
	whole := topology.Build(iv, answer.Flows, topology.BuildOptions{})
	var got taken
	span := spanOf(store.Now, 28*time.Minute, time.Minute, time.Minute)
	_, err = s.Courses(t.Context(), span, allStats(), edgesOf(whole, answer.Unfolded), &got)
	require.NoError(t, err)
	for i := range whole.Edges {
		assert.Contains(t, got.of[i], 0)
		assert.NotContains(t, got.of[i], 10)
		assert.NotContains(t, got.of[i], 18)
		assert.Contains(t, got.of[i], span.Len()-1)
	}
}

// TestCoursesFromRollups reads steps of hours from the mixin's rollups, at the
// times at which these were made, and from the series where an hour is missing.
func TestCoursesFromRollups(t *testing.T) {
	for _, missed := range []int{-1, 4} {
		mesh := derivedtest.Mesh(20)
		store := derivedtest.Open(t)
		store.Every = time.Minute
		store.Settle(mesh)
		const perHour = 60
		store.Publish(mesh, perHour/3)
		for hour := range 9 {
			if hour != missed {
				store.RollUp()
			}
			store.Publish(mesh, perHour)
		}
		s := sourceOf(t, store)
		iv := topology.Interval{End: store.Now, Length: 6 * time.Hour}
		answer, err := s.Flows(t.Context(), iv, allStats())
		require.NoError(t, err)
		whole := topology.Build(iv, answer.Flows, topology.BuildOptions{})
		for _, step := range []time.Duration{time.Hour, 2 * time.Hour} {
			var got taken
			end := store.Now.Truncate(2 * time.Hour)
			asked := spanOf(end, 4*time.Hour, step, step+time.Minute)
			course, err := s.Courses(t.Context(), asked, allStats(), edgesOf(whole, answer.Unfolded), &got)
			require.NoError(t, err)
			rolled := 0
			for _, q := range course.Queries {
				rolled += strings.Count(q.Text, ":increase1h[")
			}
			if missed >= 0 {
				assert.Zero(t, rolled)
				assert.Equal(t, asked, got.span)
			} else {
				assert.Equal(t, 11, rolled)
				assert.Equal(t, step, got.span.Window)
				assert.Equal(t, 24, got.span.Start.Minute(), "when the rules are evaluated")
				assert.False(t, got.span.Start.Before(asked.Start))
			}
			for i, e := range whole.Edges {
				require.Len(t, got.of[i], got.span.Len())
				for _, by := range got.of[i] {
					rate := by[e.Protocol].Calls() / got.span.Window.Seconds()
					assert.InEpsilon(t, e.Traffic.Calls()/iv.Length.Seconds(), rate, 0.001)
				}
			}
		}
	}
}

// BenchmarkCourses asks for the busiest edges of a large mesh.
func BenchmarkCourses(b *testing.B) {
	mesh := derivedtest.Mesh(5000)
	store := derivedtest.Open(b)
	store.Settle(mesh)
	store.Publish(mesh, 20)
	s := sourceOf(b, store)
	iv := topology.Interval{End: store.Now, Length: 5 * time.Minute}
	q := query.DefaultOf(query.TypeTraffic)
	answer, err := s.Flows(b.Context(), iv, q)
	require.NoError(b, err)
	whole := topology.Build(iv, answer.Flows, topology.BuildOptions{})
	whole, _ = whole.Limit(30)
	wanted := edgesOf(whole, answer.Unfolded)
	for b.Loop() {
		var got taken
		_, err := s.Courses(b.Context(), spanOf(store.Now, 5*time.Minute, 15*time.Second, time.Minute), q, wanted, &got)
		require.NoError(b, err)
	}
	b.ReportMetric(float64(len(whole.Edges)), "edges")
}
