package frames_test

import (
	"testing"
	"time"

	"github.com/meshscope/meshscope/exporter/topology"
	"github.com/meshscope/meshscope/plugin/pkg/derived/derivedtest"
	"github.com/meshscope/meshscope/plugin/pkg/frames"
	"github.com/meshscope/meshscope/plugin/pkg/query"
)

// BenchmarkGraph makes frames of a mesh of 2,800 edges: of a quarter of its
// namespaces, which is as much as the panel draws, and of all of it, which is
// cut to that. "build" is what comes before, for comparison. To compare two
// states:
//
//	go test -run='^$' -bench=Graph -count=10 ./plugin/pkg/frames | tee new.txt
//	benchstat old.txt new.txt
func BenchmarkGraph(b *testing.B) {
	flows := derivedtest.Mesh(2800)
	iv := topology.Interval{End: derivedtest.Start, Length: 5 * time.Minute}
	whole := topology.Build(iv, flows, topology.BuildOptions{})
	b.Run("build", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			topology.Build(iv, flows, topology.BuildOptions{})
		}
	})
	all, part := query.Default(), query.Default()
	part.Namespaces = []string{"namespace-0*"}
	for name, q := range map[string]query.Query{"all": all, "part": part} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				frames.Graph(whole, frames.View{Query: q})
			}
		})
	}
}
