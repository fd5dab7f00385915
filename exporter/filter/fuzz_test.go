package filter_test

import (
	"testing"
	"time"

	"github.com/meshscope/meshscope/exporter/filter"
	"github.com/meshscope/meshscope/exporter/topology"
)

// FuzzCompile compiles what comes, and applies what compiles: no panic, no
// error while it runs, a part of the graph, twice the same, and soon.
func FuzzCompile(f *testing.F) {
	for _, seed := range []string{
		`edge.errorRatio > 0.01`, `node.health >= 2`, `known(edge.p95) && !(node.app contains "x")`,
		`source.name matches "^a+$" or target.callers in [1, 2.5, -3]`, `"503" in edge.codes`,
		`node.labels["a.b"] != "" && node.labels.team == "pay" || node.dead`, `1 < edge.p95 + 1 < 3`, `1<(1<(1<1<1)<1)<1`, `node.name[0:1] == "a" ? b"x" : {a: nil}`,
		`any(edge.codes, # == "1") | len() ?? let x = 1..3; x`, "edge.share ** 1e308 / 0\n> -0x1F",
	} {
		f.Add(seed)
	}
	g := judgedMesh()
	f.Fuzz(func(t *testing.T, text string) {
		begin := time.Now()
		p, err := filter.Compile(text)
		if err != nil {
			place, ok := err.(*filter.Error) //nolint:errorlint // Compile promises it.
			if !ok || place.Line < 1 || place.Column < 1 || place.Reason == "" {
				t.Fatalf("%q: %#v", text, err)
			}
			return
		}
		part, again := p.Apply(g), p.Apply(g)
		if len(part.Nodes) > len(g.Nodes) || len(part.Edges) > len(g.Edges) || shown(part) != shown(again) {
			t.Fatalf("%q: %s, then %s", text, shown(part), shown(again))
		}
		j := p.Over(g, topology.Selection{})
		for _, e := range g.Edges {
			if marked := j.MarksEdge(e); marked && !j.MatchEdge(e) {
				t.Fatalf("%q marks an edge that it does not choose: %s", text, shown(g))
			}
		}
		if took := time.Since(begin); took > 2*time.Second { // a loaded machine's share
			t.Fatalf("%q took %s", text, took)
		}
	})
}
