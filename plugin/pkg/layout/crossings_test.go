package layout_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"hash/fnv"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/meshscope/meshscope/plugin/pkg/layout"
)

// What Grafana's own layout makes of the graphs is in testdata/grafana.json. To
// measure it anew: write the graphs with -graphs; give each to the function
// layout of Grafana's public/app/plugins/panel/nodeGraph/layeredLayout.js, with
// the nodes' indices as ids; write the x and y of each node, in order, as
// {"positions": [[x, y], ...]} into a file of the same name in another folder;
// and name that with -positions.
var (
	graphsTo      = flag.String("graphs", "", "write the graphs that layouts are compared on into this folder")
	positionsFrom = flag.String("positions", "", "rewrite testdata/grafana.json from the positions in this folder")
)

const grafanaFile = "testdata/grafana.json"

// measured is what there is to see of a layout.
type measured struct {
	Graph string `json:"graph"`
	// Edges tells the graph that was measured from others of its name.
	Edges     string `json:"edges"`
	Crossings int    `json:"crossings"`
	// Through counts edges that pass through a node.
	Through int     `json:"through"`
	Width   float64 `json:"width"`
	Height  float64 `json:"height"`
}

func (g *graph) measure(at []layout.Point) measured {
	low, high := at[0], at[0]
	for _, p := range at {
		low = layout.Point{X: min(low.X, p.X), Y: min(low.Y, p.Y)}
		high = layout.Point{X: max(high.X, p.X), Y: max(high.Y, p.Y)}
	}
	return measured{
		g.name, g.fingerprint(), crossings(g.edges, at), through(g.edges, at),
		float64(int(high.X - low.X)), float64(int(high.Y - low.Y)),
	}
}

func (g *graph) fingerprint() string {
	h := fnv.New64a()
	fmt.Fprint(h, g.nodes, g.edges)
	return fmt.Sprintf("%d nodes, %d edges, %016x", len(g.nodes), len(g.edges), h.Sum64())
}

// more are the graphs where ours crosses more than Grafana's, and how often at
// most; Grafana's number is in grafana.json. These are meshes of many edges, or
// many long ones. To cross less, nodes would have to move more when an edge
// comes (doc.go).
var more = map[string]int{
	"demo-2x8":         60,
	"demo-4x10":        191,
	"demo-10x12":       1070,
	"demo-8x20":        1991,
	"derived-100":      804,
	"derived-300":      3248,
	"derived-600":      6825,
	"random-20-26-2":   7,
	"random-20-26-3":   1,
	"random-20-40-1":   32,
	"random-20-40-2":   29,
	"random-20-40-3":   20,
	"random-40-55-2":   19,
	"random-40-55-3":   21,
	"random-40-80-1":   111,
	"random-40-80-2":   108,
	"random-40-80-3":   127,
	"random-80-110-2":  36,
	"random-80-110-3":  36,
	"random-80-160-1":  334,
	"random-80-160-2":  213,
	"random-80-160-3":  231,
	"random-120-170-3": 89,
	"random-120-300-2": 1021,
	"random-120-300-3": 1154,
	"random-200-600-1": 5809,
}

// TestCrossings compares straight edges with those of Grafana's own layout.
func TestCrossings(t *testing.T) {
	var theirs []measured
	if *positionsFrom != "" {
		theirs = readPositions(t)
	} else {
		text, err := os.ReadFile(grafanaFile)
		require.NoError(t, err)
		require.NoError(t, json.Unmarshal(text, &theirs))
	}
	graphs := meshes(t)
	require.Len(t, theirs, len(graphs))
	var sum, sumTheirs measured
	for i, g := range graphs {
		got, want := g.measure(g.positions()), theirs[i]
		require.Equal(t, want.Edges, got.Edges, "%s is not the graph that Grafana's layout was measured on", g.name)
		t.Logf("%-18s crossings %5d, Grafana %5d; through nodes %4d, Grafana %4d; %5.0f x %5.0f, Grafana %5.0f x %5.0f",
			g.name, got.Crossings, want.Crossings, got.Through, want.Through, got.Width, got.Height, want.Width, want.Height)
		limit, excepted := more[g.name]
		if !excepted {
			limit = want.Crossings
		}
		assert.LessOrEqual(t, got.Crossings, limit, g.name)
		assert.False(t, excepted && got.Crossings <= want.Crossings, "%s crosses no more than Grafana's any longer", g.name)
		sum.Crossings += got.Crossings
		sum.Through += got.Through
		sumTheirs.Crossings += want.Crossings
		sumTheirs.Through += want.Through
	}
	t.Logf("in all: crossings %d, Grafana %d; through nodes %d, Grafana %d", sum.Crossings, sumTheirs.Crossings, sum.Through, sumTheirs.Through)
	assert.Less(t, sum.Through, sumTheirs.Through*4/5, "edges through nodes")
}

// readPositions measures Grafana's layout.
func readPositions(t *testing.T) []measured {
	t.Helper()
	var all []measured
	for _, g := range meshes(t) {
		text, err := os.ReadFile(filepath.Join(*positionsFrom, g.name+".json"))
		require.NoError(t, err)
		var got struct{ Positions [][2]float64 }
		require.NoError(t, json.Unmarshal(text, &got))
		at := make([]layout.Point, len(g.nodes))
		for i, p := range got.Positions {
			at[i] = layout.Point{X: p[0], Y: p[1]}
		}
		all = append(all, g.measure(at))
	}
	text, err := json.MarshalIndent(all, "", "  ")
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(grafanaFile, append(text, '\n'), 0o600))
	return all
}

// TestWriteGraphs writes the graphs for Grafana's layout.
func TestWriteGraphs(t *testing.T) {
	if *graphsTo == "" {
		t.Skip("only with -graphs")
	}
	for _, g := range meshes(t) {
		var edges [][2]int
		for _, e := range g.edges {
			edges = append(edges, [2]int{e.From, e.To})
		}
		text, err := json.Marshal(map[string]any{"nodes": g.nodes, "edges": edges})
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(filepath.Join(*graphsTo, g.name+".json"), text, 0o600))
	}
}
