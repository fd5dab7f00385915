package render_test

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/meshscope/meshscope/exporter/render"
	"github.com/meshscope/meshscope/exporter/topology"
)

// TestOmitted: each form says what a limit has left out, and nothing else.
func TestOmitted(t *testing.T) {
	for _, f := range render.Formats {
		want, ok := map[string]string{
			"table":   "\n# left out by the limit: 7 nodes, 12 edges\n",
			"json":    `,"omitted":{"nodes":7,"edges":12},"nodes":[`,
			"dot":     "// left out by the limit: 7 nodes, 12 edges\ndigraph",
			"mermaid": "flowchart LR\n  %% left out by the limit: 7 nodes, 12 edges\n",
		}[f.Name]
		if !ok {
			continue // a form of another program's
		}
		g := *hostileMesh()
		var whole, cut bytes.Buffer
		require.NoError(t, f.Write(&whole, &g, 0))
		require.NotContains(t, whole.String(), want)
		g.Rest = topology.Rest{Nodes: 7, Edges: 12}
		require.NoError(t, f.Write(&cut, &g, 0))
		require.Contains(t, cut.String(), want)
	}
}
