package frames_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/meshscope/meshscope/exporter/topology"
	"github.com/meshscope/meshscope/plugin/pkg/frames"
	"github.com/meshscope/meshscope/plugin/pkg/frames/framestest"
	"github.com/meshscope/meshscope/plugin/pkg/query"
)

// TestContract checks the panel's contract on random meshes and queries.
func TestContract(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		flows := rapid.SliceOfN(rapid.Custom(anyFlow), 0, 60).Draw(t, "flows")
		q := rapid.Custom(anyQuery).Draw(t, "query")
		whole := topology.Build(minute, flows, topology.BuildOptions{Level: q.Level, Idle: q.Idle})
		framestest.CheckContract(t, frames.Graph(whole, frames.View{Query: q}), q.Limit)
	})
}

// TestSelectionChangesNoRow is T4 on random meshes: whatever is selected has
// the row that it has in the whole.
func TestSelectionChangesNoRow(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		flows := rapid.SliceOfN(rapid.Custom(anyFlow), 0, 30).Draw(t, "flows")
		q := rapid.Custom(anyQuery).Draw(t, "query")
		q.Limit = query.TypeGraph.MaxLimit()
		whole := topology.Build(minute, flows, topology.BuildOptions{Level: q.Level, Idle: q.Idle})
		part := frames.Graph(whole, frames.View{Query: q})
		q.Namespaces = nil
		all := frames.Graph(whole, frames.View{Query: q})
		for f := range part {
			for _, id := range framestest.IDs(t, part[f]) {
				want, got := framestest.Row(t, all[f], id), framestest.Row(t, part[f], id)
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("%s (-whole, +part):\n%s", id, diff)
				}
			}
		}
	})
}

// anyName is a name as meshes have them and as they should not have them; few
// enough that the same one comes again.
var anyName = rapid.SampledFrom([]string{"", "a", "b", "unknown", "12", "a/b", "a:b", "~", "a b", `"x"`, "ü", "url(#a)", "PassthroughCluster", "example.com"})

func anyPeer(t *rapid.T) topology.Peer {
	return topology.Peer{
		Cluster:           anyName.Draw(t, "cluster"),
		Namespace:         anyName.Draw(t, "namespace"),
		Workload:          anyName.Draw(t, "workload"),
		CanonicalService:  anyName.Draw(t, "app"),
		CanonicalRevision: anyName.Draw(t, "version"),
	}
}

// anyCount is a count: none, some, and what only floating point has.
var anyCount = rapid.OneOf(
	rapid.Just(0.0), rapid.Float64Range(0, 1), rapid.Float64Range(0, 1e9),
	rapid.SampledFrom([]float64{5e-324, 1e-300, 1e300, 1.7e308}))

func anyFlow(t *rapid.T) topology.Flow {
	f := topology.Flow{
		Key: topology.EdgeKey{
			Source:      anyPeer(t),
			Destination: anyPeer(t),
			Service: topology.Service{
				Host: anyName.Draw(t, "host"), Name: anyName.Draw(t, "service"), Namespace: anyName.Draw(t, "service namespace"),
			},
		},
		Protocol: rapid.SampledFrom([]topology.Protocol{topology.HTTP, topology.GRPC, topology.TCP, "mongo"}).Draw(t, "protocol"),
		Traffic:  new(topology.Traffic),
	}
	for range rapid.IntRange(0, 4).Draw(t, "responses") {
		f.Traffic.AddRequests(topology.Response{
			Code:       rapid.SampledFrom([]string{"", "0", "200", "302", "404", "503", "5xx", "teapot"}).Draw(t, "code"),
			GRPCStatus: rapid.SampledFrom([]string{"", "0", "14"}).Draw(t, "status"),
			Flags:      rapid.SampledFrom([]string{"", "-", "UF,URX"}).Draw(t, "flags"),
		}, anyCount.Draw(t, "requests"))
	}
	if rapid.Bool().Draw(t, "has latency") {
		f.Traffic.LatencyHistogram().AddBucket(rapid.SampledFrom([]float64{0.1, 1, infinity}).Draw(t, "bound"), anyCount.Draw(t, "bucket"))
		f.Traffic.Latency.Sum = anyCount.Draw(t, "sum")
	}
	f.Traffic.Opened = anyCount.Draw(t, "opened")
	f.Traffic.RequestBytes = anyCount.Draw(t, "request bytes")
	f.Traffic.AddTCPRequestBytes("", anyCount.Draw(t, "tcp bytes"))
	f.Traffic.AddSecured(topology.MutualTLS, anyCount.Draw(t, "mtls"))
	f.Traffic.AddSecured(topology.Plaintext, anyCount.Draw(t, "plaintext"))
	return f
}

func anyQuery(t *rapid.T) query.Query {
	q := query.Default()
	q.Level = rapid.SampledFrom(topology.Levels).Draw(t, "level")
	q.ColorBy = rapid.SampledFrom(query.ColorBys).Draw(t, "color by")
	q.Idle = rapid.Bool().Draw(t, "idle")
	q.Limit = rapid.IntRange(1, 40).Draw(t, "limit")
	q.NodeStats = rapid.SliceOfNDistinct(rapid.SampledFrom(query.Stats), 1, 2, rapid.ID).Draw(t, "node stats")
	q.EdgeStats = rapid.SliceOfNDistinct(rapid.SampledFrom(query.Stats), 1, 2, rapid.ID).Draw(t, "edge stats")
	q.Protocols = rapid.SliceOfNDistinct(rapid.SampledFrom([]topology.Protocol{topology.HTTP, topology.GRPC, topology.TCP}), 1, 3, rapid.ID).Draw(t, "protocols")
	q.Namespaces = rapid.SliceOfN(anyName.Filter(func(s string) bool { return s != "" }), 0, 2).Draw(t, "namespaces")
	return q
}
