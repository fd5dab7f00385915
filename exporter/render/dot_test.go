package render_test

import (
	"bytes"
	"os/exec"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/meshscope/meshscope/exporter/render"
	"github.com/meshscope/meshscope/exporter/topology"
)

func dotOf(t require.TestingT, g *topology.Graph) string {
	var b bytes.Buffer
	require.NoError(t, render.DOT(&b, g))
	return b.String()
}

var (
	// dotString is a quoted string: it has no quote, no backslash before
	// anything but n, a quote or a backslash, no bare ampersand, no control.
	dotString = regexp.MustCompile(`"(?:[^"\\&\x00-\x1f]|&amp;|\\[\\"n])*"`)
	dotLine   = regexp.MustCompile(`^(?:` + strings.Join([]string{
		`digraph mesh \{`,
		`  (?:graph|node|edge) \[(?:\w+=[\w."]+(?:, )?)+\];`,
		`  label=S; labelloc=b; fontcolor=S;`,
		`  subgraph cluster_\d+ \{`,
		`    label=S; style=rounded; color=S; fontcolor=S;`,
		`  +S \[label=S, shape=\w+, color=S, fillcolor=S(?:, peripheries=2)?(?:, style=S)?, tooltip=S\];`,
		`  S -> S \[label=S, color=S, penwidth=[1-5]\.\d(?:, style=dashed)?, tooltip=S\];`,
		`  \}`,
		`\}`,
	}, "|") + `)$`)
)

func requireDOT(t require.TestingT, text string) {
	for line := range strings.Lines(text) {
		line = strings.TrimSuffix(line, "\n")
		bare := line
		if !strings.Contains(line, "fontname") || strings.Contains(line, "tooltip") {
			bare = dotString.ReplaceAllLiteralString(line, "S")
		} else {
			bare = strings.ReplaceAll(line, `"rounded,filled"`, `"rounded"`)
		}
		require.Regexp(t, dotLine, bare, "%s", line)
	}
	require.Equal(t, strings.Count(dotString.ReplaceAllString(text, ""), "{"), strings.Count(dotString.ReplaceAllString(text, ""), "}"))
}

func TestDOTIsWellFormed(t *testing.T) {
	for _, level := range topology.Levels {
		requireDOT(t, dotOf(t, bookinfo(level)))
	}
	requireDOT(t, dotOf(t, hostileMesh()))
	requireDOT(t, dotOf(t, judged(topology.ByWorkload)))
	rapid.Check(t, func(t *rapid.T) { requireDOT(t, dotOf(t, hostileGraphs().Draw(t, "graph"))) })
}

// Graphviz itself reads it, and finds all nodes and edges.
func TestDOTIsReadByGraphviz(t *testing.T) {
	dot, err := exec.LookPath("dot")
	if err != nil {
		t.Skip("Graphviz is not installed: that it reads our DOT is not tested here")
	}
	graphs := map[string]*topology.Graph{"hostile names": hostileMesh(), "judged": judged(topology.ByWorkload)}
	for _, level := range topology.Levels {
		graphs[string(level)] = bookinfo(level)
	}
	for name, g := range graphs {
		t.Run(name, func(t *testing.T) {
			cmd := exec.CommandContext(t.Context(), dot, "-Tplain")
			cmd.Stdin = strings.NewReader(dotOf(t, g))
			var problems bytes.Buffer
			cmd.Stderr = &problems
			plain, err := cmd.Output()
			require.NoError(t, err, "%s", problems.String())
			require.Empty(t, problems.String())
			require.Len(t, regexp.MustCompile(`(?m)^node `).FindAll(plain, -1), len(g.Nodes))
			require.Len(t, regexp.MustCompile(`(?m)^edge `).FindAll(plain, -1), len(g.Edges))
		})
	}
}
