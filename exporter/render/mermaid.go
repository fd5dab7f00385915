package render

import (
	"bufio"
	"io"
	"strconv"
	"strings"
	"unicode"

	"github.com/meshscope/meshscope/exporter/topology"
)

// mermaidShapes are what a label stands between.
var mermaidShapes = map[topology.Kind][2]string{
	topology.KindWorkload:  {"[", "]"},
	topology.KindApp:       {"(", ")"},
	topology.KindService:   {"([", "])"},
	topology.KindNamespace: {"[[", "]]"},
	topology.KindCluster:   {"[[", "]]"},
	topology.KindUnknown:   {"{{", "}}"},
}

// healthClasses are the classes of nodes in a judged graph.
var healthClasses = [numSeverities]string{
	noCalls: "noData", fine: "healthy", troubled: "degraded", failing: "failure", notReady: "notReady",
}

// Mermaid writes g as a flowchart of Mermaid, with a subgraph for each
// namespace. Nodes and lines are coloured by health or, where nobody has
// judged, by errors, and lines dotted where not all of the traffic has mutual
// TLS.
func Mermaid(w io.Writer, g *topology.Graph) error {
	b := bufio.NewWriter(w)
	names := newNamer(g)
	ids := make(map[*topology.Node]string, len(g.Nodes))
	for i, n := range g.Nodes {
		ids[n] = "n" + strconv.Itoa(i)
	}
	write(b, "flowchart LR\n")
	writeOmitted(b, "  %% ", g.Rest)
	for i, box := range boxes(g, names) {
		indent := "  "
		if box.name != "" {
			write(b, "  subgraph s", strconv.Itoa(i), "[", mermaidText(clip(box.name, maxLabel)), "]\n")
			indent = "    "
		}
		for _, n := range box.nodes {
			shape := mermaidShapes[n.Kind]
			write(b, indent, ids[n], shape[0], mermaidText(box.lines(n, names)...), shape[1], "\n")
		}
		if box.name != "" {
			write(b, "  end\n")
		}
	}
	var lines, fills [numSeverities][]string
	for i, e := range g.Edges {
		r := ratesOf(&e.Traffic, e.Protocol, g.Interval.Length)
		arrow := " -->"
		if isPlain(r) {
			arrow = " -.->"
		}
		label := ""
		if text := edgeLines(r); len(text) > 0 {
			label = "|" + mermaidText(text...) + "|"
		}
		write(b, "  ", ids[e.Source], arrow, label, " ", ids[e.Target], "\n")
		s := severityOfEdge(e, r)
		lines[s] = append(lines[s], strconv.Itoa(i))
	}
	for _, n := range g.Nodes {
		s := severityOfNode(n)
		fills[s] = append(fills[s], ids[n])
	}
	judged := isJudged(g)
	if judged {
		write(b, "  %% ", legend, "\n")
	}
	for s := range numSeverities {
		if len(lines[s]) > 0 {
			write(b, "  linkStyle ", strings.Join(lines[s], ","), " stroke:", lineColors[s], "\n")
		}
		if len(fills[s]) > 0 {
			class := "severity" + strconv.Itoa(int(s))
			if judged {
				class = healthClasses[s]
			}
			write(b, "  classDef ", class, " fill:", fillColors[s], ",stroke:", lineColors[s], ",color:#212121\n",
				"  class ", strings.Join(fills[s], ","), " ", class, "\n")
		}
	}
	return b.Flush()
}

// mermaidText is a quoted string of lines. All that is not a letter, a digit,
// a space or one of "_-./" is written as an entity: outside of quotes most
// other signs mean something to Mermaid, and some do within (#, `, %%{, \n and
// style:).
func mermaidText(lines ...string) string {
	var b strings.Builder
	b.WriteByte('"')
	for i, line := range lines {
		if i > 0 {
			b.WriteString("<br/>")
		}
		for _, r := range line {
			switch {
			case unicode.IsLetter(r), unicode.IsDigit(r), strings.ContainsRune(" _-./", r):
				b.WriteRune(r)
			default:
				b.WriteByte('#')
				b.WriteString(strconv.Itoa(int(r)))
				b.WriteByte(';')
			}
		}
	}
	b.WriteByte('"')
	return b.String()
}
