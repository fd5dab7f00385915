package render_test

import (
	"bytes"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/meshscope/meshscope/exporter/render"
	"github.com/meshscope/meshscope/exporter/topology"
)

func mermaidOf(t require.TestingT, g *topology.Graph) string {
	var b bytes.Buffer
	require.NoError(t, render.Mermaid(&b, g))
	return b.String()
}

// mermaidLine is the part of Mermaid's grammar that is used: within quotes
// there is nothing but letters, digits, a few signs and entities.
var mermaidLine = regexp.MustCompile(strings.ReplaceAll(`^(?:`+strings.Join([]string{
	`flowchart LR`,
	`  subgraph s\d+\[T\]`,
	`  end`,
	`  +n\d+(?:\[T\]|\(T\)|\(\[T\]\)|\[\[T\]\]|\{\{T\}\})`,
	`  n\d+ -\.?->(?:\|T\|)? n\d+`,
	`  linkStyle \d+(?:,\d+)* stroke:#[0-9a-f]{6}`,
	`  %% green: healthy, orange: degraded, red: failure, blue: not ready, grey: no data`,
	`  classDef (?:severity\d|healthy|degraded|failure|notReady|noData) fill:#[0-9a-f]{6},stroke:#[0-9a-f]{6},color:#[0-9a-f]{6}`,
	`  class n\d+(?:,n\d+)* (?:severity\d|healthy|degraded|failure|notReady|noData)`,
}, "|")+`)$`, "T", `"(?:[\p{L}\p{Nd} _./-]|#\d+;|<br/>)+"`))

func requireMermaid(t require.TestingT, text string) {
	for line := range strings.Lines(text) {
		line = strings.TrimSuffix(line, "\n")
		require.Regexp(t, mermaidLine, line)
	}
}

func TestMermaidIsWellFormed(t *testing.T) {
	for _, level := range topology.Levels {
		requireMermaid(t, mermaidOf(t, bookinfo(level)))
	}
	requireMermaid(t, mermaidOf(t, hostileMesh()))
	requireMermaid(t, mermaidOf(t, judged(topology.ByWorkload)))
	rapid.Check(t, func(t *rapid.T) { requireMermaid(t, mermaidOf(t, hostileGraphs().Draw(t, "graph"))) })
}

// What is escaped is shown as it was.
func TestMermaidEntitiesAreTheName(t *testing.T) {
	entity := regexp.MustCompile(`#(\d+);`)
	for name, want := range map[string]string{
		"reviews-v1":                     "reviews-v1",
		`"]-->`:                          `"]-->`,
		`%%{init: {"theme":"dark"}}%%`:   `%%{init: {"theme":"dark"}}%%`,
		"#quot;":                         "#quot;",
		"日本語 🙈":                          "日本語 🙈",
		"a\nb":                           `a\nb`,
		strings.Repeat("x", 100) + "end": strings.Repeat("x", 24) + "…" + strings.Repeat("x", 20) + "end",
	} {
		tr := &topology.Traffic{Opened: 1}
		flow := topology.Flow{Protocol: topology.TCP, Traffic: tr}
		flow.Key.Source = topology.Peer{Namespace: "ns", Workload: name}
		flow.Key.Destination = flow.Key.Source
		text := mermaidOf(t, topology.Build(fiveMinutes, []topology.Flow{flow}, topology.BuildOptions{}))
		decoded := entity.ReplaceAllStringFunc(text, func(e string) string {
			code, err := strconv.Atoi(e[1 : len(e)-1])
			require.NoError(t, err)
			return string(rune(code))
		})
		require.Contains(t, decoded, `n0["`+want+`"]`)
	}
}
