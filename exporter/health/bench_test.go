package health_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/meshscope/meshscope/exporter/health"
	"github.com/meshscope/meshscope/exporter/topology"
)

// large is a mesh of n edges, ten to each workload, each with five ways that
// calls end, and the objects of its workloads and services.
func large(n int) ([]topology.Flow, topology.Objects) {
	name := func(i int) string { return fmt.Sprintf("namespace-%d/service%d-v1", i%40, i) }
	flows, known := make([]topology.Flow, n), objects{}
	for i := range flows {
		e := ends{"200": 900, "204": 50, "404": 3, "503": float64(i % 7), "-": float64(i % 3)}
		if i%20 == 0 {
			e["503"] = 400
		}
		from, to := i/10, i/10+i%10+1
		flows[i] = http(name(from), name(to), e)
		known["workload "+name(to)] = pods(2, 2, 2)
	}
	topology.SortFlows(flows)
	return flows, known
}

// BenchmarkJudge reaches the verdicts of a refresh on meshes of so many edges,
// with the objects of all workloads. What an edge costs grows with their number
// only as that of sorting and of memory does. To compare two states:
//
//	go test -run='^$' -bench=. -count=10 ./exporter/health | tee new.txt
//	benchstat old.txt new.txt
func BenchmarkJudge(b *testing.B) {
	for _, edges := range []int{300, 3000, 30000} {
		flows, known := large(edges)
		cached := indexed(known)
		b.Run(fmt.Sprintf("%d edges", edges), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				health.DefaultRules().Judge(window(), flows, cached)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(edges), "ns/edge")
		})
	}
}

// BenchmarkFaults finds out whose fault it is that one edge in twenty fails.
func BenchmarkFaults(b *testing.B) {
	flows, known := large(3000)
	v := judge(indexed(known), flows...)
	b.ReportAllocs()
	for b.Loop() {
		v.Faults()
	}
}

// BenchmarkSettled takes the verdicts of one refresh after another.
func BenchmarkSettled(b *testing.B) {
	flows, known := large(3000)
	v := judge(indexed(known), flows...)
	f := v.Faults()
	s := health.NewSettled(time.Minute)
	b.ReportAllocs()
	at := noon
	for b.Loop() {
		at = at.Add(15 * time.Second)
		s.Observe(at, v, f)
	}
}

// BenchmarkAttach gives a graph of 3,000 edges its verdicts.
func BenchmarkAttach(b *testing.B) {
	flows, known := large(3000)
	v := judge(indexed(known), flows...)
	g := topology.Build(window(), flows, topology.BuildOptions{})
	b.ReportAllocs()
	for b.Loop() {
		v.Attach(g)
	}
}

// index has objects by what they are looked up by, as an inventory has.
type index struct {
	objects
	byRef map[topology.Ref]*topology.Object
}

func indexed(o topology.Objects) topology.Objects {
	i := index{o.(objects), map[topology.Ref]*topology.Object{}}
	for r, object := range o.All() {
		i.byRef[r] = object
	}
	return i
}

func (i index) Object(r topology.Ref) *topology.Object { return i.byRef[r] }
