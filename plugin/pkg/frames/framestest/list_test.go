package framestest_test

import (
	"fmt"
	"math"
	"runtime"
	"strings"
	"testing"

	"github.com/grafana/grafana-plugin-sdk-go/data"
	"github.com/stretchr/testify/assert"

	"github.com/meshscope/meshscope/exporter/topology"
	"github.com/meshscope/meshscope/plugin/pkg/frames"
	"github.com/meshscope/meshscope/plugin/pkg/frames/framestest"
	"github.com/meshscope/meshscope/plugin/pkg/query"
)

// findings are what a check has found.
type findings struct{ texts []string }

func (*findings) Helper() {}

func (f *findings) Errorf(format string, args ...any) {
	f.texts = append(f.texts, fmt.Sprintf(format, args...))
}

func (f *findings) Fatalf(format string, args ...any) {
	f.Errorf(format, args...)
	runtime.Goexit()
}

func check(of func(framestest.TB)) string {
	var f findings
	done := make(chan struct{})
	go func() {
		defer close(done)
		of(&f)
	}()
	<-done
	return strings.Join(f.texts, "\n")
}

// mesh is one call of a workload that fails.
func mesh() *topology.Graph {
	flow := topology.Flow{
		Key: topology.EdgeKey{
			Source:      topology.Peer{Cluster: "east", Namespace: "shop", Workload: "web"},
			Destination: topology.Peer{Cluster: "east", Namespace: "shop", Workload: "cart"},
		},
		Protocol: topology.HTTP, Traffic: new(topology.Traffic),
	}
	flow.Traffic.AddRequests(topology.Response{Code: "503"}, 10)
	g := topology.Build(topology.Interval{Length: 10e9}, []topology.Flow{flow}, topology.BuildOptions{})
	for i, n := range g.Nodes {
		n.Verdict = &topology.Verdict{Health: topology.HealthHealthy + topology.Health(3*i)}
	}
	return g
}

// TestCheckers breaks frames in all the ways that the checks are for.
func TestCheckers(t *testing.T) {
	field := func(f *data.Frame, name string) *data.Field {
		found, _ := f.FieldByName(name)
		return found
	}
	number := func(v float64) *float64 { return &v }
	verdicts := func(t framestest.TB, made data.Frames) { framestest.CheckVerdicts(t, made, 10) }
	nodes := func(t framestest.TB, made data.Frames) { framestest.CheckNodeTable(t, made, 10) }
	makes := map[query.Type]func(*topology.Graph, frames.View) data.Frames{query.TypeHealth: frames.Verdicts, query.TypeNodes: frames.NodeTable}
	for _, c := range []struct {
		typ    query.Type
		check  func(framestest.TB, data.Frames)
		breaks func(*data.Frame)
		want   string
	}{
		{query.TypeHealth, verdicts, func(*data.Frame) {}, ""},
		{query.TypeHealth, verdicts, func(f *data.Frame) { f.Meta.Type = data.FrameTypeTable }, "alerting reads"},
		{query.TypeHealth, verdicts, func(f *data.Frame) { field(f, "name").Set(0, "cart"); field(f, "name").Set(1, "cart") }, "is there twice, which Grafana refuses"},
		{query.TypeHealth, verdicts, func(f *data.Frame) { field(f, "health").Set(0, (*float64)(nil)) }, "want a verdict"},
		{query.TypeHealth, verdicts, func(f *data.Frame) { field(f, "health").Set(0, number(2.5)) }, "want a verdict"},
		{query.TypeHealth, verdicts, func(f *data.Frame) { field(f, "kind").Name = "cause" }, `the label "cause" is no part of a name`},
		{query.TypeHealth, verdicts, func(f *data.Frame) { f.Fields = append(f.Fields, data.NewField("load", nil, []float64{1, 2})) }, "are read as 4 numbers"},
		{query.TypeHealth, verdicts, func(f *data.Frame) { f.DeleteRow(0); f.DeleteRow(0) }, "are read as no data: false"},
		{query.TypeHealth, verdicts, func(f *data.Frame) { field(f, "health").Config.Mappings = nil }, "no words for verdicts"},
		{query.TypeNodes, nodes, func(*data.Frame) {}, ""},
		{query.TypeNodes, nodes, func(f *data.Frame) { f.Meta.Type = data.FrameTypeNumericLong }, "want a table"},
		{query.TypeNodes, nodes, func(f *data.Frame) { field(f, "id").Set(0, "a"); field(f, "id").Set(1, "a") }, "is there twice"},
		{query.TypeNodes, nodes, func(f *data.Frame) { field(f, "request_rate_in").Set(0, number(math.NaN())) }, "request_rate_in of row 0 is NaN"},
		{query.TypeNodes, nodes, func(f *data.Frame) { field(f, "error_ratio_in").Set(0, number(100)) }, "error_ratio_in of row 0 is 100"},
		{query.TypeNodes, nodes, func(f *data.Frame) { field(f, "tcp_rate_out").Config.Unit = "B/s" }, "which is none of Grafana's"},
		{query.TypeNodes, nodes, func(f *data.Frame) { field(f, "app").Config.DisplayName = "App" }, "wants a name for display that a panel may change"},
		{query.TypeNodes, nodes, func(f *data.Frame) { field(f, "pods").Name = "Pods" }, "no name of a column"},
		{query.TypeNodes, nodes, func(f *data.Frame) { field(f, "health").Set(1, number(3)); field(f, "health").Set(0, number(0)) }, "row 1 is worse than the one before"},
		{query.TypeNodes, nodes, func(f *data.Frame) { field(f, "worst_health").Set(0, number(0)) }, "row 0 was 0 at worst, and is 3"},
	} {
		made := makes[c.typ](mesh(), frames.View{Query: query.DefaultOf(c.typ)})
		c.breaks(made[0])
		found := check(func(t framestest.TB) { c.check(t, made) })
		if c.want == "" {
			assert.Empty(t, found)
		} else {
			assert.Contains(t, found, c.want)
		}
	}
	cut := frames.NodeTable(mesh(), frames.View{Query: query.DefaultOf(query.TypeNodes)})
	assert.Contains(t, check(func(t framestest.TB) { framestest.CheckNodeTable(t, cut, 1) }), "2 rows, want at most 1")
}
