package filter_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/meshscope/meshscope/exporter/filter"
	"github.com/meshscope/meshscope/exporter/topology"
)

// build is the graph of workloads.
func build(iv topology.Interval, flows []topology.Flow) *topology.Graph {
	return buildAt(topology.ByWorkload, iv, flows)
}

func buildAt(level topology.Level, iv topology.Interval, flows []topology.Flow) *topology.Graph {
	return topology.Build(iv, flows, topology.BuildOptions{Level: level})
}

func compile(t testing.TB, text string) *filter.Program {
	t.Helper()
	p, err := filter.Compile(text)
	require.NoError(t, err, text)
	return p
}

func short(n *topology.Node) string {
	if n.Kind == topology.KindUnknown {
		return "unknown"
	}
	return strings.TrimSuffix(n.Name, "-v1")
}

// shown is a graph as text: its edges, and the nodes that are without one.
func shown(g *topology.Graph) string {
	var all []string
	drawn := map[*topology.Node]bool{}
	for _, e := range g.Edges {
		all = append(all, short(e.Source)+">"+short(e.Target)+":"+string(e.Protocol))
		drawn[e.Source], drawn[e.Target] = true, true
	}
	for _, n := range g.Nodes {
		if !drawn[n] {
			all = append(all, short(n))
		}
	}
	return strings.Join(all, " ")
}

// TestApply says what an expression leaves of a graph.
func TestApply(t *testing.T) {
	const (
		everything = "unknown>page:http prometheus>page:http page>prometheus:http page>dead:http page>details:http " +
			"page>reviews:http ratings>db:tcp reviews>ratings:grpc reviews>ratings:tcp"
		noPrometheus = "unknown>page:http page>dead:http page>details:http page>reviews:http ratings>db:tcp " +
			"reviews>ratings:grpc reviews>ratings:tcp"
	)
	g := mesh()
	for _, c := range []struct{ filter, want string }{
		{"true", everything},
		{"false", ""},

		// Names only nodes: these, and the edges between them.
		{`node.namespace == "shop"`, "page>dead:http page>details:http page>reviews:http ratings>db:tcp reviews>ratings:grpc reviews>ratings:tcp"},
		{`node.name in ["page-v1", "ratings-v1"]`, "page ratings"},
		{`not (node.name contains "prom")`, noPrometheus},
		{`node.errorRatioIn >= 0.1 && node.errorRatioIn < 1`, "details ratings"},

		// Names edges: these, and their nodes.
		{`edge.errorRatio > 0.01`, "page>dead:http page>details:http page>reviews:http reviews>ratings:grpc"},
		{`edge.errorRatio > 0.01 && source.namespace == target.namespace && target.kind == "workload"`, "page>details:http page>reviews:http reviews>ratings:grpc"},
		{`source.name == "page-v1"`, "page>prometheus:http page>dead:http page>details:http page>reviews:http"},
		{`edge.requestRate < 0.001`, "unknown>page:http"},

		// Names both: a node is either end, and it must hold for both.
		{`node.namespace == "shop" && edge.errorRatio > 0.06`, "page>dead:http page>details:http reviews>ratings:grpc"},
		{`node.name != "prometheus-v1" && edge.requestRate > 0`, "unknown>page:http page>dead:http page>details:http page>reviews:http reviews>ratings:grpc"},
		{`!(node.name startsWith "prom" || edge.protocol == "tcp")`, "unknown>page:http page>dead:http page>details:http page>reviews:http reviews>ratings:grpc"},

		// An alternative of nodes alone keeps them, with or without edges.
		{`edge.protocol == "grpc" || node.name == "db-v1"`, "reviews>ratings:grpc db"},
		{`edge.protocol == "grpc" or node.name == "db-v1" or node.name == "ratings-v1"`, "ratings>db:tcp reviews>ratings:grpc"},
	} {
		t.Run(c.filter, func(t *testing.T) {
			part := compile(t, c.filter).Apply(g)
			assert.Equal(t, sorted(c.want), sorted(shown(part)))
			assert.Equal(t, g.Level, part.Level)
			assert.Equal(t, g.Interval, part.Interval)
			for _, n := range part.Nodes {
				assert.Contains(t, g.Nodes, n, "the same node, with the same numbers")
			}
		})
	}
	assert.Equal(t, sorted(everything), sorted(shown(g)), "the graph itself is unchanged")
}

// TestComposition: what two expressions both leave of a graph's edges is what
// their conjunction leaves, whether they name nodes or edges.
func TestComposition(t *testing.T) {
	g := mesh()
	parts := []string{
		`node.namespace == "shop"`, `edge.errorRatio > 0`, `source.root`, `target.callers > 1`, `node.kind != "service"`, `edge.protocol == "http"`,
	}
	for _, a := range parts {
		for _, b := range parts {
			inTurn := compile(t, b).Over(g, topology.Selection{}).Apply(compile(t, a).Over(g, topology.Selection{}).Apply(g))
			at := compile(t, "("+a+") && ("+b+")").Apply(g)
			assert.Equal(t, inTurn.Edges, at.Edges, "%s and %s", a, b)
		}
	}
}

// TestMarks says what an expression highlights.
func TestMarks(t *testing.T) {
	g := mesh()
	for _, c := range []struct{ highlight, nodes, edges string }{
		{`node.name == "db-v1"`, "db", ""},
		{`edge.p95 > 1`, "", "page>reviews"},
		{`node.kind == "unknown" || edge.p95 > 1`, "unknown", "page>reviews"},
		{`edge.p95 > 1 or node.root`, "unknown", "page>reviews"},
		{`edge.errorRatio > 0.1 && node.namespace == "shop"`, "", "page>dead reviews>ratings"},
		{`source.root`, "", "unknown>page"},
		{`node.name == "db-v1" || node.name == "page-v1"`, "db page", ""},
		{`false`, "", ""},
		{`true && node.name == "db-v1"`, "db", ""},
	} {
		t.Run(c.highlight, func(t *testing.T) {
			j := compile(t, c.highlight).Over(g, topology.Selection{})
			var nodes, edges []string
			for _, e := range g.Edges {
				if j.MarksEdge(e) {
					edges = append(edges, short(e.Source)+">"+short(e.Target))
				}
			}
			for _, n := range g.Nodes {
				if j.MarksNode(n) {
					nodes = append(nodes, short(n))
				}
			}
			assert.Equal(t, sorted(c.nodes), sorted(strings.Join(nodes, " ")))
			assert.Equal(t, sorted(c.edges), sorted(strings.Join(edges, " ")))
		})
	}
}
