package truth_test

import (
	"bytes"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/meshscope/meshscope/exporter/istio"
	"github.com/meshscope/meshscope/exporter/render"
	"github.com/meshscope/meshscope/exporter/topology"
)

// jsonLines are the lines of a graph as JSON: one for each node and edge.
func jsonLines(t require.TestingT, g *topology.Graph) []string {
	var text bytes.Buffer
	require.NoError(t, render.JSON(&text, g))
	lines := strings.Split(text.String(), "\n")
	for i := range lines {
		lines[i] = strings.TrimSuffix(lines[i], ",")
	}
	return lines
}

// T4: selection does not change truth. Whatever namespaces are asked for, what
// is shown of an edge or a node is, byte for byte, what the whole mesh shows
// of it.
func TestT4SelectionDoesNotChangeTruth(t *testing.T) {
	var m mesh
	for _, c := range []labels{
		call("a/web", "b/carts"), call("b/carts", "c/db"), call("a/web", "c/db"), call("d/batch", "c/db"),
		call("a/web", "b/carts").ended("503", "UF").noWorkload(), call("a/web", "b/carts").noSource(),
	} {
		reporter := "source"
		if c["source_workload"] == "unknown" {
			reporter = "destination"
		}
		m.requests(reporter, c, 1)
	}
	for _, level := range topology.Levels {
		whole := jsonLines(t, m.graph(t, view{level: level}))
		for _, selected := range [][]string{{"a"}, {"b"}, {"c"}, {"d"}, {"a", "b"}, {"b", "c", "d"}, {"a", "b", "c", "d"}} {
			part := m.graph(t, view{level: level, namespaces: selected})
			require.NotEmpty(t, part.Edges)
			require.Subset(t, whole, jsonLines(t, part), "by %s of %v", level, selected)
		}
	}
}

// T4: the graph is a function of the data and the time: asked again, it is the
// same to the byte.
func TestT4AskedAgainItIsTheSame(t *testing.T) {
	var m mesh
	for _, from := range []string{"a/web", "b/web", "c/web", "d/web"} {
		for i, to := range []string{"a/carts", "b/carts", "c/carts"} {
			m.requests("source", call(from, to), 0.1*float64(i+1))
			m.durations("source", call(from, to), 100, 0.1*float64(i+1))
		}
	}
	for _, level := range topology.Levels {
		first := jsonLines(t, m.graph(t, view{level: level}))
		for range 5 {
			require.Equal(t, first, jsonLines(t, m.graph(t, view{level: level})))
		}
	}
}

// T4: and the same to the last bit, in whatever order a store answers. What is
// summed of many series, such as the part of calls that was encrypted, is where
// it would show: floating-point addition is not associative.
func TestT4OrderOfAnswersChangesNoBit(t *testing.T) {
	s := openShelf(t) // its answers are shuffled
	var m mesh
	c := call("shop/web", "shop/carts")
	for i := range 9 {
		one := c.ended(strconv.Itoa(200+i), "-").with("source_principal", "spiffe://"+strconv.Itoa(i%2))
		m.requests("destination", one, 0.1*float64(i*i)+0.07)
		m.counts(istio.TCPOpened, "destination", one.with("source_principal", strconv.Itoa(i)), 0.1*float64(i*i)+0.07)
	}
	// The same call in other words (T2): buckets of all of them are one histogram.
	for i, other := range []labels{
		c, c.with("request_protocol", "HTTP"), c.with("destination_service_namespace", "unknown"),
		c.without("destination_service_namespace"), c.with("destination_service_namespace", "elsewhere"),
	} {
		m.durations("destination", other, 100, 0.1*float64(i*i)+0.07)
	}
	asker := s.put(t, m.series)
	first := build(shortInterval, flows(t, asker), view{})
	for range 50 {
		again := build(shortInterval, flows(t, asker), view{})
		require.Equal(t, edgeFigures(first), edgeFigures(again))
		require.Equal(t, first.Edges[0].Traffic.SourcePrincipals, again.Edges[0].Traffic.SourcePrincipals)
	}
}
