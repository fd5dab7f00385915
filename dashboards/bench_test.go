package dashboards_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/meshscope/meshscope/plugin/pkg/derived/derivedtest"
)

// BenchmarkOverview is how long a store takes for each panel, in a mesh of
// 3000 edges, with all of it selected and with one namespace.
func BenchmarkOverview(b *testing.B) {
	bench := newBench(b, derivedtest.Mesh(3000))
	for _, c := range []choice{choices[0], {name: "namespace", cluster: ".*", namespace: "namespace-07"}} {
		for _, p := range overview(b) {
			if p.Datasource.Type != prometheus {
				continue
			}
			b.Run(c.name+"/"+p.Title, func(b *testing.B) {
				for b.Loop() {
					for _, target := range p.Targets {
						require.NotEmpty(b, bench.run(b, target, c))
					}
				}
			})
		}
	}
}
