package frames

import (
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/meshscope/meshscope/exporter/topology"
	"github.com/meshscope/meshscope/plugin/pkg/query"
	"github.com/meshscope/meshscope/plugin/pkg/source"
)

func drawnPeer(t *rapid.T) topology.Peer {
	name := rapid.SampledFrom([]string{"", "a", "b", "waypoint", "c"})
	return topology.Peer{
		Cluster: rapid.SampledFrom([]string{"", "east", "west"}).Draw(t, "cluster"), Namespace: name.Draw(t, "namespace"),
		Workload: name.Draw(t, "workload"), CanonicalService: name.Draw(t, "app"),
	}
}

func drawnFlow(t *rapid.T) topology.Flow {
	f := topology.Flow{
		Key: topology.EdgeKey{Source: drawnPeer(t), Destination: drawnPeer(t), Service: topology.Service{
			Name: rapid.SampledFrom([]string{"", "a", "s"}).Draw(t, "service"), Namespace: rapid.SampledFrom([]string{"", "a"}).Draw(t, "service namespace"),
		}},
		Protocol: rapid.SampledFrom([]topology.Protocol{topology.HTTP, topology.GRPC, topology.TCP}).Draw(t, "protocol"),
		Reporter: rapid.SampledFrom([]topology.Reporter{topology.BySource, topology.ByWaypoint, topology.ByDestination}).Draw(t, "reporter"),
		Traffic:  new(topology.Traffic),
	}
	count := rapid.SampledFrom([]float64{0, 1, 10, 100})
	if f.Protocol == topology.TCP {
		f.Traffic.Opened = count.Draw(t, "opened")
		f.Traffic.AddTCPRequestBytes("", count.Draw(t, "bytes"))
		return f
	}
	f.Traffic.AddRequests(topology.Response{Code: "200"}, count.Draw(t, "ok"))
	f.Traffic.AddRequests(topology.Response{Code: "503", Flags: "UH"}, count.Draw(t, "failed"))
	f.Traffic.RequestBytes = count.Draw(t, "bytes")
	return f
}

// TestWantedIsTheGraph: the parts that lines are made of add up to what the
// graph has of them over the range, hops through waypoints and all (T9).
func TestWantedIsTheGraph(t *testing.T) {
	iv := topology.Interval{End: time.Unix(600, 0), Length: time.Minute}
	isWaypoint := func(p topology.Peer) bool { return p.Workload == "waypoint" }
	rapid.Check(t, func(t *rapid.T) {
		unfolded := rapid.SliceOfNDistinct(rapid.Custom(drawnFlow), 0, 20, func(f topology.Flow) source.Part {
			return source.Part{Key: f.Key, Protocol: f.Protocol}
		}).Draw(t, "flows")
		topology.SortFlows(unfolded)
		q := query.DefaultOf(query.TypeTraffic)
		q.Level = rapid.SampledFrom(topology.Levels).Draw(t, "level")
		q.Entity = rapid.SampledFrom(query.Entities).Draw(t, "entity")
		q.ServiceNodes = rapid.Bool().Draw(t, "service nodes")
		q.Stats = []query.Stat{query.RequestRate, query.ErrorRatio, query.Throughput, query.TCPRate, query.ConnectionRate}
		q.Protocols = rapid.SliceOfNDistinct(rapid.SampledFrom([]topology.Protocol{topology.HTTP, topology.GRPC, topology.TCP}), 1, 3, rapid.ID).Draw(t, "protocols")
		q.Limit = rapid.SampledFrom([]int{10, 500}).Draw(t, "limit")
		flows := topology.FoldWaypoints(unfolded, isWaypoint)
		whole := topology.Build(iv, flows, topology.BuildOptions{Level: q.Level, ServiceNodes: q.ServiceNodes, IsWaypoint: isWaypoint})
		lines := LinesOf(whole, View{Query: q})

		sums := make([]map[topology.Protocol]*topology.Traffic, len(lines.lines))
		for _, w := range lines.Wanted(whole, unfolded) {
			for _, f := range unfolded {
				share, ok := w.Of[source.Part{Key: f.Key, Protocol: f.Protocol}]
				if !ok {
					continue
				}
				traffic := *f.Traffic
				if left := share.Left; left != nil {
					traffic.Requests = nil
					for r, n := range f.Traffic.Requests {
						traffic.AddRequests(r, n*left.Requests[r])
					}
					if left.RequestsOnly {
						traffic = topology.Traffic{Requests: traffic.Requests}
					}
				}
				for _, i := range share.Entities {
					if sums[i] == nil {
						sums[i] = map[topology.Protocol]*topology.Traffic{}
					}
					if sums[i][f.Protocol] == nil {
						sums[i][f.Protocol] = new(topology.Traffic)
					}
					sums[i][f.Protocol].Merge(&traffic)
				}
			}
		}
		for i, one := range lines.lines {
			got := totalsOf(sums[i], q, iv.Length.Seconds())
			for _, s := range q.Stats {
				want, known := one.total.stat(s)
				value, ok := got.stat(s)
				require.Equal(t, known, ok, "%s of %s", s, one.title)
				if !ok {
					continue
				}
				require.LessOrEqual(t, math.Abs(want-value), 1e-9+1e-9*want, "%s of %s: %v, want %v", s, one.title, value, want)
			}
		}
	})
}

// TestLinesHaveNamesOfTheirOwn: the namespace of one may be called as the
// cluster of another, and a workload as an app.
func TestLinesHaveNamesOfTheirOwn(t *testing.T) {
	of := func(r topology.Ref) *line { return &line{node: &topology.Node{Ref: r}} }
	l := &Lines{lines: []*line{
		of(topology.Ref{Kind: topology.KindWorkload, Name: "a", Namespace: "x"}),
		of(topology.Ref{Kind: topology.KindWorkload, Name: "a", Cluster: "x"}),
		of(topology.Ref{Kind: topology.KindWorkload, Name: "a", Cluster: "y"}),
		of(topology.Ref{Kind: topology.KindWorkload, Name: "b", Namespace: "x"}),
	}}
	l.name()
	seen := map[string]bool{}
	for _, one := range l.lines {
		require.False(t, seen[one.title], "two are called %q", one.title)
		seen[one.title] = true
	}
	require.Equal(t, "b", l.lines[3].title)
	require.Equal(t, "a · y", l.lines[2].title)
}
