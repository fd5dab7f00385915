package render

import (
	"cmp"
	"strconv"
	"strings"
	"unicode"

	"github.com/mattn/go-runewidth"

	"github.com/meshscope/meshscope/exporter/topology"
)

// cells measures text in columns of a terminal, whatever the locale is.
var cells = &runewidth.Condition{StrictEmojiNeutral: true}

// namer names the nodes of a graph as people know them: namespace/name; where
// clusters are needed to tell nodes apart, with the cluster before it.
type namer struct {
	level        topology.Level
	manyClusters bool
}

func newNamer(g *topology.Graph) namer {
	nm := namer{level: g.Level}
	cluster, alike := "", make(map[topology.Ref]bool, len(g.Nodes))
	for _, n := range g.Nodes {
		elsewhere := n.Ref
		elsewhere.Cluster = ""
		if alike[elsewhere] || n.Cluster != "" && cluster != "" && n.Cluster != cluster {
			nm.manyClusters = true
			break
		}
		alike[elsewhere] = true
		cluster = cmp.Or(cluster, n.Cluster)
	}
	return nm
}

// full is n's name in a form that has all nodes side by side.
func (nm namer) full(n *topology.Node) string {
	name := nm.own(n)
	if space := nm.space(n); space != "" {
		name = space + "/" + name
	}
	return name
}

// own is n's name within its namespace.
func (nm namer) own(n *topology.Node) string {
	name := printable(n.Name)
	switch {
	case n.Ref.Version != "":
		name += " (" + printable(n.Ref.Version) + ")"
	case n.Kind == topology.KindService && nm.level != topology.ByService:
		name += " (service)" // beside workloads and apps of the same name
	}
	return name
}

// space is where n is, empty where that is not to be said.
func (nm namer) space(n *topology.Node) string {
	var parts []string
	if nm.manyClusters && n.Kind != topology.KindCluster {
		parts = append(parts, printable(n.Cluster))
	}
	switch n.Kind {
	case topology.KindWorkload, topology.KindApp:
		parts = append(parts, printable(n.Namespace))
	case topology.KindService, topology.KindUnknown: // a host outside of the mesh has none
		if n.Namespace != "" {
			parts = append(parts, printable(n.Namespace))
		}
	}
	return strings.Join(parts, "/")
}

// maxMarks is how many marks a character may carry: more than any script has,
// fewer than it takes to paint over the lines around.
const maxMarks = 4

// printable is name on one line, with an escape for each character that does
// not show: names come from telemetry, and end up in terminals.
func printable(name string) string {
	name = cmp.Or(name, topology.Unknown)
	var b strings.Builder
	marks := maxMarks // of what stands before the name
	for _, r := range name {
		if unicode.IsMark(r) {
			marks++
		} else {
			marks = 0
		}
		if unicode.IsPrint(r) && marks <= maxMarks {
			b.WriteRune(r)
			continue
		}
		quoted := strconv.QuoteRuneToASCII(r)
		b.WriteString(quoted[1 : len(quoted)-1])
	}
	return b.String()
}

// clip cuts text out of the middle of s, so that at most width columns are
// left. The end of a name often tells more than its middle.
func clip(s string, width int) string {
	const ellipsis = "…"
	all := cells.StringWidth(s)
	if all <= width {
		return s
	}
	head := cells.Truncate(s, width/2, "")
	tail := cells.TruncateLeft(s, all-(width-cells.StringWidth(head)-1), "")
	return head + ellipsis + tail
}
