package render

import (
	"cmp"
	"math"
	"slices"
	"strings"

	"github.com/meshscope/meshscope/exporter/topology"
)

// How many columns of a name are drawn, and shown when a pointer rests on it.
const (
	maxLabel   = 48
	maxTooltip = 256
)

// box is a namespace and its nodes. A box without a name has those of none.
type box struct {
	name  string
	nodes []*topology.Node
}

// boxes are the namespaces of a graph, in the order of its nodes; that of
// nodes outside of any comes last.
func boxes(g *topology.Graph, names namer) []box {
	var all []box
	index := map[string]int{}
	for _, n := range g.Nodes {
		name := ""
		if n.Namespace != "" {
			name = names.space(n)
		}
		i, ok := index[name]
		if !ok {
			i = len(all)
			index[name] = i
			all = append(all, box{name: name})
		}
		all[i].nodes = append(all[i].nodes, n)
	}
	slices.SortStableFunc(all, func(a, b box) int {
		return cmp.Compare(min(1, len(b.name)), min(1, len(a.name)))
	})
	return all
}

// label is what n is called inside of its box, on one or two lines.
func (b box) label(n *topology.Node, names namer) string {
	if b.name == "" {
		return clip(names.full(n), maxLabel)
	}
	return clip(names.own(n), maxLabel)
}

// lines are n's label and, below it, what is wrong with it.
func (b box) lines(n *topology.Node, names namer) []string {
	lines := []string{b.label(n, names)}
	if trouble := troubleText(n); trouble != "" {
		lines = append(lines, clip(trouble, maxLabel))
	}
	return lines
}

// edgeLines are what is written on an edge: its rate, and how much of it failed.
func edgeLines(r rates) []string {
	var lines []string
	switch {
	case !math.IsNaN(r.requests):
		lines = append(lines, quantity(r.requests, "req/s"))
	case !math.IsNaN(r.bytes()):
		lines = append(lines, byteRate(r.bytes()))
	case !math.IsNaN(r.opened):
		lines = append(lines, quantity(r.opened, "conn/s"))
	}
	if r.errorRatio > 0 {
		lines = append(lines, percent(r.errorRatio)+"% err")
	}
	return lines
}

// isPlain tells that some of the traffic is known to be without mutual TLS.
func isPlain(r rates) bool { return r.mutualTLS < 1 }

// inbound is how the calls into a node end, of all protocols together.
func inbound(n *topology.Node) severity {
	errors, total := 0.0, 0.0
	for _, p := range [...]topology.Protocol{topology.HTTP, topology.GRPC} {
		if t, ok := n.In[p]; ok && t.Total() > 0 {
			total += t.Total()
			errors += t.Total() * errorRatio(t, p)
		}
	}
	return severityOf(errors / total)
}

// writer is what drawings are written to: bufio's and strings', whose errors
// come at the end or never.
type writer interface {
	WriteString(string) (int, error)
}

func write(w writer, parts ...string) { _, _ = w.WriteString(strings.Join(parts, "")) }
