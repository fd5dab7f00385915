package render

import (
	"bufio"
	"io"
	"math"
	"strconv"
	"strings"

	"github.com/meshscope/meshscope/exporter/topology"
)

var dotShapes = map[topology.Kind]string{
	topology.KindWorkload:  "box",
	topology.KindApp:       "box",
	topology.KindService:   "ellipse",
	topology.KindNamespace: "tab",
	topology.KindCluster:   "box3d",
	topology.KindUnknown:   "diamond",
}

// DOT writes g in the language of Graphviz: a cluster for each namespace,
// coloured by health or, where nobody has judged, by errors, with lines as
// thick as they are busy, dashed where not all of the traffic has mutual TLS.
// What was judged to be ill says so in words, and what fails has two borders.
func DOT(w io.Writer, g *topology.Graph) error {
	b := bufio.NewWriter(w)
	names, ids := newNamer(g), dotIDs(g)
	writeOmitted(b, "// ", g.Rest)
	write(b, "digraph mesh {\n",
		"  graph [rankdir=LR, fontname=\"Helvetica\", fontsize=12, nodesep=0.4, ranksep=1];\n",
		"  node [fontname=\"Helvetica\", fontsize=11, style=\"rounded,filled\"];\n",
		"  edge [fontname=\"Helvetica\", fontsize=9];\n")
	if isJudged(g) {
		write(b, "  label=\"", legend, "\"; labelloc=b; fontcolor=\"#546e7a\";\n")
	}
	for i, box := range boxes(g, names) {
		indent := "  "
		if box.name != "" {
			write(b, "  subgraph cluster_", strconv.Itoa(i), " {\n",
				"    label=", dotText(clip(box.name, maxLabel)), "; style=rounded; color=\"#b0bec5\"; fontcolor=\"#546e7a\";\n")
			indent = "    "
		}
		for _, n := range box.nodes {
			s := severityOfNode(n)
			write(b, indent, ids[n], " [label=", dotText(box.lines(n, names)...), ", shape=", dotShapes[n.Kind],
				", color=\"", lineColors[s], "\", fillcolor=\"", fillColors[s], "\"", dotMarks(n),
				", tooltip=", dotText(clip(names.full(n), maxTooltip)), "];\n")
		}
		if box.name != "" {
			write(b, "  }\n")
		}
	}
	busiest := busiestOf(g)
	for _, e := range g.Edges {
		r := ratesOf(&e.Traffic, e.Protocol, g.Interval.Length)
		write(b, "  ", ids[e.Source], " -> ", ids[e.Target],
			" [label=", dotText(edgeLines(r)...),
			", color=\"", lineColors[severityOfEdge(e, r)], "\"",
			", penwidth=", strconv.FormatFloat(busiest.width(r), 'f', 1, 64))
		if isPlain(r) {
			write(b, ", style=dashed")
		}
		write(b, ", tooltip=", dotText(
			clip(names.full(e.Source), maxTooltip)+" → "+clip(names.full(e.Target), maxTooltip)+" ("+clip(printable(string(e.Protocol)), maxLabel)+")"), "];\n")
	}
	write(b, "}\n")
	return b.Flush()
}

// dotMarks tell by form what colours tell of a node.
func dotMarks(n *topology.Node) (marks string) {
	if n.Verdict != nil && n.Verdict.Health == topology.HealthFailure {
		marks = ", peripheries=2"
	}
	if n.Object != nil && n.Object.Idle {
		marks += ", style=\"rounded,filled,dashed\""
	}
	return marks
}

// maxDOTText is how many bytes of text a string has: escaped, they are at most
// five times as many, and Graphviz reads no string of more than 16384.
const maxDOTText = 3000

// dotIDs are the quoted identifiers of g's nodes: what Ref.ID is made of needs
// no escape. One that is too long for Graphviz is replaced by a number.
func dotIDs(g *topology.Graph) map[*topology.Node]string {
	ids := make(map[*topology.Node]string, len(g.Nodes))
	for i, n := range g.Nodes {
		id := n.ID()
		if len(id) > maxDOTText {
			id = "n" + strconv.Itoa(i)
		}
		ids[n] = `"` + id + `"`
	}
	return ids
}

var dotEscapes = strings.NewReplacer(`\`, `\\`, `"`, `\"`, `&`, `&amp;`)

// dotText is a quoted string of lines. In these, Graphviz reads backslashes
// and the entities of HTML.
func dotText(lines ...string) string {
	escaped := make([]string, len(lines))
	for i, line := range lines {
		if most := maxDOTText / len(lines); len(line) > most { // characters of no width, which clip does not count
			line = strings.ToValidUTF8(line[:most], "")
		}
		escaped[i] = dotEscapes.Replace(line)
	}
	return `"` + strings.Join(escaped, `\n`) + `"`
}

// busiest are the greatest rates of a graph's edges, which get the thickest
// lines. Calls and bytes are each measured by their own.
type busiest struct{ requests, bytes float64 }

func busiestOf(g *topology.Graph) (b busiest) {
	for _, e := range g.Edges {
		r := ratesOf(&e.Traffic, e.Protocol, g.Interval.Length)
		if r.requests > b.requests {
			b.requests = r.requests
		}
		if bytes := r.bytes(); math.IsNaN(r.requests) && bytes > b.bytes {
			b.bytes = bytes
		}
	}
	return b
}

// width is from 1 to 5 points, by the logarithm of the rate.
func (b busiest) width(r rates) float64 {
	rate, most := r.requests, b.requests
	if math.IsNaN(rate) {
		rate, most = r.bytes(), b.bytes
	}
	if !(rate > 0 && most > 0) {
		return 1
	}
	return 1 + 4*math.Log1p(rate)/math.Log1p(most)
}
