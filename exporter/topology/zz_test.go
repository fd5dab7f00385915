package topology_test
import ("testing";"slices";"github.com/meshscope/meshscope/exporter/topology")
func BenchmarkZZ(b *testing.B){ ks:=benchEdges(3000); refs:=make([]topology.Ref,len(ks)); for i,k:=range ks{refs[i]=k.DestinationRef()}
 b.Run("key",func(b *testing.B){for b.Loop(){ n:=0; for i:=range ks{ n+=ks[i].Compare(ks[(i*7)%len(ks)])}; _=n }})
 b.Run("ref",func(b *testing.B){for b.Loop(){ n:=0; for i:=range refs{ n+=refs[i].Compare(refs[(i*7)%len(refs)])}; _=n }})
 _=slices.Sort[[]int]
}
