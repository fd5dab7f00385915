package truth_test

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/meshscope/meshscope/exporter/istio/istiotest"
	"github.com/meshscope/meshscope/exporter/topology"
)

// TestReporterTable has a fixture for each way that a call can take through a
// mesh of sidecars, gateways, ztunnels and waypoints: all that the proxies on
// this way report, and the one true edge: or two, where the client speaks HTTP
// and TCP to the same server.
//
// A fixture is an exposition, with these liberties: a series may go on over
// lines that are indented; "# proxy NAME" is who exposes what follows; values
// are what the counters grew to in ten minutes. "# edge ..." is a true edge, in
// the words of drawn.
func TestReporterTable(t *testing.T) {
	files, err := filepath.Glob("testdata/reporters/*.prom")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".prom"), func(t *testing.T) {
			m, edges := readFixture(t, file)
			whole := m.graph(t, view{})
			require.Equal(t, edges, drawn(whole))

			// By any other level there are as many, with the same calls.
			for _, level := range topology.Levels {
				g := m.graph(t, view{level: level})
				require.Len(t, g.Edges, len(whole.Edges), "by %s: %q", level, drawn(g))
				for i, e := range whole.Edges {
					require.InDeltaMapValues(t, figures(&e.Traffic), figures(&g.Edges[i].Traffic), 1e-6, "by %s", level)
				}
			}
		})
	}
}

func readFixture(t *testing.T, file string) (m *mesh, edges []string) {
	t.Helper()
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	m, proxy := &mesh{}, ""
	for _, line := range unfolded(string(text)) {
		comment, isComment := strings.CutPrefix(line, "#")
		if !isComment {
			at := strings.LastIndexByte(line, ' ')
			total, err := strconv.ParseFloat(line[at+1:], 64)
			require.NoError(t, err, "%s", line)
			require.NotEmpty(t, proxy, "%s: no proxy exposes it", line)
			m.series = append(m.series, istiotest.Series{Target: proxy, Text: line[:at], Total: total})
			continue
		}
		if name, ok := strings.CutPrefix(comment, " proxy "); ok {
			proxy = name
		}
		if said, ok := strings.CutPrefix(comment, " edge "); ok {
			edges = append(edges, said)
		}
	}
	require.NotEmpty(t, edges, "%s says no edge", file)
	return m, edges
}

// unfolded are the lines of a fixture, with each series on one.
func unfolded(text string) (lines []string) {
	for line := range strings.Lines(text) {
		rest := strings.TrimSpace(line)
		switch {
		case rest == "":
		case line[0] == ' ':
			lines[len(lines)-1] += rest
		default:
			lines = append(lines, rest)
		}
	}
	return lines
}
